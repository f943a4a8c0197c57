"""The daily mail: what happened since the last one, in one mail at the hour the town chose."""
import pytest

import peopled
from acts import close, do, open_situation
from notified import (address, contact, convene, effects, holds_nothing, mailed, settled, start,
                      states, to_morning)
from postbox import Proxy
from test_70_plugins import wait_for


@pytest.fixture
def town(stopped_town, box):
    """Nothing of before this morning waits; the hour is one later than any started at."""
    return mailed(stopped_town, box, "emile")


def decide(town, situation, agent="emile"):
    do(town.client("anna"), decision_take=dict(
        situation=situation, verb="contacter", text="Titre", agent=town.agents[agent],
        due_day=town.today + 7))


def queued(town, count):
    wait_for(town, lambda _: len(effects(town, waiting=True)) == count, "notify")


def test_decisions_come_in_one_mail_in_the_morning(town, box):
    situation, reference, _ = open_situation(town.client("anna"), town, title="Titre")
    decide(town, situation)
    decide(town, situation)
    queued(town, 2)
    assert not box.received
    to_morning(town, 1)
    mail, = box.wait(1)
    text = mail.parts()["text/plain"]
    assert mail.recipient == "emile@ville.example" and "Résumé du" in mail.message["Subject"]
    assert text.count("\n- Décision à réaliser pour le ") == 2 and text.count(reference) == 2
    assert sorted(settled(town, 3), key=lambda s: s[2]) == [
        (states(town)[2][0], "sent", ""), ("decision.taken", "sent", "digest"),
        ("decision.taken", "sent", "digest")]
    holds_nothing(box.received)
    to_morning(town, 2)
    decide(town, situation)
    queued(town, 1)
    to_morning(town, 3)
    assert len(box.wait(2)) == 2
    assert box.received[1].parts()["text/plain"].count("\n- ") == 1
    assert box.received[0].id != box.received[1].id


def test_partner_who_chose_so_gets_all_in_one_mail(town, box):
    roux = contact(town, notify="digest")
    anna = town.client("anna")
    situation, reference, _ = open_situation(anna, town)
    do(anna, situation_engage=dict(id=situation, contact=roux))
    convene(town, agents=[], contacts=[roux], days=20, place="Doller")
    close(anna, town, situation)
    queued(town, 2)
    to_morning(town, 1)
    text = box.wait(1)[0].parts()["text/plain"]
    assert f"Situation {reference} close" in text and "Doller" in text
    assert len(box.received) == 1


def test_right_lost_since_is_a_line_not_written(town, box):
    situation, _, _ = open_situation(town.client("anna"), town)
    decide(town, situation)
    queued(town, 1)
    address(town, "emile", habilitation_to_day=town.today - 1)
    to_morning(town, 1)
    assert {state[1:] for state in settled(town, 2)} == {
        ("skipped", "habilitation_missing"), ("skipped", "empty")}
    assert not box.received


def test_after_days_without_a_server_one_mail_comes(stopped_town, box):
    town = stopped_town
    with Proxy(box.port) as proxy:
        proxy.down = True
        start(town, proxy.port)
        address(town, "emile")
        situation, reference, _ = open_situation(town.client("anna"), town)
        for day in range(3):
            decide(town, situation)
            queued(town, day + 1 + (1 if day else 0))
            to_morning(town, day + 1)
            wait_for(town, lambda _: [e for e in effects(town, waiting=True)
                                      if e.key.startswith(f"digest:{peopled.today() + day + 1}:")
                                      and e.tries],
                     "notify")
        proxy.down = False
        mail, = box.wait(1)
        assert mail.parts()["text/plain"].count(reference) == 3
        settled(town, 6)
        assert len(box.received) == 1
        assert [s[1:] for s in states(town)].count(("skipped", "superseded")) == 2


# --- reminders: of one thing, the newest ---

def remind(client, town, key, lead, meeting, **more):
    do(client, effect_record=dict(dict(
        key=key, kind="reminder.due", code="meeting", lead=lead, outcome="on_time",
        object_kind=14, object=meeting, agent=town.agents["emile"], day=town.today + 20), **more))


def test_reminders_are_mails_and_after_an_outage_the_newest_alone(stopped_town, box):
    town = stopped_town
    with Proxy(box.port) as proxy:
        start(town, proxy.port)
        address(town, "emile")
        text = town.config.read_text()
        town.config.write_text(text.replace(
            "plugins = {\n", 'plugins = {\n  maker = { actions = [ "effect.record" ]; };\n', 1))
        do(town.operator, reload={})
        maker = town.plugin("maker")
        meeting = convene(town, ["emile"], days=20, place="Doller")
        box.wait(1)
        proxy.down = True
        for number, lead in enumerate(("J-7", "J-2", "H-2")):
            remind(maker, town, f"r:{number}", lead, meeting)
        remind(maker, town, "r:missed", "J-1", meeting, outcome="missed")
        wait_for(town, lambda view: view.lag == 0 and len(effects(town)) == 4, "notify")
        proxy.down = False
        mail = box.wait(2)[1]
        assert mail.message["Subject"].endswith(" : une réunion approche")
        assert "Doller" in mail.parts()["text/plain"]
        assert settled(town, 4) == [("meeting.scheduled", "sent", "")] + [
            ("reminder.due", "skipped", "superseded")] * 2 + [("reminder.due", "sent", "")]
