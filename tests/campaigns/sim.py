#!/usr/bin/python3
"""Simulation: the whole engine under a virtual clock, seeded clients, faults and power cuts.

--short     1,000 seeds of 40 steps; a failure is a seed that breaks a promise
--long      seeds of 120 steps, in chunks; resumed where it stopped, within --minutes
--control   each defect of tests/sim/sim.h put in; a failure is a seed that finds it. Breaks
            when no seed finds one of them.

A failed seed N of --short is seen again with: sim --first N --seeds 1 --verbose
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import time

SIM = pathlib.Path(os.environ["CTPS_BUILD"]) / "tests" / "sim" / "sim"
CONTROLS = ("flush-nothing", "reply-early", "boot-same", "clock-trusted")
CHUNK = 200
LONG_SEEDS = 1_000_000


def simulate(*options):
    """Runs and failures of one call; what it prints is passed on."""
    done = subprocess.run([SIM, *map(str, options)], stdout=subprocess.PIPE, text=True,
                          check=False)
    sys.stdout.write(done.stdout)
    found = re.search(r"^(\d+) runs, (\d+) failures$", done.stdout, re.MULTILINE)
    if done.returncode not in (0, 1) or not found:
        sys.exit(f"sim ended with {done.returncode}")
    return int(found[1]), int(found[2])


def short_form(first):
    return simulate("--first", first, "--seeds", 1000)


def long_form(first, deadline):
    state = pathlib.Path(os.environ["CTPS_CAMPAIGN_STATE"]) / f"seeds-{first}"
    done, failed = map(int, state.read_text().split()) if state.exists() else (0, 0)
    if done >= LONG_SEEDS:
        done, failed = 0, 0
    while done < LONG_SEEDS and time.monotonic() < deadline:
        runs, failures = simulate("--first", first + done, "--seeds", CHUNK, "--steps", 120)
        done, failed = done + runs, failed + failures
        state.write_text(f"{done} {failed}\n")
    return done, failed


def control(first):
    runs = failures = 0
    for name in CONTROLS:
        ran, found = simulate("--first", first, "--seeds", 60, "--control", name)
        if not found:
            sys.exit(f"control {name} was not found")
        runs, failures = runs + ran, failures + found
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
        runs, failures = long_form(options.seed, time.monotonic() + 60 * options.minutes)
    else:
        runs, failures = short_form(options.seed)
    print(f"{runs} runs, {failures} failures")


if __name__ == "__main__":
    main()
