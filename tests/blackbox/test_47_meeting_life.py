"""A meeting's life, series, and what the bus says of it."""
import datetime
import zoneinfo

import pytest

import meetings
from acts import close, do, open_situation, refused
from meetings import get, iso, listed, meeting, put, schedule
from test_11_events import collect, head


@pytest.fixture
def anna(town):
    return town.client("anna")


def series(client, town, *words, **fields):
    """(series, ids) of meetings made at once."""
    made = do(client, **meeting(town, *words, **fields)).made
    return made[0].id, [one.id for one in made[1:]]


def test_meeting_is_numbered_by_territory_and_year(town, anna):
    made = [do(anna, **meeting(town, instance, territory)).made[0]
            for instance, territory in (("suivi", "T1"), ("local", "T1"),
                                        ("institutionnel", None))]
    year = iso(town.today + 7)[:4]
    assert [one.reference for one in made] == [
        f"R-T1-{year}-0001", f"R-T1-{year}-0002", f"R-{year}-0001"]
    found = do(anna, meeting_get=dict(reference=made[1].reference))
    assert found.meeting_answer.meetings[0].id == made[1].id


def test_start_is_local_time_and_its_instant_is_derived(town, anna):
    id = schedule(anna, town, minute=9 * 60 + 30)
    seen = get(anna, id)
    assert (seen.day, seen.minute, seen.zone) == (town.today + 7, 570, "Europe/Paris")
    start = datetime.datetime.fromisoformat(iso(seen.day) + "T09:30").replace(
        tzinfo=zoneinfo.ZoneInfo("Europe/Paris"))
    assert seen.start_us == int(start.timestamp()) * 1_000_000


def test_times_out_of_range_are_refused(town, anna):
    assert refused(anna, **meeting(town, minute=1440)) == ("field_range", "minute")
    assert refused(anna, **meeting(town, minute=None)) == ("field_missing", "minute")
    assert refused(anna, **meeting(town, duration_min=721)) == ("field_range", "duration_min")
    assert refused(anna, **meeting(town, zone="Asia/Tokyo")) == ("zone_unknown", "zone")
    assert refused(anna, **meeting(town, days=-1)) == ("date_order", "day")
    assert refused(anna, **meeting(town, territory=None)) == ("field_missing", "territory")


def test_reschedule_moves_it_and_keeps_the_rest(town, anna):
    id = schedule(anna, town, place="Salle 1", title="titre")
    do(anna, meeting_reschedule=dict(id=id, day=town.today + 20))
    seen = get(anna, id, nominative=True)
    assert (seen.day, seen.minute, seen.place, seen.title, seen.rescheduled_count) == (
        town.today + 20, 840, "Salle 1", "titre", 1)
    assert [one.id for one in listed(anna, from_day=town.today + 19)] == [id]
    assert listed(anna, to_day=town.today + 19) == []


def test_cancelled_or_held_meeting_takes_nothing_more(town, anna):
    gone, done = schedule(anna, town), schedule(anna, town, days=0)
    do(anna, meeting_cancel=dict(id=gone))
    do(anna, meeting_hold=dict(id=done))
    for id in (gone, done):
        for fields in (dict(meeting_cancel=dict(id=id)), dict(meeting_hold=dict(id=id)),
                       dict(meeting_reschedule=dict(id=id, day=town.today + 9)),
                       dict(meeting_invite=dict(id=id, agents=[town.agents["anna"]])),
                       dict(meeting_agenda_add=dict(id=id, theme="bilan"))):
            assert refused(anna, **fields) == ("state_wrong", "meeting")
    assert [one.state for one in listed(anna, state="held")] == ["held"]
    assert [one.id for one in listed(anna, state="cancelled")] == [gone]


def test_meeting_is_not_held_before_its_day(town, anna):
    assert refused(anna, meeting_hold=dict(id=schedule(anna, town))) == ("date_future", "day")


def test_uninvited_person_is_off_the_list(town, anna):
    id = schedule(anna, town, agents=[town.agents["anna"], town.agents["emile"]])
    do(anna, meeting_uninvite=dict(id=id, agents=[town.agents["emile"]]))
    assert [one.agent for one in get(anna, id).invited] == [town.agents["anna"]]
    assert refused(anna, meeting_uninvite=dict(id=id, agents=[town.agents["emile"]])) == (
        "not_on_list", "attendees")


def test_agenda_item_is_removed(town, anna):
    id = schedule(anna, town)
    kept, gone = put(anna, id, theme="bilan"), put(anna, id, text="à retirer")
    do(anna, meeting_agenda_remove=dict(id=id, item=gone))
    assert [item.id for item in get(anna, id).agenda] == [kept]
    assert refused(anna, meeting_agenda_remove=dict(id=id, item=gone)) == ("absent", "item")


def test_series_every_three_weeks(town, anna):
    _, ids = series(anna, town, recurrence=dict(every_weeks=3, count=4))
    assert [get(anna, id).series_index for id in ids] == [0, 1, 2, 3]
    days = [get(anna, id).day for id in ids]
    assert len(days) == 4 and all(21 - 4 <= b - a <= 21 + 4 for a, b in zip(days, days[1:]))


def test_series_skips_holidays_by_the_town_s_regime(town, anna):
    christmas = meetings.day(f"{int(iso(town.today)[:4]) + 1}-12-25")
    _, ids = series(anna, town, "local", "T1", day=christmas - 14,
                    recurrence=dict(every_weeks=2, count=2))
    last = get(anna, ids[-1]).day
    assert last > christmas + 1, "26 December is a holiday in Alsace-Moselle"


def test_series_of_the_analysis_of_practice_skips_august(town, anna):
    july = meetings.day(f"{int(iso(town.today)[:4]) + 1}-07-06")
    _, ids = series(anna, town, "gap", None, day=july, recurrence=dict(every_months=1, count=3))
    assert [iso(get(anna, id).day)[5:7] for id in ids] == ["07", "09", "10"]
    august = july + 31
    assert refused(anna, **meeting(town, "gap", None, day=august)) == (
        "instance_month_skipped", "day")


def test_series_too_long_or_without_end_is_refused_by_name(town, anna):
    for recurrence, name in ((dict(every_weeks=1, count=61), "series_too_long"),
                             (dict(every_weeks=1), "recurrence_wrong"),
                             (dict(count=3), "recurrence_wrong"),
                             (dict(every_weeks=1, every_months=1, count=3), "recurrence_wrong"),
                             (dict(every_months=1, nth=2, count=3), "recurrence_wrong"),
                             (dict(every_weeks=1, nth=2, weekday=1, count=3),
                              "recurrence_wrong")):
        assert refused(anna, **meeting(town, recurrence=recurrence)) == (name, "recurrence")
    _, ids = series(anna, town, recurrence=dict(every_weeks=1, count=60))
    assert len(ids) == 60


def test_rest_of_a_series_is_cancelled_at_once(town, anna):
    _, ids = series(anna, town, recurrence=dict(every_weeks=1, count=5))
    do(anna, meeting_cancel=dict(id=ids[1]))
    do(anna, meeting_cancel=dict(id=ids[2], rest_of_series=True))
    assert [get(anna, id).state for id in ids] == [
        "scheduled", "cancelled", "cancelled", "cancelled", "cancelled"]
    alone = schedule(anna, town)
    assert refused(anna, meeting_cancel=dict(id=alone, rest_of_series=True)) == (
        "state_wrong", "rest_of_series")


def test_case_conference_comes_within_ten_working_days(town, anna):
    situation = open_situation(anna, town)[0]
    assert refused(anna, **meeting(town, "synthese", None, days=30, situation=situation)) == (
        "instance_deadline", "day")
    id = schedule(anna, town, "synthese", None, days=9, situation=situation)
    assert not get(anna, id).past_deadline
    do(anna, meeting_reschedule=dict(id=id, day=town.today + 30))
    assert get(anna, id).past_deadline


def test_list_is_by_day_and_pages(town, anna):
    days = [30, 10, 20, 10]
    ids = {schedule(anna, town, days=days_on): days_on for days_on in days}
    first = do(anna, meeting_list=dict(limit=3)).meeting_answer
    assert first.more and [ids[one.id] for one in first.meetings] in ([10, 20, 30], [10, 10, 20])
    last = first.meetings[-1]
    rest = do(anna, meeting_list=dict(limit=3, after_day=last.day,
                                      after=last.id)).meeting_answer
    assert [one.day for one in [*first.meetings, *rest.meetings]] == sorted(
        town.today + days_on for days_on in ids.values())
    assert not rest.more


def test_list_filters_territory_and_kind(town, anna):
    one, two = schedule(anna, town, "local"), schedule(anna, town, "institutionnel", None)
    assert [found.id for found in listed(anna, territory="T1")] == [one]
    assert [found.id for found in listed(anna, instance="institutionnel")] == [two]
    assert [found.id for found in listed(town.client("bruno"))] == [two]


def test_events_of_a_meeting_reach_the_wire_without_its_texts(town, anna):
    start = head(town).number
    id = schedule(anna, town, "suivi", title="Titre secret", place="Salle bleue",
                  days=0)
    do(anna, meeting_invite=dict(id=id, agents=[town.agents["emile"]]))
    do(anna, meeting_uninvite=dict(id=id, agents=[town.agents["emile"]]))
    item = put(anna, id, text="Texte secret")
    do(anna, meeting_agenda_remove=dict(id=id, item=item))
    do(anna, meeting_reschedule=dict(id=id, day=town.today))
    do(anna, meeting_hold=dict(id=id))
    do(anna, meeting_cancel=dict(id=schedule(anna, town)))
    seen = collect(town, "meeting.cancelled", after=start)
    assert [event.topic for event in seen] == ["meeting." + verb for verb in (
        "scheduled", "invited", "uninvited", "agenda_added", "agenda_removed", "rescheduled",
        "held", "scheduled", "cancelled")]
    for event in seen[:-2]:
        assert (event.notice.id, event.notice.code, event.notice.territory) == (
            id, "suivi", "T1")
    assert seen[0].notice.day == seen[5].notice.day == seen[6].notice.day == town.today
    for event in seen:
        said = event.notice.SerializeToString()
        assert b"ecret" not in said and b"Salle" not in said


def test_kind_set_is_told(town):
    start = head(town).number
    do(town.client("helene"), instance_set=dict(code="adhoc", attendance="any",
                                                content="project"))
    seen = collect(town, "instance.set", after=start)
    assert seen[-1].notice.code == "adhoc"


def test_texts_about_a_situation_go_with_it(town, anna):
    situation = open_situation(anna, town)[0]
    id = schedule(anna, town, "suivi", title="ordre du jour")
    put(anna, id, situation=situation, by_name=True, text="voir Léa")
    conference = schedule(anna, town, "synthese", None, situation=situation, title="pour Léa")
    assert get(anna, id, nominative=True).agenda[0].text == "voir Léa"
    close(anna, town, situation)
    do(town.client("helene"), situation_erase=dict(id=situation, reason="droits"))
    left = get(anna, id, nominative=True)
    assert left.title == "ordre du jour" and not left.agenda[0].text
    assert not get(anna, conference, nominative=True).title


def test_oddities_are_said_and_stop_nobody(town, anna):
    sunday = town.today + 7 + (6 - (town.today + 7 + 3) % 7)
    first = schedule(anna, town, day=sunday, place="Salle 1", minute=14 * 60)
    clash = schedule(anna, town, day=sunday, place="Salle 1", minute=15 * 60)
    beside = schedule(anna, town, day=sunday, place="Salle 2", minute=6 * 60)

    def said(id):
        return [code for code in get(anna, id).warnings if code != "on_holiday"]
    assert said(first) == ["on_sunday"]
    assert said(clash) == ["on_sunday", "room_taken"]
    assert said(beside) == ["on_sunday", "hour_odd"]
    do(anna, meeting_reschedule=dict(id=clash, day=sunday, minute=16 * 60))
    assert said(clash) == ["on_sunday"]
    do(anna, meeting_reschedule=dict(id=beside, day=sunday + 1, minute=9 * 60))
    assert said(beside) == []


def test_meetings_stand_after_a_rebuild(town, anna):
    _, ids = series(anna, town, title="série", recurrence=dict(every_weeks=1, count=3))
    put(anna, ids[0], text="point")
    do(anna, meeting_cancel=dict(id=ids[1]))
    before = [get(anna, id, nominative=True).SerializeToString() for id in ids]
    town.stop()
    town.ctps("store", "rebuild")
    town.ctps("store", "check")
    town.start()
    again = town.client_of(town.keys["anna"])
    assert [get(again, id, nominative=True).SerializeToString() for id in ids] == before
