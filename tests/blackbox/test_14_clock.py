"""The clock: a jump stops what cannot be undone, nothing goes backwards."""
import contextlib

import pytest

from acts import close, command, do, figures, open_situation, receive, refused
from test_11_events import head


@pytest.fixture
def town(stopped_town):
    stopped_town.start(stopped_town.clock_env())
    return stopped_town


def jump(town, days):
    """Moves the clock and waits for the alarm's event."""
    start = head(town).number
    town.move_clock(days)
    await_topic(town, "clock.alarm_raised", start)


def await_topic(town, topic, start):
    with contextlib.closing(town.client("follower").events(after=start, timeout=20)) as events:
        for event in events:
            if event.topic == topic:
                return event
    raise AssertionError(f"no {topic}")


def test_jump_forward_raises_the_alarm(town):
    jump(town, 3)
    assert figures(town.operator)["clock.alarm"] == "yes"


def test_step_of_less_than_a_day_raises_none(town):
    town.move_clock(0.9)
    receive(town.client("anna"), town)
    start = head(town).number
    town.move_clock(1.8)
    receive(town.client("anna"), town)
    assert figures(town.operator)["clock.alarm"] == "no"
    assert all(record.header.topic != "clock.alarm_raised" for record in do(
        town.client("follower"),
        read_events=dict(audience="plugins", after=start)).events_answer.events)


def test_jump_over_a_stop_raises_the_alarm(town):
    assert town.stop() == 0
    town.move_clock(400)
    town.start(town.clock_env())
    assert figures(town.operator)["clock.alarm"] == "yes"


def test_work_goes_on_under_the_alarm(town):
    jump(town, 3)
    receive(town.client("anna"), town)


def test_alarm_outlives_a_restart(town):
    jump(town, 3)
    town.crash(town.clock_env())
    assert figures(town.operator)["clock.alarm"] == "yes"


def test_only_the_operator_confirms(town):
    jump(town, 3)
    for name in ("anna", "helene", "admin"):
        assert refused(town.client(name), clock_confirm=dict())[0] == "not_allowed"
    do(town.operator, clock_confirm=dict())
    assert figures(town.operator)["clock.alarm"] == "no"


def test_no_key_is_destroyed_under_the_alarm(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    close(anna, town, situation)
    jump(town, 3)
    start = head(town).number
    reply = town.client("helene").request(command.Request(
        situation_erase=dict(id=situation, reason="droits")))
    assert reply.refusal.name in ("", "clock_alarm")
    town.crash(town.clock_env())
    assert figures(town.operator)["ledger.erased"] == "0"
    do(town.operator, clock_confirm=dict())
    if reply.refusal.name:
        do(town.client("helene"), situation_erase=dict(id=situation, reason="droits"))
    await_topic(town, "erasure.done", start)
    assert figures(town.operator)["ledger.erased"] == "3"



def test_clock_set_back_is_said_and_times_do_not_go_back(town):
    receive(town.client("anna"), town)
    town.move_clock(-2)
    receive(town.client("anna"), town)
    assert figures(town.operator)["clock.behind_last_entry"] == "yes"
    times = [record.header.time_us for record in do(town.client("follower"), read_events=dict(
        audience="plugins", limit=500)).events_answer.events]
    assert times == sorted(times) and len(times) > 50


def test_clock_that_catches_up_is_no_longer_said(town):
    receive(town.client("anna"), town)
    town.move_clock(-2)
    receive(town.client("anna"), town)
    town.move_clock(0)
    receive(town.client("anna"), town)
    assert figures(town.operator)["clock.behind_last_entry"] == "no"
