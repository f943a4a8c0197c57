#!/usr/bin/python3
"""R5: no silent corruption.

Files of a stopped store are damaged: bits flipped, pages swapped, old pages and old files put
back, files cut or removed, the journal's tail lost. `store check` must then say so, or else the
store, opened, must answer every question as before (the damage hit nothing that is used).
Found by its check is found, and so is a process ended by it. What is not tried: the whole store
put back as it was at once, which only a witness outside could tell.
A run is one damage; the number detected and the number without effect are printed.

--short     2,000 damages
--long      100,000, 2,000 a round
--control   seals opened without looking at their tag, and only the answers looked at
"""
import collections
import os
import pathlib
import shutil
import subprocess
import tempfile

import frame

import canaries
import paths
import peopled
from acts import answer, close, command, do, figures, open_situation, person

DAMAGES, PAGE = 2000, 4096
WAYS = {"flip": 60, "swap": 8, "old page": 12, "old file": 4, "cut": 6, "tail": 6, "remove": 4}


class Probe:
    """One store_probe; started again when damage ended it."""

    def __init__(self, root_key, program="store_probe"):
        self.words = [paths.program(f"tests/harness/{program}"), str(root_key)]
        self.process = None

    def say(self, line):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(self.words, stdin=subprocess.PIPE, text=True,
                                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            return self.process.stdout.readline().strip() or "ended"
        except BrokenPipeError:
            return "ended"

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()


class Store:
    """A stopped store with its past: `files` now, `old` of some time before."""

    def __init__(self, seed):
        town = peopled.make_original()
        self.town, rng = town, canaries.rng_of(seed)
        town.configure('rules = { erase_interval = "0 s"; };\n')
        town.start()
        anna = town.client("anna")
        self.situations = [open_situation(anna, town, title=f"S{n}", persons=[
            person(f"Nom{n}", "Zoé", birth_day=town.today - rng.randrange(3000, 9000))])[0]
            for n in range(40)]
        assert town.stop() == 0
        self.old = self.read()
        town.start()
        for situation in self.situations[:10]:
            close(anna, town, situation)
        for situation in self.situations[10:]:
            do(anna, situation_add_entry=dict(id=situation, kind="contact", day=town.today,
                                              text="appel"))
        for situation in self.situations[:3]:
            do(town.client("helene"), situation_erase=dict(id=situation, reason="droits"))
        while int(figures(town.operator)["ledger.erased"]) < 9:
            do(anna, situation_list=dict())
        self.reader = town.keys["anna"].public_bytes.hex()
        assert town.stop() == 0
        self.now = self.read()
        self.used = {name: self.used_of(name, data) for name, data in self.now.items()}

    def read(self):
        return {str(path.relative_to(self.town.data)): path.read_bytes()
                for path in self.town.data.rglob("*")
                if path.is_file() and path.suffix in (".seg", ".mdb", ".keys", ".secret", "")
                and path.name not in ("lock",)}

    @staticmethod
    def used_of(name, data):
        return max(1, len(data.rstrip(b"\0")))

    def write_into(self, folder, changed):
        """The store with some files changed; None: removed."""
        for name, data in {**self.now, **changed}.items():
            if data is None:
                continue
            path = folder / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            used = data.rstrip(b"\0")
            with open(path, "wb") as file:
                file.write(used)
                file.truncate(len(data))
            path.chmod(0o600)

    def questions(self):
        out = [command.Request(situation_list=dict(with_closed=True, limit=1000)),
               command.Request(saisine_list=dict(limit=1000)),
               command.Request(duplicate_list=dict(limit=1000)),
               command.Request(delegation_list=dict()),
               command.Request(reference_list=dict(kind=12)),
               command.Request(reference_list=dict(kind=8)),
               command.Request(reference_list=dict(kind=5))]
        out += [command.Request(situation_get=dict(id=situation, nominative=True))
                for situation in self.situations]
        for number, request in enumerate(out):
            request.id = bytes([number]) * 16
        return out

    def answers(self, probe, folder):
        """None when it does not open or ends; else every answer but its place in the journal."""
        got = []
        if probe.say(f"open {folder} same") != "ok":
            return None
        for request in self.questions():
            if probe.say(f"ask {self.reader} {request.SerializeToString().hex()}") != "ok":
                return None
        said = probe.say("turn")
        for text in said.split()[1:] if said.startswith("ok ") else []:
            reply = answer.Reply.FromString(bytes.fromhex(text.replace("-", "")))
            reply.ClearField("seq")
            got.append(reply.SerializeToString())
        probe.say("close rough")
        return got if len(got) == len(self.questions()) else None


def damage(store, rng, only=None):
    """(way, file, {file: its new content})."""
    names = [name for name in store.now if not name.startswith("views/marker")
             and (only is None or only in name)]
    name = rng.choice([name for name in names for _ in range(
        4 if name.endswith((".seg", ".mdb", ".keys")) else 1)])
    way = rng.choice([way for way, share in WAYS.items() for _ in range(share)]) \
        if only is None else "flip"
    data, used, old = bytearray(store.now[name]), store.used[name], store.old.get(name)
    pages = max(1, used // PAGE)
    if way == "flip":
        data[rng.randrange(used)] ^= 1 << rng.randrange(8)
    elif way == "swap":
        one, two = rng.randrange(pages) * PAGE, rng.randrange(pages) * PAGE
        data[one:one + PAGE], data[two:two + PAGE] = data[two:two + PAGE], data[one:one + PAGE]
    elif way == "old page" and old:
        at = rng.randrange(pages) * PAGE
        data[at:at + PAGE] = old[at:at + PAGE].ljust(len(data[at:at + PAGE]), b"\0")
    elif way == "old file" and old:
        data = bytearray(old)
    elif way == "cut":
        del data[rng.randrange(used):]
    elif way == "tail":
        at = used - 1 - rng.randrange(min(used - 1, 4000)) if used > 1 else 0
        data[at:] = bytes(len(data) - at)
    elif way == "remove":
        return way, name, {name: None}
    return way, name, {name: bytes(data)}


def judged(store, probe, folder, changed, expected):
    """found | harmless | silent."""
    store.write_into(folder, changed)
    said = probe.say(f"check {folder} same")
    if not said.startswith("ok") and all(changed.values()):
        return "found"
    got = store.answers(probe, folder)
    if not said.startswith("ok") and got != expected:
        return "found"
    if got is not None and got != expected:
        tell(store, changed, said, got, expected)
        return "silent"
    return "found" if got is None else "harmless"


def tell(store, changed, said, got, expected):
    """What it takes to understand a silent change."""
    for name, data in changed.items():
        now = store.now[name]
        where = [at for at in range(min(len(now), len(data or b""))) if now[at] != data[at]]
        print(f"silent: {name}, {len(where)} bytes from {where[:1]} (page "
              f"{where[0] // PAGE if where else '-'} of {len(now) // PAGE}), check: {said}")
    for number, (one, other) in enumerate(zip(got, expected)):
        if one != other:
            print(f"answer {number}: {len(one)} bytes, was {len(other)}; "
                  f"{answer.Reply.FromString(one).refusal.name}")


def play(seed):
    rng, counts, silent = canaries.rng_of(seed), collections.Counter(), 0
    store = Store(seed)
    probe = Probe(store.town.dir / "keys" / "root.key")
    with store.town:
        expected = answers_whole(store, probe)
        for _ in range(DAMAGES):
            way, _, changed = damage(store, rng)
            folder = pathlib.Path(tempfile.mkdtemp(prefix="ct", dir=shm()))
            verdict = judged(store, probe, folder, changed, expected)
            shutil.rmtree(folder)
            counts[way, verdict] += 1
            silent += verdict == "silent"
        probe.close()
    for (way, verdict), count in sorted(counts.items()):
        print(f"{way:10} {verdict:10} {count}")
    return DAMAGES, silent


def shm():
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def answers_whole(store, probe):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ct", dir=shm()))
    store.write_into(folder, {})
    said = probe.say(f"check {folder} same")
    got = store.answers(probe, folder)
    shutil.rmtree(folder)
    if said.split()[:1] != ["ok"] or not said.endswith("trusted") or got is None:
        raise AssertionError(f"the store is not whole to begin with: {said}")
    return got


def control(seed):
    rng, silent, count = canaries.rng_of(seed), 0, 300
    store = Store(seed)
    probe = Probe(store.town.dir / "keys" / "root.key", "store_probe_open")
    with store.town:
        expected = answers_whole(store, probe)
        for _ in range(count):
            _, _, changed = damage(store, rng, "views/")
            folder = pathlib.Path(tempfile.mkdtemp(prefix="ct", dir=shm()))
            store.write_into(folder, changed)
            got = store.answers(probe, folder)
            shutil.rmtree(folder)
            silent += got is not None and got != expected
        probe.close()
    return count, silent


if __name__ == "__main__":
    frame.run(play, 1, 50, control)
