#!/usr/bin/python3
"""R1: what was acknowledged is never lost, doubled or reordered by kill -9.

Five clients work on a real daemon, which is killed at moments drawn by the seed: from outside
after some answers, or by the recorder before the write, between write and flush, between flush
and reply, and while it starts. It is started again, the clients send again what was not
answered, and ask again for what was.

--short     300 kills
--long      10,000, in towns of 500 kills; resumed where it stopped, within --minutes
--control   the journal's write is left out for the last batches before each kill: they are
            answered from memory. (A kill cannot tell a missing flush: that is R2's control.)
"""
import argparse
import collections
import os
import pathlib
import random
import struct
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))

import promised  # noqa: E402
from town import Town  # noqa: E402

SEGMENTS = "journal/*.seg"
SHORT, LONG, PER_TOWN, CONTROL = 300, 10_000, 500, 30
CHECK_EVERY = 25
WAYS = {"anywhere": 40, "before write": 10, "write to flush": 22, "flush to reply": 22, "start": 6}
PHASES = ("idle", "writing", "written", "flushing", "flushed")
SLOW_S = 15


class Cursor(threading.Thread):
    """A plugin that follows the events and keeps its place in the daemon."""

    def __init__(self, town):
        super().__init__(daemon=True)
        self.client = town.client_of(town.follower())
        self.place, self.topics, self.wrong, self.stopping = 0, collections.Counter(), [], False
        self.moved = 0

    def run(self):
        try:
            while not self.stopping:
                self.step()
        except Exception as error:  # a thread must not end unseen
            self.wrong.append(f"follower: {type(error).__name__}: {error}")

    def step(self):
        found = self.client.ask(SLOW_S, read_events={"audience": "plugins", "after": self.place,
                                                     "limit": 100}).events_answer.events
        for event in found:
            header = event.header
            if header.previous_number != self.place or header.number <= self.place:
                self.wrong.append(f"event {header.number} says it follows "
                                  f"{header.previous_number}, heard before: {self.place}")
            self.place = header.number
            self.topics[header.topic] += 1
        self.client.ask(SLOW_S, cursor_set={"audience": "plugins", "position": self.place})
        self.moved += 1

    def drain(self):
        """Reads to the end; how far behind the daemon then believes it to be."""
        last = None
        while last != self.place:
            last = self.place
            self.step()

    def lag(self):
        figures = self.client.ask(SLOW_S, status_get={}).status_answer.figures
        return next((f.value for f in figures if f.name == "consumer.follower.lag"), None)


class Run:
    """One town and its kills."""

    def __init__(self, seed, control):
        self.rng = random.Random(seed)
        self.seed, self.control = seed, control
        self.town = Town()
        self.phase_file = self.town.dir / "phase"
        self.told = threading.Condition()
        self.hits, self.phases = collections.Counter(), collections.Counter()
        self.start_writes, self.wrong = 4, []
        self.kills = 0
        self.make()

    def make(self):
        town = self.town
        town.start()
        town.seed()
        self.witnesses = []
        for number, territory in enumerate(("T1", "T1", "T2", "T2", "T3")):
            agent = town.agent(f"A{number}", [territory])
            self.witnesses.append(promised.Witness(town, agent, territory,
                                                   f"{self.seed}/{number}", self.told))
        self.cursor = None if self.control else Cursor(town)

    def answers(self):
        return sum(len(w.promises) for w in self.witnesses)

    def phase(self):
        """(phase, writes, flushes) as the recorder left them."""
        data = self.phase_file.read_bytes() if self.phase_file.exists() else b""
        return struct.unpack_from("<QQQ", data) if len(data) >= 24 else (0, 0, 0)

    def rules(self, way):
        rules = {"PHASE": f"{self.phase_file}:{SEGMENTS}"}
        if self.control:
            count = self.start_writes + self.rng.randint(1, 10)
            rules["FAIL"] = f"write:{count}+:DROP:{SEGMENTS}"
        elif way == "start":
            rules["KILL"] = f"any:{self.rng.randint(1, 120)}:before"
        elif way == "before write":
            count = self.start_writes + self.rng.randint(1, 12)
            rules["KILL"] = f"write:{count}:before:{SEGMENTS}"
        elif way == "write to flush":
            rules["KILL"] = f"fdatasync:{self.rng.randint(1, 12)}:before:{SEGMENTS}"
        elif way == "flush to reply":
            rules["KILL"] = f"fdatasync:{self.rng.randint(1, 12)}:after:{SEGMENTS}"
        return rules

    def await_answers(self, count):
        """Until the clients heard `count` more, or the daemon is gone."""
        wanted = self.answers() + count
        with self.told:
            done = self.told.wait_for(lambda: self.answers() >= wanted or not self.alive(), SLOW_S)
        if not done:
            self.wrong.append(f"kill {self.kills}: no answer within {SLOW_S} s")

    def alive(self):
        return self.town.is_running() and not any(w.wrong for w in self.witnesses)

    def kill(self):
        way = "anywhere" if self.control else \
            self.rng.choices(list(WAYS), list(WAYS.values()))[0]
        self.phase_file.unlink(missing_ok=True)
        status = self.town.start(self.town.recorder(**self.rules(way)), expect_ready=False)
        if status is None:
            self.await_kill(way)
            way = "anywhere" if way == "start" else way
        elif status != -9:
            self.wrong.append(f"kill {self.kills}: the start ended with {status}: "
                              f"{self.town.words(3)}")
        elif way != "start":
            way = "start"
        self.hits[way] += 1
        self.phases[PHASES[self.phase()[0]]] += 1
        self.kills += 1

    def await_kill(self, way):
        if not self.control:
            self.start_writes = self.phase()[1]
        for witness in self.witnesses:
            witness.generation += 1
        if way == "anywhere":
            self.await_answers(self.rng.randint(1, 15) + (10 if self.control else 0))
            time.sleep(self.rng.random() * 0.003)  # the moment drawn, not a wait
            self.town.kill()
            return
        status = self.town.wait(SLOW_S)
        if status != -9:
            self.wrong.append(f"kill {self.kills}: the daemon ended with {status}: "
                              f"{self.town.words(3)}")

    def check_store(self):
        done = self.town.ctps("store", "check", check=False)
        if done.returncode:
            self.wrong.append(f"after kill {self.kills}: store check: {done.stderr.strip()}")

    def broken(self):
        return self.wrong or any(w.wrong for w in self.witnesses) or \
            (self.cursor and self.cursor.wrong)

    def go(self, kills, deadline):
        self.town.stop()
        threads = self.witnesses + ([self.cursor] if self.cursor else [])
        for thread in threads:
            thread.start()
        while self.kills < kills and not self.broken() and time.monotonic() < deadline:
            self.kill()
            if self.kills % CHECK_EVERY == 0:
                self.check_store()
        status = self.town.start(expect_ready=False)
        if status is not None:
            self.wrong.append(f"the last start ended with {status}: {self.town.words(3)}")
            return self.finish(threads)
        for thread in threads:
            thread.stopping = True
        for thread in threads:
            thread.join(SLOW_S)
        if not self.control:
            self.last_look()
        return self.finish(threads)

    def last_look(self):
        for witness in self.witnesses:
            witness.ask_again(witness.promises)
            for known in witness.received:
                witness.read_back(*known)
        self.wrong += promised.compare(self.witnesses)
        self.wrong += promised.in_order([p for w in self.witnesses for p in w.promises])
        self.cursor.drain()
        before = self.cursor.lag()
        self.town.crash()
        if self.cursor.lag() != before:
            self.wrong.append(f"cursor: {before} behind before the kill, not after")
        opened = sum(len(w.situations) for w in self.witnesses)
        if self.cursor.topics["situation.opened"] != opened:
            self.wrong.append(f"{dict(self.cursor.topics)}: {opened} situations were opened")
        self.town.stop()
        self.check_store()

    def finish(self, threads):
        for thread in threads:
            thread.stopping = True
        self.town.kill()
        for thread in threads:
            self.wrong += thread.wrong
        kept = self.town.dir
        if self.wrong and not self.control and os.environ.get("CTPS_KEEP"):
            self.town.own = False
            print(f"kept: {kept}")
        if all(not t.is_alive() for t in threads):
            self.town.close()
        return self.wrong


def one_town(seed, kills, control, deadline):
    """(kills, failures) of one town, with what it hit printed."""
    begun = time.monotonic()
    run = Run(seed, control)
    wrong = run.go(kills, deadline)
    for line in wrong[:20]:
        print(f"seed {seed}: {line}")
    checked = sum(w.checked for w in run.witnesses)
    print(f"seed {seed}: {run.kills} kills, {run.answers()} answers, {checked} looked at again, "
          f"{time.monotonic() - begun:.0f} s; hit: {dict(run.hits)}; "
          f"journal at the kill: {dict(run.phases)}", flush=True)
    return run.kills, len(wrong)


def long_form(seed, deadline):
    state = pathlib.Path(os.environ["CTPS_CAMPAIGN_STATE"]) / f"towns-{seed}"
    kills, failures = map(int, state.read_text().split()) if state.exists() else (0, 0)
    if kills >= LONG:
        kills, failures = 0, 0
    while kills < LONG and time.monotonic() < deadline:
        more, wrong = one_town(f"{seed}/{kills}", min(PER_TOWN, LONG - kills), False, deadline)
        kills, failures = kills + more, failures + wrong
        state.write_text(f"{kills} {failures}\n")
    return kills, failures


def main():
    parser = argparse.ArgumentParser()
    mode = parser.add_mutually_exclusive_group(required=True)
    for name in ("--short", "--long", "--control"):
        mode.add_argument(name, action="store_true")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--minutes", type=float, default=240)
    options = parser.parse_args()
    deadline = time.monotonic() + 60 * options.minutes
    if options.long:
        runs, failures = long_form(options.seed, deadline)
    else:
        runs, failures = one_town(options.seed, CONTROL if options.control else SHORT,
                                  options.control, deadline)
    print(f"{runs} runs, {failures} failures", flush=True)
    os._exit(0)  # clients of a failed run may still be asking


if __name__ == "__main__":
    main()
