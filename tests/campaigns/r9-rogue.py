#!/usr/bin/python3
"""R9: a bad plugin harms nobody.

A plugin that crashes, hangs, floods, leaks, forks, writes junk… (tests/plugins/rogue.c) runs
beside a good one. Meanwhile an agent asks, and must be answered within a second each time; the
good plugin must hear of every saisine; the daemon must not grow, and must stop well. A run is
one behaviour.

--short     each behaviour once
--long      20 times each
--control   a daemon that runs plugins inside itself: it must suffer
"""
import functools
import time

import frame

import paths
import peopled
from acts import command, receive
from measured import memory_kib
from test_70_plugins import configure, figures, shown, wait_for

NAMES = ("crash abort exit signal loop sleep stack logs figures requests large connections timers "
         "memory forks threads junk close disk files verdicts later start_crash start_loop "
         "start_sleep start_memory").split()
ENDED = ("crash abort exit signal loop sleep stack large timers memory junk close disk files "
         "start_crash start_loop start_sleep start_memory").split()  # the rest is held back, or waits
SAISINES, ASKING_S, ENDING_S, SLOW_S, GROWTH_KIB, STOP_S = 3, 2.0, 20.0, 1.0, 96 * 1024, 15
STATE_MAX = (64 + 512) << 20  # state_max, and what a disk takes between two looks
CONTROL_LEAST = 5


def asked_until(town, deadline):
    """The slowest answer to an agent who keeps asking until then."""
    slowest, anna = 0.0, town.client("anna")
    while time.monotonic() < deadline:
        begun = time.monotonic()
        anna.request(command.Request(situation_list={"limit": 5}), 10)
        slowest = max(slowest, time.monotonic() - begun)
        time.sleep(0.01)
    return slowest


def has_ended(view):
    return view.starts > 1 or view.state != "ready"


def settled(town, name):
    """The bad one as it is, or as soon as it has ended when it must."""
    deadline = time.monotonic() + ENDING_S
    view = shown(town, "rogue")
    while name in ENDED and not has_ended(view) and time.monotonic() < deadline:
        time.sleep(0.05)
        view = shown(town, "rogue")
    return view


def suffered(town, rogue_file, name):
    """What went wrong while the plugin behaved like that; an empty list."""
    wrong = []
    host = paths.program("daemon/ctps-host").resolve()
    town.config.write_text(f'programs = {{ host = "{host}"; }};\n{town.config.read_text()}')
    configure(town, options='quiet = "1 h";')
    configure(town, "rogue", rogue_file, options=f'behaviour = "{name}";',
              more='patience = "1 s"; drain = "1 s"; memory_max = "256 MiB"; state_max = "64 MiB";')
    town.start()
    before = memory_kib(town.process.pid)
    wait_for(town, lambda view: view.state == "ready")
    for _ in range(SAISINES):
        receive(town.client("anna"), town)
    slowest = asked_until(town, time.monotonic() + ASKING_S)
    if slowest > SLOW_S:
        wrong.append(f"an answer took {slowest:.1f} s")
    wait_for(town, lambda view: figures(view).get("saisines.received", 0) >= SAISINES)
    rogue = settled(town, name)
    if has_ended(rogue) != (name in ENDED):
        wrong.append(f"the bad one is {rogue.state} after {rogue.starts} starts")
    folder = town.data / "plugins" / "rogue"
    if sum(file.stat().st_size for file in folder.iterdir()) > STATE_MAX:
        wrong.append("it left more than its share on the disk")
    grown = memory_kib(town.process.pid) - before
    if grown > GROWTH_KIB:
        wrong.append(f"the daemon grew by {grown} KiB")
    town.process.terminate()
    status = town.wait(STOP_S)
    return wrong + ([f"the daemon ended with {status}"] if status else [])


def one(name):
    with peopled.PeopledTown(original()) as town:
        try:
            wrong = suffered(town, paths.program("tests/plugins/rogue.so"), name)
        except Exception as error:  # no answer, no daemon, no end: whatever it is, it is harm
            wrong = [f"{type(error).__name__}: {str(error)[:300]}"]
    for line in wrong:
        print(f"{name}: {line}", flush=True)
    return len(wrong)


@functools.cache
def original():
    return peopled.make_original()


def play(_seed):
    return len(NAMES), sum(one(name) for name in NAMES)


def control(_seed):
    program = paths.program
    paths.program = lambda path: program(
        "tests/harness/ctpsd_in_process" if path == "daemon/ctpsd" else path)
    names = ("crash", "abort", "exit", "signal", "stack", "start_crash")
    failures = sum(one(name) > 0 for name in names)
    if failures < CONTROL_LEAST:
        raise SystemExit(f"inside the daemon, and only {failures} did harm")
    return len(names), failures


if __name__ == "__main__":
    frame.run(play, 1, 20, control)
