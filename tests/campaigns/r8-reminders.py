#!/usr/bin/python3
"""R8: no reminder is missed silently, none is doubled.

A year of a town is lived in one process (tests/sim/reminded): meetings and series of them,
decisions, saisines, situations restricted, merged and parted again, territories lent, requests of
persons, charters, habilitations; the plugin as it is shipped; it and
the daemon are killed at any step and stay away for weeks, the clock jumps to and fro by days.
What people did goes to a model (tests/blackbox/reminder_model.py) that knows the rules from
docs/reminders.md, days from the calendar and hours from zoneinfo, and shares no code with the
plugin: it says which reminders there must be. A run is one reminder expected or found, a
failure one that is missing, too much, doubled, or came out otherwise.

--short     10 years
--long      1,000 years, resumed
--control   a plugin whose key does not say of which day: must be found
"""
import collections
import dataclasses
import subprocess

import frame

import paths
import reminder_model as model
from reminder_model import Thing

SHORT, LONG, CONTROL = 10, 100, 2  # rounds; one of the long form is ten years
YEARS_PER_ROUND = 10
SILENT_DAYS, INFORM_DAYS, SAISINE_DAYS, MINUTES_DAYS = 45, 15, 5, 5
CHARTER_MONTHS = 36
FOLLOWED = ("review", "silent", "not_informed")  # of an open situation
OF_TERRITORY = ("saisine", "rights")  # to its coordinators, and to whom it is lent


def add_months(day, months):
    date = model.date_of(day)
    index = date.year * 12 + date.month - 1 + months
    year, month = divmod(index, 12)
    last = (model.datetime.date(year + month // 11, (month + 1) % 12 + 1, 1)
            - model.datetime.timedelta(days=1)).day
    return model.number(date.replace(year=year, month=month + 1, day=min(date.day, last)))


class Year:
    """What must be recorded, as the lines of one year are read."""

    def __init__(self):
        self.things = {}     # (kind, object) -> Thing
        self.next = {}       # (kind, object) -> nothing is due before
        self.allowed = collections.defaultdict(set)  # reminder -> outcomes it may have
        self.settled = set()  # reminders that must be there
        self.roles = {}
        self.begun = self.latest = 0
        self.alarm = False
        self.found = collections.Counter()
        self.outcomes = {}
        self.leads = {}      # situation -> since when it is known, and its lead
        self.erased = set()  # perhaps
        self.charters, self.habilitations, self.charter_ends = [], [], {}
        self.restricted = set()
        self.situation_of = {}  # of a decision
        self.merged = {}     # situation that ended in another -> what there was of it
        self.ended_in = {}   # which other, now
        self.series, self.was_held = {}, set()  # of a meeting; meetings
        self.wrong = []
        self.lent = {}       # delegation -> (who, first day, last day)

    # --- what is known ---

    def put(self, kind, object, day, **more):
        thing = Thing(kind, object, day, heads=(self.roles["head"],), **more)
        self.things[kind, object] = thing
        self.next[kind, object] = 0

    def drop(self, kind, object):
        self.things.pop((kind, object), None)
        self.next.pop((kind, object), None)

    # --- lines ---

    def line_role(self, now, role, who):
        self.roles[role] = who

    def line_meeting(self, now, id, day, minute, *people):
        self.put("meeting", id, int(day), minute=int(minute), known_us=now, people=people)

    def line_series(self, now, id, first, minute, weeks, months, nth, weekday, count, until, skip,
                    made, *rest):
        ids, people = rest[:int(made)], rest[int(made):]
        days = model.series_days(int(first), int(weeks), int(months), int(nth), int(weekday),
                                 int(count), int(until), int(skip))
        if len(days) != len(ids):
            self.wrong.append(f"series {id} has {len(ids)} meetings, not {len(days)}")
        for meeting, day in zip(ids, days):
            self.series[meeting] = id
            self.line_meeting(now, meeting, day, minute, *people)

    def line_rest(self, now, id):
        """It and those of its series on its day and after it that were not held."""
        first = self.things["meeting", id].day
        for meeting, series in self.series.items():
            thing = self.things.get(("meeting", meeting))
            if series == self.series[id] and thing and thing.day >= first and \
                    meeting not in self.was_held:
                self.drop("meeting", meeting)

    def line_moved(self, now, id, day, minute):
        before = self.things["meeting", id]
        known = before.known_us if (before.day, before.minute) == (int(day), int(minute)) else now
        self.put("meeting", id, int(day), minute=int(minute), known_us=known,
                 people=before.people)

    def line_held(self, now, id):
        meeting = self.things["meeting", id]
        self.next["meeting", id] = 0
        self.was_held.add(id)
        self.put("minutes", id, model.add_working(meeting.day, MINUTES_DAYS),
                 people=(meeting.people[0], self.roles["assistant"]))

    def line_decision(self, now, id, due, who, situation):
        self.situation_of[id] = situation
        self.put("decision", id, int(due), known_us=now, people=(who,))

    def line_saisine(self, now, id, received):
        self.put("saisine", id, model.add_working(int(received), SAISINE_DAYS), known_us=now,
                 people=(self.roles["coordinator"],))

    def line_situation(self, now, id, opened, lead):
        opened = int(opened)
        self.leads[id] = (now, lead)
        self.put("review", id, add_months(opened, 1), known_us=now, people=(lead,))
        self.put("silent", id, opened + SILENT_DAYS, known_us=now, people=(lead,))
        self.put("not_informed", id, opened + INFORM_DAYS, known_us=now, people=(lead,))

    def line_entry(self, now, id, day):
        known, lead = self.leads[id]
        day = max(int(day) + SILENT_DAYS, self.things["silent", id].day)
        self.put("silent", id, day, known_us=known, people=(lead,))

    def line_reviewed(self, now, id, following):
        known, lead = self.leads[id]
        self.put("review", id, int(following), known_us=known, people=(lead,))

    def line_closed(self, now, id):
        for kind in FOLLOWED:
            self.drop(kind, id)

    def line_erasing(self, now, id, due, announced):
        if id in self.leads:
            _, lead = self.leads[id]
            self.put("erasure", id, int(due), known_day=int(announced), people=(lead,))

    def line_restricted(self, now, id):
        self.restricted.add(id)
        self.drop("erasure", id)  # announced anew once it is lifted

    def line_lifted(self, now, id):
        self.restricted.remove(id)
        self.next = dict.fromkeys(self.next, 0)

    def line_merged(self, now, id, into):
        with_it = [other for other, where in self.ended_in.items() if where == id]
        self.ended_in |= dict.fromkeys([id, *with_it], into)
        self.merged[id] = with_it, [self.things[kind, id] for kind in FOLLOWED
                                    if (kind, id) in self.things]
        for kind in FOLLOWED:
            self.drop(kind, id)

    def line_unmerged(self, now, id, _):
        with_it, things = self.merged.pop(id)
        del self.ended_in[id]
        self.ended_in |= dict.fromkeys(with_it, id)
        for thing in things:
            self.things[thing.kind, id], self.next[thing.kind, id] = thing, 0

    def line_lent(self, now, id, who, first, last):
        self.lent[id] = who, int(first), int(last)

    def line_returned(self, now, id):
        del self.lent[id]

    def line_rights(self, now, id, received):
        self.put("rights", id, add_months(int(received), 1),
                 people=(self.roles["coordinator"], self.roles["dpo"]))

    def line_charter(self, now, id, day):
        self.charters.append((id, add_months(int(day), CHARTER_MONTHS) - 1))

    def line_habilitation(self, now, id, last):
        self.habilitations.append((id, int(last)))

    def line_gone(self, now, kind, id):
        self.drop(kind, id)

    def line_alarm(self, now, on):
        self.alarm = on == "1"
        for key in self.next:
            self.next[key] = 0

    def line_reminder(self, now, kind, object, day, minute, lead, who, outcome, escalated):
        key = kind, object, int(day), int(minute), lead, who
        self.found[key] += 1
        self.outcomes[key] = outcome

    # --- looking ---

    def look(self, now, completed):
        if now < self.latest:  # the clock was set back: what was put off is due again
            self.next = dict.fromkeys(self.next, 0)
        self.latest = now
        for key, following in self.next.items():
            thing = self.things[key]
            if (following > now and thing.kind not in OF_TERRITORY) or self.is_held(thing):
                continue
            thing = self.with_borrowers(thing, model.civil(now)[0])
            due, later = model.look(thing, now, self.begun)
            for (lead, who), outcome in due.items():
                if outcome == "missed" and self.alarm:
                    continue
                # from its day on it may be erased: nothing is left to be said, ever
                if thing.kind == "erasure" and model.civil(now)[0] >= thing.day:
                    self.erased.add(key)
                owed = key not in self.erased
                name = (thing.kind, thing.object, thing.day,
                        -1 if thing.minute is None else thing.minute, lead, who)
                if name in self.settled:
                    continue
                self.allowed[name].add(self.entitled(thing, who, now, outcome))
                if completed and owed:
                    self.settled.add(name)
            if completed:
                self.next[key] = later if later is not None else 1 << 62

    def is_held(self, thing):
        """Under restriction nothing is reminded of."""
        situation = self.situation_of.get(thing.object, thing.object)
        return self.ended_in.get(situation, situation) in self.restricted

    def with_borrowers(self, thing, today):
        """To whom the territory is lent today, too."""
        if thing.kind not in OF_TERRITORY:
            return thing
        more = {who for who, first, last in self.lent.values() if first <= today <= last}
        return dataclasses.replace(thing, people=(*thing.people, *sorted(more)))

    def entitled(self, thing, who, now, outcome):
        """What becomes of it for somebody who may not be told any more."""
        last = self.charter_ends.get(who)
        over = last is not None and model.civil(now)[0] > last
        return "withheld" if over and thing.kind == "decision" and outcome != "missed" else outcome

    def line_attempt(self, now):
        self.look(now, False)

    def line_look(self, now):
        self.look(now, True)

    def people_add(self):
        """Those whose charter or habilitation ends, once roles are known."""
        for id, last in self.charters:
            self.charter_ends[f"c{id}"] = last
            self.put("charter", id, last, people=(f"c{id}", self.roles["assistant"]))
        for id, last in self.habilitations:
            self.put("habilitation", id, last, people=(self.roles["head"],))

    # --- the end ---

    def judge(self):
        """(reminders, what is wrong with some of them)."""
        wrong = list(self.wrong)
        for name in self.settled - set(self.found):
            wrong.append(f"missing {name}")
        for name, count in self.found.items():
            kind, object, *_, who = name
            if count > 1:
                wrong.append(f"{count} times {name}")
            if kind == "habilitation" and who == f"a{object}":
                continue  # to himself as long as it holds: that is the daemon's day, not ours
            if name not in self.allowed:
                wrong.append(f"too much {name} {self.outcomes[name]}")
            elif self.outcomes[name] not in self.allowed[name]:
                wrong.append(f"{name} is {self.outcomes[name]}, not "
                             f"{'/'.join(sorted(self.allowed[name]))}")
        return len(self.settled | set(self.found)), wrong


def judged(lines):
    """(runs, failures) of one year's lines."""
    year = Year()
    rows = [line.split() for line in lines]
    year.begun = next(int(row[0]) for row in rows if row[1] == "begun")
    people = False
    for row in rows:
        now, word, *fields = row
        now = int(now)
        if word in ("year", "end", "begun"):
            continue
        if word == "refused":
            return 1, [f"the plugin was refused: {fields}"]
        if word in ("attempt", "look", "meeting", "series") and not people:
            year.people_add()
            people = True
        getattr(year, f"line_{word}")(now, *fields)
    return year.judge()


def lived(plugin, first, count):
    """Lines of each year."""
    reminded = paths.program("tests/sim/reminded")
    with subprocess.Popen([reminded, paths.program(plugin), str(first), str(count)],
                          stdout=subprocess.PIPE, text=True) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.split()[1] == "end":
                yield lines
                lines = []
    if process.returncode or lines:
        raise SystemExit(f"reminded ended with {process.returncode}")


def live(plugin, first, count, said=5):
    runs = failures = 0
    for number, lines in enumerate(lived(plugin, first, count)):
        more, wrong = judged(lines)
        for line in wrong[:said]:
            print(f"year {first + number}: {line}", flush=True)
        runs, failures = runs + more, failures + len(wrong)
    return runs, failures


def play(seed):
    base, number = seed.split("/")
    count = YEARS_PER_ROUND
    return live("plugins/reminders.so", int(base) * 1_000_000 + int(number) * count, count)


def control(seed):
    runs, failures = live("tests/sim/reminders_undated.so", int(seed.split("/")[0]) * 1_000_000,
                          CONTROL)
    if not failures:
        raise SystemExit("a key without the day was not found")
    return runs, failures


if __name__ == "__main__":
    frame.run(play, SHORT // YEARS_PER_ROUND, LONG, control)
