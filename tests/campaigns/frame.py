"""What campaigns share: options, rounds that can be resumed, the last line."""
import argparse
import os
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))
sys.path.insert(0, str(ROOT / "tests" / "harness"))


def run(play, short, long, control):
    """`play(seed)` answers (runs, failures) of one round; `short` and `long` are numbers of
    rounds, the long form being resumed where it stopped; `control(seed)` is one round with the
    defect put in, which raises when a defect it put in was not found."""
    parser = argparse.ArgumentParser()
    mode = parser.add_mutually_exclusive_group(required=True)
    for name in ("--short", "--long", "--control"):
        mode.add_argument(name, action="store_true")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--minutes", type=float, default=240)
    options = parser.parse_args()
    deadline = time.monotonic() + 60 * options.minutes
    if options.control:
        runs, failures = control(f"{options.seed}/control")
    elif options.long:
        runs, failures = resumed(play, long, options.seed, deadline)
    else:
        runs, failures = rounds(play, 0, short, options.seed, deadline, (0, 0), lambda *_: None)
    print(f"{runs} runs, {failures} failures")


def rounds(play, first, last, seed, deadline, done, note):
    runs, failures = done
    for number in range(first, last):
        if time.monotonic() > deadline:
            break
        more, found = play(f"{seed}/{number}")
        runs, failures = runs + more, failures + found
        note(number + 1, runs, failures)
    return runs, failures


def resumed(play, count, seed, deadline):
    state = pathlib.Path(os.environ["CTPS_CAMPAIGN_STATE"]) / f"rounds-{seed}"
    first, runs, failures = map(int, state.read_text().split()) if state.exists() else (0, 0, 0)
    if first >= count:
        first, runs, failures = 0, 0, 0
    return rounds(play, first, count, seed, deadline, (runs, failures),
                  lambda *figures: state.write_text(" ".join(map(str, figures)) + "\n"))
