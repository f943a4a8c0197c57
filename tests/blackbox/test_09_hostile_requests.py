"""Bad requests: a named refusal each, and the daemon goes on."""
import os
import threading
import time

import pytest
import zmq

from acts import BUSY, DONE, REFUSED, answer, command, do, figures, receive, refused, sheet


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


REQUEST_ID = field(1, b"0123456789abcdef")
JUNK = {
    "not_protobuf": b"\xff" * 40,
    "one_byte": b"\x00",
    "random": bytes(range(256)) * 8,
    "text": b"GET / HTTP/1.1\r\n\r\n",
    "cut_short": REQUEST_ID + varint(30 << 3 | 2) + b"\x7f",
    "no_command": REQUEST_ID,
    "no_id": field(100, b""),
    "short_id": field(1, b"123") + field(100, b""),
    "unknown_field_of_request": REQUEST_ID + field(100, b"") + field(9999, b"x"),
    "unknown_field_of_command": REQUEST_ID + field(30, field(999, b"x")),
    "invalid_utf8": REQUEST_ID + field(30, field(11, b"\xc3\x28")),
    "zero_in_text": REQUEST_ID + field(30, field(11, b"a\x00b")),
    "enum_out_of_range": REQUEST_ID + field(101, varint(1 << 3) + varint(77)),
    "too_many_persons": REQUEST_ID + field(30, field(13, b"") * 17),
    "too_many_motives": REQUEST_ID + field(30, field(9, b"errance") * 9),
    "many_empty_parts": REQUEST_ID + field(30, field(13, b"") * 60000),
    "deep_groups": b"\x0b" * 5000,
    "huge_length": REQUEST_ID + varint(30 << 3 | 2) + varint(2**62),
}


@pytest.mark.parametrize("name", JUNK)
def test_junk_gets_a_named_refusal(town, name):
    anna = town.client("anna")
    reply = answer.Reply.FromString(anna.exchange(JUNK[name]))
    assert reply.status == REFUSED and reply.refusal.name == "malformed"
    receive(anna, town)


def raw(town, name="anna"):
    """A socket of a person, without the client's care."""
    key, context = town.keys[name], zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.linger = 0
    socket.curve_serverkey, socket.curve_publickey = key.server, key.public
    socket.curve_secretkey = key.secret
    socket.connect(key.commands)
    return socket, context


def test_oversized_message_ends_that_connection_only(town):
    socket, context = raw(town)
    socket.send(os.urandom(2 << 20))
    receive(town.client("bruno"), town, territory="T2", district="Coteaux")
    assert not socket.poll(0)
    socket.close()
    context.term()
    receive(town.client("anna"), town)


def test_parts_where_one_is_expected_are_refused(town):
    socket, context = raw(town)
    socket.send_multipart([b"a", b"b", b"c"])
    assert socket.poll(5000)
    assert answer.Reply.FromString(socket.recv()).refusal.name == "malformed"
    socket.close()
    context.term()


def test_unknown_key_is_not_let_in(town):
    stranger = town.client_of(type(town.keys["anna"]).generate(
        "nobody", town.keys["anna"].server.decode(), town.keys["anna"].commands))
    with pytest.raises(Exception) as caught:
        do(stranger, status_get=dict())
    assert type(caught.value).__name__ == "Denied"
    assert int(figures(town.operator)["bus.connections_refused"]) >= 1


def test_refusals_cannot_fill_the_journal(town):
    anna = town.client("anna")
    before = int(figures(town.operator)["journal.refusals"])
    for _ in range(600):
        refused(anna, saisine_accept=dict(id=1))
    status = figures(town.operator)
    journalled = int(status["journal.refusals"]) - before
    assert journalled + int(status["refusals.counted_only"]) == 600
    assert 0 < journalled < 600


@pytest.mark.parametrize("kind", ["requests", "junk"])
def test_flood_by_one_peer_leaves_another_served_in_time(town, kind):
    stop = threading.Event()

    def flood():
        socket, context = raw(town, "emile")
        body = command.Request(id=b"f" * 16, situation_list=dict()).SerializeToString() \
            if kind == "requests" else b"\xff" * 200
        poller = zmq.Poller()
        poller.register(socket, zmq.POLLOUT)
        while not stop.is_set():
            if poller.poll(10):
                socket.send(body)
        socket.close()
        context.term()

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        anna, worst = town.client("anna"), 0.0
        for _ in range(100):
            began = time.monotonic()
            receive(anna, town)
            worst = max(worst, time.monotonic() - began)
    finally:
        stop.set()
        thread.join()
    assert worst < 1.0
    assert int(figures(town.operator)["bus.refused_at_the_door"]) > 0 or kind == "junk"


def test_peer_that_never_reads_holds_nobody_up(town):
    socket, context = raw(town, "emile")
    for _ in range(3000):
        socket.send(command.Request(id=os.urandom(16),
                                    reference_list=dict(kind=12)).SerializeToString())
    receive(town.client("anna"), town)
    socket.close()
    context.term()
    receive(town.client("anna"), town)


def test_too_much_at_once_is_told_to_come_back(stopped_town):
    town = stopped_town
    town.config.write_text(town.config.read_text().replace(
        "\nbus = {", "\nbus = {\n    rate_per_key = 5;\n    burst_per_key = 20;"))
    town.start()
    socket, context = raw(town)
    for _ in range(100):
        socket.send(command.Request(id=os.urandom(16),
                                    situation_list=dict()).SerializeToString())
    statuses = set()
    while BUSY not in statuses and socket.poll(5000):
        statuses.add(answer.Reply.FromString(socket.recv()).status)
    assert BUSY in statuses
    socket.close()
    context.term()
    receive(town.client("bruno"), town, territory="T2", district="Coteaux")


def test_many_commands_in_flight_are_each_answered_once(town):
    socket, context = raw(town)
    waiting = {}
    for _ in range(50):
        request = command.Request(id=os.urandom(16), saisine_receive=sheet(town))
        waiting[request.id] = request
        socket.send(request.SerializeToString())
    made = set()
    while waiting:
        assert socket.poll(10000)
        reply = answer.Reply.FromString(socket.recv())
        assert reply.status == DONE
        del waiting[reply.id]
        made.add(reply.made[0].id)
    assert len(made) == 50
    socket.close()
    context.term()
