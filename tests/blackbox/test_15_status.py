"""Status: the figures promised are there, and move."""
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


def test_memory_of_a_small_town_stays_small(stopped_town):
    # What is freed is given out again, not held back to find its late users.
    stopped_town.start({"ASAN_OPTIONS": "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"})
    for _ in range(20):
        receive(stopped_town.client("anna"), stopped_town)
    assert int(figures(stopped_town.operator)["process.peak_memory"]) < 64 * 1024


def test_reference_data_are_listed(town):
    answer = do(town.client("anna"), reference_list=dict(kind=8)).reference_answer
    assert [territory.code for territory in answer.territories] == ["T1", "T2"]
