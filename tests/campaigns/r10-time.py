#!/usr/bin/python3
"""R10: time cannot destroy.

A year goes by in a store opened without a daemon (store_probe), its clock moved by steps of less
than a day; situations are closed along the way, the store is stopped for days and ended roughly.
Each day the keys destroyed are compared with a model of the rules written from
domain.md, section 8: none early, all in the end. Then the clock goes to 2099 and back, days pass
there and here: nothing may be destroyed that was not due. A run is one day.

--short     1 year
--long      100 years of their own seeds
--control   in 2099 the operator confirms the clock, which lifts the guard: after the
            announcement's fifteen days the closed situations are destroyed, and that is counted
"""
import datetime
import os
import pathlib
import subprocess
import tempfile

import frame

import canaries
import paths
import peopled
from acts import answer, command, do, open_situation, person
from test_05_situation_end import add_months

CLOSED, STEP, ANNOUNCE, RUN_DAYS = 24, 0.9, 15, 5
EPOCH = datetime.date(1970, 1, 1)


class Clocked:
    """A store_probe whose clock is ours."""

    def __init__(self, town, clock):
        self.town, self.clock = town, clock
        env = {**os.environ, "IOREC_CLOCK": str(clock), "TZ": "Europe/Paris", "LD_PRELOAD": str(
            paths.program("tests/harness/iorec/libiorec.so").resolve())}
        self.process = subprocess.Popen(
            [paths.program("tests/harness/store_probe"), str(town.dir / "keys" / "root.key")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline().strip()
        assert said.startswith("ok"), f"{line[:40]}: {said}"
        return said

    def ask(self, key, **fields):
        body = command.Request(id=os.urandom(16), **fields).SerializeToString()
        self.say(f"ask {key.public_bytes.hex()} {body.hex()}")
        return answer.Reply.FromString(bytes.fromhex(self.say("turn").split()[1]))

    def figures(self):
        reply = self.ask(self.town.operator_key, status_get=dict())
        return {figure.name: figure.value for figure in reply.status_answer.figures}

    def open(self):
        self.say(f"open {self.town.data} same")

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Model:
    """Who may be gone on which day, from the rules alone."""

    def __init__(self):
        self.due, self.announced, self.gone, self.ran = {}, {}, set(), set()

    def closed(self, situation, day):
        self.due[situation] = add_months(day, 3)

    def day(self, today, alarm):
        self.ran.add(today)
        for situation, due in self.due.items():
            if today >= due - ANNOUNCE:
                self.announced.setdefault(situation, today)
        for situation, told in self.announced.items():
            ran = sum(told < day <= today for day in self.ran)
            if not alarm and today >= max(self.due[situation], told + ANNOUNCE) and \
                    ran >= RUN_DAYS:
                self.gone.add(situation)


class Year:
    def __init__(self, seed):
        self.rng, self.model = canaries.rng_of(seed), Model()
        self.town = peopled.make_original()
        self.offset, self.runs, self.wrong = 0.0, 0, []
        self.town.start()
        for name, function, territories in (("anna", "coordinateur", ["T1"]),
                                            ("helene", "responsable", [])):
            do(self.town.operator, agent_set=dict(
                id=self.town.agents[name], last_name=name, function=function,
                territories=territories, habilitation_act="acte",
                habilitation_from_day=peopled.today() - 9, habilitation_to_day=80000))
        self.waiting = [open_situation(self.town.client("anna"), self.town, persons=[
            person(f"Nom{n}", "Zoé")])[0] for n in range(CLOSED)]
        self.town.operator_key = self.town.operator.key
        assert self.town.stop() == 0
        self.clock = self.town.dir / "clock"
        self.set_clock(0)
        self.probe = Clocked(self.town, self.clock)
        self.probe.open()

    def close(self):
        self.probe.end()
        self.town.close()

    def set_clock(self, days):
        self.offset = days
        raw = int(days * peopled.DAY_US).to_bytes(8, "little", signed=True)
        with open(self.clock, "r+b" if self.clock.exists() else "wb") as file:
            file.write(raw)

    @property
    def today(self):
        return peopled.today() + int(self.offset)

    def erased(self):
        """Ids of situations whose keys are gone."""
        listed = self.probe.ask(self.town.keys["helene"], situation_list=dict(
            with_closed=True, limit=1000)).situation_answer.situations
        return {view.id for view in listed if view.erased}

    def alarm(self):
        return self.probe.figures()["clock.alarm"] == "yes"

    def tick(self):
        """One day, compared with the model a day wide of it: midnight is not ours to set."""
        self.probe.say("tick")
        self.probe.say("tick")
        self.model.day(self.today + 1, self.alarm())
        self.runs += 1
        early = self.erased() - self.model.gone
        if early:
            self.wrong.append(f"day {self.offset:.1f}: {early} destroyed early")

    def close_one(self):
        anna = self.town.keys["anna"]
        situation = self.waiting.pop()
        reply = self.probe.ask(anna, situation_close=dict(id=situation, day=self.today,
                                                          motive="resolue"))
        assert reply.refusal.name == "", reply
        self.model.closed(situation, self.today - 1)

    def pass_year(self):
        while self.offset < 365:
            away = self.rng.random() < 0.04
            if away or self.rng.random() < 0.1:
                self.probe.say(f"close {self.rng.choice(['clean', 'rough'])}")
            self.set_clock(self.offset + (self.rng.uniform(2, 6) if away else STEP))
            if away:
                self.probe.open()
            elif self.rng.random() < 0.1 or not self.is_open():
                self.probe.open()
            self.tick()
            if self.offset < 250 and self.waiting[4:] and self.rng.random() < 0.12:
                self.close_one()
            if self.alarm() and self.rng.random() < 0.3:
                self.probe.ask(self.town.operator_key, clock_confirm=dict())
        if self.alarm():
            self.probe.ask(self.town.operator_key, clock_confirm=dict())

    def is_open(self):
        self.probe.process.stdin.write("tick\n")
        self.probe.process.stdin.flush()
        return self.probe.process.stdout.readline().startswith("ok")

    def far_and_back(self, confirm):
        """Two months in 2099 and two back here; how many were destroyed meanwhile."""
        before, here = self.erased(), self.offset
        for start in ((datetime.date(2099, 1, 1) - EPOCH).days - peopled.today(), here + 1):
            self.set_clock(start)
            for day in range(40):
                self.set_clock(start + day * STEP)
                self.probe.say("tick")
                self.runs += 1
                if day == 0 and not self.alarm():
                    self.wrong.append(f"no alarm at {start:.0f} days from now")
                if day == 1 and confirm:
                    self.probe.ask(self.town.operator_key, clock_confirm=dict())
                if day % 10 == 9:
                    self.probe.say("close rough")
                    self.probe.open()
            if confirm:
                break
        return len(self.erased() - before)


def play(seed):
    year = Year(seed)
    try:
        year.pass_year()
        closed = len(year.model.due)
        print(f"{closed} closed in the year, {len(year.erased())} destroyed by its end")
        if len(year.erased()) < closed:
            year.wrong.append(f"{closed - len(year.erased())} due and never destroyed")
    finally:
        year.close()
    year_runs, wrong = year.runs, year.wrong
    year = Year(seed + "/2099")
    try:
        while year.waiting[4:]:
            year.close_one()
        gone = year.far_and_back(confirm=False)
        if gone:
            year.wrong.append(f"{gone} destroyed in 2099 and back")
    finally:
        year.close()
    for line in (wrong + year.wrong)[:10]:
        print(line)
    return year_runs + year.runs, len(wrong) + len(year.wrong)


def control(seed):
    year = Year(seed)
    try:
        while year.waiting[4:]:
            year.close_one()
        gone = year.far_and_back(confirm=True)
        return year.runs, gone
    finally:
        year.close()


if __name__ == "__main__":
    frame.run(play, 1, 100, control)
