"""None missed silently, none doubled: moved, cancelled, restarts, outages, a clock that jumps."""
import os
import signal

import pytest

import meetings
import peopled
from acts import do, refused
from reminded import Reminded
from test_70_plugins import configure, host_of, is_ready, shown, wait_for


@pytest.fixture(scope="module")
def reminded(original_town):
    with peopled.PeopledTown(original_town) as town:
        yield Reminded(town)


@pytest.fixture(scope="module")
def anna(reminded):
    return reminded.town.client("anna")


@pytest.fixture
def trusted(reminded):
    reminded.trust()
    return reminded


def move(client, meeting, day, minute=14 * 60):
    do(client, meeting_reschedule=dict(id=meeting, day=meetings.day(day), minute=minute))


# Tests follow each other in time.

def test_moved_is_another_occurrence_and_moved_back_is_the_first_again(trusted, anna):
    meeting = trusted.meeting("2035-03-15")
    trusted.to("2035-03-08T08:00:01")
    move(anna, meeting, "2035-03-20")
    trusted.to("2035-03-13T08:00:01")
    assert trusted.of(meeting) == [("J-7", "anna", "on_time")] * 2
    move(anna, meeting, "2035-03-15")
    trusted.settle()
    # what was due meanwhile comes with the moving; J-7 of the 15th went out already
    assert trusted.of(meeting)[2:] == [("J-2", "anna", "on_time")]
    days = [effect.day for effect in trusted.effects() if effect.object == meeting]
    assert days == [meetings.day(day) for day in ("2035-03-15", "2035-03-20", "2035-03-15")]


def test_another_hour_of_the_same_day_is_another_occurrence(trusted, anna):
    meeting = trusted.meeting("2035-03-16", minute=9 * 60)
    trusted.settle()
    assert trusted.of(meeting) == [("J-7", "anna", "on_time")]  # entered after that: at once
    move(anna, meeting, "2035-03-16", 16 * 60)
    trusted.to("2035-03-16T07:00:01")
    assert "H-2" not in [lead for lead, *_ in trusted.of(meeting)]
    trusted.to("2035-03-16T14:00:01")
    assert trusted.of(meeting)[-1] == ("H-2", "anna", "on_time")


def test_cancelled_stops(trusted, anna):
    meeting = trusted.meeting("2035-03-23")
    trusted.settle()
    do(anna, meeting_cancel=dict(id=meeting))
    before = len(trusted.of(meeting))
    trusted.to("2035-03-21T08:00:01")
    trusted.to("2035-03-23T12:00:01")
    assert len(trusted.of(meeting)) == before


def test_somebody_invited_later_is_told_at_once(trusted, anna):
    agents = trusted.town.agents
    meeting = trusted.meeting("2035-04-04")
    trusted.to("2035-03-28T08:00:01")
    trusted.to("2035-03-29T10:00:00")
    do(anna, meeting_invite=dict(id=meeting, agents=[agents["emile"]]))
    trusted.settle()
    assert trusted.of(meeting) == [("J-7", "anna", "on_time"), ("J-7", "emile", "late")]


def test_plugin_killed_over_and_over_records_each_once(trusted):
    agents = [trusted.town.agents[name] for name in ("anna", "bruno", "emile", "helene")]
    held = [trusted.meeting("2035-04-18", minute=60 * (9 + n), agents=agents) for n in range(6)]
    trusted.to("2035-04-11T08:00:01", settle=False)
    starts = shown(trusted.town, "reminders").starts
    for more in (1, 2):
        os.kill(host_of(trusted.town), signal.SIGKILL)
        wait_for(trusted.town, lambda view: is_ready(view) and view.starts == starts + more,
                 "reminders")
    trusted.settle()
    for meeting in held:
        found = trusted.of(meeting)
        assert len(found) == len(set(found)) == 4
        assert {outcome for *_, outcome in found} == {"on_time"}


def test_daemon_killed_while_recording_records_each_once(trusted):
    agents = [trusted.town.agents[name] for name in ("anna", "bruno", "emile", "helene")]
    held = [trusted.meeting("2035-04-26", minute=60 * (9 + n), agents=agents) for n in range(6)]
    trusted.to("2035-04-19T08:00:01", settle=False)
    trusted.town.crash(trusted.env)
    trusted.ready()
    for meeting in held:
        found = trusted.of(meeting)
        assert len(found) == len(set(found)) == 4


def test_after_an_outage_late_once_when_ahead_and_missed_when_behind(trusted):
    ahead, behind = trusted.meeting("2035-05-15"), trusted.meeting("2035-05-10")
    assert trusted.town.stop() == 0
    trusted.to("2035-05-14T09:00:00", settle=False)
    trusted.town.start(trusted.env)
    trusted.ready()
    # J-7 was due on the 7th (the 8th is off), J-2 on the 11th (a Friday)
    assert trusted.of(ahead) == [("J-7", "anna", "late"), ("J-2", "anna", "late")]
    # the clock jumped: nothing is given up before somebody has looked at it
    assert trusted.of(behind) == []
    trusted.trust()
    trusted.settle()
    assert trusted.of(behind) == [("J-7", "anna", "missed"), ("J-2", "anna", "missed"),
                                  ("H-2", "anna", "missed")]


def test_of_what_is_overdue_again_and_again_only_the_newest_goes_out(trusted):
    saisine = trusted.saisine("2035-05-14")
    assert trusted.town.stop() == 0
    trusted.to("2035-06-06T09:00:00", settle=False)  # due 22 and 29 May, 5 June
    trusted.town.start(trusted.env)
    trusted.trust()
    trusted.ready()
    assert sorted(trusted.of(saisine)) == [("J", "anna", "missed"), ("J+14", "anna", "late"),
                                           ("J+14", "helene", "late"), ("J+7", "anna", "missed")]


def test_clock_set_days_ahead_and_back_doubles_nothing(trusted, anna):
    meeting = trusted.meeting("2035-06-20")
    trusted.to("2035-06-13T08:00:01")
    trusted.to("2035-06-19T08:00:01")  # by mistake
    trusted.to("2035-06-13T09:00:00")
    later = trusted.meeting("2035-06-22")
    trusted.to("2035-06-15T08:00:01")
    trusted.to("2035-06-18T08:00:01")
    trusted.to("2035-06-20T12:00:01")
    assert trusted.of(meeting) == [("J-7", "anna", "on_time"), ("J-2", "anna", "late"),
                                   ("H-2", "anna", "on_time")]
    assert trusted.of(later) == [("J-7", "anna", "on_time"), ("J-2", "anna", "on_time")]


def test_a_head_on_leave_is_recorded_as_withheld_or_not_at_all(trusted):
    """Who is no longer habilitated when it is due is not among those reminded."""
    town = trusted.town
    meeting = trusted.meeting("2035-07-06", agents=[town.agents["anna"], town.agents["emile"]])
    do(town.operator, habilitation_withdraw=dict(agent=town.agents["emile"], act="fin",
                                                 day=meetings.day("2035-06-20")))
    trusted.to("2035-06-29T08:00:01")
    assert sorted(trusted.of(meeting)) == [("J-7", "anna", "on_time"),
                                           ("J-7", "emile", "withheld")]


def test_leads_are_options_and_wrong_ones_are_named(trusted):
    town = trusted.town
    configure(town, "reminders", more='actions = [ "reminder.read", "effect.record" ];',
              options='tick = "10 ms"; at = "07:30"; saisine = [ "O-1" ];')
    do(town.operator, reload={})
    wait_for(town, is_ready, "reminders")
    kinds = {kind.code: kind for kind in
             do(town.operator, instance_list={}).instance_answer.instances}
    for code, hours in (("concertation", [72, 30, 1]), ("suivi", [])):
        del kinds[code].lead_hours[:]
        kinds[code].lead_hours.extend(hours)
        do(town.operator, instance_set=kinds[code])
    meeting = trusted.meeting("2035-07-12")
    silent = trusted.meeting("2035-07-12", instance="suivi")
    saisine = trusted.saisine("2035-06-29")
    for at in ("05T07:30:01", "09T07:30:01", "11T08:00:01", "12T13:00:01"):
        trusted.to(f"2035-07-{at}")
    assert trusted.of(meeting) == [("J-3", "anna", "on_time"), ("H-30", "anna", "on_time"),
                                   ("H-1", "anna", "on_time")]
    assert trusted.of(silent) == []
    assert trusted.of(saisine) == [("O-1", "anna", "on_time")]
    configure(town, "reminders", more='actions = [ "reminder.read", "effect.record" ];',
              options='review = [ "7 days" ];')
    do(town.operator, reload={})
    view = wait_for(town, lambda view: view.state == "failed", "reminders")
    assert "review: a lead is written J-7" in view.why


def test_nobody_else_reads_what_runs_out_or_records_a_reminder(reminded, anna):
    day = meetings.day("2035-07-12")
    asked = dict(reminder_subjects=dict(from_day=day, to_day=day + 30))
    assert refused(anna, **asked)[0] == "not_allowed"
    assert refused(reminded.town.operator, **asked)[0] == "not_allowed"
    assert refused(anna, effect_record=dict(key="a", kind="reminder.due"))[0] == "not_allowed"
    assert shown(reminded.town, "reminders")
