"""A client of ctpsd's bus in one file: key file, requests, events without gaps.

Needs pyzmq and protobuf, and nothing of the daemon but its schemas (see README.md).
"""

import importlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from collections import namedtuple

import zmq
from google.protobuf.message import DecodeError
from zmq.utils import z85
from zmq.utils.monitor import recv_monitor_message

SCHEMAS = pathlib.Path(__file__).resolve().parents[3] / "schemas"
REQUEST_MAX = 256 * 1024
FIRST_WAIT, LAST_WAIT = 1.0, 8.0  # seconds of silence before the same bytes are sent again
HEARTBEAT = b"heartbeat"

Event = namedtuple("Event", "number topic header notice")


class CtpsError(Exception):
    """What went wrong, in one line."""


class NoAnswer(CtpsError):
    """Silence: it may have been done; send the same bytes again."""


class Denied(CtpsError):
    """The daemon does not admit this key."""


class Refused(CtpsError):
    """The daemon answered no; `reply` says why."""

    def __init__(self, reply):
        super().__init__(f"{reply.refusal.name}: {reply.refusal.text_en}")
        self.reply = reply


class Restored(CtpsError):
    """A backup was restored: forget what was learned from the events and begin again."""


def _load_schemas():
    """The generated modules, made on the fly when they are not on the path."""
    names = ("common", "command", "answer", "notice")
    try:
        importlib.import_module("ctps.command_pb2")
    except ModuleNotFoundError:
        source = pathlib.Path(os.environ.get("CTPS_SCHEMAS", SCHEMAS))
        target = tempfile.mkdtemp(prefix="ctps-schemas-")
        protos = [str(path) for path in sorted(source.glob("ctps/*.proto"))]
        subprocess.run(["protoc", f"-I{source}", f"--python_out={target}", *protos], check=True)
        sys.path.insert(0, target)
        importlib.invalidate_caches()
    return [importlib.import_module(f"ctps.{name}_pb2") for name in names]


common, command, answer, notice = _load_schemas()


def new_id():
    """Id of a request: UUID version 7 (RFC 9562), so that later ones sort later."""
    now = time.time_ns()
    free = int.from_bytes(os.urandom(8), "big") >> 2
    return (now // 1_000_000 << 80 | 7 << 76 | now % 1_000_000 * 4096 // 1_000_000 << 64
            | 2 << 62 | free).to_bytes(16, "big")


class KeyFile:
    """Who one is and where the daemon is: lines `name = value`, # at the start for comments."""

    NAMES = {"principal", "public", "secret", "server", "commands", "events"}

    def __init__(self, **values):
        self.principal = values["principal"]
        self.public, self.secret, self.server = (
            values[name].encode() for name in ("public", "secret", "server"))
        self.commands = values["commands"]
        self.events = values.get("events", "")

    @classmethod
    def read(cls, path):
        if os.stat(path).st_mode & 0o077:
            raise CtpsError(f"{path}: only its owner may read a key file (chmod 600)")
        values = {}
        for number, line in enumerate(pathlib.Path(path).read_text("utf-8").splitlines(), 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            name, equals, value = (part.strip() for part in line.partition("="))
            if not equals or name not in cls.NAMES or name in values:
                raise CtpsError(f"{path}:{number}: unknown, repeated or malformed: {name}")
            values[name] = value
        missing = cls.NAMES - {"events"} - values.keys()
        if missing:
            raise CtpsError(f"{path}: missing: {', '.join(sorted(missing))}")
        return cls(**values)

    @classmethod
    def generate(cls, principal, server, commands, events=""):
        public, secret = zmq.curve_keypair()
        return cls(principal=principal, public=public.decode(), secret=secret.decode(),
                   server=server, commands=commands, events=events)

    def write(self, path):
        """A new file, readable by its owner only; never over an existing one."""
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            for name in ("principal", "public", "secret", "server", "commands", "events"):
                value = getattr(self, name)
                if value:
                    file.write(f"{name} = {value.decode() if isinstance(value, bytes) else value}\n")

    @property
    def public_bytes(self):
        """The 32 bytes a KeyRegister names."""
        return z85.decode(self.public)


class Connection:
    """One CURVE socket and what its monitor told."""

    def __init__(self, context, kind, key, endpoint, topics=(b"",)):
        self.socket = context.socket(kind)
        self.socket.linger = 0
        self.socket.handshake_ivl = 3000  # ms: the daemon may close what took the connection
        self.socket.curve_serverkey = key.server
        self.socket.curve_publickey = key.public
        self.socket.curve_secretkey = key.secret
        for topic in topics if kind == zmq.SUB else ():
            self.socket.subscribe(topic)  # by how it begins: "situation." or "situation.closed\0"
        self.monitor = self.socket.get_monitor_socket(
            zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH |
            zmq.EVENT_DISCONNECTED)
        self.up = self.lost = self.denied = False
        self.socket.connect(endpoint)

    def close(self):
        self.socket.disable_monitor()
        self.socket.close()

    def wait(self, seconds):
        """Whether a message is there; ends early when the connection broke or was denied."""
        deadline = time.monotonic() + seconds
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        poller.register(self.monitor, zmq.POLLIN)
        while True:
            left = max(0.0, deadline - time.monotonic())
            ready = dict(poller.poll(left * 1000))
            if self.monitor in ready:
                self._read_monitor()
            if self.socket in ready:
                return True
            if self.lost or self.denied or time.monotonic() >= deadline:
                return False

    def hear(self):
        """Topic and packed EventRecord of the event that waits; None when it is no event."""
        frame, *rest = self.socket.recv_multipart()
        topic, nul, record = frame.partition(b"\0")
        return (topic, record) if nul and not rest else None

    def _read_monitor(self):
        event = recv_monitor_message(self.monitor)["event"]
        if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self.up = True
        elif event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            self.denied = True
        elif self.up:
            self.lost = True


class Client:
    """Requests one at a time; use one client per thread."""

    def __init__(self, key):
        self.key = key if isinstance(key, KeyFile) else KeyFile.read(key)
        self.context = zmq.Context()
        self.connection = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.hang_up()
        self.context.term()

    def hang_up(self):
        """Ends the connection; the next request makes another."""
        if self.connection:
            self.connection.close()
        self.connection = None

    def exchange(self, body, timeout=10.0):
        """Sends bytes until they are answered; the bytes of the answer."""
        if not 0 < len(body) <= REQUEST_MAX:
            raise CtpsError(f"a request has 1 to {REQUEST_MAX} bytes, this one {len(body)}")
        deadline, wait = time.monotonic() + timeout, FIRST_WAIT
        while (left := deadline - time.monotonic()) > 0:
            if not self.connection:
                self.connection = Connection(self.context, zmq.DEALER, self.key,
                                             self.key.commands)
            self.connection.socket.send(body)
            if self.connection.wait(min(left, wait)):
                return self.connection.socket.recv()
            denied, lost = self.connection.denied, self.connection.lost
            self.hang_up()  # a late answer must not be taken for the next request's
            if denied:
                raise Denied(f"{self.key.commands}: the key of {self.key.principal} is not admitted")
            if lost:
                time.sleep(0.1)
            else:
                wait = min(2 * wait, LAST_WAIT)
        raise NoAnswer(f"{self.key.commands}: no answer within {timeout} s")

    def request(self, request, timeout=10.0):
        """Sends a Request, giving it an id when it has none; the Reply, whatever it says."""
        if not request.id:
            request.id = new_id()
        return answer.Reply.FromString(self.exchange(request.SerializeToString(), timeout))

    def ask(self, timeout=10.0, **fields):
        """As request(), of `name=message`; raises Refused when the answer is no."""
        reply = self.request(command.Request(**fields), timeout)
        if reply.status == answer.REPLY_REFUSED:
            raise Refused(reply)
        return reply

    def events(self, audience="plugins", after=0, incarnation=b"", timeout=None):
        """Every event after number `after`, in order, none left out and none twice; ends when
        none came for `timeout` seconds. `after=None`: only what comes from now on."""
        heard = Connection(self.context, zmq.SUB, self.key, self.key.events)
        try:
            yield from Follower(self, heard, audience, after, incarnation).follow(timeout)
        finally:
            heard.close()


class Follower:
    """Where one is in the events of an audience."""

    def __init__(self, client, heard, audience, after, incarnation):
        self.client, self.heard, self.audience = client, heard, audience
        self.after, self.incarnation, self.must_pull = after, incarnation, True

    def follow(self, timeout):
        last = time.monotonic()
        while True:
            for event in self._pull() if self.must_pull else self._hear(timeout, last):
                self.after = event.number
                yield event
                last = time.monotonic()
            if timeout is not None and not self.must_pull and time.monotonic() - last >= timeout:
                return

    def _check(self, header):
        if self.incarnation and header.incarnation != self.incarnation:
            raise Restored(f"a backup was restored: events up to {self.after} may never have been")
        self.incarnation = header.incarnation

    def _pull(self):
        read = command.ReadEvents(audience=self.audience, limit=500,
                                  after=2**64 - 1 if self.after is None else self.after)
        if self.incarnation:
            read.incarnation = self.incarnation
        reply = self.client.request(command.Request(read_events=read))
        if reply.status == answer.REPLY_BUSY:
            time.sleep(0.1)
            return
        if reply.status == answer.REPLY_REFUSED:
            raise Restored(reply.refusal.text_en) if "incarnation" in reply.refusal.name \
                else Refused(reply)
        found, head = reply.events_answer.events, reply.events_answer.head
        if reply.events_answer.HasField("head"):
            self._check(head)
        if self.after is None:
            self.after = head.number
        self.must_pull = bool(found) and found[-1].header.number < head.number
        for record in found:
            if record.header.number > self.after:
                yield Event(record.header.number, record.header.topic, record.header,
                            record.notice)

    def _hear(self, timeout, last):
        left = 1.0 if timeout is None else max(0.0, timeout - (time.monotonic() - last))
        if not self.heard.wait(left):
            if self.heard.denied:
                raise Denied(f"{self.client.key.events}: the key of {self.client.key.principal} "
                             f"may not follow {self.audience}")
            self.must_pull, self.heard.lost = self.heard.lost, False
            return
        topic, packed = self.heard.hear() or (b"", b"")
        try:
            record = notice.EventRecord.FromString(packed)
        except DecodeError:
            return
        header = record.header
        if not record.HasField("header") or not (record.HasField("notice") or topic == HEARTBEAT):
            return
        self._check(header)
        if header.number <= self.after:
            return
        self.must_pull = topic == HEARTBEAT or header.previous_number != self.after
        if not self.must_pull:
            yield Event(header.number, header.topic, header, record.notice)
