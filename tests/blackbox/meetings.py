"""Meetings in one line each, and the people who come to them."""
import datetime

from acts import do

EPOCH = datetime.date(1970, 1, 1)
CHARTER = "v3"


def day(iso):
    return (datetime.date.fromisoformat(iso) - EPOCH).days


def iso(number):
    return (EPOCH + datetime.timedelta(days=number)).isoformat()


def partner(town, name="Bailleur", family="terrain", territories=("T1",)):
    return do(town.operator, partner_set=dict(
        name=name, family=family, kind="bailleur",
        territories=list(territories))).made[0].id


def contact(town, of, name="Roux", signed=True, **fields):
    """A contact whose charter is current, unless `signed` says otherwise."""
    charter = dict(charter_version=CHARTER, charter_day=town.today - 30) if signed else {}
    return do(town.operator, contact_set=dict(
        dict(partner=of, last_name=name), **charter, **fields)).made[0].id


def meeting(town, instance="suivi", territory="T1", days=7, **fields):
    """Fields of a MeetingSchedule that passes; None leaves one out."""
    given = dict(dict(instance=instance, territory=territory, day=town.today + days,
                      minute=14 * 60, duration_min=120), **fields)
    return dict(meeting_schedule={name: value for name, value in given.items()
                                  if value is not None})


def schedule(client, town, *words, **fields):
    """The id of a new meeting."""
    return do(client, **meeting(town, *words, **fields)).made[0].id


def get(client, id, purpose=None, **fields):
    request = dict(meeting_get=dict(id=id, **fields))
    if purpose:
        request["purpose"] = purpose
    return do(client, **request).meeting_answer.meetings[0]


def listed(client, **fields):
    return list(do(client, meeting_list=dict(**fields)).meeting_answer.meetings)


def put(client, id, **fields):
    """The id of a new item of the agenda."""
    return do(client, meeting_agenda_add=dict(id=id, **fields)).made[0].id
