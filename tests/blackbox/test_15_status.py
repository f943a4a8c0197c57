"""Status: the figures promised are there, and move."""
import re
from pathlib import Path

import pytest

from acts import do, figures, open_situation, receive, refused

PROMISED = """
    journal.incarnation journal.entries journal.used journal.segments journal.flushes
    journal.flush_last journal.flush_worst journal.reads journal.refusals views.lag views.rows
    batch.count batch.largest batch.waiting time.decide time.flush time.commit keyring.epoch
    keyring.free ledger.erased index.complete index.subjects clock.alarm
    clock.behind_last_entry process.peak_memory start.recovery bus.requests bus.replies
    bus.published
""".split()


@pytest.mark.parametrize("name", PROMISED)
def test_figure_is_there(town, name):
    assert figures(town.operator)[name] != ""


def test_figures_move_with_the_work(town):
    before = figures(town.operator)
    open_situation(town.client("anna"), town)
    after = figures(town.operator)
    grown = {name: int(after[name]) - int(before[name]) for name in (
        "journal.entries", "journal.flushes", "bus.published", "index.subjects")}
    assert grown == {"journal.entries": 2, "journal.flushes": 2, "bus.published": 3,
                     "index.subjects": 1} or grown["bus.published"] > 3
    assert after["views.lag"] == "0"


def test_status_is_for_those_who_run_or_control_the_service(town):
    for name in ("helene", "diane", "admin", "audrey"):
        figures(town.client(name))
    for name in ("anna", "emile", "chloe"):
        assert refused(town.client(name), status_get=dict())[0] == "not_allowed"


def test_peak_memory_is_the_daemons_own(town):
    said = int(figures(town.operator)["process.peak_memory"])
    status = Path(f"/proc/{town.process.pid}/status").read_text()
    # The kernel counts pages of each processor apart for a while.
    assert said == pytest.approx(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]), abs=2048)


def test_reference_data_are_listed(town):
    answer = do(town.client("anna"), reference_list=dict(kind=8)).reference_answer
    assert [territory.code for territory in answer.territories] == ["T1", "T2"]
