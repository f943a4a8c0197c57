"""A town whose plugin notify speaks to a postbox."""
import datetime

import icalendar

import meetings
import paths
from acts import do
from peopled import PARIS
from test_70_plugins import configure, is_ready, wait_for

GRANTS = 'actions = [ "effect.record", "notification.prepare" ];'
TEMPLATES = paths.ROOT / "plugins/notify"
CANARIES = ["Durand", "Léa", "immeuble", "Titre", "Zqgeneralé", "Zqpointdité", "errance"]
UTC = datetime.timezone.utc


def set_up(town, port, more="", server="127.0.0.1", security="none", timeout="5 s"):
    """The plugin's section; the town is started by the caller."""
    options = (f'server = "{server}:{port}"; security = "{security}"; '
               f'from = "ctps@ville.example"; templates = "{TEMPLATES}"; '
               f'retry_first = "100 ms"; retry_max = "1 s"; timeout = "{timeout}"; {more}')
    configure(town, "notify", more=f'{GRANTS} connect = [ "{server}:{port}" ];',
              options=options)


def start(town, port, **more):
    set_up(town, port, **more)
    town.start(town.clock_env())
    wait_for(town, is_ready, "notify")


def mailed(town, box, name="anna"):
    """Started, with one agent who has an address; the town."""
    start(town, box.port)
    address(town, name)
    return town


def to_morning(town, days, hour=8):
    """Moves the clock to that hour of the town's morning, so many days from today."""
    now = datetime.datetime.now(PARIS)
    wanted = (now + datetime.timedelta(days=days)).replace(hour=hour, minute=0, second=1)
    town.move_clock((wanted - now).total_seconds() / 86400)


def address(town, name, **fields):
    """Gives an agent an address, and perhaps a choice."""
    found, = [a for a in do(town.operator, reference_list={"kind": 5}).reference_answer.agents
              if a.id == town.agents[name]]
    given = {field.name: value for field, value in found.ListFields()}
    given.update(email=f"{name}@ville.example", **fields)
    do(town.operator, agent_set=given)


def contact(town, name="Roux", of=None, **fields):
    """A contact with an address who is told of each event."""
    return meetings.contact(town, of or meetings.partner(town), name,
                            **dict(dict(email=f"{name.lower()}@bailleur.example",
                                        notify="each"), **fields))


def convene(town, agents=("anna",), contacts=(), **fields):
    return meetings.schedule(town.client("anna"), town,
                             agents=[town.agents[name] for name in agents],
                             contacts=list(contacts), **fields)


def effects(town, **fields):
    find = dict(dict(kind="notification."), **fields)
    return sorted(do(town.client("helene"), effect_find=find).effect_answer.effects,
                  key=lambda effect: effect.id)


def states(town):
    """[(topic, what became of it, cause)], oldest first."""
    return [(e.key.split(":")[1], e.kind.split(".")[1], e.cause) for e in effects(town)]


def settled(town, count):
    """Once so many deliveries have ended, what waits for a daily mail apart: their states."""
    wait_for(town, lambda _: len([s for s in states(town) if s[1] != "queued"]) >= count and
             not [e for e in effects(town, waiting=True) if e.code == "mail"], "notify")
    return [state for state in states(town) if state[1] != "queued"]


def holds_nothing(mails):
    for mail in mails:
        said = str(mail.message["Subject"]) + "".join(
            part if isinstance(part, str) else part.decode() for part in mail.parts().values())
        assert not [word for word in CANARIES if word in said], said


def invitation(mail):
    """(method, event, instant it begins, instant it ends) of a mail, the zone being the one the
    mail itself defines."""
    parts = mail.parts()
    body, = [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"]
    raw = body.get_payload(decode=True)
    calendar = icalendar.Calendar.from_ical(raw)
    assert body.get_param("method") == calendar["METHOD"] and body.get_param("charset") == "utf-8"
    assert raw == parts["application/ics"], "the file is the invitation"
    event, = calendar.walk("VEVENT")
    zone, = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Paris" == event["DTSTART"].params["TZID"]
    rules = zone.to_tz()
    begins = rules.localize(event["DTSTART"].dt.replace(tzinfo=None))
    if "DURATION" in event:
        ends = begins + event["DURATION"].dt
    else:
        ends = rules.localize(event["DTEND"].dt.replace(tzinfo=None))
    return str(calendar["METHOD"]), event, begins.astimezone(UTC), ends.astimezone(UTC)
