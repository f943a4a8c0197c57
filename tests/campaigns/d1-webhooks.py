#!/usr/bin/python3
"""D1, second part: webhooks arrive.

notify sends to receivers of three partners and one of the town's own, each misbehaving in its own
way: 5xx, 4xx, redirects, silence, connections cut before the message was read and after. The
plugin's processes are killed meanwhile. Then 75 hours go by with nobody listening, the clock moved, and
they come back. Each message that is wanted must arrive, signed, under one webhook-id and with one body
however often it was tried; nobody may get another's. A run is one message wanted.

--short     1 round
--long      1,600 rounds: some 100,000 messages
--control   each try has an id of its own, as if the sender made it: it must be found
"""
import collections
import functools
import os
import pathlib
import random
import signal
import tempfile
import time

import frame

import peopled
from acts import do, receive
from feeds import listener, with_feeds
from receiver import Receiver, answer, certificates, is_signed
from test_70_plugins import wait_for
from test_87_webhooks import SECRET, WHSEC, plug

PARTNERS, ROUNDS, OUTAGE_H = 3, 4, 75
MISBEHAVIOURS = [503, 500, 429, 404, 302, "cut", "silent", "reset"]


class Town:
    """A town with receivers; what is wrong with what arrived."""

    def __init__(self, seed, mangle=False):
        self.rng, self.wrong, self.wanted = random.Random(seed), [], collections.Counter()
        self.mangle, self.down, self.calm = mangle, False, False
        self.tries = collections.Counter()  # (webhook and event): how often it came
        authority, pem = pems()
        self.receivers = [Receiver(pem, self.behave) for _ in range(PARTNERS + 1)]
        self.town = peopled.PeopledTown(original())
        with_feeds(self.town)
        plug(self.town, authority, [f"localhost:{one.port}" for one in self.receivers])
        self.town.start(self.town.clock_env())
        wait_for(self.town, lambda view: view.state == "ready", "notify")
        self.partners = [listener(self.town, f"P{n}").partner for n in range(PARTNERS)]
        for of, one in zip(self.partners + [0], self.receivers):
            topics = [] if of else ["saisine.received"]
            do(self.town.client("helene" if of else "admin"), webhook_new=dict(
                url=one.url(), partner=of, secret=SECRET, topics=topics))

    def close(self):
        self.town.close()
        for one in self.receivers:
            one.__exit__()

    def behave(self, message, connection):
        """Badly the first time or two, mostly."""
        name = message.id
        if self.mangle:
            message.headers["webhook-id"] += f"_{random.random()}"
        self.tries[name] += 1
        badly = not self.calm and self.rng.random() < 1.4 - 0.6 * self.tries[name]
        how = "cut" if self.down else self.rng.choice(MISBEHAVIOURS) if badly else 204
        message.taken = how == 204
        if how == "silent":
            time.sleep(1.5)  # longer than the plugin waits
        if how == "reset":
            connection.sendall(b"HTTP/1.1 2")
        return answer(how) if isinstance(how, int) else None

    def refer(self):
        """One saisine of a partner: for its receiver, and for the town's own."""
        at = self.rng.randrange(PARTNERS)
        id = receive(self.town.client("anna"), self.town, origin="terrain",
                     referrer_partner=self.partners[at])
        for receiver in (at, PARTNERS):
            self.wanted[receiver, id] += 1

    def ended(self):
        """How many deliveries came to an end, whichever."""
        return sum(effect.kind != "notification.queued" for effect in do(
            self.town.operator, effect_find=dict(kind="notification.", limit=1000)
        ).effect_answer.effects)

    def settle(self, what, timeout=40):
        deadline = time.monotonic() + timeout
        while self.ended() < len(self.wanted):
            if time.monotonic() > deadline:
                self.wrong.append(f"{what}: {self.ended()} of {len(self.wanted)} ended")
                return
            time.sleep(0.1)

    def kill_plugin(self):
        with open(f"/proc/{self.town.process.pid}/task/{self.town.process.pid}/children",
                  encoding="ascii") as children:
            for child in children.read().split():
                os.kill(int(child), signal.SIGKILL)

    def judge(self):
        for at, receiver in enumerate(self.receivers):
            of_id, of_event = collections.defaultdict(set), collections.defaultdict(set)
            taken = set()
            for message in receiver.messages:
                if not is_signed(WHSEC, message.headers, message.body):
                    self.wrong.append(f"receiver {at}: a false signature")
                id = message.json["data"]["id"]
                of_id[message.id].add(message.body)
                of_event[id].add(message.id)
                if message.taken:
                    taken.add(id)
            self.wrong += [f"{name}: {len(bodies)} bodies" for name, bodies in of_id.items()
                           if len(bodies) > 1]
            self.wrong += [f"saisine {id}: {len(names)} ids" for id, names in of_event.items()
                           if len(names) > 1]
            wanted = {id for receiver, id in self.wanted if receiver == at}
            self.wrong += [f"saisine {id} never arrived" for id in wanted - taken]
            self.wrong += [f"saisine {id} is another's" for id in set(of_event) - wanted]


@functools.cache
def original():
    return peopled.make_original()


@functools.cache
def pems():
    return certificates(pathlib.Path(tempfile.mkdtemp(prefix="pems")))


def misbehaving(seed, mangle=False):
    town = Town(seed, mangle)
    try:
        for number in range(ROUNDS):
            for _ in range(4):
                town.refer()
            if number == ROUNDS // 2:
                town.kill_plugin()
        town.settle("misbehaving")
        town.judge()
        return len(town.wanted), town.wrong
    finally:
        town.close()


def outage(seed):
    town = Town(seed)
    try:
        town.down = town.calm = True
        for step in range(3):
            for _ in range(5):
                town.refer()
            town.receivers[PARTNERS].wait(step + 1, 10)
            town.town.move_clock(OUTAGE_H / 24 * (step + 1) / 3)
        town.down = False
        town.settle("after the outage")
        town.judge()
        return len(town.wanted), town.wrong
    finally:
        town.close()


def play(seed):
    parts = [misbehaving(seed), outage(seed)]
    wrong = [line for _, lines in parts for line in lines]
    for line in wrong[:20]:
        print(line, flush=True)
    return sum(wanted for wanted, _ in parts), len(wrong)


def control(seed):
    wanted, wrong = misbehaving(seed, mangle=True)
    if not any("ids" in line for line in wrong):
        raise SystemExit("each try had an id of its own, and nothing was found")
    return wanted, len(wrong)


if __name__ == "__main__":
    frame.run(play, 1, 1600, control)
