#!/usr/bin/python3
"""R4: an error of the disk or of memory never gives a false yes.

In each scenario (fault_scenarios.py) the n-th call fails, for n = 1, 2, 3 … until a run meets no
error: calls on the files with EIO, with ENOSPC from then on, with EINTR, reads and writes cut
short, allocations with ENOMEM, once or from then on. Whatever the program does then (ends with
75, refuses, goes on), what it had answered yes to must be there afterwards: half of the time
after a kill, half of the time on what a power cut would have left. It may never crash: but for
libzmq and libconfig, which end the process when they get no memory; those are counted apart.

--short     as many n of each as the time allows, spread from a place the seed draws
--long      every n with 20 seeds; resumed where it stopped, within --minutes
--control   flushes whose result is ignored: they do nothing and answer success
"""
import argparse
import collections
import concurrent.futures
import itertools
import json
import os
import pathlib
import random
import time

import faults
import fault_scenarios
from recording import SEGMENTS

WORKERS, LONG_SEEDS, SHORT_S, SHOWN = 2, 20, 80, 5
FILES = {"EIO": "any:{n}:EIO", "ENOSPC": "any:{n}+:ENOSPC", "EINTR": "any:{n}:EINTR",
         "short": "data:{n}:SHORT"}
MEMORY = {"ENOMEM": "alloc:{n}:ENOMEM", "no memory": "alloc:{n}+:ENOMEM"}
GOLDEN = 0.6180339887498949


def rules_of(scenario):
    """{fault: its rule, with {n}}"""
    return {**{name: rule + scenario.glob for name, rule in FILES.items()}, **MEMORY}


class Tally:
    """What came of the runs of one scenario."""

    def __init__(self, name):
        self.name, self.runs, self.wrong = name, 0, []
        self.ends, self.of_library, self.covered = collections.Counter(), 0, {}

    def add(self, trial, rule, found):
        self.runs += 1
        if trial.ended_by_library():
            self.of_library += 1
        else:
            self.ends[str(trial.status)] += 1
        for line in found:
            if len(self.wrong) < SHOWN:
                print(f"{self.name}, {rule} ({trial.met}): {line}", flush=True)
            self.wrong.append(line)

    def show(self, seconds):
        covered = ", ".join(f"{fault} {count}" for fault, count in self.covered.items())
        print(f"{self.name}: {covered}: {self.runs} runs in {seconds:.0f} s, ended with "
              f"{dict(self.ends)}, {self.of_library} times by a library, {len(self.wrong)} wrong",
              flush=True)


def count_calls(trial, tally):
    """{fault: calls} of a run in which nothing fails."""
    rules = {fault: rule.format(n=faults.NEVER) for fault, rule in rules_of(trial.scenario).items()}
    tally.add(trial, "nothing", trial.run(",".join(dict.fromkeys(rules.values()))))
    return {fault: trial.seen.get(rule, 0) for fault, rule in rules.items()}


def spread(total, rng):
    """1 … total, each once, far from those before it."""
    at, left = rng.random(), set(range(1, total + 1))
    while left:
        at = (at + GOLDEN) % 1
        n = 1 + int(at * total)
        if n not in left:
            n = min(left, key=lambda other: abs(other - n))
        left.remove(n)
        yield n


def some_n(trial, tally, deadline):
    """In turn one n of each fault, as long as there is time."""
    rng = random.Random(f"{trial.scenario.name}/{trial.rng.random()}")
    calls = count_calls(trial, tally)
    left = {fault: spread(total, rng) for fault, total in calls.items()}
    done = collections.Counter()
    while left and time.monotonic() < deadline:
        for fault in list(left):
            n = next(left[fault], None)
            if n is None:
                del left[fault]
                continue
            rule = rules_of(trial.scenario)[fault].format(n=n)
            tally.add(trial, rule, trial.run(rule))
            done[fault] += 1
    tally.covered = {fault: f"{done[fault]} of {total}" for fault, total in calls.items()}


def short_worker(scenarios, seed, deadline):
    ground, runs, failures = faults.Ground(), 0, 0
    try:
        for number, scenario in enumerate(scenarios):
            begun = time.monotonic()
            tally = Tally(scenario.name)
            some_n(faults.Trial(ground, scenario, seed), tally,
                   begun + (deadline - begun) / (len(scenarios) - number))
            tally.show(time.monotonic() - begun)
            runs, failures = runs + tally.runs, failures + len(tally.wrong)
    finally:
        ground.close()
    return runs, failures


class Progress:
    """Where a worker of the long form is: the next n of each scenario and fault."""

    def __init__(self, path):
        self.path = path
        self.seeds, self.runs, self.failures, self.next = 0, 0, 0, {}
        if path.exists():
            self.seeds, self.runs, self.failures, self.next = json.loads(path.read_text())
        if self.seeds >= LONG_SEEDS:
            self.seeds, self.runs, self.failures, self.next = 0, 0, 0, {}

    def save(self):
        self.path.write_text(json.dumps([self.seeds, self.runs, self.failures, self.next]))


def every_n(trial, fault, progress, deadline, tally):
    """n = 1, 2, 3 … until a run met no fault; whether there was time for it."""
    key = f"{trial.scenario.name}/{fault}"
    n = progress.next.get(key, 1)
    while n and time.monotonic() < deadline:
        rule = rules_of(trial.scenario)[fault].format(n=n)
        before = len(tally.wrong)
        tally.add(trial, rule, trial.run(rule))
        progress.runs += 1
        progress.failures += len(tally.wrong) - before
        n = n + 1 if trial.met else 0
        progress.next[key] = n
        progress.save()
    tally.covered[fault] = f"up to {n - 1}" if n else "all"
    return n == 0


def long_round(ground, scenarios, seed, progress, deadline):
    for scenario in scenarios:
        if time.monotonic() > deadline:
            return False
        begun, tally = time.monotonic(), Tally(f"seed {seed}: {scenario.name}")
        trial = faults.Trial(ground, scenario, seed)
        ended = [every_n(trial, fault, progress, deadline, tally)
                 for fault in rules_of(scenario)]
        if tally.runs:
            tally.show(time.monotonic() - begun)
    return all(ended)


def long_worker(scenarios, seed, number, deadline):
    progress = Progress(pathlib.Path(os.environ["CTPS_CAMPAIGN_STATE"]) /
                        f"worker-{seed}-{number}")
    ground = faults.Ground()
    try:
        while progress.seeds < LONG_SEEDS and time.monotonic() < deadline:
            if long_round(ground, scenarios, seed + progress.seeds, progress, deadline):
                progress.seeds, progress.next = progress.seeds + 1, {}
                progress.save()
    finally:
        ground.close()
    return progress.runs, progress.failures


def in_workers(work, seed):
    """Sums of work(scenarios of one worker, its number)."""
    order = list(fault_scenarios.ALL)
    start = seed % len(order)
    order = order[start:] + order[:start]
    with concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
        found = list(pool.map(work, [order[at::WORKERS] for at in range(WORKERS)],
                              itertools.count()))
    return sum(runs for runs, _ in found), sum(failures for _, failures in found)


class Short:
    """What a worker is handed: picklable."""

    def __init__(self, seed, minutes):
        self.seed, self.deadline = seed, time.monotonic() + 60 * minutes

    def __call__(self, scenarios, _):
        return short_worker(scenarios, self.seed, self.deadline)


class Long(Short):
    def __call__(self, scenarios, number):
        return long_worker(scenarios, self.seed, number, self.deadline)


def control(seed):
    """The flush's result ignored: what is answered then is lost in a cut."""
    ground, runs, failures = faults.Ground(), 0, 0
    trial = faults.Trial(ground, fault_scenarios.Write(), seed)
    trial.rng.random = lambda: 0.0
    for n in range(1, 6):
        wrong = trial.run(f"fdatasync:{n}+:DROP:data/{SEGMENTS}")
        runs, failures = runs + 1, failures + bool(wrong)
        for line in wrong[:1]:
            print(f"control, from flush {n} on: {line}")
    ground.close()
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
        runs, failures = in_workers(Long(options.seed, options.minutes), options.seed)
    else:
        runs, failures = in_workers(Short(options.seed, SHORT_S / 60), options.seed)
    print(f"{runs} runs, {failures} failures")


if __name__ == "__main__":
    main()
