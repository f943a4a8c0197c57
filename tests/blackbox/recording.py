"""A town whose disk is recorded, what its clients were promised meanwhile, and the questions a
rebuilt disk must answer (through tests/harness/store_probe)."""

import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass

import paths
from promised import Promise, differs
from town import Town, ctps_client

sys.path.insert(0, str(paths.ROOT / "tests" / "harness"))

import ioreplay  # noqa: E402

answer, command = ctps_client.answer, ctps_client.command
SEGMENTS = "journal/*.seg"
ASKED_MAX, TEXTS_MAX = 100, 3


@dataclass
class Fact:
    """Something true from `since` on, until `until` (positions in the log; 0: for ever)."""

    since: int
    kind: str  # live | revoked | erased
    value: object
    until: int = 0

    def holds_at(self, position):
        return self.since <= position and not (self.until and position >= self.until)


class Recording:
    """`prepare(town)` runs unrecorded and ends flushed; then ask(), burst(), start(), die()."""

    def __init__(self, prepare, seed, every_start=None, base=None):
        self.rng = random.Random(seed)
        self.town = Town(base=base)
        self.log = self.town.dir / "log"
        self.base = self.town.dir / "base"
        self.every_start = every_start or {}
        self.promises, self.texts, self.facts, self.wrong = [], [], [], []
        self.unanswered = []
        self.town.start()
        self.town.seed()
        self.actors = prepare(self.town)
        self.town.stop()
        shutil.copytree(self.town.data, self.base,
                        copy_function=lambda a, b: subprocess.run(
                            ["cp", "--sparse=always", a, b], check=True))

    def position(self):
        return ioreplay.log_length(self.log)

    def start(self, expect_ready=True, **rules):
        return self.town.start(self.town.recorder(self.log, **{**self.every_start, **rules}),
                               expect_ready)

    def wait_end(self, expected):
        status = self.town.wait()
        if status != expected:
            self.wrong.append(f"the daemon ended with {status}, not {expected}: "
                              f"{self.town.words(3)}")

    def start_again(self, **rules):
        """After an end of its own; then asks again for what was not answered."""
        self.start(**rules)
        again, self.unanswered = self.unanswered, []
        for actor, body, token in again:
            self.exchange(actor, [(body, token)])

    def body(self, **fields):
        return command.Request(id=self.rng.randbytes(16), **fields).SerializeToString()

    def ask(self, actor, token="", **fields):
        """The reply, noted as promised; None when the daemon died instead."""
        got = self.exchange(actor, [(self.body(**fields), token)])
        return got[0] if got else None

    def exchange(self, actor, requests, timeout=20.0):
        """Sends all at once and notes each answer with the length of the log when it came."""
        connection = ctps_client.Connection(actor.client.context, ctps_client.zmq.DEALER,
                                            actor.key, actor.key.commands)
        waiting = {command.Request.FromString(b).id: (b, t) for b, t in requests}
        replies = []
        for body, _ in requests:
            connection.socket.send(body)
        while waiting and connection.wait(timeout):
            reply = answer.Reply.FromString(connection.socket.recv())
            body, token = waiting.pop(reply.id)
            self.note(actor, body, token, reply)
            replies.append(reply)
        connection.close()
        self.unanswered += [(actor, body, token) for body, token in waiting.values()]
        return replies

    def note(self, actor, body, token, reply):
        position = self.position()
        if reply.status == answer.REPLY_REFUSED:
            self.wrong.append(f"refused: {reply.refusal.name} {reply.refusal.field}")
        if reply.status != answer.REPLY_DONE:
            return
        promise = Promise(body, reply, 0, 0, actor.key.public_bytes, position, token)
        self.promises.append(promise)
        if token:
            self.texts.append(promise)

    def close(self):
        """Keeps the recording, ends everything that runs."""
        self.town.kill()
        for client in self.town.clients:
            client.close()
        self.town.clients = []

    def remove(self):
        self.town.close()


class ProbeDied(Exception):
    """The probe crashed, which no disk may make it do."""


class Probe:
    """store_probe on rebuilt disks."""

    def __init__(self, root_key):
        self.process = subprocess.Popen(
            [paths.program("tests/harness/store_probe"), root_key], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "TZ": "Europe/Paris"})

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def lines(self, *lines):
        """The answers to some lines."""
        try:
            self.process.stdin.write("".join(line + "\n" for line in lines))
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise ProbeDied(f"status {self.process.wait()}") from error
        got = [self.process.stdout.readline().strip() for _ in lines]
        if not got[-1]:
            raise ProbeDied(f"status {self.process.wait()}, at one of {lines[0][:60]}…")
        return got

    def line(self, line):
        return self.lines(line)[0]


def questions(recording, position, rng):
    """(promises, texts) to look at on a disk cut at `position`."""
    promises = [p for p in recording.promises if p.position <= position]
    if len(promises) > ASKED_MAX:
        promises = promises[-ASKED_MAX // 2:] + rng.sample(promises, ASKED_MAX // 2)
    erased = {f.value[1] for f in recording.facts if f.kind == "erased"}
    texts = [p for p in recording.texts
             if p.position <= position and p.reply.made[0].id not in erased]
    return promises, texts[-1:] + rng.sample(texts, min(TEXTS_MAX, len(texts)))


def judge(probe, recording, folder, position, boot, rng, deep):
    """What is wrong with a rebuilt disk, or None."""
    if (got := probe.line(f"open {folder} {boot}")) != "ok":
        return got
    promises, texts = questions(recording, position, rng)
    erased = [f.value for f in recording.facts if f.kind == "erased" and f.holds_at(position)]
    bodies = [(p.public, p.body) for p in promises]
    bodies += [(p.public, recording.body(saisine_get={"id": p.reply.made[0].id,
                                                      "nominative": True})) for p in texts]
    bodies += [(key, recording.body(situation_get={"id": situation, "nominative": nominative}))
               for key, _, situation in erased for nominative in (True, False)]
    asked = probe.lines(*[f"ask {key.hex()} {body.hex()}" for key, body in bodies], "turn")
    if not asked[-1].startswith("ok"):
        return asked[-1]
    replies = [answer.Reply.FromString(bytes.fromhex(word) if word != "-" else b"")
               for word in asked[-1].split()[1:]]
    return judge_replies(replies, promises, texts, erased) or \
        judge_keys(probe, recording, position) or \
        (judge_store(probe, folder, boot) if deep else None)


def judge_replies(replies, promises, texts, erased):
    for promise, reply in zip(promises, replies):
        if why := differs(promise, reply):
            return f"answer {why}"
    for promise, reply in zip(texts, replies[len(promises):]):
        shown = reply.saisine_answer.saisines
        if not shown or shown[0].text != promise.token:
            return f"saisine {promise.reply.made[0].id} lost its text {reply.refusal.name}"
    rest = replies[len(promises) + len(texts):]
    for (_, _, situation), named, plain in zip(erased, rest[::2], rest[1::2]):
        if named.refusal.name != "erased":
            return f"situation {situation} can still be read"
        if not plain.situation_answer.situations[0].erased:
            return f"situation {situation} is not erased"
    return None


def judge_keys(probe, recording, position):
    for fact in recording.facts:
        if fact.kind in ("live", "revoked") and fact.holds_at(position):
            expected = f"ok {int(fact.kind == 'live')}"
            if (got := probe.line(f"live {fact.value.hex()}")) != expected:
                return f"key is not {fact.kind}: {got}"
    return None


def judge_store(probe, folder, boot):
    """The views as they are now against a rebuild, chain and keyring."""
    if (got := probe.line("close clean")) != "ok":
        return got
    got = probe.line(f"check {folder} {boot}")
    return None if got.startswith("ok") and got.endswith("trusted") else f"check: {got}"
