#!/usr/bin/python3
"""S1: the policy against a model that shares no code with it.

--short     50,000 generated decisions; a failure is a divergence
--long      10,000,000, in chunks; resumed where it stopped, within --minutes
--control   each cell of the table inverted, then given each other word that means something
            else; a failure is an alteration found. Breaks when one is not found.
"""
import argparse
import os
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))

import policy_cases  # noqa: E402

CHUNK = 50_000
LONG = 10_000_000


def same_meaning(line, word):
    """Engagement is looked at in own territories only: elsewhere `engaged` is `always`."""
    _, _, _, scope, cell = line
    return scope != "own" and {cell, word} <= {"always", "engaged", "engaged_or_existence"}


def compare(seed, chunk_numbers, deadline, progress):
    judged = failures = 0
    for number in chunk_numbers:
        if time.monotonic() > deadline:
            break
        found = policy_cases.divergences(
            list(policy_cases.generate(f"{seed}/{number}", CHUNK)))
        for case, expected, got in found[:5]:
            print(f"model {expected} | program {got} | {case}")
        judged += CHUNK
        failures += len(found)
        progress(number + 1, failures)
    return judged, failures


def long_form(seed, deadline):
    state = pathlib.Path(os.environ["CTPS_CAMPAIGN_STATE"]) / f"chunks-{seed}"
    done, failed = map(int, state.read_text().split()) if state.exists() else (0, 0)
    if done >= LONG // CHUNK:
        done, failed = 0, 0

    def progress(number, failures):
        state.write_text(f"{number} {failed + failures}\n")

    judged, failures = compare(seed, range(done, LONG // CHUNK), deadline, progress)
    return done * CHUNK + judged, failed + failures


def control(seed):
    owners = policy_cases.by_cell_owner(policy_cases.generate(seed, 10 * CHUNK))
    table = policy_cases.table_lines()
    words = sorted({line[4] for line in table})
    alterations = [(line, "--invert", str(line[0])) for line in table]
    alterations += [(line, "--cell", f"{line[0]}={word}") for line in table for word in words
                    if word != line[4] and not same_meaning(line, word)]
    missed = [alteration for alteration in alterations
              if not policy_cases.altered_cell_is_found(owners, *alteration)]
    for line, *options in missed:
        print("not found:", *line, *options)
    if missed:
        sys.exit(1)
    return len(alterations), len(alterations)


def main():
    parser = argparse.ArgumentParser()
    mode = parser.add_mutually_exclusive_group(required=True)
    for name in ("--short", "--long", "--control"):
        mode.add_argument(name, action="store_true")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--minutes", type=float, default=240)
    options = parser.parse_args()
    deadline = time.monotonic() + 60 * options.minutes
    if options.control:
        runs, failures = control(options.seed)
    elif options.long:
        runs, failures = long_form(options.seed, deadline)
    else:
        runs, failures = compare(options.seed, range(1), deadline, lambda *_: None)
    print(f"{runs} runs, {failures} failures")


if __name__ == "__main__":
    main()
