"""Invitations, read back by another implementation of iCalendar: what they say is what was
decided, in the weeks the clocks change too."""
import datetime
import zoneinfo

import pytest

import meetings
from acts import do
from notified import UTC, address, contact, convene, effects, invitation, mailed, settled, start
from postbox import Proxy
from test_70_plugins import wait_for

PARIS = zoneinfo.ZoneInfo("Europe/Paris")


@pytest.fixture
def town(stopped_town, box):
    return mailed(stopped_town, box)


@pytest.mark.parametrize("day, minute, duration", [
    ("2027-03-26", 14 * 60, 120),       # the Friday before the clocks go forward
    ("2027-03-28", 60 + 30, 120),       # across the hour that is left out
    ("2027-03-29", 9 * 60, 90),         # the Monday after
    ("2027-10-29", 14 * 60, 120),       # the Friday before they go back
    ("2027-10-30", 23 * 60, 300),       # across the hour that comes twice
    ("2027-10-31", 60 + 30, 120),       # ending in it
    ("2027-11-02", 8 * 60 + 15, 45),    # after
])
def test_invitation_says_the_very_instants(town, box, day, minute, duration):
    number = meetings.day(day)
    convene(town, days=number - town.today, minute=minute, duration_min=duration)
    method, _, begins, ends = invitation(box.wait(1)[0])
    local = datetime.datetime.fromisoformat(day).replace(
        hour=minute // 60, minute=minute % 60, tzinfo=PARIS)
    assert method == "REQUEST"
    assert begins == local.astimezone(UTC)
    assert ends - begins == datetime.timedelta(minutes=duration)


def test_hour_left_out_is_the_first_instant_after(town, box):
    convene(town, days=meetings.day("2027-03-28") - town.today, minute=150, duration_min=60)
    _, event, begins, _ = invitation(box.wait(1)[0])
    assert event["DTSTART"].dt.replace(tzinfo=None).isoformat() == "2027-03-28T03:00:00"
    assert begins.isoformat() == "2027-03-28T01:00:00+00:00"


def test_update_and_cancellation_are_numbered(town, box):
    anna = town.client("anna")
    roux = contact(town, first_name="Léo")
    meeting = convene(town, contacts=[roux], place="Doller")
    box.wait(2)
    do(anna, meeting_reschedule=dict(id=meeting, day=town.today + 20, place="Rhin"))
    box.wait(4)
    do(anna, meeting_cancel=dict(id=meeting))
    box.wait(6)
    mine = [invitation(mail) for mail in box.received if mail.recipient.startswith("roux")]
    events = [event for _, event, _, _ in mine]
    assert [method for method, *_ in mine] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [int(event["SEQUENCE"]) for event in events] == [0, 1, 2]
    assert len({str(event["UID"]) for event in events}) == 1
    assert [str(event["LOCATION"]) for event in events] == ["Doller", "Rhin", "Rhin"]
    assert [str(event["STATUS"]) for event in events] == [
        "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert len({mail.id for mail in box.received}) == 6
    for event in events:
        # Nobody learns who else was invited.
        assert str(event["ATTENDEE"]) == "mailto:roux@bailleur.example"
        assert event["ATTENDEE"].params["CN"] == "Léo Roux"
        assert str(event["ORGANIZER"]) == "mailto:ctps@ville.example"
        assert event["DTSTAMP"].dt.tzinfo is not None


def test_only_the_newest_of_several_is_sent_after_an_outage(stopped_town, box):
    town = stopped_town
    with Proxy(box.port) as proxy:
        proxy.down = True
        start(town, proxy.port)
        address(town, "anna")
        meeting = convene(town)
        for days in (20, 21, 22):
            do(town.client("anna"), meeting_reschedule=dict(id=meeting, day=town.today + days))
        wait_for(town, lambda _: len(effects(town)) == 4, "notify")
        proxy.down = False
        assert settled(town, 4) == [("meeting.scheduled", "skipped", "superseded"),
                                    ("meeting.rescheduled", "skipped", "superseded"),
                                    ("meeting.rescheduled", "skipped", "superseded"),
                                    ("meeting.rescheduled", "sent", "")]
    _, event, begins, _ = invitation(box.received[0])
    assert len(box.received) == 1 and int(event["SEQUENCE"]) == 3
    assert begins.astimezone(PARIS).date() == datetime.date.fromisoformat(
        meetings.iso(town.today + 22))
