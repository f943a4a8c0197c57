#!/usr/bin/python3
"""A town at rest costs little: the example town is taken over, and its daemon started again and
again, after a stop and after a kill. Each time the first answer to a coordinator comes within
0.5 s of the start of the process, and the quiet daemon holds less than 32 MiB, at its peak too.
A machine that does other things as well is slow at times: the clock is judged by the best start,
the processor time up to the first answer, under the same bound, by each.

--short     3 starts
--long      200 starts
--control   a library in the daemon that touches 32 MiB and waits 0.6 s before main(): each bound
            must be found broken
"""
import time

import frame

import paths
from acts import do
from import_town import COORDINATOR, ImportTown
from measured import memory_kib, processor_s
from town import KeyFile

MEMORY_KIB, FIRST_ANSWER_S = 32 * 1024, 0.5
STARTS = 3
QUIET_S, QUIET_WAIT_S = 1.2, 20.0  # an idle daemon does its work once a second


def wait_quiet(town):
    """Until the index of names stands and no processor time was used for a while."""
    deadline = time.monotonic() + QUIET_WAIT_S
    while town.figures()["index.complete"] != "yes":
        assert time.monotonic() < deadline, "the index of names is not complete"
    used, since = processor_s(town.process.pid), time.monotonic()
    while time.monotonic() - since < QUIET_S:
        assert time.monotonic() < deadline, "the daemon does not come to rest"
        time.sleep(0.05)
        now = processor_s(town.process.pid)
        if now - used > 0.02:
            used, since = now, time.monotonic()


def once(town, after, env):
    """(seconds to the first answer, processor seconds up to it, resident and peak KiB)."""
    town.stop() if after == "stop" else town.kill()
    client = town.client_of(KeyFile.read(town.key_of(COORDINATOR)))
    began = time.monotonic()
    town.start(env)
    do(client, situation_list=dict(limit=20))
    took, used = time.monotonic() - began, processor_s(town.process.pid)
    wait_quiet(town)
    pid = town.process.pid
    return took, used, memory_kib(pid), memory_kib(pid, "VmHWM")


def judge(found):
    """What broke a bound, by name."""
    broken = {"first answer"} if min(took for took, *_ in found) > FIRST_ANSWER_S else set()
    for _, used, resident, peak in found:
        broken |= {"processor"} if used > FIRST_ANSWER_S else set()
        broken |= {"resident"} if resident >= MEMORY_KIB else set()
        broken |= {"peak"} if peak >= MEMORY_KIB else set()
    return broken


def starts(seed, env=None):
    with ImportTown() as town:
        table = town.table_of(town.json("import", str(town.files)))
        assert table["taken"] > 400, table
        town.key_of(COORDINATOR)
        found = []
        for number in range(STARTS):
            after = "stop" if number % 2 == 0 else "kill"
            found.append(once(town, after, env))
            took, used, resident, peak = found[-1]
            print(f"{seed}, after a {after}: first answer {took:.3f} s, processor {used:.2f} s, "
                  f"resident {resident / 1024:.1f} MiB, peak {peak / 1024:.1f} MiB")
    return judge(found)


def play(seed):
    broken = starts(seed)
    if broken:
        print(f"{seed}: out of bounds: {', '.join(sorted(broken))}")
    return STARTS, len(broken)


def control(seed):
    heavy = paths.program("tests/harness/libheavy_start.so").resolve()
    broken = starts(seed, {"LD_PRELOAD": str(heavy)})
    missed = {"first answer", "resident", "peak"} - broken
    assert not missed, f"not found: {missed}"
    return STARTS, len(broken)


if __name__ == "__main__":
    frame.run(play, 1, 67, control)
