#!/usr/bin/python3
"""Runs a program as systemd would run it for a unit, where no systemd runs.

usage: as_unit.py [--uid UID] UNIT PROGRAM [ARGUMENT …]

Held to: SystemCallFilter (the sets are those of the systemd installed), RestrictAddressFamilies,
RestrictNamespaces, MemoryDenyWriteExecute, NoNewPrivileges, an empty CapabilityBoundingSet, the
limits, UMask, WatchdogSec, and another user when it is started as root (--uid). Not held to:
what is done by mounting (ProtectSystem and the like) and by control groups.
"""
import argparse
import ctypes
import errno
import os
import pathlib
import re
import resource
import socket
import subprocess

import seccomp

PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 38, 24
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000
NAMESPACES = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
FAMILIES_END = 46
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
SECONDS = {"": 1, "s": 1, "min": 60}


def read_unit(path):
    """{option: its values, in order} of the section [Service]."""
    options, section = {}, None
    for line in pathlib.Path(path).read_text("utf-8").splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and line[0] not in "#;":
            name, value = line.split("=", 1)
            options.setdefault(name, []).append(value)
    return options


def call_sets():
    """{"@set": the words in it} as the installed systemd knows them."""
    told = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], check=True,
                          capture_output=True, text=True).stdout
    sets, name = {}, None
    for line in told.splitlines():
        if line.startswith("@"):
            name = line.strip()
            sets[name] = []
        elif line.startswith("    ") and name and not line.strip().startswith("#"):
            sets[name].append(line.strip())
        elif line.startswith("#"):
            name = None  # those in no set
    return sets


def calls_of(words, sets):
    found = set()
    for word in words:
        found |= calls_of(sets[word], sets) if word.startswith("@") else {word}
    return found


def calls_allowed(filters):
    """The names a list of SystemCallFilter lets through (systemd.exec(5)): the first is a list of
    what is allowed, each further one adds or, with ~, takes away."""
    sets = call_sets()
    assert filters and not filters[0].startswith("~")
    allowed = calls_of(["@default"], sets)
    for value in filters:
        if value.startswith("~"):
            allowed -= calls_of(value[1:].split(), sets)
        else:
            allowed |= calls_of(value.split(), sets)
    return allowed


def errno_of(options):
    return getattr(errno, options.get("SystemCallErrorNumber", ["EPERM"])[-1])


def calls_filter(options):
    held = seccomp.SyscallFilter(seccomp.ERRNO(errno_of(options)))
    for name in sorted(calls_allowed(options["SystemCallFilter"])):
        try:
            held.add_rule(seccomp.ALLOW, name)
        except (RuntimeError, ValueError):
            pass  # of another architecture
    return held


def deny(held, name, number, *compared):
    held.add_rule_exactly(seccomp.ERRNO(number), name,
                          *(seccomp.Arg(at, seccomp.MASKED_EQ, mask, mask)
                            for at, mask in compared))


def restrictions_filter(options):
    """Single calls with arguments, as systemd's own filters forbid them."""
    held = seccomp.SyscallFilter(seccomp.ALLOW)
    if options["MemoryDenyWriteExecute"] == ["yes"]:
        deny(held, "mmap", errno.EPERM, (2, PROT_WRITE | PROT_EXEC))
        deny(held, "mprotect", errno.EPERM, (2, PROT_EXEC))
        deny(held, "pkey_mprotect", errno.EPERM, (2, PROT_EXEC))
        deny(held, "shmat", errno.EPERM, (2, SHM_EXEC))
    if options["RestrictNamespaces"] == ["yes"]:
        deny(held, "unshare", errno.EPERM)
        deny(held, "setns", errno.EPERM)
        deny(held, "clone3", errno.ENOSYS)
        for flag in NAMESPACES:
            deny(held, "clone", errno.EPERM, (0, flag))
    families = options["RestrictAddressFamilies"][-1].split()
    for family in set(range(FAMILIES_END)) - {getattr(socket, name) for name in families}:
        held.add_rule_exactly(seccomp.ERRNO(errno.EAFNOSUPPORT), "socket",
                              seccomp.Arg(0, seccomp.EQ, family))
    return held


def limits_set(options):
    for name, values in options.items():
        if name.startswith("Limit"):
            number, unit = re.fullmatch(r"(\d+)([KMG]?)", values[-1]).groups()
            which = getattr(resource, "RLIMIT_" + name[5:])
            hard = resource.getrlimit(which)[1]
            limit = int(number) * UNITS[unit]
            if hard != resource.RLIM_INFINITY:
                limit = min(limit, hard)
            resource.setrlimit(which, (limit, limit))


def privileges_drop(options, uid):
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0 and options["CapabilityBoundingSet"] == [""]:
        capability = 0
        while libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
            capability += 1
    if os.geteuid() == 0 and uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    if options["NoNewPrivileges"] == ["yes"]:
        assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0


def watchdog_set(options):
    if "WatchdogSec" not in options:
        return
    number, unit = re.fullmatch(r"(\d+)([a-z]*)", options["WatchdogSec"][-1]).groups()
    os.environ["WATCHDOG_USEC"] = str(int(number) * SECONDS[unit] * 1000000)
    os.environ["WATCHDOG_PID"] = str(os.getpid())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("unit")
    parser.add_argument("--uid", type=int, default=0)
    parser.add_argument("program", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    options = read_unit(given.unit)
    filters = [calls_filter(options), restrictions_filter(options)]
    watchdog_set(options)
    os.umask(int(options["UMask"][-1], 8))
    limits_set(options)
    privileges_drop(options, given.uid)
    for held in reversed(filters):
        held.load()
    os.execv(given.program[0], given.program)


if __name__ == "__main__":
    main()
