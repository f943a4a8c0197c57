#!/usr/bin/python3
"""A2: the audit log cannot be altered unseen.

Somebody alters what an auditor had seen. In the **log**: edits, deletes, inserts, reorders entries
(in the bundles alone, or with every tile made anew), truncates, forks, rolls back to an earlier
state, or holds the signing key and signs a log made anew. In the **journal** of a real town: a byte,
or whole entries edited, deleted, inserted, reordered, forked and all made anew with the chain
mended, or cut. In its **checkpoints**: size, root, signatures, another key's, an older one, a
witness's cosignature altered, moved or taken away. `ctps audit verify`, with the verifier key and
the checkpoint kept (and the journal, and the witness's key), must find each; where it is about
logs and checkpoints, Go's sumdb must too. Once a run the town itself is taken back: the journal
alone, which the running daemon shows; and everything, log and all, which nothing on the machine
shows and only the witness refuses. A run is one alteration; a failure is one that was not found,
or something sound that was refused.

--short     504 alterations of files and 4 of the town
--long      100,000
--control   the comparison of hashes is off: breaks unless alterations of every kind that only
            hashes show go unnoticed
"""
import base64
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import frame

import frames
import witnesses
from sumdb_program import verifier

BUILD = pathlib.Path(os.environ["CTPS_BUILD"])
CTPS = BUILD / "tools" / "ctps" / "ctps"
CTPS_OPEN = BUILD / "tests" / "harness" / "ctps_open_audit"
EX_DATAERR = 65
SIZE_MAX = 600
ENTRY_LEN = 34  # in a bundle
LOG_KINDS = ("edit", "delete", "insert", "reorder", "truncate", "fork", "roll back", "re-sign")
JOURNAL_KINDS = ("byte", "edit", "delete", "insert", "reorder", "truncate", "fork", "make anew")
NOTE_KINDS = ("size", "root", "signature", "other key", "older", "cosignature altered",
              "cosignature moved", "cosignature taken away")
BY_HASHES_ALONE = {"log edit", "log reorder", "log fork", "log re-sign", "journal edit",
                   "journal reorder", "journal insert", "journal make anew"}


def is_sound(program, folder, *words):
    done = subprocess.run([program, "audit", "verify", folder, *words], capture_output=True,
                          text=True, check=False)
    if done.returncode not in (0, EX_DATAERR):
        sys.exit(f"ctps ended with {done.returncode}: {done.stderr}")
    return done.returncode == 0


def sumdb_finds(logs):
    """Of logs {name: (key, kept, folder, witness or -)}: those in which sumdb finds something."""
    text = "".join(f"log {name.replace(' ', '_')} {key} "
                   f"{base64.b64encode(pathlib.Path(kept).read_bytes()).decode()} {folder} {witness}\n"
                   for name, (key, kept, folder, witness) in logs.items())
    said = subprocess.run([verifier()], input=text, capture_output=True, text=True, check=True)
    found = {line.split()[1].replace("_", " ") for line in said.stdout.splitlines()
             if line.startswith("log ") and line.split()[2] == "found:"}
    told = [line for line in said.stdout.splitlines() if line.startswith("log ")]
    if len(told) != len(logs):
        sys.exit(f"sumdb looked at {len(told)} of {len(logs)} logs: {said.stdout}{said.stderr}")
    return found


# --- the log ---

def bundles(folder, entries):
    """Puts entries into the bundles that stand there, the tiles left as they are."""
    data = b"".join(b"\0\x20" + entry for entry in entries)
    paths = [path for path in (folder / "tile" / "entries").rglob("*") if path.is_file()]
    for number, path in enumerate(sorted(paths)):
        path.write_bytes(data[256 * ENTRY_LEN * number:][:path.stat().st_size])


def changed(rng, kind, items, seen, new):
    """The items altered among the first `seen`; `new()` makes one that never was."""
    out, at = list(items), rng.randrange(seen - 1)
    if kind == "delete":
        del out[at]
    elif kind == "insert":
        out.insert(at, new())
    elif kind == "reorder":
        out[at], out[at + 1] = out[at + 1], out[at]
    else:
        out[at] = new()
    return out


def log_alter(rng, kind, folder, sound, entries, seen):
    """Makes the altered log."""
    checkpoint = (sound / "checkpoint").read_bytes()

    def new():
        return rng.randbytes(32)

    if kind in ("edit", "delete", "insert", "reorder"):
        out = changed(rng, kind, entries, seen, new)
        if rng.random() < 0.5:
            shutil.copytree(sound, folder)
            bundles(folder, (out + out[-1:])[:len(entries)])
        else:
            witnesses.log_write(folder, (out + out[-1:])[:len(entries)])
            (folder / "checkpoint").write_bytes(checkpoint)
    elif kind == "truncate":
        witnesses.log_write(folder, entries[:rng.randrange(1, len(entries))])
        if rng.random() < 0.5:
            (folder / "checkpoint").write_bytes(checkpoint)
        else:
            lines = checkpoint.split(b"\n")
            lines[1:3] = (folder / "checkpoint").read_bytes().split(b"\n")[1:3]
            (folder / "checkpoint").write_bytes(b"\n".join(lines))
    elif kind == "fork":
        at = rng.randrange(1, seen)
        witnesses.log_write(folder, entries[:at] + [new() for _ in range(len(entries) - at + 5)])
    elif kind == "roll back":
        witnesses.log_write(folder, entries[:rng.randrange(1, seen)])
    else:
        how = rng.choice(["edit", "delete", "insert", "reorder"])
        witnesses.log_write(folder, changed(rng, how, entries, seen, new))


def logs_round(rng, base, program):
    """Kinds that were not found; "sound" when the log was refused."""
    entries = [rng.randbytes(32) for _ in range(rng.randrange(3, SIZE_MAX))]
    seen = rng.randrange(2, len(entries))
    earlier = witnesses.log_write(base / "earlier", entries[:seen])
    sound, kept = witnesses.log_write(base / "sound", entries), earlier / "checkpoint"
    key = witnesses.vkey_of(sound)
    missed, logs = set(), {"sound": (key, kept, sound, "-")}
    if not is_sound(program, sound, "--key", key, "--since", kept):
        missed.add("sound")
    for kind in LOG_KINDS:
        folder = base / kind.replace(" ", "-")
        log_alter(rng, kind, folder, sound, entries, seen)
        logs[f"log {kind}"] = (key, kept, folder, "-")
        if is_sound(program, folder, "--key", key, "--since", kept):
            missed.add(f"log {kind}")
    return missed, logs


# --- a real town ---

class Lived:
    """What a town's machine held at an earlier hour and at a later one, stopped; its witness."""

    def __init__(self, base):
        import peopled
        import test_73_audit_log as audit_log
        import test_91_witnessed_log as witnessed
        from acts import receive, open_situation

        self.base, self.helpers = base, witnessed
        original = peopled.make_original()
        self.town = peopled.PeopledTown(original)
        original.close()
        self.witness = witnesses.Witness(base / "witness").start()
        witnessed.configure(self.town, self.witness)
        self.town.start()
        witnessed.figure_wait(self.town, alarm__witness_refused=1)
        witnessed.introduce(self.town, self.witness)
        for part in ("earlier", "later"):
            open_situation(self.town.client("anna"), self.town)
            for _ in range(10):
                receive(self.town.client("anna"), self.town)
            audit_log.signed_for(self.town)
            witnessed.figure_wait(self.town, witness__cosigned=1)
            self.town.stop()
            shutil.copytree(self.town.data, base / part)
            if part == "earlier":
                self.town.start()
        self.witness.stop()
        name = (base / "later" / "plugins" / "audit" / "current").read_text().strip()
        self.log = base / "later" / "plugins" / "audit" / name
        self.early_log = base / "earlier" / "plugins" / "audit" / name
        self.key = witnesses.vkey_of(self.log)
        self.size = int((self.log / "checkpoint").read_text().split("\n")[1])
        segment, = (base / "later" / "journal").glob("*.seg")
        data = segment.read_bytes()
        self.segment, self.journal = segment.name, data[:frames.end_of(data)]

    def words(self):
        """What the auditor of this town holds."""
        return ("--key", self.key, "--since", self.log / "checkpoint",
                "--witness", self.witness.vkey)

    def close(self):
        self.witness.stop()
        self.town.close()

    # --- taken back ---

    def replace(self, part):
        shutil.rmtree(self.town.data)
        shutil.copytree(self.base / part, self.town.data)

    def auditor(self):
        """The option that makes ctps ask as the auditor."""
        path = self.town.dir / "audrey.key"
        if not path.exists():
            self.town.keys["audrey"].write(path)
        return "--as", str(path)

    def online(self, program):
        return subprocess.run(
            [program, "audit", "verify", self.log, *self.words(), "--online", *self.auditor()],
            capture_output=True, env=dict(os.environ, CTPS_CONFIG=str(self.town.config)),
            check=False).returncode == 0

    def taken_back(self, program):
        """The alterations of the town that were not found."""
        from acts import receive

        missed = set()
        plain = self.town.config.read_text()
        self.town.config.write_text(plain.replace("    audit = {", "    other = {"))
        self.replace("later")
        self.town.start()
        if not self.online(program):
            missed.add("town sound")
        self.town.stop()
        self.replace("earlier")
        self.town.start()
        if self.online(program):
            missed.add("town rolled back")
        for _ in range(30):
            receive(self.town.client("anna"), self.town, text="autre histoire")
        if self.online(program):
            missed.add("town forked")
        self.town.stop()
        self.town.config.write_text(plain)
        return missed | self.all_taken_back(program)

    def all_taken_back(self, program):
        self.replace("earlier")
        folder = self.town.data / "plugins" / "audit"
        kept = self.early_log / "checkpoint"
        if not is_sound(program, folder, "--key", self.key, "--since", kept, "--witness",
                        self.witness.vkey, "--journal", self.town.data / "journal"):
            sys.exit("a machine taken back as a whole contradicts itself: that was not expected")
        self.witness.start(self.witness.address)
        self.town.start()
        try:
            self.helpers.figure_wait(self.town, alarm__witness_refused=1)
        except AssertionError:
            return {"all rolled back"}
        finally:
            self.town.stop()
            self.witness.stop()
        return set()


TOWN_RUNS = 4


# --- its journal ---

def journal_alter(rng, kind, data, size):
    """The altered journal; `size`: entries the log has."""
    if kind == "byte":
        whole = frames.split(data)
        end = len(frames.join(whole[:size + 1]))
        at = rng.randrange(end)
        while at % 64 and not any(data[at:(at + 63) // 64 * 64]):
            at = rng.randrange(end)  # padding is nobody's
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:]
    if kind == "truncate":
        whole = frames.split(data)
        return data[:rng.randrange(len(frames.join(whole[:2])), len(frames.join(whole[:size + 1])))]
    genesis, *entries = frames.split(data)

    def new():
        fields, body = rng.choice(entries)
        return fields, rng.randbytes(len(body))

    if kind == "fork":
        at = rng.randrange(1, size)
        entries = entries[:at] + [new() for _ in range(len(entries) - at + 3)]
    elif kind == "make anew":
        entries = [new() for _ in entries]
    else:
        entries = changed(rng, kind, entries, size, new)
    return frames.join([genesis, *entries])


def journals_round(rng, base, program, lived):
    missed, folder = set(), base / "journal"
    folder.mkdir()
    path = folder / lived.segment
    for kind in ("sound", *JOURNAL_KINDS):
        path.write_bytes(lived.journal if kind == "sound"
                         else journal_alter(rng, kind, lived.journal, lived.size))
        if is_sound(program, lived.log, *lived.words(), "--journal", folder) != (kind == "sound"):
            missed.add("journal " + kind)
    return missed


# --- its checkpoints ---

def letter_change(rng, text):
    """Base64 with another letter somewhere, its padding left."""
    at = rng.randrange(len(text.rstrip("=")) - 1)
    other = rng.choice([c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij0123456789" if c != text[at]])
    return text[:at] + other + text[at + 1:]


def line_change(rng, note, number):
    lines = note.split("\n")
    head, _, word = lines[number].rpartition(" ")
    lines[number] = (head + " " if head else "") + letter_change(rng, word)
    return "\n".join(lines)


def note_alter(rng, kind, folder, lived, base):
    """Alters the checkpoint in a copy of the log's folder."""
    path = folder / "checkpoint"
    note = path.read_text()
    lines = note.split("\n")
    mine = next(i for i, line in enumerate(lines) if line.startswith("— witness.example "))
    if kind == "size":
        lines[1] = str(int(lines[1]) + rng.choice([-1, 1]))
        note = "\n".join(lines)
    elif kind == "root":
        note = line_change(rng, note, 2)
    elif kind == "signature":
        note = line_change(rng, note, 4)
    elif kind == "other key":
        entries = [rng.randbytes(32)]
        other = witnesses.log_write(base / "other", entries, seed=4, origin=lines[0])
        signed = (other / "checkpoint").read_text().split("\n")[4]
        note = "\n".join([*lines[:4], signed, *lines[mine:]])
    elif kind == "older":
        note = (lived.early_log / "checkpoint").read_text()
    else:
        shutil.rmtree(folder / "witness")
        if kind == "cosignature altered":
            note = line_change(rng, note, mine)
        elif kind == "cosignature moved":
            old = (lived.early_log / "checkpoint").read_text().split("\n")
            lines[mine] = next(line for line in old if line.startswith("— witness.example "))
            note = "\n".join(lines)
        else:
            note = "\n".join(lines[:mine] + lines[mine + 1:])
    path.write_text(note)


def notes_round(rng, base, program, lived):
    missed, logs = set(), {}
    for kind in ("sound", *NOTE_KINDS):
        folder = shutil.copytree(lived.log, base / ("note-" + kind.replace(" ", "-")))
        if kind != "sound":
            note_alter(rng, kind, folder, lived, base)
        logs["note " + kind] = (lived.key, lived.log / "checkpoint", folder, lived.witness.vkey)
        if is_sound(program, folder, *lived.words()) != (kind == "sound"):
            missed.add("note " + kind)
    return missed, logs


# --- rounds ---

def round_of(seed, program, lived):
    """What was not found by ctps, and what not by sumdb."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        base = pathlib.Path(name)
        missed, logs = logs_round(rng, base, program)
        more, notes = notes_round(rng, base, program, lived)
        missed |= more | journals_round(rng, base, program, lived)
        logs.update(notes)
        wanted = {name for name in logs if name not in ("sound", "note sound")}
        found = sumdb_finds(logs)
    return missed, {"sumdb: " + name for name in found ^ wanted}


KINDS = len(LOG_KINDS) + len(JOURNAL_KINDS) + len(NOTE_KINDS)
_lived = {}


def lived_town():
    if not _lived:
        _lived["folder"] = tempfile.TemporaryDirectory(prefix="a2")
        _lived["town"] = Lived(pathlib.Path(_lived["folder"].name))
    return _lived["town"]


def play(seed):
    first, lived = not _lived, lived_town()
    missed, unlike = round_of(seed, CTPS, lived)
    runs, missed = KINDS, missed | unlike
    if first:
        missed |= lived.taken_back(CTPS)
        runs += TOWN_RUNS
    for kind in sorted(missed):
        print(f"seed {seed}: {kind}")
    return runs, len(missed)


def control(seed):
    found, count = set(), 0
    for number in range(4):
        missed, _ = round_of(f"{seed}/{number}", CTPS_OPEN, lived_town())
        found, count = found | missed, count + len(missed)
    if not BY_HASHES_ALONE <= found or {"sound", "note sound", "journal sound"} & found:
        sys.exit(f"without hashes only these went unnoticed: {sorted(found)}")
    return 4 * KINDS, count


if __name__ == "__main__":
    try:
        frame.run(play, 21, 4_167, control)
    finally:
        if _lived:
            _lived["town"].close()
            _lived["folder"].cleanup()
