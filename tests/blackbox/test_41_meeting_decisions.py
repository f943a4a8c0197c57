"""Decisions taken in meetings: what each kind of meeting may decide on, and what comes next."""
import pytest

from acts import block, do, open_situation, refused
from meetings import contact, iso, partner, schedule
from test_40_decision import CANARY, fields, get, listed, take


@pytest.fixture
def anna(town):
    return town.client("anna")


@pytest.fixture
def situation(town, anna):
    return open_situation(anna, town)[0]


def today(anna, town, instance="suivi", territory="T1", **more):
    return schedule(anna, town, instance, territory, days=0, **more)


def test_decision_of_a_meeting_knows_its_instance_and_territory(town, anna, situation):
    meeting = today(anna, town)
    made = take(town, situation, meeting=meeting)
    row = get(anna, made)
    assert (row.meeting, row.instance, row.territory) == (meeting, "suivi", "T1")
    take(town, situation)
    for filters in (dict(meeting=meeting), dict(instance="suivi"), dict(instance="suivi",
                                                                       territory="T1")):
        assert [one.id for one in listed(anna, **filters)] == [made]


def test_nothing_is_decided_before_a_meeting_nor_in_a_cancelled_one(town, anna, situation):
    ahead, gone = schedule(anna, town), today(anna, town)
    do(anna, meeting_cancel=dict(id=gone))
    for meeting in (ahead, gone):
        assert refused(anna, **fields(town, situation, meeting=meeting)) == (
            "meeting_not_yet", "meeting")
    assert refused(anna, **fields(town, situation, meeting=4)) == ("absent", "meeting")


def test_decision_of_a_held_meeting_is_of_its_day(town, anna, situation):
    meeting = today(anna, town)
    do(anna, meeting_hold=dict(id=meeting))
    made = take(town, situation, meeting=meeting)
    assert get(anna, made).taken_day == town.today


def test_strategic_formation_decides_on_no_individual_situation(town, anna, situation):
    meeting = today(anna, town, "clspd_restreint", None)
    assert refused(anna, **fields(town, situation, meeting=meeting, text=None)) == (
        "situation_strategic", "situation")
    made = take(town, None, meeting=meeting, text="calendrier")
    assert get(anna, made, nominative=True).text == "calendrier"


def test_institutional_group_decides_on_blocked_ones_by_number_only(town, anna, situation):
    meeting = today(anna, town, "institutionnel", None)
    assert refused(anna, **fields(town, situation, meeting=meeting, text=None)) == (
        "situation_not_blocked", "situation")
    block(anna, town, situation)
    assert refused(anna, **fields(town, situation, meeting=meeting)) == (
        "situation_by_number", "situation")
    take(town, situation, meeting=meeting, text=None)


def test_local_group_decides_on_an_individual_one_by_number_only(town, anna, situation):
    meeting = today(anna, town, "local")
    collective, *_ = open_situation(anna, town, nature="collective", persons=None)
    assert refused(anna, **fields(town, situation, meeting=meeting)) == (
        "situation_by_number", "situation")
    take(town, situation, meeting=meeting, text=None)
    take(town, collective, meeting=meeting)


def test_project_group_decides_nothing_nominative(town, anna, situation):
    meeting = today(anna, town, "adhoc", None, end_day=town.today + 90)
    assert refused(anna, **fields(town, situation, meeting=meeting, text=None)) == (
        "situation_not_here", "situation")
    take(town, None, meeting=meeting, text="réserver la salle")


def test_analysis_of_practice_links_no_situation_and_keeps_no_text(town, anna, situation):
    if not 8 <= int(iso(town.today)[5:7]) <= 8:
        meeting = today(anna, town, "gap", None)
        assert refused(anna, **fields(town, situation, meeting=meeting, text=None)) == (
            "situation_not_here", "situation")
        assert refused(anna, **fields(town, None, meeting=meeting)) == (
            "text_not_here", "text")
        take(town, None, meeting=meeting, text=None)


def test_case_conference_decides_on_its_own_situation(town, anna, situation):
    other, *_ = open_situation(anna, town)
    meeting = today(anna, town, "synthese", None, situation=situation)
    assert refused(anna, **fields(town, other, meeting=meeting)) == (
        "situation_not_the_one", "situation")
    take(town, situation, meeting=meeting)
    made = take(town, None, meeting=meeting)
    assert get(anna, made).situation == situation, "the meeting's own"


def test_group_of_a_territory_decides_on_its_situations_alone(town, anna, situation):
    bruno = town.client("bruno")
    meeting = today(bruno, town, "suivi", "T2")
    assert refused(anna, **fields(town, situation, meeting=meeting)) == (
        "situation_other_territory", "situation")


def test_contact_of_the_town_s_meeting_needs_no_charter_for_what_is_not_nominative(town, anna):
    meeting = today(anna, town, "institutionnel", None)
    unsigned = contact(town, partner(town, family="institutionnel"), signed=False)
    take(town, None, meeting=meeting, agent=None, contact=unsigned, text="fournir les chiffres")


def test_text_of_the_meeting_s_own_decision_goes_with_the_meeting_s_key(town, anna):
    meeting = today(anna, town, "institutionnel", None)
    made = take(town, None, meeting=meeting)
    assert get(anna, made, nominative=True).text == CANARY
    assert refused(town.client("chloe"), decision_get=dict(id=made, nominative=True))[0] == \
        "nominative_never"
    raw = b"".join(path.read_bytes() for path in town.data.rglob("*") if path.is_file())
    assert CANARY.encode() not in raw
