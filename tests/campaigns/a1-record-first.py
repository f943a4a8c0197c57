#!/usr/bin/python3
"""A1: no nominative byte leaves without a prior record.

Readers ask for situations and saisines full of canaries. For each answer that carries one, the
entry it names must stand in the journal's writes that had been flushed when the answer was
received, by the log of what the daemon wrote and flushed. The daemon is killed between write and
flush of such entries, over and over. A run is one answer with a canary.

--short     10^4 answers
--long      10^6, 10^4 a round
--control   the journal's flush is left out: the answers leave before their record is on disk
"""
import bisect
import os
import pathlib
import struct
import tempfile
import threading

import frame

import canaries
import ioreplay
import peopled
from acts import ANSWERED, command, figures, open_situation, person
from town import ctps_client

READS, READERS, SITUATIONS = 10_000, 6, 12
MAGIC = b"\x89CTPSJ\r\n"
SEGMENTS = "journal/*.seg"


def seqs_of(data):
    """Numbers of the entries whose frames begin in a write."""
    at = data.find(MAGIC)
    while at >= 0:
        yield struct.unpack_from("<Q", data, at + 32)[0]
        at = data.find(MAGIC, at + 64)


class Flushed:
    """Up to which entry the journal was flushed when the log had a given length."""

    def __init__(self, log):
        self.ends, self.heads, waiting, head = [0], [0], {}, 0
        for record in ioreplay.read_records(log):
            if record.op == ioreplay.WRITE and record.path.endswith(".seg"):
                waiting[record.path] = max([waiting.get(record.path, 0),
                                            *seqs_of(record.data)])
            elif record.op in (ioreplay.SYNC, ioreplay.SYNC_ALL):
                paths = [record.path] if record.op == ioreplay.SYNC else list(waiting)
                head = max([head, *(waiting.pop(path, 0) for path in paths)])
                self.ends.append(record.end)
                self.heads.append(head)

    def head_at(self, length):
        return self.heads[bisect.bisect_right(self.ends, length) - 1]


class Reader(threading.Thread):
    """Asks until the daemon is gone or there are enough; keeps (log length, entry) of answers."""

    def __init__(self, town, log, wanted, what, word):
        super().__init__(daemon=True)
        self.client = ctps_client.Client(town.keys["anna"])
        self.log, self.wanted, self.what, self.word = log, wanted, what, word.encode()
        self.got, self.wrong = [], []

    def run(self):
        number = 0
        while len(self.got) < self.wanted:
            request = command.Request(id=os.urandom(16), **self.what[number % len(self.what)])
            number += 1
            try:
                raw = self.client.exchange(request.SerializeToString(), timeout=0.9)
            except ctps_client.CtpsError:
                break
            length = ioreplay.log_length(self.log)
            reply = ctps_client.answer.Reply.FromString(raw)
            if self.word in raw:
                self.got.append((length, reply.seq))
            elif reply.status == ANSWERED:
                self.wrong.append("an answer without the canary")
        self.client.close()


def readers_run(town, log, wanted, what, word):
    readers = [Reader(town, log, wanted // READERS + 1, what, word) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return [pair for reader in readers for pair in reader.got], \
        [line for reader in readers for line in reader.wrong]


def read_all(seed, reads, rules):
    """[(log length, entry)] of the answers, the log's flushes, and what was wrong."""
    rng, town = canaries.rng_of(seed), peopled.make_original()
    word, kills = canaries.word(rng, "nom"), 0
    with town, tempfile.TemporaryDirectory() as outside:
        log = pathlib.Path(outside) / "log"
        town.start()
        what = []
        for _ in range(SITUATIONS):
            situation, _, saisine = open_situation(town.client("anna"), town,
                                                   persons=[person(word, "Zoé")])
            what += [dict(situation_get=dict(id=situation, nominative=True)),
                     dict(saisine_get=dict(id=saisine, nominative=True))]
        before = int(figures(town.operator)["journal.reads"])
        town.stop()
        got, wrong = [], []
        while len(got) < reads:
            # A start flushes the journal a few times before the first reader is served.
            killing = {} if rules else {"KILL": f"fdatasync:{rng.randrange(12, 250)}:before:"
                                                f"{SEGMENTS}"}
            town.start(town.recorder(log, **rules, **killing))
            more, bad = readers_run(town, log, reads - len(got), what, word)
            got += more
            wrong += bad
            kills += not town.is_running()
            town.kill()
        town.start()
        counted = int(figures(town.operator)["journal.reads"]) - before
        if not rules and counted < len(got):
            wrong.append(f"{counted} reads in the journal, {len(got)} answers")
        return got, Flushed(log), wrong, kills


def judged(seed, reads, **rules):
    got, flushed, wrong, kills = read_all(seed, reads, rules)
    early = [seq for length, seq in got if not 0 < seq <= flushed.head_at(length)]
    for line in sorted(set(wrong)) + [f"{len(early)} answers before their record"] * bool(early):
        print(line)
    print(f"{len(got)} answers, {kills} kills between write and flush")
    if not rules and kills < 3:
        raise AssertionError("too few kills to say anything")
    return len(got), len(early) + len(wrong)


if __name__ == "__main__":
    frame.run(lambda seed: judged(seed, READS), 1, 100,
              lambda seed: judged(seed, 500, DROP=f"fdatasync:{SEGMENTS}"))
