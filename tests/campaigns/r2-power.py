#!/usr/bin/python3
"""R2: what was acknowledged survives a power cut at any instant.

The daemon works in three recorded scenarios, dying and failing on the way: each write, flush
and name it made is known, and what its clients had been answered at which moment. Then disks
are rebuilt as a cut may leave them (tests/harness/ioreplay.py: all, only flushed, one sector or
name more, torn, random), opened as after another boot, and asked for what had been promised:
same answers to the same ids, texts readable, erased ones not, revoked keys dead, views equal to
a rebuild.

--short     10,200 disks by draw, or as many as 4 minutes allow
--long      1,000,000, recorded anew every 20,000; resumed where it stopped, within --minutes
--control   three defects, each must be found: no flush; views trusted after a cut; the segment
            not written again at the start after a failed flush. Runs and failures count them.
"""
import argparse
import collections
import multiprocessing
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))

from recording import SEGMENTS, Fact, Probe, ProbeDied, Recording, ioreplay, judge  # noqa: E402
from town import saisine, today  # noqa: E402

SHORT, LONG, ROUND, CONTROL = 10_200, 1_000_000, 20_000, 600
SHORT_S, CONTROL_S = 240, 40
WORKERS = 2
START_WRITES = 2  # to the keyring's file at each start: its newest transaction is settled
SLOTS_IDLE = 2192  # the daemon adds a block below (ENGINE_SLOTS_IDLE); scenarios see that it did
VIEWS_SHARE = 0.1  # writes of the views matter less: they are thrown away
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


# --- scenarios: what is recorded ---

def agents(town):
    return [town.agent("A", ["T1"]), town.agent("B", ["T2"]),
            town.agent("H", [], function="responsable")]


def receive(rec, actor, count=1, territory="T1"):
    """Some saisines at once."""
    requests = []
    for _ in range(count):
        token = "text " + rec.rng.randbytes(6).hex()
        requests.append((rec.body(saisine_receive=saisine(territory, token)), token))
    return rec.exchange(actor, requests)


def open_situation(rec, actor):
    """(saisine, situation)"""
    saisine_id = receive(rec, actor)[0].made[0].id
    return saisine_id, rec.ask(actor, saisine_accept={"id": saisine_id, "title": "t"}).made[0].id


def work_until_end(rec, actor, other, status):
    """Commands alone and several at once until the daemon is gone."""
    for number in range(40):
        receive(rec, actor, rec.rng.choice((1, 1, 2, 4)))
        if not rec.unanswered and number % 3 == 0:
            receive(rec, other, 2, "T2")
        if rec.unanswered:
            break
    rec.wait_end(status)


def scenario_work(rec):
    """Kills between write and flush and after the flush, a failed flush, clean stops."""
    first, second, _ = rec.actors
    control = rec.every_start.get("REWRITE_LEFT_OUT")
    rec.every_start.pop("REWRITE_LEFT_OUT", None)
    rec.start(KILL=f"fdatasync:{rec.rng.randint(5, 9)}:before:{SEGMENTS}")
    work_until_end(rec, first, second, -9)
    rec.start_again(KILL=f"fdatasync:{rec.rng.randint(4, 8)}:after:{SEGMENTS}")
    work_until_end(rec, first, second, -9)
    rec.start_again(FAIL=f"fdatasync:{rec.rng.randint(4, 8)}:EIO:{SEGMENTS}")
    work_until_end(rec, first, second, 75)
    rec.start_again(**({"FAIL": f"write:1:DROP:{SEGMENTS}"} if control else {}))
    _, situation = open_situation(rec, first)
    rec.ask(first, situation_add_entry={"id": situation, "kind": "appel", "day": today(),
                                        "text": "entry"})
    rec.town.stop()
    rec.start(KILL=f"write:{rec.rng.randint(70, 75)}:after:{SEGMENTS}")
    work_until_end(rec, first, second, -9)
    rec.start_again()
    receive(rec, first, 3)
    rec.town.stop()


def scenario_keys(rec):
    """Situations erased, also across kills in the middle of it; keys registered and revoked."""
    first, _, head = rec.actors
    operator = Operator(rec.town)
    rec.start()
    opened = [open_situation(rec, first) for _ in range(3)]
    public = rec.rng.randbytes(32)
    rec.ask(operator, key_register={"public_key": public, "label": "k",
                                    "principal": {"kind": 2, "id": first.id}})
    known = Fact(rec.position(), "live", public)
    for number, (saisine_id, situation) in enumerate(opened):
        rec.ask(first, situation_close={"id": situation, "day": today(), "motive": "resolue"})
        erase(rec, head, first, saisine_id, situation)
        if number == 0:
            known.until = rec.position()
            rec.facts.append(known)
            rec.ask(operator, key_revoke={"public_key": public})
            rec.facts.append(Fact(rec.position(), "revoked", public))
        rec.town.kill()
        kind = rec.rng.choice(("rename", "unlink", "write", "fsync"))
        when = rec.rng.choice(("before", "after"))
        rec.start(False, KILL=f"{kind}:{rec.rng.randint(1, 3)}:{when}:keyring/*")
        rec.town.kill()
        rec.start()
        receive(rec, first, 2)
    rec.town.stop()


def erase(rec, head, first, saisine_id, situation):
    """From the answer on it will be done, whatever happens: at the next start at the latest."""
    rec.ask(head, situation_erase={"id": situation, "reason": "suivi"})
    rec.facts.append(Fact(rec.position(), "erased",
                          (first.key.public_bytes, saisine_id, situation)))


def nearly_empty(town):
    """So few free key slots that a block is added in the recorded part."""
    actors = agents(town)
    while int(town.figures()["keyring.free"]) > SLOTS_IDLE + 20:
        take_slots(actors[0], 10)
    return actors


def take_slots(actor, count):
    for _ in range(count):
        actor.client.ask(saisine_receive=saisine("T1", "before"))


def scenario_slots(rec):
    """A block of key slots is added between commands, and by a start that is killed at it."""
    first = rec.actors[0]
    rec.start(KILL=f"write:{START_WRITES + 1}:after:keyring/*.keys")
    work_until_end(rec, first, rec.actors[1], -9)
    rec.start_again()
    for _ in range(6):
        receive(rec, first, 10)
    if "keyring" not in {r.path.split("/")[0] for r in ioreplay.read_records(rec.log)
                         if r.op == ioreplay.WRITE}:
        rec.wrong.append("the scenario added no block of key slots")
    rec.town.stop()


class Operator:
    """The local operator as an actor."""

    def __init__(self, town):
        self.client = town.operator
        self.key = self.client.key


SCENARIOS = {"work": (scenario_work, agents, 0.6), "keys": (scenario_keys, agents, 0.3),
             "slots": (scenario_slots, nearly_empty, 0.1)}


def record(name, seed, every_start=None):
    run, prepare, _ = SCENARIOS[name]
    rec = Recording(prepare, f"{seed}/{name}", every_start, MEMORY)
    run(rec)
    rec.close()
    return rec


# --- disks: what is looked at ---

def weigh(state):
    return VIEWS_SHARE if state.record.path.startswith("views") else 1.0


def plan(rec):
    """Sum of the weights of all states."""
    return sum(weigh(state) for state in ioreplay.Replay(rec.log, rec.base).walk())


class Worker:
    """Rebuilds and judges its share of the disks of one recording."""

    def __init__(self, rec, name, number, options):
        self.rec, self.name, self.number, self.options = rec, name, number, options
        self.rng = random.Random(f"{options.seed}/{name}/{number}")
        self.found, self.wrong = collections.Counter(), []

    def run(self, queue):
        self.folder = tempfile.mkdtemp(prefix="ci", dir=MEMORY)
        probe = Probe(self.rec.town.dir / "keys" / "root.key")
        try:
            per_weight = self.options.count / WORKERS / max(1.0, plan(self.rec))
            for state in ioreplay.Replay(self.rec.log, self.rec.base).walk():
                count = per_weight * weigh(state)
                for _ in range(int(count) + (self.rng.random() < count % 1)):
                    probe = self.one(state, probe)
                if time.monotonic() > self.options.deadline or len(self.wrong) > 200:
                    break
        finally:
            probe.close()
            shutil.rmtree(self.folder, ignore_errors=True)
        queue.put((self.found, self.wrong))

    def one(self, state, probe):
        policy = self.rng.choice(self.options.policies)
        images = list(state.images([policy], self.rng, 1))
        if not images:
            images = list(state.images(["flushed"], self.rng, 1))
        image = self.rng.choice(images)
        data = os.path.join(self.folder, "d")
        image.write_to(data)
        deep = self.rng.random() < 0.25
        try:
            why = judge(probe, self.rec, data, state.position, self.options.boot, self.rng, deep)
            probe.line("close rough")
        except ProbeDied as error:
            why = f"the probe died: {error}"
            probe = Probe(self.rec.town.dir / "keys" / "root.key")
        self.found[policy] += 1
        if why:
            self.wrong.append(f"{self.name} at {state.position} ({image.label}, after "
                              f"{state.record}): {why}")
        return probe


def look(rec, name, options):
    """(Counter of policies, failures) over one recording."""
    queue = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=Worker(rec, name, n, options).run, args=(queue,))
               for n in range(WORKERS)]
    for worker in workers:
        worker.start()
    found, wrong = collections.Counter(), list(rec.wrong)
    for _ in workers:
        part, broken = queue.get(timeout=options.deadline - time.monotonic() + 120)
        found += part
        wrong += broken
    for worker in workers:
        worker.join()
    return found, wrong


def one_round(seed, count, seconds):
    """(disks, failures) of the three scenarios."""
    runs = failures = 0
    for name, (_, _, share) in SCENARIOS.items():
        rec = record(name, seed)
        begun = time.monotonic()
        options = argparse.Namespace(seed=seed, count=count * share, boot="new",
                                     policies=ioreplay.POLICIES,
                                     deadline=begun + seconds * share)
        found, wrong = look(rec, name, options)
        report(seed, name, rec, found, wrong, time.monotonic() - begun)
        keep(rec, wrong)
        runs, failures = runs + found.total(), failures + len(wrong)
    return runs, failures


def report(seed, name, rec, found, wrong, seconds, shown=8):
    for line in wrong[:shown]:
        print(f"seed {seed}: {line}")
    print(f"seed {seed}: {name}: {len(rec.promises)} answers, {len(rec.facts)} facts, "
          f"{rec.position()} bytes recorded, {found.total()} disks in {seconds:.0f} s "
          f"{dict(found)}, {len(wrong)} wrong", flush=True)


def keep(rec, wrong):
    if wrong and os.environ.get("CTPS_KEEP"):
        print(f"kept: {rec.town.dir}")
    else:
        rec.remove()


CONTROLS = {
    "no flush": ("work", {"DROP": f"flush:{SEGMENTS}"}, "new", ("flushed", "random")),
    "views trusted after a cut": ("work", {}, "same", ("random", "one")),
    "segment not written again": ("work", {"REWRITE_LEFT_OUT": "1"}, "new", ("flushed",)),
}


def control(seed):
    missed = []
    for title, (name, rules, boot, policies) in CONTROLS.items():
        rec = record(name, seed, dict(rules))
        begun = time.monotonic()
        options = argparse.Namespace(seed=seed, count=CONTROL, boot=boot, policies=policies,
                                     deadline=begun + CONTROL_S)
        found, wrong = look(rec, name, options)
        print(f"control: {title}")
        report(seed, name, rec, found, wrong, time.monotonic() - begun, 3)
        rec.remove()
        if not wrong:
            missed.append(title)
    if missed:
        print("not found:", *missed)
        sys.exit(1)
    return len(CONTROLS), len(CONTROLS)


def long_form(seed, minutes):
    state = pathlib.Path(os.environ["CTPS_CAMPAIGN_STATE"]) / f"disks-{seed}"
    runs, failures = map(int, state.read_text().split()) if state.exists() else (0, 0)
    if runs >= LONG:
        runs, failures = 0, 0
    deadline = time.monotonic() + 60 * minutes
    while runs < LONG and time.monotonic() < deadline:
        more, wrong = one_round(f"{seed}/{runs}", min(ROUND, LONG - runs),
                                deadline - time.monotonic())
        runs, failures = runs + more, failures + wrong
        state.write_text(f"{runs} {failures}\n")
    return runs, failures


def main():
    parser = argparse.ArgumentParser()
    mode = parser.add_mutually_exclusive_group(required=True)
    for name in ("--short", "--long", "--control"):
        mode.add_argument(name, action="store_true")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--minutes", type=float, default=240)
    options = parser.parse_args()
    if options.control:
        runs, failures = control(options.seed)
    elif options.long:
        runs, failures = long_form(options.seed, options.minutes)
    else:
        runs, failures = one_round(options.seed, SHORT, SHORT_S)
    print(f"{runs} runs, {failures} failures")


if __name__ == "__main__":
    main()
