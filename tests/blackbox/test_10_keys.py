"""Keys: registered, listed, revoked at once."""
import contextlib
import os

import pytest
from town import ctps_client

from acts import AGENT, PLUGIN, do, open_situation, receive, refused, show


def revoke(town, name):
    do(town.operator, key_revoke=dict(public_key=town.keys[name].public_bytes))


def listen(town, client, key):
    """A connection to the events, heard to be alive by a heartbeat."""
    heard = ctps_client.Connection(client.context, ctps_client.zmq.SUB, key, key.events)
    assert heard.wait(10)
    heard.socket.recv_multipart()
    return heard


def drain_until_out(heard):
    """Waits until the daemon ended the connection or denied it."""
    while heard.wait(10):
        heard.socket.recv_multipart()
    assert heard.lost or heard.denied


def test_revoked_key_is_refused_at_its_next_request(town):
    anna = town.client("anna")
    receive(anna, town)
    revoke(town, "anna")
    assert refused(anna, situation_list=dict())[0] == "key_unknown"


def test_revoked_key_is_not_let_in_again(town):
    revoke(town, "anna")
    with pytest.raises(ctps_client.Denied):
        do(town.client("anna"), situation_list=dict())


def test_revoked_key_stays_revoked_after_a_restart(town):
    revoke(town, "anna")
    town.crash()
    with pytest.raises(ctps_client.Denied):
        do(town.client("anna"), situation_list=dict())


def test_another_key_of_the_same_agent_stays(town):
    laptop = town.client_of(town.key_new(dict(kind=AGENT, id=town.agents["anna"])))
    situation, *_ = open_situation(town.client("anna"), town)
    revoke(town, "anna")
    assert show(laptop, id=situation, nominative=True).title == "Suivi"


def test_revoked_subscriber_is_disconnected_and_kept_out(town):
    key = town.keys["follower"]
    heard = listen(town, town.operator, key)
    revoke(town, "follower")
    drain_until_out(heard)
    heard.close()
    again = ctps_client.Connection(town.operator.context, ctps_client.zmq.SUB, key, key.events)
    assert not again.wait(10) and again.denied and not again.up
    again.close()


def test_other_subscriber_follows_on_without_a_gap(town):
    other = town.client_of(town.key_new(dict(kind=PLUGIN, name="follower")))
    with contextlib.closing(other.events(timeout=20)) as events:
        seen = [next(events).number]
        revoke(town, "follower")
        situation, *_ = open_situation(town.client("anna"), town)
        for event in events:
            seen.append(event.number)
            if event.topic == "saisine.accepted" and event.notice.other == situation:
                break
    pulled = do(other, read_events=dict(audience="plugins", limit=500)).events_answer.events
    assert seen == [record.header.number for record in pulled]


def test_subscriber_without_the_audience_is_not_let_in(town):
    for name in ("anna", "helene"):
        key = town.keys[name]
        heard = ctps_client.Connection(town.operator.context, ctps_client.zmq.SUB, key,
                                       key.events)
        assert not heard.wait(10) and heard.denied and not heard.up
        heard.close()


def test_key_stands_for_one_principal_for_ever(town):
    fields = dict(public_key=town.keys["anna"].public_bytes,
                  principal=dict(kind=AGENT, id=town.agents["bruno"]))
    assert refused(town.operator, key_register=fields) == ("exists", "public_key")
    revoke(town, "anna")
    assert refused(town.operator, key_register=fields) == ("exists", "public_key")


def test_key_refusals(town):
    new = os.urandom(32)
    for fields, expected in (
            (dict(principal=dict(kind=AGENT, id=town.agents["anna"])),
             ("field_missing", "public_key")),
            (dict(public_key=new), ("field_missing", "principal")),
            (dict(public_key=new, principal=dict(kind=AGENT, id=7)),
             ("agent_unknown", "principal.id")),
            (dict(public_key=new, principal=dict(kind=PLUGIN)),
             ("field_missing", "principal.name"))):
        assert refused(town.operator, key_register=fields) == expected
    assert refused(town.operator, key_revoke=dict(public_key=new)) == ("absent", "public_key")
    revoke(town, "bruno")
    assert refused(town.operator, key_revoke=dict(
        public_key=town.keys["bruno"].public_bytes)) == ("state_wrong", "public_key")


def test_nobody_makes_himself_the_system(town):
    assert refused(town.operator, key_register=dict(
        public_key=os.urandom(32), principal=dict(kind=5))) == ("field_range", "principal.kind")


@pytest.mark.parametrize("name", ["anna", "helene", "admin", "diane"])
def test_only_the_operator_makes_keys(town, name):
    assert refused(town.client(name), key_register=dict(
        public_key=os.urandom(32), principal=dict(kind=AGENT, id=town.agents[name])))[0] == \
        "not_allowed"


def test_list_of_keys_shows_revoked_ones_when_asked(town):
    revoke(town, "bruno")
    gone = town.keys["bruno"].public_bytes
    live = do(town.operator, key_list=dict()).key_answer.keys
    everything = do(town.operator, key_list=dict(with_revoked=True)).key_answer.keys
    assert gone not in [key.public_key for key in live]
    assert [key.revoked_us > 0 for key in everything if key.public_key == gone] == [True]
