"""Plugins from the command line: what the operator sees of them, letters they could not deal
with, what they did."""
import json
import pathlib
import time

import paths
import pytest

from acts import do, receive, refused
from test_70_plugins import configure, figures, hear_audit, is_ready, shown, wait_for


def ctps(town, *words, check=True):
    return town.ctps(*words, "--as", str(town.dir / "keys" / "operator.key"), check=check)


@pytest.fixture
def town(stopped_town):
    configure(stopped_town, options='quiet = "10 ms";')
    stopped_town.start()
    wait_for(stopped_town, is_ready)
    return stopped_town


def letters(town, *words):
    return json.loads(ctps(town, "plugin", "dead-letters", *words, "--json").stdout)


def refuser(town, options, retry=""):
    configure(town, "refuser", paths.program("tests/plugins/refuser.so"), more=retry,
              options=options)


def seen(count):
    return lambda view: figures(view).get("seen", 0) == count


# --- plugin list, show, reload ---

def test_list_and_show(town):
    assert "prêt" in ctps(town, "plugin", "list").stdout
    rows = json.loads(ctps(town, "plugin", "list", "--json").stdout)
    assert [(row["name"], row["state"]) for row in rows if row["state"] == "ready"] == [
        ("example", "ready")]
    text = ctps(town, "plugin", "show", "example").stdout
    assert "seccomp" in text and "quiet" in text and "urgency" in text
    assert json.loads(ctps(town, "plugin", "show", "example", "--json").stdout)["version"] == "1"


def test_show_has_figures(town):
    receive(town.client("anna"), town)
    wait_for(town, lambda view: figures(view).get("saisines.received") == 1)
    assert "saisines.received" in ctps(town, "plugin", "show", "example").stdout


def test_reload_says_what_became_of_it(town):
    text = ctps(town, "plugin", "reload", "example").stdout
    view = shown(town)
    assert view.starts == 2 and is_ready(view)
    assert "prêt" in text and "example" in text
    row, = json.loads(ctps(town, "plugin", "reload", "example", "--json").stdout)
    assert (row["state"], row["starts"]) == ("ready", 3)


def test_reload_of_a_junk_file_says_what_it_is(town, tmp_path):
    file = tmp_path / "mine.so"
    file.write_bytes(pathlib.Path(paths.program("plugins/example.so")).read_bytes())
    configure(town, file=file)
    do(town.operator, reload={})
    wait_for(town, lambda view: view.starts == 2 and is_ready(view))
    file.unlink()
    file.write_text("junk\n")
    done = ctps(town, "plugin", "reload", "example", check=False)
    assert done.returncode == 65 and not done.stdout
    assert "it runs on as it was" in done.stderr and "no shared object" in done.stderr
    assert (shown(town).starts, shown(town).state) == (2, "ready")


def test_reload_of_one_that_hangs_is_waited_for(town):
    """What it says comes with its patience's end, not at once."""
    configure(town, "rogue", paths.program("tests/plugins/rogue.so"), more='patience = "1 s";',
              options='behaviour = "start_sleep";')
    do(town.operator, reload={})
    done = ctps(town, "plugin", "reload", "rogue", check=False)
    assert done.returncode == 65 and "rogue: " in done.stderr, done.stderr


@pytest.mark.parametrize("words", [
    ["show", "nobody"], ["reload", "nobody"], ["dead-letters", "list", "nobody"],
    ["dead-letters", "replay", "nobody", "33792"]], ids=" ".join)
def test_unknown_plugin_is_refused_with_those_there_are(town, words):
    done = ctps(town, "plugin", *words, check=False)
    assert done.returncode == 66 and "Aucun greffon" in done.stderr
    assert "example" in done.stderr


# --- dead letters ---

def test_poison_is_a_letter_replayed_once_the_plugin_is_mended(stopped_town):
    town = stopped_town
    refuser(town, 'poison = "urgente";')
    town.start()
    wait_for(town, is_ready, "refuser")
    assert letters(town) == []
    receive(town.client("anna"), town, urgency="urgente")
    receive(town.client("anna"), town, urgency="courante")
    wait_for(town, seen(2), "refuser")
    letter, = letters(town)
    assert (letter["plugin"], letter["audience"], letter["reason"]) == (
        "refuser", "plugins", "poison")
    assert str(letter["number"]) in ctps(town, "plugin", "dead-letters").stdout
    # not mended: replayed, refused again, a letter again
    ctps(town, "plugin", "dead-letters", "replay", "refuser", str(letter["number"]))
    wait_for(town, seen(3), "refuser")
    wait_for(town, lambda _: letters(town, "list", "refuser"), "refuser")
    refuser(town, "")
    do(town.operator, reload={})
    ctps(town, "plugin", "dead-letters", "replay", "refuser", str(letter["number"]))
    wait_for(town, seen(4), "refuser")
    receive(town.client("anna"), town, urgency="urgente")
    wait_for(town, seen(5), "refuser")
    assert letters(town) == []
    assert town.words(200).count("refuser: seen urgente") == 4


def test_dropped_letter_does_not_come_again(stopped_town):
    town = stopped_town
    refuser(town, 'poison = "urgente";')
    town.start()
    wait_for(town, is_ready, "refuser")
    receive(town.client("anna"), town, urgency="urgente")
    wait_for(town, lambda _: letters(town), "refuser")
    number = str(letters(town)[0]["number"])
    ctps(town, "plugin", "dead-letters", "drop", "refuser", number)
    assert letters(town) == []
    receive(town.client("anna"), town, urgency="courante")
    wait_for(town, seen(2), "refuser")
    assert town.words(200).count("refuser: seen urgente") == 1
    done = ctps(town, "plugin", "dead-letters", "drop", "refuser", number, check=False)
    assert done.returncode not in (0, 64)


def test_letters_of_a_plugin_whose_section_is_gone_are_still_settled(stopped_town):
    town = stopped_town
    refuser(town, 'poison = "urgente";')
    town.start()
    wait_for(town, is_ready, "refuser")
    receive(town.client("anna"), town, urgency="urgente")
    wait_for(town, lambda _: letters(town), "refuser")
    text = town.config.read_text()
    town.config.write_text(text.replace("refuser = {", "renamed = {", 1))
    do(town.operator, reload={})
    letter, = letters(town, "list", "refuser")
    ctps(town, "plugin", "dead-letters", "drop", "refuser", str(letter["number"]))
    done = ctps(town, "plugin", "dead-letters", "list", "refuser", check=False)
    assert done.returncode == 66 and "renamed" in done.stderr


def test_retry_comes_again_with_growing_delay_then_is_a_letter(stopped_town):
    town = stopped_town
    refuser(town, 'retry = "urgente";', retry='retry = "20 ms";')
    town.start()
    wait_for(town, is_ready, "refuser")
    begun = time.monotonic()
    receive(town.client("anna"), town, urgency="urgente")
    receive(town.client("anna"), town, urgency="courante")
    wait_for(town, seen(7), "refuser")
    assert time.monotonic() - begun > 0.02 * (1 + 2 + 4 + 8 + 16)
    assert [letter["reason"] for letter in letters(town)] == ["tries"]
    assert town.words(200).count("refuser: seen urgente") == 6


@pytest.mark.parametrize("words", [("replay",), ("drop", "refuser"), ("burn", "refuser", "1")])
def test_a_letter_is_named_whole(town, words):
    assert ctps(town, "plugin", "dead-letters", *words, check=False).returncode == 64


# --- what they did ---

def listed(town, *words):
    return json.loads(ctps(town, *words, "--json").stdout)


def test_notifications_and_reminders_are_listed(stopped_town):
    town = stopped_town
    town.grant("notify", ["effect.record"])
    town.start()
    notify = town.plugin("notify")

    def record(**fields):
        do(notify, effect_record=fields)

    anna, bruno = town.agents["anna"], town.agents["bruno"]
    record(key="a", kind="notification.sent", agent=anna, code="mail")
    record(key="b", kind="notification.failed", agent=bruno, code="mail")
    record(key="c", kind="notification.sent", contact=4711, code="mail")
    record(key="d", kind="reminder.due", agent=anna, outcome="late", day=town.today)
    keys = lambda *words: [row["key"] for row in listed(town, *words)]  # noqa: E731
    assert keys("notification", "list") == ["c", "b", "a"]
    assert keys("notification", "list", "--kind", "notification.failed") == ["b"]
    assert keys("notification", "list", "--agent", str(anna)) == ["a"]
    assert keys("notification", "list", "--contact", "4711") == ["c"]
    assert keys("notification", "list", "--limit", "1") == ["c"]
    assert keys("reminder", "list") == ["d"]
    assert keys("reminder", "list", "--agent", str(bruno)) == []
    assert "en retard" in ctps(town, "reminder", "list").stdout
    assert "abandonnée" in ctps(town, "notification", "list").stdout


def test_letter_of_the_audience_audit_is_replayed(stopped_town):
    """Also to a plugin that follows nothing else."""
    town = stopped_town

    def watcher(options):
        configure(town, "watcher", paths.program("tests/plugins/watcher.so"), audience="audit",
                  options=options)

    hear_audit(town)
    watcher('poison = "access.denied";')
    town.start()
    wait_for(town, is_ready, "watcher")
    assert refused(town.client("chloe"), situation_list={})[0]
    wait_for(town, lambda _: letters(town), "watcher")
    letter, = letters(town)
    assert (letter["plugin"], letter["audience"]) == ("watcher", "audit")
    watcher("")
    do(town.operator, reload={})
    ctps(town, "plugin", "dead-letters", "replay", "watcher", str(letter["number"]),
         "--audience", "audit")
    view = wait_for(town, lambda view: "access.denied" in figures(view), "watcher")
    assert figures(view)["access.denied"] == letter["number"]
    assert letters(town) == []
    receive(town.client("anna"), town)
