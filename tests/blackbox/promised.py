"""Clients that remember what they were promised, and say whether it is still so.

A Witness sends commands with its own ids, notes each answer after receiving it, sends again
with the same id what was not answered, and asks again for old answers. `wrong` is a list of
sentences: each is a broken promise.
"""

import random
import threading
import time
from dataclasses import dataclass

from town import ctps_client, person, saisine, today

answer, command = ctps_client.answer, ctps_client.command


@dataclass
class Promise:
    """One answered request."""

    body: bytes
    reply: object
    sent: float
    heard: float
    public: bytes = b""
    position: int = 0  # length of the recording when it was heard
    token: str = ""    # nominative text that must be found again

    @property
    def key(self):
        """What must come again: the entry and what it made."""
        return outcome(self.reply)


def outcome(reply):
    return (reply.status, reply.seq, [(m.kind, m.id, m.reference) for m in reply.made])


def differs(promise, reply):
    """Why `reply` to the same bytes is not the promised answer; None when it is."""
    if reply.status == answer.REPLY_REFUSED:
        return f"refused now ({reply.refusal.name}), was {promise.key}"
    if outcome(reply) != promise.key:
        return f"{outcome(reply)}, was {promise.key}"
    return None if reply.repeated_answer else f"done again: {promise.key}"


@dataclass
class Situation:
    id: int
    reference: str
    entries: int = 0
    status: str = "a_qualifier"


class Witness(threading.Thread):
    """One agent at work until `stop` is set; `told` is notified after each answer."""

    def __init__(self, town, agent, territory, seed, told):
        super().__init__(daemon=True)
        self.town, self.agent, self.territory, self.told = town, agent, territory, told
        self.rng = random.Random(seed)
        self.name = f"{agent.name}-{territory}"
        self.promises, self.wrong = [], []
        self.waiting, self.situations, self.received = [], [], []
        self.stopping, self.generation, self.checked = False, 0, 0

    def run(self):
        seen = 0
        try:
            while not self.stopping:
                if seen != self.generation:
                    seen = self.generation
                    self.ask_again(self.promises[-1:])
                elif self.promises and self.rng.random() < 0.05:
                    self.ask_again([self.rng.choice(self.promises)])
                self.act()
        except Exception as error:  # a thread must not end unseen
            self.wrong.append(f"{self.name}: {type(error).__name__}: {error}")
        with self.told:
            self.told.notify_all()

    def ask_again(self, promises):
        for promise in promises:
            reply = answer.Reply.FromString(self.agent.client.exchange(promise.body, 60))
            why = differs(promise, reply)
            self.checked += 1
            if why:
                self.wrong.append(f"{self.name}: answer {why}")

    def send(self, token="", **fields):
        """The promise; an unexpected refusal is noted and gives None."""
        body = command.Request(id=self.rng.randbytes(16), **fields).SerializeToString()
        sent = time.monotonic()
        while True:
            reply = answer.Reply.FromString(self.agent.client.exchange(body, 60))
            if reply.status != answer.REPLY_BUSY:
                break
        if reply.status == answer.REPLY_REFUSED:
            self.wrong.append(f"{self.name}: refused: {reply.refusal.name} {reply.refusal.field}")
            return None
        promise = Promise(body, reply, sent, time.monotonic(), token=token)
        if reply.status == answer.REPLY_DONE:
            self.promises.append(promise)
        with self.told:
            self.told.notify_all()
        return promise

    def act(self):
        share = self.rng.random()
        if share < 0.2 and self.waiting:
            self.accept()
        elif share < 0.4 and self.situations:
            self.add_entry()
        elif share < 0.45 and self.situations:
            self.set_status()
        elif share < 0.5 and self.received:
            self.read_back(*self.rng.choice(self.received))
        else:
            self.receive()

    def receive(self):
        token = f"{self.name} {len(self.received)} {self.rng.randbytes(6).hex()}"
        people = [person("N" + self.rng.randbytes(4).hex())] if self.rng.random() < 0.5 else []
        promise = self.send(token, saisine_receive=saisine(self.territory, token, people))
        if promise:
            made = promise.reply.made[0].id
            self.waiting.append(made)
            self.received.append((made, token))

    def accept(self):
        saisine_id = self.waiting.pop(self.rng.randrange(len(self.waiting)))
        promise = self.send(saisine_accept={"id": saisine_id, "title": "t"})
        if promise:
            made = promise.reply.made[0]
            self.situations.append(Situation(made.id, made.reference))

    def add_entry(self):
        situation = self.rng.choice(self.situations)
        if self.send(situation_add_entry={"id": situation.id, "kind": "appel", "day": today(),
                                          "text": "entry"}):
            situation.entries += 1

    def set_status(self):
        situation = self.rng.choice(self.situations)
        status = "veille" if situation.status == "suivi" else "suivi"
        fields = {"watch_until_day": today() + 30} if status == "veille" else {}
        if self.send(situation_set_status={"id": situation.id, "status": status, **fields}):
            situation.status = status

    def read_back(self, saisine_id, token):
        promise = self.send(saisine_get={"id": saisine_id, "nominative": True})
        self.checked += 1
        if promise and promise.reply.saisine_answer.saisines[0].text != token:
            self.wrong.append(f"{self.name}: saisine {saisine_id} lost its text")


def in_order(promises):
    """Broken order: what was heard before another was sent has the smaller entry."""
    wrong = []
    by_heard = sorted(promises, key=lambda p: p.heard)
    newest, at = 0, 0
    for promise in sorted(promises, key=lambda p: p.sent):
        while at < len(by_heard) and by_heard[at].heard < promise.sent:
            newest = max(newest, by_heard[at].reply.seq)
            at += 1
        if promise.reply.seq <= newest:
            wrong.append(f"entry {promise.reply.seq} was asked for after {newest} was answered")
    seqs = [promise.reply.seq for promise in promises]
    if len(set(seqs)) != len(seqs):
        wrong.append("two commands have one entry")
    return wrong


def pages(client, kind, limit=500):
    """Every saisine or situation the client may list."""
    found, last = [], 0
    while True:
        if kind == "saisine":
            reply = client.ask(60, saisine_list={"after": last, "limit": limit}).saisine_answer
            part = reply.saisines
        else:
            fields = {"with_closed": True, "limit": limit, **({"before": last} if last else {})}
            reply = client.ask(60, situation_list=fields).situation_answer
            part = reply.situations
        found.extend(part)
        if not reply.more:
            return found
        last = part[-1].id


def gaps(references):
    """Whether the numbers at the end of references are 1 .. count, each once."""
    numbers = sorted(int(reference.rsplit("-", 1)[1]) for reference in references)
    return numbers != list(range(1, len(numbers) + 1))


def compare(witnesses):
    """What the daemon shows against what the witnesses were promised, territory by territory."""
    wrong = []
    for territory in sorted({w.territory for w in witnesses}):
        group = [w for w in witnesses if w.territory == territory]
        client = group[0].agent.client
        shown = [s for s in pages(client, "saisine") if s.territory == territory]
        if {s.id for s in shown} != {i for w in group for i, _ in w.received} or \
                len(shown) != sum(len(w.received) for w in group):
            wrong.append(f"{territory}: {len(shown)} saisines shown, "
                         f"{sum(len(w.received) for w in group)} promised")
        if gaps([s.number for s in shown]):
            wrong.append(f"{territory}: numbers of saisines have gaps or doubles")
        wrong += compare_situations(territory, group, client)
    return wrong


def compare_situations(territory, group, client):
    shown = {s.id: s for s in pages(client, "situation") if s.territory == territory}
    known = {s.id: s for w in group for s in w.situations}
    wrong = []
    if shown.keys() != known.keys():
        wrong.append(f"{territory}: {len(shown)} situations shown, {len(known)} promised")
    if gaps([s.reference for s in shown.values()]):
        wrong.append(f"{territory}: references of situations have gaps or doubles")
    for number in shown.keys() & known.keys():
        is_now = (shown[number].entry_count, shown[number].status, shown[number].reference)
        was = (known[number].entries, known[number].status, known[number].reference)
        if is_now != was:
            wrong.append(f"{territory}: situation {number}: {is_now}, promised {was}")
    return wrong
