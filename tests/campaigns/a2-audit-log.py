#!/usr/bin/python3
"""A2: the audit log cannot be altered unseen.

A log is written and its checkpoint copied away, then it grows. Somebody alters what the auditor
had seen: edits, deletes, inserts, reorders entries (in the bundles alone, or with every tile made
anew), truncates, forks, rolls back to an earlier state, or holds the signing key and signs a log
made anew. `ctps audit verify`, with the verifier key and the checkpoint kept, must find each. A run
is one alteration; a failure is one that was not found, or a sound log that was refused.

--short     504 alterations
--long      100,000
--control   the comparison of hashes is off: breaks unless alterations of every kind that only
            hashes show go unnoticed
"""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import frame

BUILD = pathlib.Path(os.environ["CTPS_BUILD"])
WRITE = BUILD / "tests" / "harness" / "audit_write"
CTPS = BUILD / "tools" / "ctps" / "ctps"
CTPS_OPEN = BUILD / "tests" / "harness" / "ctps_open_audit"
EX_DATAERR = 65
SIZE_MAX = 600
ENTRY_LEN = 34  # in a bundle
BY_HASHES_ALONE = {"edit", "reorder", "fork", "re-sign"}


def write(folder, entries):
    folder.mkdir()
    subprocess.run([WRITE, folder], input="".join(entry.hex() + "\n" for entry in entries),
                   text=True, check=True)
    return folder


def is_sound(program, folder, key, kept):
    done = subprocess.run([program, "audit", "verify", folder, "--key", key, "--since", kept],
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, EX_DATAERR):
        sys.exit(f"ctps ended with {done.returncode}: {done.stderr}")
    return done.returncode == 0


def bundles(folder, entries):
    """Puts entries into the bundles that stand there, the tiles left as they are."""
    data = b"".join(b"\0\x20" + entry for entry in entries)
    paths = [path for path in (folder / "tile" / "entries").rglob("*") if path.is_file()]
    for number, path in enumerate(sorted(paths)):
        path.write_bytes(data[256 * ENTRY_LEN * number:][:path.stat().st_size])


def changed(rng, kind, entries, seen):
    """The entries altered among those the auditor had seen."""
    out, at = list(entries), rng.randrange(seen - 1)
    if kind == "delete":
        del out[at]
    elif kind == "insert":
        out.insert(at, rng.randbytes(32))
    elif kind == "reorder":
        out[at], out[at + 1] = out[at + 1], out[at]
    else:
        bit = 1 << rng.randrange(8)
        out[at] = bytes([out[at][0] ^ bit]) + out[at][1:]
    return out


def alter(rng, kind, folder, sound, entries, seen):
    """Makes the altered log."""
    checkpoint = (sound / "checkpoint").read_bytes()
    if kind in ("edit", "delete", "insert", "reorder"):
        out = changed(rng, kind, entries, seen)
        if rng.random() < 0.5:
            shutil.copytree(sound, folder)
            bundles(folder, (out + out[-1:])[:len(entries)])
        else:
            write(folder, (out + out[-1:])[:len(entries)])
            (folder / "checkpoint").write_bytes(checkpoint)
    elif kind == "truncate":
        write(folder, entries[:rng.randrange(1, len(entries))])
        if rng.random() < 0.5:
            (folder / "checkpoint").write_bytes(checkpoint)
        else:
            lines = checkpoint.split(b"\n")
            lines[1:3] = (folder / "checkpoint").read_bytes().split(b"\n")[1:3]
            (folder / "checkpoint").write_bytes(b"\n".join(lines))
    elif kind == "fork":
        at = rng.randrange(1, seen)
        write(folder, entries[:at] + [rng.randbytes(32) for _ in range(len(entries) - at + 5)])
    elif kind == "roll back":
        write(folder, entries[:rng.randrange(1, seen)])
    else:
        how = rng.choice(["edit", "delete", "insert", "reorder"])
        write(folder, changed(rng, how, entries, seen))


KINDS = ("edit", "delete", "insert", "reorder", "truncate", "fork", "roll back", "re-sign")


def round_of(seed, program):
    """Kinds of alterations that were not found; one of them "sound" when the log was refused."""
    rng, missed = random.Random(seed), []
    with tempfile.TemporaryDirectory() as name:
        base = pathlib.Path(name)
        entries = [rng.randbytes(32) for _ in range(rng.randrange(3, SIZE_MAX))]
        seen = rng.randrange(2, len(entries))
        earlier = write(base / "earlier", entries[:seen])
        sound, kept = write(base / "sound", entries), earlier / "checkpoint"
        key = (sound / "vkey").read_text()
        if not is_sound(program, sound, key, kept):
            missed.append("sound")
        for kind in KINDS:
            folder = base / kind
            alter(rng, kind, folder, sound, entries, seen)
            if is_sound(program, folder, key, kept):
                missed.append(kind)
    return missed


def play(seed):
    missed = round_of(seed, CTPS)
    for kind in missed:
        print(f"seed {seed}: {kind}")
    return len(KINDS), len(missed)


def control(seed):
    found = [kind for number in range(6) for kind in round_of(f"{seed}/{number}", CTPS_OPEN)]
    if not BY_HASHES_ALONE <= set(found) or "sound" in found:
        sys.exit(f"without hashes only these went unnoticed: {sorted(set(found))}")
    return 6 * len(KINDS), len(found)


if __name__ == "__main__":
    frame.run(play, 63, 12_500, control)
