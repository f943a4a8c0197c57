"""Replacing a plugin while events stream: none lost, no effect doubled; and what is no good never
takes the place of what works."""
import os
import pathlib
import time

import ledger
import paths
import pytest

from acts import do, receive
from test_70_plugins import configure, is_ready, shown, wait_for

GRANT = 'actions = [ "effect.record" ];'


def version_of(town, tmp_path, number):
    """The ledger as a file of another version, put in the place of the one before at once."""
    text = pathlib.Path(paths.program("tests/plugins/ledger.so")).read_bytes()
    assert text.count(b"ledger-1\0") == 1
    made = tmp_path / f"made-{number}"
    made.write_bytes(text.replace(b"ledger-1\0", b"ledger-%d\0" % number))
    os.replace(made, tmp_path / "ledger.so")
    return f"ledger-{number}"


@pytest.fixture
def town(stopped_town, tmp_path):
    version_of(stopped_town, tmp_path, 1)
    configure(stopped_town, "ledger", tmp_path / "ledger.so", more=GRANT)
    stopped_town.start()
    wait_for(stopped_town, is_ready, "ledger")
    return stopped_town


@pytest.fixture
def load(town):
    working = ledger.Load(town)
    working.start()
    yield working
    assert working.end() == [] and working.done


def seen_more(town, count=10):
    """Until the plugin saw so many more."""
    wanted = ledger.seen_file(town).read_text().count("\n") + count
    wait_for(town, lambda _: ledger.seen_file(town).read_text().count("\n") >= wanted, "ledger")


def assert_nothing_lost_or_doubled(town, load):
    assert load.end() == []
    wait_for(town, lambda view: is_ready(view) and ledger.lag(town) == 0, "ledger")
    wanted, wrong = ledger.look(town)
    assert wanted >= load.done > 0 and wrong == []


def reload_plugin(town):
    do(town.operator, plugin_reload={"name": "ledger"})


def test_replaced_while_events_stream(town, load, tmp_path):
    for number in range(2, 5):
        seen_more(town)
        version = version_of(town, tmp_path, number)
        reload_plugin(town)
        view = wait_for(town, lambda view: is_ready(view) and view.version == version, "ledger")
        assert view.starts == number and not view.why
    assert_nothing_lost_or_doubled(town, load)


def test_a_bad_file_leaves_the_old_one_running(town, load, tmp_path):
    seen_more(town)
    good = (tmp_path / "ledger.so").read_bytes()
    (tmp_path / "bad").write_text("no plugin\n")
    os.replace(tmp_path / "bad", tmp_path / "ledger.so")
    reload_plugin(town)
    view = wait_for(town, lambda view: view.why, "ledger")
    assert view.state == "ready" and view.starts == 1 and view.version == "ledger-1"
    assert view.why.startswith("it runs on as it was: ") and "no shared object" in view.why
    assert "plugin ledger: not replaced: " in town.words(100)
    seen_more(town)
    (tmp_path / "good").write_bytes(good)
    os.replace(tmp_path / "good", tmp_path / "ledger.so")
    reload_plugin(town)
    wait_for(town, lambda view: is_ready(view) and view.starts == 2 and not view.why, "ledger")
    assert_nothing_lost_or_doubled(town, load)


def test_a_file_mended_later_is_found_without_being_told(stopped_town, tmp_path):
    configure(stopped_town, "ledger", tmp_path / "ledger.so", more=GRANT)
    stopped_town.start()
    wait_for(stopped_town, lambda view: view.state == "failed" and view.next_start_us, "ledger")
    version_of(stopped_town, tmp_path, 2)
    assert wait_for(stopped_town, is_ready, "ledger").version == "ledger-2"


def test_sections_changed_by_sighup_while_events_stream(town, load, tmp_path):
    seen_more(town)
    configure(town, "ledger", tmp_path / "ledger.so", more=GRANT, options="early = 3;")
    town.process.send_signal(1)
    view = wait_for(town, lambda view: view.why, "ledger")
    assert view.state == "ready" and "options are kept as they were" in view.why
    configure(town, "ledger", tmp_path / "nowhere.so", more=GRANT)
    town.process.send_signal(1)
    view = wait_for(town, lambda view: "there is no file" in view.why, "ledger")
    assert view.state == "ready" and view.starts == 1
    seen_more(town)
    # Taken back: nothing is wrong any more, and nothing was started again.
    configure(town, "ledger", tmp_path / "ledger.so", more=GRANT)
    town.process.send_signal(1)
    view = wait_for(town, lambda view: not view.why, "ledger")
    assert view.state == "ready" and view.starts == 1
    # A change that is taken: options this one cannot take in place, then another limit.
    configure(town, "ledger", tmp_path / "ledger.so", more=GRANT, options="pause = 1;")
    town.process.send_signal(1)
    wait_for(town, lambda view: is_ready(view) and view.starts == 2, "ledger")
    configure(town, "ledger", tmp_path / "ledger.so", more=GRANT + ' memory_max = "512 MiB";')
    town.process.send_signal(1)
    wait_for(town, lambda view: is_ready(view) and view.starts == 3, "ledger")
    assert_nothing_lost_or_doubled(town, load)


def test_removed_and_added_again_goes_on_where_it_was(town, load, tmp_path):
    seen_more(town)
    section = next(line for line in town.config.read_text().splitlines(True)
                   if line.startswith("    ledger = "))
    town.config.write_text(town.config.read_text().replace(section, ""))
    town.process.send_signal(1)
    deadline = time.monotonic() + 20
    while shown(town, "ledger") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert shown(town, "ledger") is None
    before = ledger.seen_file(town).read_text()
    for _ in range(5):
        receive(town.client("anna"), town)
    configure(town, "ledger", tmp_path / "ledger.so", more=GRANT)
    town.process.send_signal(1)
    wait_for(town, is_ready, "ledger")
    assert ledger.seen_file(town).read_text().startswith(before)
    assert_nothing_lost_or_doubled(town, load)
