#!/usr/bin/python3
"""S7: the sandbox holds.

A plugin (tests/plugins/escaper.c) attempts what no plugin may: files, processes, sockets, other
processes' memory, code of its own, the clock. It does so in the process that only looks at it,
while it is loaded to be run, and once its sandbox has closed. A run is one attempt, a failure
one that came through; that it may do what a plugin needs is looked at too.

--short     one start
--long      50 starts
--control   a host that never closes the sandbox: at least 50 attempts come through in each of the three
"""
import frame

import paths
import peopled
from test_70_plugins import configure, figures, wait_for

LEAST, OPEN_LEAST = 60, 50


def attempts(host=None):
    """(its figures, the log's words) of one start."""
    with peopled.PeopledTown(peopled.make_original()) as town:
        if host:
            text = town.config.read_text()
            town.config.write_text(f'programs = {{ host = "{host}"; }};\n{text}')
        configure(town, "escaper", paths.program("tests/plugins/escaper.so"))
        town.start()
        view = wait_for(town, lambda view: figures(view).get("over"), "escaper")
        town.stop()
        through, described = map(int, view.version.split("/"))
        return {**figures(view), "describing.through": through,
                "describing.attempts": described}, town.words(400)


def total(shown, what):
    return sum(shown[phase + what] for phase in ("", "loading.", "describing."))


def play(_seed):
    shown, words = attempts()
    failures = total(shown, "through") + (shown["attempts"] < LEAST) + (not shown["works"])
    if failures:
        print(words)
    return total(shown, "attempts"), failures


def control(_seed):
    shown, words = attempts(paths.program("tests/harness/ctps_host_open"))
    for phase in ("", "loading.", "describing."):
        if shown[phase + "through"] < OPEN_LEAST:
            print(words)
            raise SystemExit(f"sandbox off, and only {shown[phase + 'through']} attempts came "
                             f"through ({phase or 'running'})")
    return total(shown, "attempts"), total(shown, "through")


if __name__ == "__main__":
    frame.run(play, 1, 50, control)
