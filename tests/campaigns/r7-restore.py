#!/usr/bin/python3
"""R7: a backup restores.

A town under load is backed up; situations are erased and a key is revoked afterwards. The backup
is restored elsewhere, with the keyring backup of before the erasures (the worst case), the
ledger and the list of revoked keys. Everything acknowledged before the backup began must be
there and read the same, what was erased must stay so, the revoked key out, the incarnation be
new, `store check` find it whole, and new work take new keys. A run is one restore.

--short     3 restores
--long      100
--control   one byte of the backup flipped (20 times); the ledger left behind
"""
import os
import shutil
import threading

import frame

import canaries
import peopled
from acts import DONE, backup, close, command, do, figures, open_situation, person, sheet
from town import ctps_client

LOADERS = 3


class Loader(threading.Thread):
    """Keeps (request, reply) of what was acknowledged, with the time order of the list."""

    def __init__(self, town):
        super().__init__(daemon=True)
        self.town, self.acked, self.stopping = town, [], False
        self.client = ctps_client.Client(town.keys["anna"])

    def run(self):
        while not self.stopping:
            request = command.Request(id=os.urandom(16), saisine_receive=sheet(
                self.town, persons=[person("Charge", f"N{len(self.acked)}")]))
            reply = self.client.request(request)
            if reply.status == DONE:
                self.acked.append((request, reply))
        self.client.close()


def source(rng):
    """A town after its backup: (town, acknowledged before, kept, erased, views by id)."""
    town = peopled.make_original()
    town.configure('rules = { erase_interval = "0 s"; };\n')
    town.start()
    anna = town.client("anna")
    situations = [open_situation(anna, town, title=f"S{number}", persons=[
        person(f"Nom{number}", "Zoé")])[0] for number in range(6)]
    for situation in situations:
        close(anna, town, situation)
    loaders = [Loader(town) for _ in range(LOADERS)]
    for loader in loaders:
        loader.start()
    while sum(len(loader.acked) for loader in loaders) < 30 + rng.randrange(100):
        do(anna, situation_list=dict())
    acked = [pair for loader in loaders for pair in list(loader.acked)]
    backup(town, "b")
    backup(town, "k", keyring=True)
    for loader in loaders:
        loader.stopping = True
        loader.join()
    for situation in situations[:3]:
        do(town.client("helene"), situation_erase=dict(id=situation, reason="droits"))
    while int(figures(town.operator)["ledger.erased"]) < 9:
        do(anna, situation_list=dict())
    do(town.operator, key_revoke=dict(public_key=town.keys["bruno"].public_bytes))
    views = {situation: anna.request(command.Request(situation_get=dict(
        id=situation, nominative=True))).situation_answer for situation in situations[3:]}
    incarnation = figures(town.operator)["journal.incarnation"]
    assert town.stop() == 0
    return town, acked, situations[:3], views, incarnation


def elsewhere_of(town, ledger=True):
    """Another machine: keys, configuration, the old keyring backup and what was kept apart."""
    other = peopled.PeopledTown(town)
    kept = other.dir / "kept"
    shutil.copytree(other.data / "ledger", kept)
    shutil.rmtree(other.data)
    other.data.mkdir(mode=0o700)
    shutil.copytree(other.dir / "keyring-backups" / "k", other.data / "keyring")
    if ledger:
        shutil.copytree(kept, other.data / "ledger")
    return other


def restored(other):
    """Whether the restore was accepted and the daemon serves."""
    done = other.ctps("store", "restore", str(other.dir / "backups" / "b"), check=False)
    if done.returncode:
        return False
    return other.start(expect_ready=False) is None


def compare(other, acked, erased, views, incarnation):
    wrong, anna = [], other.client("anna")
    if figures(other.operator)["journal.incarnation"] == incarnation:
        wrong.append("the old incarnation")
    for request, reply in acked:
        again = anna.request(request)
        if not again.repeated_answer or list(again.made) != list(reply.made):
            wrong.append(f"entry {reply.seq} is not there")
    for situation in erased:
        reply = anna.request(command.Request(situation_get=dict(id=situation, nominative=True)))
        if reply.refusal.name != "erased":
            wrong.append(f"situation {situation} came back")
    for situation, view in views.items():
        reply = anna.request(command.Request(situation_get=dict(id=situation, nominative=True)))
        if reply.situation_answer != view:
            wrong.append(f"situation {situation} reads otherwise")
    try:
        other.client("bruno").request(command.Request(situation_list=dict()), timeout=5)
        wrong.append("the revoked key is admitted")
    except ctps_client.Denied:
        pass
    new, *_ = open_situation(anna, other, title="Après")
    if anna.request(command.Request(situation_get=dict(
            id=new, nominative=True))).situation_answer.situations[0].title != "Après":
        wrong.append("new work is not read back")
    assert other.stop() == 0
    if other.ctps("store", "check", check=False).returncode:
        wrong.append("store check")
    return wrong


def play(seed):
    town, *facts = source(canaries.rng_of(seed))
    with town, elsewhere_of(town) as other:
        wrong = compare(other, *facts) if restored(other) else ["not restored"]
    for line in wrong[:10]:
        print(line)
    return 1, len(wrong)


def control(seed):
    rng, failures = canaries.rng_of(seed), 0
    town, *facts = source(rng)
    with town:
        for _ in range(20):
            with elsewhere_of(town) as other:
                segment = max((other.dir / "backups" / "b" / "journal").glob("*.seg"),
                              key=lambda path: path.stat().st_size)
                raw = bytearray(segment.read_bytes())
                raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
                segment.write_bytes(raw)
                if restored(other) and not compare(other, *facts):
                    raise AssertionError("a flipped byte was not noticed")
                failures += 1
        with elsewhere_of(town, ledger=False) as other:
            back = [line for line in compare(other, *facts) if "came back" in line] \
                if restored(other) else []
            if len(back) != 3:
                raise AssertionError("without the ledger nothing came back: it proves nothing")
            failures += len(back)
    return 21, failures


if __name__ == "__main__":
    frame.run(play, 3, 100, control)
