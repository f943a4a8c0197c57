#!/usr/bin/python3
"""R3: every plugin sees every event, and its effect happens once.

A plugin (tests/plugins/ledger.c) writes down each event and records one effect of it. Meanwhile
agents work, every other published frame is lost, the queue of those sent holds one, and ctpsd,
the plugin's host and the plugin's own process are killed in turn at moments drawn by the seed.
At the end what it saw must be what the journal has, in order, and each effect stand there once,
in order. A run is one kill.

--short     200 kills, in two towns at once
--long      10,000 kills and 10^6 deliveries, in pairs of towns of 100 kills; resumed
--control   a plugin that says it is done before its effect is recorded, so that the cursor moves
            first: effects must be missed
"""
import collections
import functools
import os
import pathlib
import random
import signal
import sys
import threading
import time

import frame

import ledger
import paths
import peopled
from test_70_plugins import configure, is_ready, wait_for
from town import ctps_client

TOWNS, SHORT, LONG, LONG_LEAST = 2, 100, 100, 10_000
LOAD_PAUSE_S = 0.01
KINDS = ("core", "host", "plugin")
SLOW_S, END_S, POLL_S, LINE_LEN = 20, 60, 0.002, 16


@functools.cache
def original():
    return peopled.make_original()


def children(pid, mode):
    """Processes of ctps-host in that mode whose parent is `pid`."""
    found = []
    try:
        words = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for word in words:
            if mode in pathlib.Path(f"/proc/{word}/cmdline").read_text():
                found.append(int(word))
    except OSError:
        pass  # gone meanwhile
    return found


class Run:
    """One town and its kills."""

    def __init__(self, seed, early):
        self.seed, self.rng = seed, random.Random(seed)
        self.town = peopled.PeopledTown(original())
        self.seen = ledger.seen_file(self.town)
        self.wrong, self.kills = [], collections.Counter()
        host = paths.program("daemon/ctps-host").resolve()
        config = self.town.config
        config.write_text(f'programs = {{ host = "{host}"; }};\n{config.read_text()}')
        configure(self.town, "ledger", paths.program("tests/plugins/ledger.so"),
                  options=f"early = {str(early).lower()};",
                  more='actions = [ "effect.record" ]; retry = "50 ms";')

    # --- kills ---

    def seen_len(self):
        return self.seen.stat().st_size if self.seen.exists() else 0

    def wait(self, test, what):
        deadline = time.monotonic() + SLOW_S
        while not test():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} within {SLOW_S} s:\n{self.town.words(8)}")
            time.sleep(POLL_S)

    def find(self, kind):
        hosts = children(self.town.process.pid, "--link")
        if kind == "host" or not hosts:
            return hosts
        return children(hosts[0], "--plugin")

    def kill(self, kind):
        if kind == "core":
            self.town.crash()
        else:
            self.wait(lambda: self.find(kind), f"no {kind}")
            for pid in self.find(kind):
                os.kill(pid, signal.SIGKILL)
        self.kills[kind] += 1

    def progress(self):
        """Until the plugin saw some more: often a few events, sometimes none."""
        wanted = self.seen_len() + self.rng.choice((0, 1, 100, 400, 1500))
        self.wait(lambda: self.seen_len() >= wanted, "the plugin saw nothing more")
        time.sleep(self.rng.random() * 0.005)  # the moment drawn, not a wait

    def all_kills(self, count, least):
        """`count` kills, and no fewer deliveries than `least`."""
        number = 0
        while number < count or self.seen_len() < LINE_LEN * least:
            self.progress()
            if number < count:
                self.kill(KINDS[number % len(KINDS)])
            number += 1

    # --- all of it ---

    def go(self, count, least):
        loads = [ledger.Load(self.town, name, LOAD_PAUSE_S) for name in ledger.PLACES]
        try:
            self.town.start()
            wait_for(self.town, is_ready, "ledger")
            for load in loads:
                load.start()
            self.all_kills(count, least)
            for load in loads:
                self.wrong += load.end(SLOW_S)
            self.settle()
            wanted, wrong = ledger.look(self.town)
            self.wrong += wrong
            print(f"{self.seed}: {dict(self.kills)} killed, {wanted} effects, "
                  f"{self.seen.read_text().count(chr(10))} deliveries", flush=True)
        except Exception as error:  # whatever broke is a failure of this town
            self.wrong.append(f"{type(error).__name__}: {str(error)[:600]}")
        finally:
            for load in loads:
                load.stopping.set()

    def settle(self):
        """Until it has dealt with all there is."""
        deadline = time.monotonic() + END_S
        while ledger.lag(self.town) != 0 and time.monotonic() < deadline:
            time.sleep(0.05)


def towns(seed, count, least, early):
    """(kills, failures) of some towns at once."""
    original()
    runs = [Run(f"{seed}/{number}", early) for number in range(TOWNS)]
    threads = [threading.Thread(target=run.go, args=(count, least)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for run in runs:
        for line in run.wrong[:5]:
            print(f"{run.seed}: {line}", flush=True)
        run.town.kill()
        run.town.close()
    return sum(sum(run.kills.values()) for run in runs), sum(len(run.wrong) for run in runs)


def play_short(seed):
    return towns(seed, SHORT, 0, False)


def play_long(seed):
    return towns(seed, LONG, LONG_LEAST, False)


def control(seed):
    return towns(seed, 40, 0, True)


if __name__ == "__main__":
    program = paths.program
    paths.program = lambda path: program(
        "tests/harness/ctpsd_bad_bus" if path == "daemon/ctpsd" else path)
    ctps_client.FIRST_WAIT = 0.1  # of a request whose daemon was killed
    frame.run(play_long if "--long" in sys.argv else play_short, 1, 50, control)
