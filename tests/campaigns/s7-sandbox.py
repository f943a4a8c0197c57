#!/usr/bin/python3
"""S7: the sandbox holds.

A plugin (tests/plugins/escaper.c) attempts, once its sandbox has closed, what no plugin may:
files, processes, sockets, other processes' memory, code of its own, the clock. A run is one
attempt, a failure one that came through; that it may do what a plugin needs is looked at too.

--short     one start
--long      50 starts
--control   a host that never closes the sandbox: at least 50 attempts come through
"""
import frame

import paths
import peopled
from test_70_plugins import configure, figures, wait_for

LEAST, OPEN_LEAST = 60, 50


def attempts(host=None):
    """(attempts, came through, the log's words) of one start."""
    with peopled.PeopledTown(peopled.make_original()) as town:
        if host:
            text = town.config.read_text()
            town.config.write_text(f'programs = {{ host = "{host}"; }};\n{text}')
        configure(town, "escaper", paths.program("tests/plugins/escaper.so"))
        town.start()
        shown = figures(wait_for(town, lambda view: figures(view).get("over"), "escaper"))
        town.stop()
        return shown, town.words(200)


def play(_seed):
    shown, words = attempts()
    failures = shown["through"] + (shown["attempts"] < LEAST) + (not shown["works"])
    if failures:
        print(words)
    return shown["attempts"], failures


def control(_seed):
    shown, words = attempts(paths.program("tests/harness/ctps_host_open"))
    if shown["through"] < OPEN_LEAST:
        print(words)
        raise SystemExit(f"sandbox off, and only {shown['through']} attempts came through")
    return shown["attempts"], shown["through"]


if __name__ == "__main__":
    frame.run(play, 1, 50, control)
