#!/usr/bin/python3
"""R4: an error of the disk never gives a false yes.

In each scenario the n-th call on the data folder fails, for n = 1, 2, 3 … until a run meets no
error: with EIO, with ENOSPC from then on, as a short write. Whatever the daemon does then (ends
with 75, refuses, goes on), what it had answered yes to must be there afterwards: half of the
time after a kill, half of the time on what a power cut would have left.

--short     every n, once
--long      every n with 20 seeds; resumed where it stopped, within --minutes
--control   flushes whose result is ignored: they do nothing and answer success
"""
import argparse
import collections
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))

from promised import differs  # noqa: E402
from recording import SEGMENTS, Recording, answer, command, ioreplay  # noqa: E402
from town import saisine, today  # noqa: E402

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
LONG_SEEDS, SHORT_S = 20, 300
FAULTS = {"EIO": "any:{n}:EIO", "ENOSPC": "any:{n}+:ENOSPC", "short": "write:{n}:SHORT"}
SLOTS_IDLE = 2192  # the daemon adds a block below: ENGINE_SLOTS_IDLE
ANSWER_S, ENDING_S = 3.0, 2.0
EXPECTED = {0, 75}  # stopped well, or: start again


class Trial:
    """One scenario, run again and again from the same disk."""

    def __init__(self, name, seed):
        self.rec = Recording(agents, f"{seed}/{name}", None, MEMORY)
        self.name, self.erased = name, []
        self.kept = self.rec.town.dir / "kept"
        self.rng = random.Random(f"{seed}/{name}")
        PREPARE.get(name, lambda _: None)(self)
        copy(self.rec.town.data, self.kept)

    def reset(self):
        rec = self.rec
        rec.town.kill()
        restore(self.kept, rec.town.data)
        rec.log.unlink(missing_ok=True)
        rec.promises, rec.texts, rec.unanswered, rec.wrong = [], [], [], []

    def run(self, rule):
        """(whether the fault was met, what is wrong) of one run."""
        self.reset()
        self.status = self.rec.start(False, FAIL=rule)
        if self.status is None:
            self.work()
            self.end()
        was_hit = any(r.op == ioreplay.FAULT for r in ioreplay.read_records(self.rec.log))
        return was_hit, self.judge()

    def work(self):
        rec = self.rec
        actor = rec.actors[0]
        for step in STEPS[self.name]:
            if rec.unanswered or not rec.town.is_running():
                break
            step(self, actor)

    def end(self):
        town = self.rec.town
        try:
            self.status = town.wait(ENDING_S) if self.rec.unanswered else town.stop()
        except subprocess.TimeoutExpired:
            town.kill()
            self.status = "silent"

    def judge(self):
        wrong = list(self.rec.wrong)
        if self.status not in EXPECTED and self.status != "silent":
            wrong.append(f"ended with {self.status}: {self.rec.town.words(2)}")
        boot = {}
        if self.rng.random() < 0.5:
            boot = self.cut()
        if (status := self.rec.town.start(boot, expect_ready=False)) is not None:
            return wrong + [f"then the start ended with {status}: {self.rec.town.words(2)}"]
        wrong += self.ask_again()
        self.rec.town.stop()
        done = self.rec.town.ctps("store", "check", check=False)
        if done.returncode:
            wrong.append(f"store check: {done.stderr.strip()}")
        return wrong

    def cut(self):
        """Puts what a power cut would have left in place of the data; environment after it."""
        data, state = self.rec.town.data, None
        for state in ioreplay.Replay(self.rec.log, self.kept).walk():
            pass
        if state is None:
            return {}
        folder = self.rec.town.dir / "cut"
        next(state.images(["flushed"])).write_to(folder)
        restore(folder, data)
        boot = self.rec.town.dir / "boot"
        boot.write_text("another-boot\n")
        return self.rec.town.recorder(BOOT=boot)

    def ask_again(self):
        rec, wrong = self.rec, []
        actors = {actor.key.public_bytes: actor for actor in rec.actors}
        for promise in rec.promises:
            client = actors[promise.public].client
            reply = answer.Reply.FromString(client.exchange(promise.body, 20))
            if why := differs(promise, reply):
                wrong.append(f"answer {why}")
        for promise in rec.texts:
            reply = actors[promise.public].client.request(command.Request(
                saisine_get={"id": promise.reply.made[0].id, "nominative": True}))
            shown = reply.saisine_answer.saisines
            if not shown or shown[0].text != promise.token:
                wrong.append(f"saisine {promise.reply.made[0].id} lost its text")
        for situation in self.erased:
            reply = rec.actors[0].client.request(command.Request(
                situation_get={"id": situation}))
            if not reply.situation_answer.situations[0].erased:
                wrong.append(f"situation {situation} is not erased")
        return wrong


def copy(source, target):
    subprocess.run(["cp", "-a", "--sparse=always", source, target], check=True)


def restore(source, target):
    shutil.rmtree(target)
    copy(source, target)


# --- scenarios ---

def agents(town):
    return [town.agent("A", ["T1"]), town.agent("H", [], function="responsable")]


def receive(trial, actor, count=1):
    rec = trial.rec
    requests = []
    for _ in range(count):
        token = "text " + rec.rng.randbytes(6).hex()
        requests.append((rec.body(saisine_receive=saisine("T1", token)), token))
    rec.exchange(actor, requests, ANSWER_S)


def several(trial, actor):
    receive(trial, actor, 4)


def accept(trial, actor):
    rec = trial.rec
    rec.exchange(actor, [(rec.body(saisine_accept={
        "id": rec.texts[-1].reply.made[0].id, "title": "t"}), "")], ANSWER_S)


def killed_store(trial):
    trial.rec.town.start()
    several(trial, trial.rec.actors[0])
    trial.rec.town.kill()


def ordered_erasure(trial):
    """An erasure is ordered and the daemon dies at once: the next start must do it."""
    town = trial.rec.town
    first, head = trial.rec.actors
    town.start()
    made = first.client.ask(saisine_receive=saisine("T1", "text")).made[0].id
    situation = first.client.ask(saisine_accept={"id": made, "title": "t"}).made[0].id
    first.client.ask(situation_close={"id": situation, "day": today(), "motive": "resolue"})
    head.client.ask(situation_erase={"id": situation, "reason": "suivi"})
    town.kill()
    trial.erased.append(situation)


def fresh_block(trial):
    """So few free keys that a block is added soon."""
    town, actor = trial.rec.town, trial.rec.actors[0]
    town.start()
    while int(town.figures()["keyring.free"]) > SLOTS_IDLE + 6:
        take_slots(actor, 5)
    town.kill()


def take_slots(actor, count):
    for _ in range(count):
        actor.client.ask(saisine_receive=saisine("T1", "before"))


PREPARE = {"start": killed_store, "erasure": ordered_erasure, "slots": fresh_block}
STEPS = {"start": [receive], "batch": [receive, several, accept, receive], "erasure": [receive],
         "slots": [several, several, several, several, several]}
GLOBS = {"slots": ":keyring/*", "batch": "", "start": "", "erasure": ":[kl]e*"}


def every_n(trial, fault, deadline, tally):
    """Runs n = 1, 2, 3 … until a run met no fault."""
    n, runs, wrong = 1, 0, []
    while time.monotonic() < deadline:
        rule = FAULTS[fault].format(n=n) + GLOBS[trial.name]
        was_hit, found = trial.run(rule)
        runs += 1
        tally[f"{trial.status}"] += 1
        wrong += [f"{trial.name}, {rule}: {line}" for line in found]
        if not was_hit:
            return runs, wrong
        n += 1
    print(f"{trial.name}, {fault}: no time for n = {n} and later")
    return runs, wrong


def one_round(seed, deadline):
    runs, failures = 0, 0
    for name in STEPS:
        trial = Trial(name, seed)
        for fault in FAULTS:
            begun, tally = time.monotonic(), collections.Counter()
            more, wrong = every_n(trial, fault, deadline, tally)
            for line in wrong[:5]:
                print(f"seed {seed}: {line}")
            print(f"seed {seed}: {name}, {fault}: {more} runs in {time.monotonic() - begun:.0f} s"
                  f", the daemon ended with {dict(tally)}, {len(wrong)} wrong", flush=True)
            runs, failures = runs + more, failures + len(wrong)
        trial.rec.close()
        trial.rec.remove()
    return runs, failures


def control(seed):
    """The flush's result ignored: what is answered then is lost in a cut."""
    trial = Trial("batch", seed)
    trial.rng.random = lambda: 0.0
    runs = failures = 0
    for n in range(1, 6):
        _, wrong = trial.run(f"fdatasync:{n}+:DROP:{SEGMENTS}")
        runs, failures = runs + 1, failures + bool(wrong)
        for line in wrong[:1]:
            print(f"control, from flush {n} on: {line}")
    trial.rec.close()
    trial.rec.remove()
    return runs, failures


def long_form(minutes, seed):
    state = pathlib.Path(os.environ["CTPS_CAMPAIGN_STATE"]) / f"rounds-{seed}"
    done, runs, failures = map(int, state.read_text().split()) if state.exists() else (0, 0, 0)
    if done >= LONG_SEEDS:
        done, runs, failures = 0, 0, 0
    deadline = time.monotonic() + 60 * minutes
    while done < LONG_SEEDS and time.monotonic() < deadline:
        more, wrong = one_round(seed + done, deadline)
        done, runs, failures = done + 1, runs + more, failures + wrong
        state.write_text(f"{done} {runs} {failures}\n")
    return runs, failures


def main():
    parser = argparse.ArgumentParser()
    mode = parser.add_mutually_exclusive_group(required=True)
    for name in ("--short", "--long", "--control"):
        mode.add_argument(name, action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=240)
    options = parser.parse_args()
    if options.control:
        runs, failures = control(options.seed)
    elif options.long:
        runs, failures = long_form(options.minutes, options.seed)
    else:
        runs, failures = one_round(options.seed, time.monotonic() + SHORT_S)
    print(f"{runs} runs, {failures} failures")


if __name__ == "__main__":
    main()
