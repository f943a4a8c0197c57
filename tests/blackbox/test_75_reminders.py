"""Reminders, rule by rule, of a town whose clock the tests move forward from one to the next."""
import contextlib
import json

import pytest

import meetings
import peopled
from acts import do, open_situation
from reminded import Reminded
from test_11_events import head
from test_40_decision import take
from test_71_plugin_commands import ctps


@pytest.fixture(scope="module")
def reminded(original_town):
    with peopled.PeopledTown(original_town) as town:
        yield Reminded(town)


@pytest.fixture(scope="module")
def anna(reminded):
    return reminded.town.client("anna")


# Tests follow each other in time.

def test_a_meeting_is_reminded_of_seven_and_two_days_and_two_hours_before(reminded):
    meeting = reminded.meeting("2035-03-15")
    reminded.to("2035-03-08T07:59:30")
    assert reminded.of(meeting) == []
    reminded.to("2035-03-08T08:00:01")
    assert reminded.of(meeting) == [("J-7", "anna", "on_time")]
    reminded.to("2035-03-13T08:00:01")
    reminded.to("2035-03-15T11:59:30")
    assert len(reminded.of(meeting)) == 2
    reminded.to("2035-03-15T12:00:01")
    assert reminded.of(meeting) == [("J-7", "anna", "on_time"), ("J-2", "anna", "on_time"),
                                    ("H-2", "anna", "on_time")]


def test_what_falls_on_a_day_off_comes_on_the_working_day_before(reminded):
    """Wednesday 28 March less two is Easter Monday; Friday comes before."""
    meeting = reminded.meeting("2035-03-28")
    reminded.to("2035-03-21T08:00:01")
    reminded.to("2035-03-23T07:59:30")
    assert reminded.of(meeting) == [("J-7", "anna", "on_time")]
    reminded.to("2035-03-23T08:00:01")
    assert reminded.of(meeting) == [("J-7", "anna", "on_time"), ("J-2", "anna", "on_time")]


def test_hours_before_a_meeting_do_not_move_and_count_real_hours(reminded):
    """On the night the clocks go forward 04:30 less two hours is 01:30."""
    meeting = reminded.meeting("2035-03-25", minute=4 * 60 + 30)
    reminded.to("2035-03-25T01:29:30")
    assert "H-2" not in [lead for lead, *_ in reminded.of(meeting)]
    reminded.to("2035-03-25T01:30:01")
    assert ("H-2", "anna", "on_time") in reminded.of(meeting)


def test_a_partner_s_contact_is_told_days_and_not_hours_before(reminded, anna):
    town = reminded.town
    partner = meetings.partner(town)
    contact = do(town.operator, contact_set=dict(
        partner=partner, last_name="Roux", charter_version="v3",
        charter_day=meetings.day("2035-01-15"))).made[0].id
    other = do(town.operator, contact_set=dict(
        partner=partner, last_name="Noir", charter_version="v3",
        charter_day=meetings.day("2035-01-15"))).made[0].id
    meeting = reminded.meeting("2035-04-06", instance="suivi", agents=[town.agents["anna"]],
                               contacts=[contact, other])
    reminded.to("2035-03-30T08:00:01")
    assert sorted(map(str, reminded.of(meeting))) == sorted(map(str, [
        ("J-7", "anna", "on_time"), ("J-7", contact, "on_time"), ("J-7", other, "on_time")]))
    # one whose charter is no longer the one in force when it is due may not come: not told
    do(town.operator, contact_set=dict(id=other, partner=partner, last_name="Noir",
                                       charter_version="v2",
                                       charter_day=meetings.day("2035-01-15")))
    reminded.to("2035-04-04T08:00:01")
    reminded.to("2035-04-06T12:00:01")
    late = reminded.of(meeting)[3:]
    assert sorted(map(str, late)) == sorted(map(str, [
        ("J-2", "anna", "on_time"), ("J-2", contact, "on_time"), ("J-2", other, "withheld"),
        ("H-2", "anna", "on_time")]))


def test_a_decision_three_working_days_before_on_the_day_then_weekly_and_to_the_head(reminded,
                                                                                    anna):
    situation, *_ = open_situation(anna, reminded.town)
    decision = take(reminded.town, situation, due_day=meetings.day("2035-04-17"))
    reminded.to("2035-04-12T08:00:01")
    assert reminded.of(decision) == [("O-3", "anna", "on_time")]
    for day in ("2035-04-17", "2035-04-24", "2035-04-30"):  # 1 May is off
        reminded.to(f"{day}T08:00:01")
    assert reminded.of(decision) == [
        ("O-3", "anna", "on_time"), ("J", "anna", "on_time"), ("J+7", "anna", "on_time"),
        ("J+14", "anna", "on_time"), ("J+14", "helene", "on_time")]
    assert [effect.escalated for effect in reminded.effects()
            if effect.object == decision] == [False] * 4 + [True]
    do(anna, decision_complete=dict(id=decision, result="realisee", text="fait"))
    reminded.to("2035-05-09T08:00:01")
    assert len(reminded.of(decision)) == 5


def test_a_situation_to_review_silent_and_a_person_not_informed(reminded, anna):
    town = reminded.town
    situation, *_ = open_situation(anna, town, lead_agent=town.agents["emile"])
    do(anna, situation_review=dict(id=situation, day=meetings.day("2035-05-09"),
                                   evolution="stable", next_review_day=meetings.day("2035-06-12")))
    reminded.to("2035-05-24T08:00:01")
    assert reminded.of(situation) == [("J", "emile", "on_time")]
    assert reminded.of(situation, "not_informed")
    do(anna, situation_inform=dict(id=situation, day=meetings.day("2035-05-24"), means="courrier"))
    reminded.to("2035-06-12T08:00:01")
    assert reminded.of(situation, "review") == [("J", "emile", "on_time")]
    reminded.to("2035-06-22T08:00:01")  # 45 days after the 9th is Saturday the 23rd
    assert reminded.of(situation, "silent") == [("J", "emile", "on_time")]
    assert reminded.of(situation, "not_informed") == [("J", "emile", "on_time")]


def test_a_saisine_unanswered_and_answered(reminded, anna):
    waiting, answered = reminded.saisine("2035-06-22"), reminded.saisine("2035-06-22")
    do(anna, saisine_decline=dict(id=answered, motive="hors_champ"))
    reminded.to("2035-06-29T08:00:01")
    assert reminded.of(waiting) == [("J", "anna", "on_time")]
    assert reminded.of(answered) == []


def test_minutes_not_distributed(reminded, anna):
    meeting = reminded.meeting("2035-06-29", minute=9 * 60)
    do(anna, meeting_hold=dict(id=meeting, present_agents=[reminded.town.agents["anna"]]))
    reminded.to("2035-07-06T08:00:01")
    assert reminded.of(meeting, "minutes") == [("J", "chloe", "on_time")]


def test_a_request_of_a_person_nears_its_term(reminded, anna):
    request = do(anna, rights_open=dict(
        kind="access", received_day=meetings.day("2035-07-06"), territory="T1", name="Eve",
        quality="la personne", text="tout")).made[0].id
    reminded.to("2035-07-20T08:00:01")  # due 6 August; 22 July is a Sunday
    assert sorted(reminded.of(request)) == [("J-15", "anna", "on_time"),
                                            ("J-15", "diane", "on_time")]


def test_a_habilitation_and_a_charter_about_to_end(reminded):
    town = reminded.town
    agent = do(town.operator, agent_set=dict(
        last_name="Bref", function="educateur", territories=["T1"], habilitation_act="a",
        habilitation_from_day=meetings.day("2035-07-01"),
        habilitation_to_day=meetings.day("2035-08-22"))).made[0].id
    partner = meetings.partner(town)
    contact = do(town.operator, contact_set=dict(
        partner=partner, last_name="Signe", charter_version="v3",
        charter_day=meetings.day("2032-08-24"))).made[0].id  # its last day is 23 August
    reminded.to("2035-07-23T08:00:01")
    assert sorted(map(str, reminded.of(agent))) == sorted(map(str, [
        ("J-30", 0, "on_time"), ("J-30", "helene", "on_time")]))
    assert [effect.agent for effect in reminded.effects() if effect.object == agent
            and effect.agent not in town.agents.values()] == [agent]
    reminded.to("2035-07-24T08:00:01")
    assert sorted(map(str, reminded.of(contact))) == sorted(map(str, [
        ("J-30", contact, "on_time"), ("J-30", "chloe", "on_time")]))


def test_the_bus_says_what_is_due_to_whom_and_nothing_else(reminded, anna):
    start = head(reminded.town).number
    meeting = reminded.meeting("2035-08-10")
    reminded.to("2035-08-03T08:00:01")
    with contextlib.closing(reminded.town.client("follower").events(
            after=start, timeout=20)) as events:
        notice = next(event.notice for event in events
                      if event.topic == "reminder.due" and event.notice.id == meeting)
    assert (notice.code, notice.lead, notice.outcome, notice.agent, notice.day, notice.minute,
            notice.instance) == ("meeting", "J-7", "on_time", reminded.town.agents["anna"],
                                 meetings.day("2035-08-10"), 840, "concertation")


def test_the_list_is_filtered(reminded):
    def listed(*words):
        return json.loads(ctps(reminded.town, "reminder", "list", *words, "--json").stdout)

    agents = reminded.town.agents
    everything = listed("--limit", "1000")
    assert {row["code"] for row in everything} >= {"meeting", "decision", "review", "saisine"}
    of_anna = listed("--agent", str(agents["anna"]), "--about", "decision")
    assert {row["lead"] for row in of_anna} == {"O-3", "J", "J+7", "J+14"}
    spring = listed("--from", "2035-04-01", "--to", "2035-04-30", "--about", "decision",
                    "--limit", "1000")
    assert [row["lead"] for row in spring] == ["J+14", "J+14", "J+7", "J", "O-3"]
    assert [row["lead"] for row in listed("--outcome", "withheld")] == ["J-2"]
    path = reminded.town.dir / "rappels.csv"
    ctps(reminded.town, "reminder", "list", "--about", "decision", "--csv", str(path))
    rows = path.read_text("utf-8")
    assert rows.startswith("\ufeff") and rows.count("J+14") == 2 and "décision" in rows
