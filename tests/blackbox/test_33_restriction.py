"""Restriction (GDPR art. 18): a situation neither erased nor used until it is lifted."""
from acts import close, do, open_situation, receive, refused, show
from test_11_events import collect, head
from test_40_decision import take


def hold(client, situation, reason="contestation en cours"):
    return do(client, situation_restrict=dict(id=situation, reason=reason))


def lift(client, situation):
    return do(client, situation_lift=dict(id=situation, reason="contestation close"))


def test_restriction_refuses_every_use_by_name(town):
    anna = town.client("anna")
    situation, _, saisine = open_situation(anna, town)
    hold(anna, situation)
    for use in (
            dict(situation_add_entry=dict(id=situation, kind="contact", day=town.today)),
            dict(situation_set_status=dict(id=situation, status="suivi")),
            dict(situation_review=dict(id=situation, day=town.today, evolution="stable")),
            dict(situation_close=dict(id=situation, day=town.today, motive="resolue")),
            dict(situation_get=dict(id=situation, nominative=True)),
            dict(saisine_get=dict(id=saisine, nominative=True))):
        assert refused(anna, **use)[0] == "restricted", use
    assert refused(anna, saisine_accept=dict(
        id=receive(anna, town), attach_to=situation)) == ("restricted", "attach_to")
    assert show(anna, id=situation).restricted


def test_restricted_is_read_for_the_person_by_coordinator_and_head_alone(town):
    anna, helene, emile = (town.client(name) for name in ("anna", "helene", "emile"))
    situation, *_ = open_situation(anna, town)
    hold(helene, situation)
    for client in (anna, helene):
        assert refused(client, purpose="suivi", situation_get=dict(
            id=situation, nominative=True))[0] == "restricted"
        read = show(client, nominative=True, purpose="droits", id=situation)
        assert read.title == "Suivi" and read.restriction_reason == "contestation en cours"
    assert refused(emile, purpose="droits", situation_get=dict(
        id=situation, nominative=True))[0] == "restricted"


def test_restricted_person_is_met_by_name_as_existence_only(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    hold(anna, situation)
    found = do(anna, name_search=dict(name="Durand Léa")).search_answer.situations
    assert [(view.existence_only, view.id) for view in found] == [(True, 0)]


def test_erasure_cannot_be_ordered_and_an_ordered_one_does_not_start(town):
    town.stop()
    town.configure('rules = { erase_interval = "7 d"; };\n')
    town.start()
    anna, helene = town.client("anna"), town.client("helene")
    first, *_ = open_situation(anna, town)
    second, *_ = open_situation(anna, town)
    for situation in (first, second):
        close(anna, town, situation)
    hold(anna, first)
    assert refused(helene, situation_erase=dict(id=first, reason="droits"))[0] == "restricted"
    # The first destruction of a run is at once, the next a week later: this one waits.
    do(helene, situation_erase=dict(id=second, reason="droits"))
    collect(town, "erasure.done")
    third, *_ = open_situation(anna, town)
    close(anna, town, third)
    do(helene, situation_erase=dict(id=third, reason="droits"))
    assert refused(anna, situation_get=dict(id=third, nominative=True))[0] == "erased"
    hold(anna, third)
    town.restart()  # whatever is ordered and not done is redone at start
    assert show(anna, nominative=True, purpose="droits", id=third).title == "Suivi"
    assert len(do(anna, name_search=dict(name="Durand Léa"),
                  purpose="droits").search_answer.situations) == 2
    lift(anna, third)
    assert show(anna, nominative=True, id=third).title == "Suivi"
    assert show(anna, id=third).erase_due_day


def test_lifted_is_used_again(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    hold(anna, situation)
    assert refused(anna, situation_restrict=dict(id=situation, reason="encore")) == (
        "state_wrong", "situation")
    lift(anna, situation)
    assert refused(anna, situation_lift=dict(id=situation, reason="encore")) == (
        "state_wrong", "situation")
    do(anna, situation_add_entry=dict(id=situation, kind="contact", day=town.today))
    assert not show(anna, id=situation).restricted


def test_only_coordinator_and_head_restrict(town):
    situation, *_ = open_situation(town.client("anna"), town)
    asked = dict(situation_restrict=dict(id=situation, reason="contestation"))
    assert refused(town.client("bruno"), **asked)[0] == "other_territory"
    for name in ("emile", "chloe", "diane", "admin", "audrey"):
        assert refused(town.client(name), **asked)[0] == "not_allowed"
    assert refused(town.operator, **asked)[0] == "operator_no_contents"
    assert refused(town.client("anna"), situation_restrict=dict(id=situation)) == (
        "field_missing", "reason")


def test_events_say_the_number_and_the_day_only(town):
    start, anna = head(town).number, town.client("anna")
    situation, *_ = open_situation(anna, town)
    hold(anna, situation, reason="motifcanari")
    lift(anna, situation)
    seen = collect(town, "situation.restriction_lifted", after=start)[-2:]
    assert [event.topic for event in seen] == [
        "situation.restricted", "situation.restriction_lifted"]
    for event in seen:
        assert (event.notice.id, event.notice.day) == (situation, town.today)
        assert b"motifcanari" not in event.notice.SerializeToString()


def test_restriction_holds_over_a_kill_and_a_rebuild(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    hold(anna, situation)
    town.crash()
    assert refused(anna, situation_get=dict(id=situation, nominative=True))[0] == "restricted"
    assert town.stop() == 0
    town.ctps("store", "rebuild")
    town.ctps("store", "check")
    town.start()
    assert refused(anna, situation_get=dict(id=situation, nominative=True))[0] == "restricted"


def test_restricted_is_neither_shared_nor_read_by_a_share(town):
    anna, bruno = town.client("anna"), town.client("bruno")
    situation, *_ = open_situation(anna, town)
    fields = dict(situation=situation, identity=True, agents=[town.agents["bruno"]],
                  legal_base="L132-5", purpose="suivi", expiry_day=town.today + 30,
                  purpose_text="préparer le groupe")
    do(anna, share_record=fields)
    assert show(bruno, nominative=True, id=situation).persons
    hold(anna, situation)
    assert refused(anna, share_record=fields)[0] == "restricted"
    assert refused(bruno, situation_get=dict(id=situation, nominative=True))[0] == "restricted"
    lift(anna, situation)
    assert show(bruno, nominative=True, id=situation).persons


def test_neither_it_nor_its_decisions_are_to_be_reminded_of(town):
    town.grant("reminders", ["reminder.read"])
    town.restart()
    anna, reminders = town.client("anna"), town.plugin("reminders")
    situation, *_ = open_situation(anna, town)
    decision = take(town, situation)
    span = dict(from_day=town.today, to_day=town.today + 60)

    def told():
        subjects = do(reminders, reminder_subjects=span).reminder_subjects_answer.subjects
        return {subject.object for subject in subjects} & {situation, decision}

    assert told() == {situation, decision}
    hold(anna, situation)
    assert told() == set()
    lift(anna, situation)
    assert told() == {situation, decision}
