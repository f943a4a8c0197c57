#!/usr/bin/python3
"""A3: proofs are standard.

A log is written entry by entry; golang.org/x/mod/sumdb, which shares no code with us, checks the
signed checkpoint of every size, every inclusion and consistency proof up to a size (each must be
the very proof it would make), the folder of tiles, and offline proofs. A run is one of these.

--short     256 leaves
--long      1,024 leaves
--control   one bit of each proof altered; breaks when one is not found
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
from sumdb_program import verifier  # noqa: E402

PROBE = pathlib.Path(os.environ["CTPS_BUILD"]) / "tests" / "harness" / "audit_probe"
SHORT, LONG = 256, 1024


def check(size, *options):
    """Runs and failures of a log of `size` leaves; what the verifier prints is passed on."""
    with tempfile.TemporaryDirectory() as folder:
        program, log = verifier(), pathlib.Path(folder) / "log"
        log.mkdir()
        with subprocess.Popen([PROBE, str(size), log], stdout=subprocess.PIPE) as probe:
            done = subprocess.run([program, *options], stdin=probe.stdout, check=True,
                                  stdout=subprocess.PIPE, text=True)
        if probe.returncode != 0:
            sys.exit(f"audit_probe ended with {probe.returncode}")
    *words, last = done.stdout.splitlines()
    print("\n".join(words), end="\n" if words else "")
    runs, failures = map(int, re.fullmatch(r"(\d+) runs, (\d+) failures", last).groups())
    return runs, failures


def proofs_of(size, roots):
    """How many things there are to check."""
    return size * (size + 1) + size + roots


def control():
    runs, failures = check(SHORT, "-alter")
    if failures == 0 or failures != runs:
        sys.exit(f"{runs} proofs altered, {failures} found")
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
        runs, failures = control()
    else:
        size = LONG if options.long else SHORT
        runs, failures = check(size)
        if runs != proofs_of(size, size + 1):
            sys.exit(f"only {runs} were checked")
    print(f"{runs} runs, {failures} failures")


if __name__ == "__main__":
    main()
