"""A large import is taken back in parts: as a whole or not at all, whatever stops it."""
import threading
import time

import pytest

from acts import do, figures, new_partner, open_situation, person, receive, refused, sheet, show
from test_11_events import collect, head
from town import ctps_client

ROWS, MANY, SENDERS = 600, 3000, 8


def rows_send(town, import_id, numbers):
    client = ctps_client.Client(town.keys["helene"])
    for number in numbers:
        do(client, import_row=dict(
            import_id=import_id, number=str(number), status="suivi", saisine=sheet(
                town, persons=[person(f"Nom{number}", f"Prénom{number % 97}")]),
            next_review_day=town.today + 30, lead_agent=town.agents["anna"]))
    client.close()


def imported(town, count):
    """The id of an import of so many rows."""
    helene = town.client("helene")
    import_id = do(helene, import_begin=dict(source="grand.csv", row_count=count)).made[0].id
    senders = [threading.Thread(target=rows_send, args=(
        town, import_id, range(at, count, SENDERS))) for at in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    do(helene, import_end=dict(import_id=import_id))
    return import_id


def left(town):
    """How many situations and saisines there are."""
    helene = town.client("helene")
    return [sum(1 for _ in every(helene, **asked)) for asked in (
        dict(kind="situation_list", with_closed=True), dict(kind="saisine_list"))]


def every(client, kind, **fields):
    cursor = {}
    while True:
        answer = do(client, **{kind: dict(fields, limit=1000, **cursor)})
        views = (answer.situation_answer.situations if kind == "situation_list"
                 else answer.saisine_answer.saisines)
        yield from views
        if len(views) < 1000:
            return
        cursor = {"before" if kind == "situation_list" else "after": views[-1].id}


def undo(client, import_id):
    """One part; whether others are left."""
    return list(do(client, import_undo=dict(import_id=import_id)).warnings) == ["undo_more"]


def view_of(town, import_id):
    """The import as it is listed."""
    view, = [one for one in do(town.client("helene"), import_list={}).import_answer.imports
             if one.id == import_id]
    return view


def until_undone(town, import_id, timeout=30):
    """Asking for nothing: what was left, each time one looked."""
    seen, deadline = [], time.monotonic() + timeout
    while not (view := view_of(town, import_id)).undone:
        assert view.undoing and time.monotonic() < deadline, view
        seen.append(view.rows_left)
        time.sleep(0.1)  # between two looks
    return seen


def test_large_import_is_undone_in_parts_through_a_kill(town):
    helene, start = town.client("helene"), head(town).number
    other, *_ = open_situation(town.client("anna"), town, persons=[person("Autre", "Éva")])
    import_id = imported(town, ROWS)
    assert left(town) == [ROWS + 1, ROWS + 1]
    assert undo(helene, import_id), "first it is shut"
    assert left(town) == [ROWS + 1, ROWS + 1]
    assert undo(helene, import_id)
    half = left(town)
    assert 1 < half[0] < ROWS + 1
    town.crash()
    helene = town.client("helene")
    view = view_of(town, import_id)
    assert view.undoing and not view.undone and left(town) == half
    assert view.rows_left == half[0] - 1
    while undo(helene, import_id):
        pass
    assert left(town) == [1, 1] and show(town.client("anna"), id=other).id == other
    assert refused(helene, import_undo=dict(import_id=import_id)) == ("state_wrong", "import_id")
    topics = [event.topic for event in collect(town, "import.undone", after=start)]
    assert "import.undo_begun" in topics
    assert not do(helene, purpose="suivi", name_search=dict(
        name="Nom7")).search_answer.situations
    assert town.stop() == 0
    town.ctps("store", "check")
    town.ctps("store", "rebuild")
    town.ctps("store", "check")


def test_it_goes_on_by_itself_once_the_clock_is_trusted(stopped_town):
    """After a kill nobody asks again; keys are destroyed for it, so a clock in doubt holds it."""
    town = stopped_town
    env = town.clock_env()
    town.start(env)
    helene, start = town.client("helene"), head(town).number
    import_id = imported(town, ROWS)
    assert undo(helene, import_id) and undo(helene, import_id)
    town.kill()
    town.move_clock(3)
    town.start(env)
    assert figures(town.operator)["clock.alarm"] == "yes"
    deadline = time.monotonic() + 3  # longer than it rests
    while time.monotonic() < deadline:
        assert view_of(town, import_id).rows_left == ROWS - 250
        time.sleep(0.1)  # between two looks
    do(town.operator, clock_confirm={})
    seen = until_undone(town, import_id)
    assert seen == sorted(seen, reverse=True) and set(seen) <= {ROWS - 250, ROWS - 500}
    assert left(town) == [0, 0]
    topics = [event.topic for event in collect(town, "import.undone", after=start)]
    assert topics.count("import.undo_begun") == 1
    town.kill()  # again, at once: what is undone stays so
    town.ctps("store", "check")
    town.ctps("store", "rebuild")
    town.ctps("store", "check")
    town.start(env)
    assert view_of(town, import_id).undone and left(town) == [0, 0]


def test_what_is_being_undone_may_not_be_touched(town):
    anna, helene = town.client("anna"), town.client("helene")
    import_id = imported(town, 300)
    some = next(every(anna, kind="situation_list"))
    assert undo(helene, import_id)
    for asked in (dict(situation_add_entry=dict(id=some.id, kind="contact", day=town.today)),
                  dict(situation_set_status=dict(id=some.id, status="veille",
                                                 watch_until_day=town.today + 9)),
                  dict(situation_get=dict(id=some.id, nominative=True)),
                  dict(saisine_accept=dict(id=receive(anna, town), attach_to=some.id)),
                  dict(import_row=dict(import_id=import_id, number="x", saisine=sheet(town)))):
        client = helene if "import_row" in asked else anna
        assert refused(client, **asked)[0] in ("erased", "state_wrong"), asked
    while undo(helene, import_id):
        pass
    assert left(town)[0] == 0


@pytest.mark.parametrize("touch", ["entry", "link", "share", "engage", "duplicate"])
def test_refused_as_a_whole_when_one_row_was_touched(town, touch):
    anna, helene = town.client("anna"), town.client("helene")
    other, _, saisine = open_situation(anna, town)
    import_id = imported(town, 300)
    some = next(view for view in every(anna, kind="situation_list") if view.id != other)
    do(town.operator, list_value_set=dict(list="lien", code="fratrie", label_fr="fratrie"))
    do(anna, **{
        "entry": dict(situation_add_entry=dict(id=some.id, kind="contact", day=town.today)),
        "link": dict(situation_link=dict(a=other, b=some.id, kind="fratrie")),
        "share": dict(share_record=dict(
            situation=some.id, identity=True, agents=[town.agents["bruno"]],
            legal_base="interne", purpose="suivi", expiry_day=town.today + 9)),
        "engage": dict(situation_engage=dict(id=some.id, partner=new_partner(town))),
        "duplicate": dict(duplicate_decide=dict(a=some.saisines[0], b=saisine, outcome="link")),
    }[touch])
    assert refused(helene, import_undo=dict(import_id=import_id)) == (
        "import_touched", some.reference)
    assert left(town) == [301, 301]


def test_thousands_of_rows_from_the_command_line(town):
    """Each answer comes soon: nobody else waits for the whole."""
    import_id = imported(town, MANY)
    key = town.dir / "helene.key"
    town.keys["helene"].write(key)
    assert town.ctps("import", "show", str(import_id), "--as", str(key)).stdout.count(
        "T1-") == MANY
    started = time.monotonic()
    town.ctps("import", "undo", str(import_id), "--yes", "--as", str(key))
    print(f"\nimport undo: {MANY} rows in {time.monotonic() - started:.1f} s")
    assert left(town) == [0, 0]
    listed = town.ctps("import", "list", "--as", str(key)).stdout
    assert str(import_id) in listed
    assert int(figures(town.operator)["journal.entries"]) > MANY
