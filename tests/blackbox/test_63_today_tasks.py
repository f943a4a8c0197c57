"""Of one's day: what is charged to, asked of or waits for whoever asks; glass broken of late."""
import pytest

from acts import CONTACT, do, open_situation, receive, refused
from meetings import contact, partner, schedule
from test_32_rights import ask_rights
from test_40_decision import take
from test_61_today import today


@pytest.fixture
def shared(town):
    """A town with a situation of T1 shared with the coordinator of T2: (town, ids)."""
    situation, reference, _ = open_situation(town.client("anna"), town, title="CANARI")
    share = do(town.client("anna"), share_record=dict(
        situation=situation, identity=True, agents=[town.agents["bruno"]],
        legal_base="interne", purpose="suivi", purpose_text="CANARI",
        expiry_day=town.today + 30)).made[0].id
    return town, situation, reference, share


def items(town, who, kind):
    return [item for item in today(town, who).items if item.kind == kind]


def test_a_share_waits_until_it_is_acknowledged(shared):
    town, _, reference, share = shared
    item, = items(town, "bruno", "share_waiting")
    assert (item.id, item.reference, item.agent) == (share, reference, town.agents["anna"])
    assert not item.late and item.code == "suivi"
    for who in ("anna", "emile", "helene", "diane"):
        assert not items(town, who, "share_waiting")
    do(town.client("bruno"), share_acknowledge=dict(id=share))
    assert not items(town, "bruno", "share_waiting")


def test_a_share_revoked_waits_no_more(shared):
    town, _, _, share = shared
    do(town.client("anna"), share_revoke=dict(id=share))
    assert not items(town, "bruno", "share_waiting")


def test_glass_broken_is_told_to_head_and_dpo(shared):
    town, _, _, _ = shared
    situation, reference, _ = open_situation(town.client("anna"), town)
    do(town.client("bruno"), break_glass_use=dict(situation=situation, reason="CANARI urgence"))
    for who in ("helene", "diane"):
        item, = items(town, who, "glass_broken")
        assert (item.agent, item.reference) == (town.agents["bruno"], reference)
    for who in ("anna", "bruno", "chloe"):
        assert not items(town, who, "glass_broken")


def test_no_text_stands_in_it(shared):
    town, situation, _, _ = shared
    do(town.client("bruno"), break_glass_use=dict(situation=situation, reason="CANARI urgence"))
    for who in ("bruno", "helene", "diane"):
        assert b"CANARI" not in today(town, who).SerializeToString()


# --- decisions, minutes, information, requests, partners ---

def test_decisions_are_those_charged_to_whoever_asks(town):
    situation, reference, _ = open_situation(town.client("anna"), town)
    mine = take(town, situation, agent=town.agents["emile"], due_day=town.today + 1)
    take(town, situation, agent=town.agents["emile"], due_day=town.today + 20)
    item, = items(town, "emile", "decision_due")
    assert (item.id, item.reference, item.late) == (mine, reference, False)
    assert item.due_day == town.today + 1 and item.code == "contacter"
    assert not items(town, "anna", "decision_due")
    do(town.client("emile"), decision_complete=dict(id=mine, result="realisee"))
    assert not items(town, "emile", "decision_due")


def test_decision_past_its_day_is_overdue(stopped_town):
    town = stopped_town
    town.start(env=town.clock_env())
    situation, _, _ = open_situation(town.client("anna"), town)
    late = take(town, situation, agent=town.agents["anna"], due_day=town.today + 1)
    town.move_clock(days=2)
    item, = items(town, "anna", "decision_overdue")
    assert item.id == late and item.late and not items(town, "anna", "decision_due")


def test_minutes_not_distributed_in_five_working_days(stopped_town):
    town = stopped_town
    town.start(env=town.clock_env())
    anna = town.client("anna")
    meeting = schedule(anna, town, days=0, agents=[town.agents["anna"]])
    do(anna, meeting_hold=dict(id=meeting, present_agents=[town.agents["anna"]]))
    town.move_clock(days=4)
    assert not items(town, "anna", "minutes_overdue")
    town.move_clock(days=12)
    item, = items(town, "anna", "minutes_overdue")
    assert item.id == meeting and item.late and item.code == "suivi"
    assert not items(town, "bruno", "minutes_overdue")
    for words in (dict(minutes_draft=dict(meeting=meeting, text="dit")),
                  dict(minutes_validate=dict(meeting=meeting)),
                  dict(minutes_distribute=dict(meeting=meeting))):
        do(anna, **words)
    assert not items(town, "anna", "minutes_overdue")


def test_person_not_told_within_fifteen_days(stopped_town):
    town = stopped_town
    town.start(env=town.clock_env())
    anna = town.client("anna")
    situation, reference, _ = open_situation(anna, town)
    due = town.today + 15
    town.move_clock(days=15)
    assert not items(town, "anna", "not_informed")
    town.move_clock(days=16)
    item, = items(town, "anna", "not_informed")
    assert (item.reference, item.due_day, item.late) == (reference, due, True)
    do(anna, situation_inform=dict(id=situation, day=due, means="oral"))
    assert not items(town, "anna", "not_informed")


def test_requests_of_persons_due_and_overdue(town):
    anna = town.client("anna")
    late, _ = ask_rights(anna, town, received_day=town.today - 60)
    _, number = ask_rights(anna, town, received_day=town.today - 10)
    for who in ("anna", "helene", "diane"):
        assert [item.id for item in items(town, who, "rights_overdue")] == [late]
        assert [item.reference for item in items(town, who, "rights_due")] == [number]
    assert not items(town, "bruno", "rights_due") and not items(town, "chloe", "rights_due")
    assert b"Demandcanari" not in today(town, "anna").SerializeToString()


def test_a_contact_sees_what_waits_for_him_and_nothing_else(town):
    anna = town.client("anna")
    situation, reference, _ = open_situation(anna, town, title="CANARI")
    receive(anna, town)
    of = partner(town)
    keys = {}
    for name in ("Roux", "Autre"):
        id = contact(town, of, name)
        keys[id] = town.client_of(town.key_new(dict(kind=CONTACT, id=id), name))
    mine, other = keys
    share = do(anna, share_record=dict(
        situation=situation, identity=True, contacts=[mine], legal_base="L132-5",
        purpose="suivi", purpose_text="CANARI", expiry_day=town.today + 30)).made[0].id
    task = take(town, situation, agent=None, contact=mine, due_day=town.today + 1)
    answer = do(keys[mine], today_get={}).today_answer
    assert {(item.kind, item.id, item.reference) for item in answer.items} == {
        ("share_waiting", share, reference), ("decision_due", task, reference)}
    assert b"CANARI" not in answer.SerializeToString()
    assert not do(keys[other], today_get={}).today_answer.items
    do(keys[mine], share_acknowledge=dict(id=share))
    assert [item.kind for item in do(keys[mine], today_get={}).today_answer.items] == [
        "decision_due"]


def test_a_contact_whose_charter_is_not_current_has_no_day(town):
    who = contact(town, partner(town), signed=False)
    key = town.client_of(town.key_new(dict(kind=CONTACT, id=who), "unsigned"))
    assert refused(key, today_get={})[0] == "charter_not_current"
