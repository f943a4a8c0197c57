"""The agenda proposed: what was decided and not done first, then what is due or stuck."""
import pytest

from acts import block, do, open_situation, receive, refused
from meetings import get as meeting_get, put, schedule
from test_40_decision import take


@pytest.fixture
def anna(town):
    return town.client("anna")


def propose(client, meeting):
    return do(client, meeting_propose=dict(meeting=meeting)).proposal_answer


def reasons(client, meeting):
    return [item.reasons[0] for item in propose(client, meeting).items]


def review(anna, town, situation, days):
    do(anna, situation_review=dict(id=situation, day=town.today, evolution="stable",
                                   next_review_day=town.today + days))


def test_decisions_not_done_come_first_then_reviews_then_what_is_blocked(town, anna):
    held = schedule(anna, town, days=0)
    due, *_ = open_situation(anna, town)
    review(anna, town, due, 5)
    stuck, *_ = open_situation(anna, town)
    block(anna, town, stuck)
    late = take(town, due, meeting=held, due_day=town.today + 1)
    later = take(town, due, meeting=held, due_day=town.today + 30)
    failed = take(town, due, meeting=held)
    done = take(town, due, meeting=held)
    do(anna, decision_complete=dict(id=failed, result="impossible"))
    do(anna, decision_complete=dict(id=done, result="realisee"))
    do(anna, meeting_hold=dict(id=held))
    items = propose(anna, schedule(anna, town, days=7)).items
    assert [(item.reasons[0], item.decision or item.situation) for item in items] == [
        ("decision_overdue", late), ("decision_not_done", failed),
        ("decision_under_way", later), ("review_due", due), ("blocked", stuck)]
    assert items[0].reference == items[3].reference and items[0].verb == "contacter"
    assert all(item.nominative for item in items[3:])


def test_proposal_is_the_same_each_time_it_is_asked_for(town, anna):
    for days in (3, 1, 2, 1):
        review(anna, town, open_situation(anna, town)[0], days)
    meeting = schedule(anna, town)
    first = propose(anna, meeting)
    assert propose(anna, meeting) == first
    assert [item.day for item in first.items] == sorted(item.day for item in first.items)
    town.crash()
    assert propose(town.client_of(town.keys["anna"]), meeting) == first


def test_person_not_told_in_time_is_proposed(town, anna):
    untold, *_ = open_situation(anna, town)
    open_situation(anna, town)
    meeting = schedule(anna, town, days=7)
    assert not propose(anna, meeting).items
    do(anna, situation_inform=dict(id=untold, why="mesure en cours", until_day=town.today + 3))
    item, = propose(anna, meeting).items
    assert (item.reasons[0], item.situation, item.day) == (
        "not_informed", untold, town.today + 3)
    do(anna, situation_inform=dict(id=untold, day=town.today, means="oral"))
    assert not propose(anna, meeting).items


def test_decisions_of_another_instance_or_territory_are_not_proposed(town, anna):
    mine, *_ = open_situation(anna, town)
    made = take(town, mine, meeting=schedule(anna, town, days=0), due_day=town.today)
    take(town, mine, due_day=town.today)
    assert [item.decision for item in propose(anna, schedule(anna, town)).items] == [made]
    assert reasons(anna, schedule(anna, town, "local")) == []
    assert reasons(town.client("bruno"), schedule(town.client("bruno"), town, "suivi",
                                                  "T2")) == []


def test_one_not_done_is_heard_of_once(town):
    town.stop()
    town.start(town.clock_env())
    anna = town.client("anna")
    mine, *_ = open_situation(anna, town)
    review(anna, town, mine, 40)
    failed = take(town, mine, meeting=schedule(anna, town, days=0))
    do(anna, decision_complete=dict(id=failed, result="impossible"))
    following = schedule(anna, town, days=1)
    after = schedule(anna, town, days=3)
    assert reasons(anna, following) == ["decision_not_done"]
    town.move_clock(1.0)
    do(anna, meeting_hold=dict(id=following))
    assert reasons(anna, after) == []


def test_unanswered_saisine_and_silence_are_proposed_by_day(town):
    town.stop()
    town.start(town.clock_env())
    anna = town.client("anna")
    silent, *_ = open_situation(anna, town, term="long")
    waiting = receive(anna, town)
    meeting = schedule(anna, town, days=50)
    found = {item.reasons[0]: item for item in propose(anna, meeting).items}
    assert found["saisine_unanswered"].saisine == waiting
    assert found["saisine_unanswered"].reference.startswith("AR-T1-")
    one = next(item for item in propose(anna, meeting).items if item.situation == silent)
    assert "silent" in one.reasons
    near = schedule(anna, town, days=2)
    assert reasons(anna, near) == []


def test_town_s_meeting_is_proposed_blocked_ones_by_number(town, anna):
    plain, *_ = open_situation(anna, town)
    review(anna, town, plain, 1)
    stuck, *_ = open_situation(anna, town)
    block(anna, town, stuck)
    item, = propose(anna, schedule(anna, town, "institutionnel", None)).items
    assert (item.situation, item.nominative) == (stuck, False)
    assert reasons(anna, schedule(anna, town, "clspd_restreint", None)) == []


def test_proposal_is_accepted_into_the_agenda(town, anna):
    held = schedule(anna, town, days=0)
    due, *_ = open_situation(anna, town)
    review(anna, town, due, 1)
    decision = take(town, due, meeting=held, due_day=town.today)
    meeting = schedule(anna, town)
    assert refused(anna, agenda_accept=dict(meeting=meeting)) == ("field_missing", "situations")
    assert refused(anna, agenda_accept=dict(meeting=meeting, situations=[7])) == (
        "not_proposed", "meeting")
    made = do(anna, agenda_accept=dict(meeting=meeting, decisions=[decision])).made
    assert len(made) == 1
    assert [item.decision for item in propose(anna, meeting).items] == [0]
    do(anna, agenda_accept=dict(meeting=meeting, all=True))
    assert reasons(anna, meeting) == []
    agenda = meeting_get(anna, meeting).agenda
    assert [item.situation for item in agenda] == [due, due]
    assert [item.nominative for item in agenda] == [True, True]


def test_what_is_on_the_agenda_is_not_proposed_again(town, anna):
    due, *_ = open_situation(anna, town)
    review(anna, town, due, 1)
    meeting = schedule(anna, town)
    put(anna, meeting, situation=due, by_name=True)
    assert reasons(anna, meeting) == []


def test_more_than_forty_are_said_to_be_more(town, anna):
    for _ in range(41):
        review(anna, town, open_situation(anna, town)[0], 1)
    meeting = schedule(anna, town)
    answer = propose(anna, meeting)
    assert len(answer.items) == 40 and answer.more
    do(anna, agenda_accept=dict(meeting=meeting, all=True))
    rest = propose(anna, meeting)
    assert len(rest.items) == 1 and not rest.more


def test_who_may_ask_for_a_proposal(town, anna):
    meeting = schedule(anna, town)
    propose(town.client("chloe"), meeting)
    propose(town.client("helene"), meeting)
    assert refused(town.client("bruno"), meeting_propose=dict(meeting=meeting))[0] == \
        "other_territory"
    assert refused(town.client("diane"), meeting_propose=dict(meeting=meeting))[0] == \
        "not_allowed"
