"""Audience "audit": who read or was refused what, heard outside, pulled again, and by nobody else."""
import copy

import pytest
from town import ctps_client

from acts import AGENT, do, open_situation, refused, show
from test_10_keys import listen


@pytest.fixture
def town(stopped_town):
    town = stopped_town
    town.grant("watch", ["events.read"], ["audit"])
    town.start()
    town.key = copy.copy(town.key_new({"kind": 4, "name": "watch"}, "watch"))
    town.key.events = f"ipc://{town.dir}/run/audit"
    town.watch = town.client_of(town.key)
    town.situation, town.reference, _ = open_situation(
        town.client("anna"), town, title="Titre", text="texte")
    return town


def head(town):
    return do(town.watch, read_events=dict(
        audience="audit", after=2**64 - 1)).events_answer.head.number


def heard(town, last, after, timeout=20):
    """Events of the audience after number `after`, up to the first `last`."""
    seen = []
    for event in town.watch.events(audience="audit", after=after, timeout=timeout):
        seen.append(event)
        if event.topic == last:
            return seen
    raise AssertionError(f"no {last}: {[event.topic for event in seen]}")


def test_a_nominative_read_is_heard(town):
    start = head(town)
    show(town.client("anna"), id=town.situation, nominative=True, purpose="suivi")
    event = heard(town, "information.consulted", start)[-1]
    notice = event.notice
    assert (notice.principal_kind, notice.principal_id) == (AGENT, town.agents["anna"])
    assert notice.action == "situation.get" and notice.purpose == "suivi"
    assert town.situation in notice.objects and not notice.code
    raw = notice.SerializeToString()
    assert b"Durand" not in raw and b"Titre" not in raw


def test_a_read_of_facts_is_not(town):
    show(town.client("anna"), id=town.situation)
    start = head(town)
    show(town.client("anna"), id=town.situation)
    do(town.client("anna"), situation_list=dict())
    assert head(town) == start


def test_a_name_searched_is_heard_without_the_name(town):
    start = head(town)
    do(town.client("anna"), name_search=dict(name="Durand"))
    notice = heard(town, "information.consulted", start)[-1].notice
    assert notice.action == "name.search" and notice.objects
    assert b"urand" not in notice.SerializeToString().lower()


def test_a_refusal_is_heard(town):
    start = head(town)
    refused(town.client("chloe"), situation_get=dict(id=town.situation, nominative=True))
    notice = heard(town, "access.denied", start)[-1].notice
    assert notice.code == "nominative_never" and notice.action == "situation.get"
    assert notice.principal_id == town.agents["chloe"]
    assert list(notice.objects) == [town.situation]


def test_break_glass_is_heard_by_both_audiences(town):
    start = head(town)
    do(town.client("bruno"), break_glass_use=dict(situation=town.situation, reason="danger"))
    notice = heard(town, "break_glass.used", start)[-1].notice
    assert notice.other == town.situation and notice.agent == town.agents["bruno"]
    assert [event.topic for event in town.client("follower").events(timeout=2)
            ].count("break_glass.used") == 1


def test_a_session_opens_with_the_first_accepted_request_of_the_day(town):
    start = head(town)
    bruno = town.client("bruno")
    show(bruno, id=town.situation)
    event = heard(town, "session.opened", start)[-1]
    assert (event.notice.principal_kind, event.notice.principal_id) == (
        AGENT, town.agents["bruno"])
    show(bruno, id=town.situation)
    assert head(town) == event.number
    town.restart()  # another life of the daemon
    show(bruno, id=town.situation)
    again = [event for event in town.watch.events(audience="audit", after=event.number,
                                                  timeout=2)
             if event.topic == "session.opened"
             and event.notice.principal_id == town.agents["bruno"]]
    assert len(again) == 1


def test_who_is_not_habilitated_is_a_session_refused(town):
    former = town.agent("gone", habilitation_from_day=town.today - 20,
                        habilitation_to_day=town.today - 10)
    start = head(town)
    refused(former.client, situation_list=dict())
    notice = heard(town, "session.refused", start)[-1].notice
    assert notice.code == "habilitation_missing" and notice.principal_id == former.id


def test_a_revoked_key_at_the_door_is_heard_and_counted(town):
    lost = town.agent("lost")
    show(lost.client, id=town.situation)
    start = head(town)
    do(town.operator, key_revoke=dict(public_key=lost.key.public_bytes))
    for _ in range(3):
        with pytest.raises(Exception):
            client = town.client_of(lost.key)
            client.ask(timeout=3, situation_list=ctps_client.command.SituationList())
    notice = heard(town, "session.refused", start)[-1].notice
    assert notice.code == "key_unknown" and notice.action == "session"
    assert (notice.principal_kind, notice.principal_id) == (AGENT, lost.id)
    assert notice.count >= 1
    refusals = [event for event in town.watch.events(audience="audit", after=start, timeout=3)
                if event.topic == "session.refused"]
    assert len(refusals) == 1  # once a minute, however often it knocks


def test_heard_is_what_is_pulled(town):
    heard_live = listen(town, town.operator, town.key)
    start = head(town)
    anna = town.client("anna")
    for _ in range(5):
        show(anna, id=town.situation, nominative=True)
    live = []
    while len(live) < 5:
        assert heard_live.wait(10)
        topic, event = heard_live.hear()
        if topic != b"heartbeat":
            live.append((topic.decode(), event))
    heard_live.close()
    pulled = do(town.watch, read_events=dict(audience="audit", after=start)).events_answer.events
    pulled = [record for record in pulled if record.header.topic == "information.consulted"][:5]
    live = [row for row in live if row[0] == "information.consulted"]
    assert [(record.header.topic, record.SerializeToString())
            for record in pulled][:len(live)] == live


def test_each_names_the_one_before_and_gaps_are_filled(town):
    anna = town.client("anna")
    for _ in range(70):
        show(anna, id=town.situation, nominative=True)
    town.crash()
    records = do(town.watch, read_events=dict(audience="audit", limit=500)).events_answer.events
    before = 0
    for record in records:
        assert record.header.audience == "audit"
        assert record.header.previous_number == before < record.header.number
        before = record.header.number
    middle = records[len(records) // 2].header.number
    after = do(town.watch, read_events=dict(audience="audit", after=middle,
                                            limit=500)).events_answer.events
    assert [record.header.number for record in after][:20] == [
        record.header.number for record in records if record.header.number > middle][:20]
    assert after[0].header.previous_number == middle


def test_no_other_audience_s_key_gets_anything(town):
    follower = copy.copy(town.keys["follower"])
    follower.events = town.key.events
    nosy = town.client_of(follower)
    with pytest.raises(ctps_client.Denied):
        for _ in nosy.events(audience="plugins", after=2**63, timeout=5):
            pass
    assert refused(town.client("follower"), read_events=dict(audience="audit"))[0] == \
        "capability_missing"
    assert refused(town.watch, read_events=dict(audience="plugins"))[0] == "capability_missing"
    assert refused(town.client("follower"), cursor_set=dict(audience="audit", position=1))[0] == \
        "capability_missing"
    do(town.watch, cursor_set=dict(audience="audit", position=1))
    topics = {event.topic for event in town.client("follower").events(timeout=2)}
    assert not topics & {"information.consulted", "access.denied", "session.opened",
                         "session.refused"}


def test_a_key_revoked_hears_nothing_more(town):
    live = listen(town, town.operator, town.key)
    do(town.operator, key_revoke=dict(public_key=town.key.public_bytes))
    show(town.client("anna"), id=town.situation, nominative=True)
    while live.wait(3):
        topic, _ = live.hear()
        assert topic != b"information.consulted"
    live.close()


def test_tail_follows_the_audience(town):
    path = town.dir / "watch.key"
    town.key.write(path)
    show(town.client("anna"), id=town.situation, nominative=True)
    done = town.ctps("events", "tail", "--audience", "audit", "--from", "0", "--topic",
                     "information.", "--count", "1", "--as", str(path))
    assert "information.consulted" in done.stdout
    assert f"agent {town.agents['anna']}" in done.stdout and "situation.get" in done.stdout


def test_a_tracking_table_written_with_names_is_heard_as_an_export(town):
    start = head(town)
    do(town.client("anna"), purpose="suivi",
       tracking_table_get=dict(nominative=True, export=True))
    event = heard(town, "export.made", start)[-1]
    assert event.notice.agent == town.agents["anna"]
    raw = event.notice.SerializeToString()
    assert b"Durand" not in raw and b"Titre" not in raw


def test_a_tracking_table_that_stays_on_the_screen_or_names_nobody_is_no_export(town):
    start = head(town)
    do(town.client("anna"), tracking_table_get=dict(export=True))
    do(town.client("anna"), purpose="suivi", tracking_table_get=dict(nominative=True))
    refused(town.client("chloe"), situation_get=dict(id=town.situation, nominative=True))
    topics = [event.topic for event in heard(town, "access.denied", start)]
    assert "information.consulted" in topics and "export.made" not in topics
