#!/usr/bin/python3
"""The example year, lived through with a moving clock.

The 413 saisines of the example town in order of their dates, each accepted, worked on, reviewed
and closed as its sheet says; its 163 meetings with agenda, attendance, decisions and minutes;
duplicates decided, shares read and taken back, two transfers, a leave covered by delegation, the
glass broken once, three rights requests; and what the retention rules do from the third month
on. Engine, journal, keyring and views are the daemon's own, in one process under a clock of the
campaign's.
The year is lived twice: every entry, boxes opened, must be the same; the views must equal a
rebuild. A run is one request; a failure is a difference, or a figure that is not as it must be.

--short     one seed, twice
--long      20 seeds
--control   the second year has one entry's text changed: the digests must differ
"""
import sys
import time

import frame

sys.path.insert(0, str(frame.ROOT / "tests" / "year"))

import service  # noqa: E402
from plan import END, START, Plan  # noqa: E402
from store import Store  # noqa: E402

MINUTE_S = 60
DONE = {"saisine_receive": 413, "meeting_hold": 163, "situation_transfer": 2, "rights_answer": 3,
        "share_record": 10, "delegation_grant": 1, "break_glass_use": 1, "rights_extract": 1}


class Lived:
    """One year, and what is left to compare."""

    def __init__(self, seed, spoil=False):
        begun = time.monotonic()
        store = Store(seed, START)
        try:
            plan = Plan(store, seed)
            plan.set_up()
            plan.take_up()
            service.plan_all(plan)
            if spoil:
                plan.at(START + 100, self.spoil, plan)
            plan.follow()
            self.entries = store.check()
            self.seconds = time.monotonic() - begun
            self.digest, _ = store.digest()
            self.counts, self.done, self.requests = plan.counts, plan.done, store.requests
            self.listed = store.ask(plan.responsable, situation_list={
                "with_closed": True, "limit": 1000}).situation_answer.situations
        finally:
            store.close()

    @staticmethod
    def spoil(plan):
        row = service.open_rows(plan)[0]
        situation, territory = plan.situations[row["N° fiche"]]
        plan.store.ask(plan.acting(territory), situation_add_entry={
            "id": situation, "kind": "contact", "day": plan.store.day, "result": "realisee",
            "text": "autre"})

    def wrong(self):
        """What is not as the rules and the sheets say."""
        erased = [view for view in self.listed if view.erased]
        late = [view.id for view in self.listed
                if view.erase_due_day and view.erase_due_day <= END - 40 and not view.erased]
        found = []
        found += [f"{self.done[name]} {name}, not {count}" for name, count in DONE.items()
                  if self.done[name] != count]
        if late:
            found.append(f"{len(late)} situations past their term and not erased")
        if not erased:
            found.append("nothing was erased")
        if self.seconds > MINUTE_S:
            found.append(f"{self.seconds:.0f} s for a year")
        return found

    def words(self):
        erased = sum(view.erased for view in self.listed)
        closed = sum(bool(view.closed_day) for view in self.listed)
        return (f"{self.requests} requests, {self.entries} entries, {len(self.listed)} situations,"
                f" {closed} closed, {erased} erased, {self.seconds:.0f} s, digest {self.digest}")


def play(seed, spoil=False):
    first, second = Lived(seed), Lived(seed, spoil)
    print(first.words())
    for words in (first.done, first.counts):
        print(", ".join(f"{count} {name}" for name, count in sorted(words.items())))
    found = first.wrong()
    if first.digest != second.digest:
        found.append(f"the second time: {second.words()}")
    for line in found:
        print(f"year: {line}")
    return first.requests + second.requests, len(found)


if __name__ == "__main__":
    frame.run(play, 1, 20, lambda seed: play(seed, spoil=True))
