"""Mail: who is told what, over a real conversation with a server, and what is never said."""
import os
import signal

import paths
import pytest

import meetings
from acts import do, open_situation, receive, close
from postbox import PASSWORD, USER, Postbox, certificates, free_port
from test_70_plugins import configure, figures, is_ready, wait_for

GRANTS = 'actions = [ "effect.record", "notification.prepare" ];'
TEMPLATES = paths.ROOT / "plugins/notify"


def options(port, more="", server="127.0.0.1"):
    return (f'server = "{server}:{port}"; security = "none"; from = "ctps@ville.example"; '
            f'templates = "{TEMPLATES}"; retry_first = "100 ms"; retry_max = "1 s"; '
            f'timeout = "5 s"; {more}')


def set_up(town, port, more="", grants="", server="127.0.0.1"):
    """The plugin's section; the town is started by the caller."""
    configure(town, "notify", more=f'{GRANTS} connect = [ "{server}:{port}" ]; {grants}',
              options=options(port, more, server))


def address(town, name, **fields):
    """Gives an agent an address, and a choice."""
    found = [a for a in do(town.operator, reference_list={"kind": 5}).reference_answer.agents
             if a.id == town.agents[name]][0]
    given = {field.name: value for field, value in found.ListFields()}
    given.pop("posts", None)
    given.update(email=f"{name}@ville.example", **fields)
    do(town.operator, agent_set=given)


def effects(town, waiting=False, **fields):
    find = dict(effect_find=dict(waiting=waiting, kind="notification.", **fields))
    return list(do(town.client("helene"), **find).effect_answer.effects)


def states(town):
    """[(topic, kind without its prefix, cause)] of all, oldest first."""
    return [(e.key.split(":")[1], e.kind.split(".")[1], e.cause) for e in
            sorted(effects(town), key=lambda e: e.id)]


@pytest.fixture
def box():
    with Postbox() as box:
        yield box


@pytest.fixture
def town(stopped_town, box):
    set_up(stopped_town, box.port)
    stopped_town.start()
    wait_for(stopped_town, is_ready, "notify")
    address(stopped_town, "anna")
    return stopped_town


def test_convocation_is_a_mail_with_its_invitation(town, box):
    partner = meetings.partner(town)
    roux = meetings.contact(town, partner, email="roux@bailleur.example", first_name="Léo")
    meeting = meetings.schedule(town.client("anna"), town, agents=[town.agents["anna"]],
                                contacts=[roux], place="Salle Doller")
    mails = box.wait(2)
    assert {m.recipient for m in mails} == {"anna@ville.example", "roux@bailleur.example"}
    shown = meetings.get(town.client("anna"), meeting)
    for mail in mails:
        parts = mail.parts()
        assert list(parts) == ["text/plain", "text/calendar", "application/ics"]
        assert shown.reference in mail.message["Subject"]
        assert "Salle Doller" in parts["text/plain"] and "14 h 00" in parts["text/plain"]
        assert mail.message["Auto-Submitted"] == "auto-generated"
    wait_for(town, lambda _: [s[1] for s in states(town)] == ["sent", "sent"], "notify")
