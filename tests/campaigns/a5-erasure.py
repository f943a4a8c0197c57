#!/usr/bin/python3
"""A5: erasure is real.

Situations full of canaries are erased. What was theirs is known beforehand from copies: the keys
of their slots, the old epoch's secret, the bytes of the old keyring, the canaries. Afterwards
every file of the data folder, the ledger and backups made since is searched for them, and so are
the blocks the removed files stood on (held by a second name each). The old journal and views with
the new keyring give nothing back; search, stored answers and reads give nothing either; those
not erased stay whole. Some of those are sealed again without one entry: of that entry and of the
key they were under before nothing is left either.
A run is one erased situation.

--short     50 situations in one town
--long      1,000, 50 a town
--control   the old keyring is not overwritten when it is removed, and: each sought thing is
            planted and found
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

import frame

import canaries
import paths
import peopled
from acts import DONE, backup, close, command, do, figures, person, refused, sheet

ERASED, KEPT, REKEYED = 50, 10, 5
WINDOW = 16


def folder_copy(path):
    into = pathlib.Path(tempfile.mkdtemp(prefix="ct"))
    shutil.copytree(path, into, dirs_exist_ok=True)
    return into


def slot_keys(town, keyring, slots):
    """What the root key and a keyring give for slots: a key in hex, or an error's name."""
    copied = folder_copy(keyring)
    try:
        done = subprocess.run([paths.program("tests/harness/vault_probe"),
                               town.dir / "keys" / "root.key", copied, *map(str, slots)],
                              capture_output=True, text=True, check=True)
        return done.stdout.split()
    finally:
        shutil.rmtree(copied)


class Windows:
    """Whether a row of the old keyring stands anywhere: 32 bytes or more of its cipher text.
    (Less is lawfully shared: the commitment of the key of the rows stands in each file.)"""

    def __init__(self, raw):
        self.known = {raw[at:at + WINDOW] for at in range(len(raw) - WINDOW)
                      if len(set(raw[at:at + WINDOW])) > 12}

    def met_in(self, data):
        return any(data[at:at + WINDOW] in self.known and
                   data[at + WINDOW:at + 2 * WINDOW] in self.known
                   for at in range(0, len(data), WINDOW))


def filled(seed, count):
    """A running town with `count` closed situations: (town, [(id, words, request)])."""
    rng = canaries.rng_of(seed)
    town = peopled.make_original()
    town.configure('rules = { erase_interval = "0 s"; };\n')
    town.start()
    anna, made = town.client("anna"), []
    for number in range(count):
        words = [canaries.word(rng, f"{part}{number}") for part in (
            "last", "first", "addr", "text", "place", "title", "entry")]
        request = command.Request(id=rng.randbytes(16), saisine_receive=sheet(
            town, text=words[3], place=words[4],
            persons=[person(words[0], words[1], address=words[2])]))
        reply = anna.request(request)
        assert reply.status == DONE
        situation = do(anna, saisine_accept=dict(id=reply.made[0].id,
                                                 title=words[5])).made[0].id
        do(anna, situation_add_entry=dict(id=situation, kind="contact", day=town.today,
                                          text=words[6]))
        made.append((situation, words, request))
    return town, made


def dropped_write(town, situations, seed):
    """One more entry each, to be dropped: [(situation, entry, word)]."""
    rng = canaries.rng_of(f"{seed}/dropped")
    out = []
    for number, (situation, *_) in enumerate(situations):
        word = canaries.word(rng, f"dropped{number}")
        made = do(town.client("anna"), situation_add_entry=dict(
            id=situation, kind="contact", day=town.today, text=word)).made[0]
        out.append((situation, made.id, word))
    return out


def rekey_all(town, dropped):
    for situation, entry, _ in dropped:
        do(town.client("anna"), situation_rekey=dict(id=situation, drop_entries=[entry],
                                                     reason="droits"))


class Past:
    """What was there before the erasure."""

    def __init__(self, town):
        keyring = town.data / "keyring"
        self.copy = folder_copy(town.data)
        self.blocks = pathlib.Path(tempfile.mkdtemp(prefix="ct"))
        for path in keyring.iterdir():
            os.link(path, self.blocks / path.name)
        self.secret = next(keyring.glob("*.secret")).read_bytes()
        self.keys = next(keyring.glob("*.keys")).read_bytes()
        # Copies made before go on holding the keys, for as long as the certificate says.
        self.backups = set((town.dir / "keyring-backups").rglob("*"))

    def remove(self):
        shutil.rmtree(self.copy)
        shutil.rmtree(self.blocks)


def order_all(town, situations, more_keys):
    for situation in situations:
        do(town.client("helene"), situation_erase=dict(id=situation, reason="droits"))
    waiting = 0
    for event in town.client("follower").events(timeout=30):
        waiting += {"erasure.ordered": 1, "erasure.done": -1}.get(event.topic, 0)
        if waiting <= 0 and int(figures(town.operator)["ledger.erased"]) >= \
                3 * len(situations) + more_keys:
            return
    raise AssertionError("the erasures were not done")


def needles_of(past, keys, words):
    forms = {}
    for number, key in enumerate(keys):
        forms.update({f"key {number} {name}": raw for name, raw in
                      canaries.of_bytes(bytes.fromhex(key)).items()})
    forms.update({f"epoch secret {name}": raw for name, raw in
                  canaries.of_bytes(past.secret).items()})
    for word in words:
        forms.update({f"{word} {name}": raw for name, raw in canaries.of_text(word).items()
                      if name in ("raw", "folded", "upper", "hex", "utf-16-le")})
    return canaries.Needles(forms)


def traces(town, past, needles):
    """[(where, what)] of the erased in files and in the blocks of removed files."""
    windows = Windows(past.keys)
    found = []
    for folder in (town.data, town.dir / "backups", town.dir / "keyring-backups", past.blocks):
        found += [(where, what) for where, what in needles.in_folder(folder)
                  if pathlib.Path(where) not in past.backups]
        for path in set(folder.rglob("*")) - past.backups:
            if path.is_file() and windows.met_in(path.read_bytes()):
                found.append((str(path), "old keyring"))
    return found


def given_back(town, erased):
    """What answers still give of the erased."""
    anna, found = town.client("anna"), []
    for situation, words, request in erased:
        if refused(anna, situation_get=dict(id=situation, nominative=True))[0] != "erased":
            found.append((situation, "read"))
        answer = do(anna, name_search=dict(name=f"{words[0]} {words[1]}")).search_answer
        if answer.situations or answer.saisines:
            found.append((situation, "search"))
        raw = anna.request(request).SerializeToString() + do(
            anna, situation_get=dict(id=situation)).SerializeToString()
        found += [(situation, word) for word in words if word.encode() in raw]
    return found


def old_with_new(town, past, slots):
    """What the old journal and views give with the new keyring."""
    answers = slot_keys(town, town.data / "keyring", slots)
    found = [("new keyring", slot) for slot, answer in zip(slots, answers)
             if answer.lower() != "absent"]
    elsewhere = peopled.PeopledTown(town)
    with elsewhere:
        shutil.rmtree(elsewhere.data)
        shutil.copytree(past.copy, elsewhere.data)
        shutil.rmtree(elsewhere.data / "keyring")
        shutil.copytree(town.data / "keyring", elsewhere.data / "keyring")
        if elsewhere.start(expect_ready=False) is None:
            found.append(("old journal with new keyring", "served"))
    return found


def still_whole(town, kept):
    anna, lost = town.client("anna"), []
    for situation, words, _ in kept:
        view = do(anna, situation_get=dict(
            id=situation, nominative=True)).situation_answer.situations[0]
        got = [view.persons[0].identity.last_name, view.persons[0].identity.first_name,
               view.persons[0].identity.address, view.text, view.place, view.title,
               next(entry.text for entry in view.entries if entry.text)]
        if got[0:3] + got[5:] != words[0:3] + words[5:]:
            lost.append((situation, "not whole"))
    return lost


def slots_of(town, past):
    """Slots in use before: those the keyring of then knows, from 1."""
    every = range(1, 1025)
    keys = slot_keys(town, past.copy / "keyring", every)
    return {slot: key for slot, key in zip(every, keys) if len(key) == 64}


def play(seed, env=None):
    town, made = filled(seed, ERASED + KEPT)
    with town:
        erased, kept = made[:ERASED], made[ERASED:]
        dropped = dropped_write(town, kept[:REKEYED], seed)
        for situation, *_ in made:
            close(town.client("anna"), town, situation)
        assert town.stop() == 0
        past = Past(town)
        try:
            before = slots_of(town, past)
            town.start(env(town) if env else None)
            rekey_all(town, dropped)
            order_all(town, [situation for situation, *_ in erased], len(dropped))
            backup(town, "after")
            if not env:  # a keyring whose writes are lost may not be whole enough to be copied
                backup(town, "after", keyring=True)
            found = given_back(town, erased) + still_whole(town, kept)
            assert town.stop() == 0
            after = dict(zip(before, slot_keys(town, town.data / "keyring", before)))
            gone = [slot for slot in before if len(after[slot]) != 64]
            if len(gone) != 3 * ERASED + REKEYED:
                found.append(("keyring",
                              f"{len(gone)} slots gone, not {3 * ERASED + REKEYED}"))
            words = [word for _, words, _ in erased for word in words]
            words += [word for *_, word in dropped]
            needles = needles_of(past, [before[slot] for slot in gone], words)
            found += traces(town, past, needles) + old_with_new(town, past, gone)
        finally:
            past.remove()
        for where, what in found[:20]:
            print(f"{what} in {where}")
        return ERASED, len(found)


def not_overwritten(town):
    epoch = int(next((town.data / "keyring").glob("*.keys")).name[6:12])
    return town.recorder(DROP=f"write:keyring/epoch-{epoch:06d}.*")


def control(seed):
    runs, failures = play(seed, not_overwritten)
    rng = canaries.rng_of(seed)
    secret, key = rng.randbytes(32), rng.randbytes(32).hex()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ct"))
    past = type("Past", (), {"secret": secret})
    needles = needles_of(past, [key], [canaries.word(rng, "x")])
    try:
        for name, raw in needles.forms.items():
            (folder / "f").write_bytes(rng.randbytes(4099) + raw + rng.randbytes(9))
            if not needles.in_folder(folder):
                raise AssertionError(f"{name} planted and not found")
            failures += 1
    finally:
        shutil.rmtree(folder)
    if failures == len(needles.forms):
        raise AssertionError("a keyring that was not overwritten was not noticed")
    return runs + len(needles.forms), failures


if __name__ == "__main__":
    frame.run(play, 1, 20, control)
