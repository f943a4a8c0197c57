"""Events: in order, none missing, nothing said that should not be."""
import contextlib
import copy

import pytest
from town import ctps_client

from acts import block, close, do, figures, open_situation, person, receive, refused
from test_10_keys import listen


def collect(town, topic, **more):
    """Topics and notices up to the first `topic` after the installation's own."""
    seen = []
    for event in town.client("follower").events(timeout=20, **more):
        seen.append(event)
        if event.topic == topic:
            return seen
    raise AssertionError(f"no {topic}: {[event.topic for event in seen]}")


def head(town):
    return do(town.client("follower"), read_events=dict(
        audience="plugins", after=2**64 - 1)).events_answer.head


def test_one_life_of_a_situation_in_order(town):
    start, anna = head(town).number, town.client("anna")
    situation, reference, saisine = open_situation(anna, town)
    do(anna, situation_set_status=dict(id=situation, status="suivi"))
    do(anna, situation_add_entry=dict(id=situation, kind="contact", day=town.today))
    do(anna, situation_review=dict(id=situation, day=town.today, evolution="stable"))
    close(anna, town, situation)
    seen = collect(town, "situation.closed", after=start)
    assert [event.topic for event in seen] == [
        "saisine.received", "situation.opened", "saisine.accepted", "situation.status_changed",
        "situation.entry_added", "situation.reviewed", "situation.closed"]
    opened = seen[1].notice
    assert (opened.id, opened.reference, opened.territory) == (situation, reference, "T1")
    assert seen[2].notice.id == saisine and seen[2].notice.other == situation


def test_events_of_one_command_share_its_entry(town):
    start, anna = head(town).number, town.client("anna")
    saisine = receive(anna, town)
    reply = do(anna, saisine_accept=dict(id=saisine))
    pair = [event.number for event in collect(town, "saisine.accepted", after=start)][-2:]
    assert [number >> 8 for number in pair] == [reply.seq, reply.seq] and pair[0] < pair[1]


def test_each_event_names_the_one_before(town):
    start = head(town).number
    for _ in range(3):
        open_situation(town.client("anna"), town)
    follower = town.client("follower")
    records = do(follower, read_events=dict(audience="plugins",
                                            after=start)).events_answer.events
    before = start
    for record in records:
        assert record.header.previous_number == before < record.header.number
        before = record.header.number


def test_published_is_what_is_pulled(town):
    key = town.keys["follower"]
    heard = listen(town, town.operator, key)
    start = head(town).number
    open_situation(town.client("anna"), town)
    live = []
    while len(live) < 3:
        assert heard.wait(10)
        topic, event = heard.hear()
        if topic != b"heartbeat":
            live.append((topic.decode(), event))
    heard.close()
    pulled = do(town.client("follower"), read_events=dict(
        audience="plugins", after=start)).events_answer.events
    assert [(record.header.topic, record.SerializeToString()) for record in pulled] == live


def heard_by(town, topics):
    """A connection that hears of `topics` only, and heartbeats: when the first one comes, all
    its subscriptions are in place, as they are sent in order."""
    key = town.keys["follower"]
    heard = ctps_client.Connection(town.operator.context, ctps_client.zmq.SUB, key, key.events,
                                   topics=(*topics, b"heartbeat\0"))
    assert heard.wait(10) and heard.hear()[0] == b"heartbeat"
    return heard


def topics_until(town, heard):
    """What it hears up to a heartbeat that knows of the newest event; it is closed."""
    newest, seen = head(town).number, []
    while heard.wait(10):
        topic, event = heard.hear()
        if topic != b"heartbeat":
            seen.append(topic.decode())
        elif ctps_client.notice.EventRecord.FromString(event).header.number == newest:
            break
    heard.close()
    return seen


@pytest.mark.parametrize("subscribed, expected", [
    ((b"situation.",), ["situation.opened", "situation.status_changed", "situation.closed"]),
    ((b"situation.c", b"saisine.received\0"), ["saisine.received", "situation.closed"]),
    ((b"saisine.receive\0", b"situation\0", b"aisine"), []),
])
def test_a_subscription_is_by_the_beginning_of_the_topic(town, subscribed, expected):
    heard, anna = heard_by(town, subscribed), town.client("anna")
    situation, *_ = open_situation(anna, town)
    do(anna, situation_set_status=dict(id=situation, status="suivi"))
    close(anna, town, situation)
    assert topics_until(town, heard) == expected


@contextlib.contextmanager
def any_publisher(client, path):
    """A PUB socket that may send anything, and a connection that hears it."""
    zmq, key = ctps_client.zmq, copy.copy(client.key)
    key.server, secret = zmq.curve_keypair()
    socket = client.context.socket(zmq.PUB)
    socket.linger, socket.curve_server, socket.curve_secretkey = 0, True, secret
    socket.bind(f"ipc://{path}")
    heard = ctps_client.Connection(client.context, zmq.SUB, key, f"ipc://{path}")
    while not heard.wait(0.01):
        socket.send(b"ready\0")
    while heard.wait(0.1):
        heard.hear()
    yield socket, heard
    heard.close()
    socket.close()


def test_junk_is_let_go_and_the_follower_goes_on(town):
    start, client = head(town).number, town.client("follower")
    receive(town.client("anna"), town, persons=None)
    record = do(client, read_events=dict(audience="plugins", after=start)).events_answer.events[0]
    packed, topic = record.SerializeToString(), record.header.topic.encode() + b"\0"
    with any_publisher(client, town.dir / "anything") as (socket, heard):
        for junk in (b"", topic[:-1], topic, topic + b"\x0a\xff", topic + packed[:-1],
                     topic + packed[:len(packed) // 2], topic[:-1] + packed[:1]):
            socket.send(junk)
        socket.send_multipart([topic + packed, b""])
        follower = ctps_client.Follower(client, heard, "plugins", start, b"")
        follower.must_pull = False
        assert not list(follower.follow(timeout=1))
        socket.send(topic + packed)
        assert [event.number for event in follower.follow(timeout=2)] == [record.header.number]


def test_event_that_says_nothing_more_has_its_notice_all_the_same(town):
    heard = listen(town, town.operator, town.keys["follower"])
    do(town.client("admin"), town_set=dict(name="Mulhouse"))
    topic = b"heartbeat"
    while topic == b"heartbeat":
        assert heard.wait(10)
        topic, event = heard.hear()
    assert topic == b"settings.changed"
    assert ctps_client.notice.EventRecord.FromString(event).HasField("notice")
    heard.close()


def test_heartbeat_tells_the_newest_number(town):
    heard = listen(town, town.operator, town.keys["follower"])
    open_situation(town.client("anna"), town)
    newest = head(town).number
    while True:
        assert heard.wait(10)
        topic, event = heard.hear()
        if topic == b"heartbeat":
            record = ctps_client.notice.EventRecord.FromString(event)
            assert not record.HasField("notice") and record.header.audience == "plugins"
            if record.header.number == newest:
                break
    heard.close()


def test_follower_misses_nothing_over_a_kill(town):
    start, follower = head(town).number, town.client("follower")
    with contextlib.closing(follower.events(after=start, timeout=30)) as events:
        receive(town.client("anna"), town, persons=None)
        seen = [next(events)]
        for _ in range(5):
            receive(town.client("anna"), town, persons=None)
        town.crash()
        for _ in range(5):
            receive(town.client("anna"), town, persons=None)
        while len(seen) < 11:
            seen.append(next(events))
    pulled = do(follower, read_events=dict(audience="plugins",
                                           after=start)).events_answer.events
    assert [event.number for event in seen] == [record.header.number for record in pulled]
    assert {event.topic for event in seen} == {"saisine.received"}


def test_follower_repairs_the_gap_of_lost_frames(town):
    """Frames are thrown away unread: the next heard names a predecessor not seen."""
    start, client = head(town).number, town.client("follower")
    heard = listen(town, client, client.key)
    for _ in range(9):
        receive(town.client("anna"), town, persons=None)
    lost = 0
    while lost < 8:
        assert heard.wait(10)
        lost += heard.hear()[0] != b"heartbeat"
    follower = ctps_client.Follower(client, heard, "plugins", start, b"")
    follower.must_pull = False
    with contextlib.closing(follower.follow(timeout=20)) as events:
        seen = [next(events).number for _ in range(9)]
    heard.close()
    pulled = do(client, read_events=dict(audience="plugins", after=start)).events_answer.events
    assert seen == [record.header.number for record in pulled]


def test_reading_events_in_pieces_gives_them_all(town):
    for _ in range(4):
        open_situation(town.client("anna"), town)
    follower, after, pieces = town.client("follower"), 0, []
    while True:
        answer = do(follower, read_events=dict(audience="plugins", after=after,
                                               limit=7)).events_answer
        pieces += [record.header.number for record in answer.events]
        if not answer.events:
            break
        after = answer.events[-1].header.number
    whole = do(follower, read_events=dict(audience="plugins", limit=500)).events_answer
    assert pieces == [record.header.number for record in whole.events]
    assert pieces[-1] == whole.head.number


def test_wrong_incarnation_is_refused(town):
    follower = town.client("follower")
    right = head(town).incarnation
    do(follower, read_events=dict(audience="plugins", incarnation=right))
    assert refused(follower, read_events=dict(audience="plugins", incarnation=bytes(16)))[0] == \
        "incarnation_wrong"


def test_unknown_audience_is_refused(town):
    assert refused(town.client("follower"), read_events=dict(audience="sirens")) == (
        "field_range", "audience")


def test_notices_hold_no_name_no_text_and_no_fact_that_points_to_somebody(town):
    anna, start = town.client("anna"), head(town).number
    situation, *_ = open_situation(
        anna, town, title="CANARI titre", text="CANARI texte", place="CANARI lieu",
        referrer="CANARI tiers", persons=[person("CANARI", "Nom", sex="F",
                                                 birth_day=town.today - 5000)])
    block(anna, town, situation, "CANARI bail")
    do(anna, situation_add_entry=dict(id=situation, kind="contact", day=town.today,
                                      text="CANARI"))
    do(anna, situation_close=dict(id=situation, day=town.today, motive="judiciaire",
                                  text="CANARI"))
    for event in collect(town, "situation.closed", after=start):
        raw = event.header.SerializeToString() + event.notice.SerializeToString()
        assert b"CANARI" not in raw and b"12-15" not in raw and b"judiciaire" not in raw


@pytest.mark.parametrize("position", ["head", "start"])
def test_cursor_is_kept_and_its_lag_shown(town, position):
    follower = town.client("follower")
    open_situation(town.client("anna"), town)
    number = head(town).number if position == "head" else 0
    do(follower, cursor_set=dict(audience="plugins", position=number))
    lag = int(figures(town.operator)["consumer.follower.lag"])
    assert lag == (0 if position == "head" else head(town).number >> 8)
    town.crash()
    assert int(figures(town.operator)["consumer.follower.lag"]) == lag
    # One that is no more in the configuration is behind for ever, and nobody's alarm.
    text = town.config.read_text()
    town.config.write_text(text.replace(" follower = {", " another = {", 1))
    do(town.operator, reload=dict())
    assert "consumer.follower.lag" not in figures(town.operator)


def test_cursor_refusals(town):
    assert refused(town.client("follower"), cursor_set=dict(audience="nulle", position=1)) == (
        "field_range", "audience")
    assert refused(town.client("anna"), cursor_set=dict(audience="plugins", position=1))[0] == \
        "not_allowed"
