"""Decisions as tasks: taken on a situation, carried out by an agent or a partner's contact."""
import datetime
import json

import pytest

from acts import CONTACT, close, do, open_situation, refused
from test_11_events import collect, head

CANARY = "CANARI décidé"


@pytest.fixture
def situation(town):
    return open_situation(town.client("anna"), town)


def fields(town, number, **more):
    base = dict(situation=number, verb="contacter", text=CANARY,
                agent=town.agents["anna"], due_day=town.today + 7)
    base.update(more)
    return dict(decision_take={name: value for name, value in base.items()
                               if value is not None})


def take(town, situation, who="anna", **more):
    return do(town.client(who), **fields(town, situation, **more)).made[0].id


def contact(town, name="Keller", charter="v3", **more):
    """(id, client) of a contact of a partner made for the purpose."""
    partner = do(town.operator, partner_set=dict(name=name, family="institutionnel",
                                                 kind="bailleur")).made[0].id
    made = do(town.operator, contact_set=dict(
        partner=partner, last_name=name, charter_version=charter, charter_day=town.today - 1,
        **more)).made[0].id
    return made, town.client_of(town.key_new(dict(kind=CONTACT, id=made), name))


def listed(client, **filters):
    filters.setdefault("limit", 100)
    return do(client, decision_list=filters).decision_answer.decisions


def get(client, decision, nominative=False, **more):
    return do(client, decision_get=dict(id=decision, nominative=nominative),
              **more).decision_answer.decisions[0]


def test_decision_is_listed_with_its_facts_and_read_with_its_text(town, situation):
    number, reference, _ = situation
    made = take(town, number)
    anna = town.client("anna")
    row, = listed(anna)
    assert (row.id, row.reference, row.verb, row.state, row.due_day, row.agent, row.text) == (
        made, reference, "contacter", "open", town.today + 7, town.agents["anna"], "")
    assert get(anna, made).text == ""
    assert get(anna, made, nominative=True).text == CANARY


def test_decision_refusals_name_the_field(town, situation):
    anna, number = town.client("anna"), situation[0]
    for changes, expected in [
            (dict(verb=None), ("field_missing", "verb")),
            (dict(verb="voler"), ("list_value_unknown", "verb")),
            (dict(agent=None), ("decision_who", "agent")),
            (dict(contact=3), ("decision_who", "contact")),
            (dict(agent=4), ("agent_unknown", "agent")),
            (dict(agent=town.agents["diane"]), ("decision_agent", "agent")),
            (dict(due_day=None), ("field_missing", "due_day")),
            (dict(due_day=town.today - 1), ("date_order", "due_day")),
            (dict(day=town.today + 1), ("date_future", "day")),
            (dict(situation=None), ("field_missing", "situation")),
            (dict(situation=4), ("absent", "situation"))]:
        assert refused(anna, **fields(town, number, **changes)) == expected
    close(anna, town, number)
    assert refused(anna, **fields(town, number)) == ("state_wrong", "situation")


def test_contact_without_a_current_charter_is_given_nothing_about_a_situation(town, situation):
    stale, _ = contact(town, "Vieux", charter="v1")
    gone, _ = contact(town, "Parti", inactive=True)
    anna = town.client("anna")
    for who, name in ((stale, "charter_not_current"), (gone, "contact_inactive")):
        assert refused(anna, **fields(town, situation[0], agent=None, contact=who)) == (
            name, "contact")


def test_due_day_nobody_works_is_warned_of(town, situation):
    day = town.today + 1
    while day % 7 != 2:  # 1970-01-01 was a Thursday: a Saturday
        day += 1
    reply = do(town.client("anna"), **fields(town, situation[0], due_day=day))
    assert list(reply.warnings) == ["due_not_working_day"]
    assert do(town.client("anna"), **fields(town, situation[0], day=town.today)).seq


def test_contact_sees_number_verb_due_day_and_reports_his_own(town, situation):
    number, reference, _ = situation
    who, client = contact(town)
    other, stranger = contact(town, "Autre")
    made = take(town, number, agent=None, contact=who)
    take(town, number, agent=None, contact=other)
    row, = listed(client)
    assert {field.name for field, _ in row.ListFields()} == {
        "id", "reference", "verb", "due_day", "state"}
    assert (row.id, row.reference) == (made, reference)
    assert refused(client, decision_get=dict(id=made, nominative=True))[0] == "nominative_never"
    assert refused(stranger, decision_get=dict(id=made))[0] == "not_charged"
    assert refused(stranger, decision_complete=dict(id=made, result="realisee"))[0] == \
        "not_charged"
    do(client, decision_complete=dict(id=made, result="realisee", text="fait"))
    after = get(town.client("anna"), made, nominative=True)
    assert (after.state, after.completed_by_contact, after.result_text) == (
        "done", who, "fait")


def test_agent_elsewhere_sees_only_what_he_is_charged_with(town, situation):
    bruno = town.client("bruno")
    made = take(town, situation[0], agent=town.agents["bruno"])
    take(town, situation[0])
    assert [row.id for row in listed(bruno, mine=True)] == [made]
    assert [row.id for row in listed(bruno)] == [made]
    assert refused(bruno, decision_get=dict(id=made, nominative=True))[0] == "other_territory"
    assert refused(bruno, **fields(town, situation[0]))[0] == "other_territory"
    do(bruno, decision_complete=dict(id=made, result="impossible"))


def test_head_reads_the_text_with_a_purpose_and_the_assistant_never(town, situation):
    made = take(town, situation[0])
    helene, chloe = town.client("helene"), town.client("chloe")
    assert refused(helene, decision_get=dict(id=made, nominative=True))[0] == "purpose_missing"
    assert get(helene, made, nominative=True, purpose="supervision").text == CANARY
    assert get(chloe, made).verb == "contacter"
    assert refused(chloe, decision_get=dict(id=made, nominative=True))[0] == "nominative_never"
    assert refused(town.operator, decision_list=dict(limit=5))[0] == "operator_no_contents"


def test_completed_once_with_one_of_three_results(town, situation):
    anna = town.client("anna")
    made = take(town, situation[0])
    assert refused(anna, decision_complete=dict(id=made)) == ("field_missing", "result")
    assert refused(anna, decision_complete=dict(id=made, result="partielle")) == (
        "decision_result", "result")
    assert refused(anna, decision_complete=dict(id=made, result="realisee",
                                                day=town.today + 1)) == ("date_future", "day")
    do(anna, decision_complete=dict(id=made, result="non_faite"))
    assert get(anna, made).state == "not_done"
    assert refused(anna, decision_complete=dict(id=made, result="realisee")) == (
        "state_wrong", "decision")


def test_lists_filter_by_state(town, situation):
    anna, number = town.client("anna"), situation[0]
    late = take(town, number, day=town.today - 9, due_day=town.today - 2)
    due = take(town, number)
    done = take(town, number)
    failed = take(town, number)
    do(anna, decision_complete=dict(id=done, result="realisee"))
    do(anna, decision_complete=dict(id=failed, result="impossible"))
    for state, expected in (("overdue", [late]), ("open", [due]), ("done", [done]),
                            ("not_done", [failed]), ("undone", [failed, due, late])):
        assert [row.id for row in listed(anna, state=state)] == expected
    assert refused(anna, decision_list=dict(state="lost")) == ("field_range", "state")
    assert [row.id for row in listed(anna, situation=number, limit=1)] == [failed]
    assert [row.id for row in listed(anna, territory="T1", before=done)] == [due, late]


def test_events_tell_verb_and_days_but_no_text(town, situation):
    start, number = head(town).number, situation[0]
    who, client = contact(town)
    made = take(town, number, agent=None, contact=who)
    do(client, decision_complete=dict(id=made, result="realisee", text=CANARY))
    seen = collect(town, "decision.completed", after=start)
    taken = next(event for event in seen if event.topic == "decision.taken")
    assert (taken.notice.id, taken.notice.code, taken.notice.day, taken.notice.other) == (
        made, "contacter", town.today + 7, number)
    assert seen[-1].notice.id == made and seen[-1].notice.code == "realisee"
    for event in seen:
        assert b"CANARI" not in event.notice.SerializeToString()


def test_decisions_stand_after_a_rebuild(town, situation):
    made = take(town, situation[0])
    before = listed(town.client("anna"))
    town.stop()
    town.ctps("store", "rebuild")
    town.start()
    assert listed(town.client_of(town.keys["anna"])) == before and before[0].id == made


def test_command_line_takes_lists_and_completes(town, situation):
    def ctps(*words):
        return town.ctps(*words, "--as", str(key), check=False)

    key = town.dir / "keys" / "anna.key"
    town.keys["anna"].write(key)
    saturday = next(day for day in range(town.today + 1, town.today + 9) if day % 7 == 2)
    date = (datetime.date(1970, 1, 1) + datetime.timedelta(saturday)).isoformat()
    done = ctps("decision", "take", "--situation", situation[1], "--verb", "contacter",
                "--agent", "anna", "--due", date, "--text", CANARY)
    assert done.returncode == 0 and "pas un jour ouvré" in done.stderr, done
    made = done.stdout.strip()
    assert situation[1] in ctps("decision", "list", "--state", "open").stdout
    assert "ouverte" in ctps("decision", "list").stdout
    assert CANARY not in ctps("decision", "show", made).stdout
    assert CANARY in ctps("decision", "show", made, "--names").stdout
    assert ctps("decision", "complete", made, "--result", "partielle").returncode == 77
    assert ctps("decision", "complete", made, "--result", "realisee").returncode == 0
    rows = json.loads(ctps("decision", "list", "--state", "done", "--json").stdout)
    assert [str(row["id"]) for row in rows] == [made]
