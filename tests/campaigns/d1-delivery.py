#!/usr/bin/python3
"""D1: mail arrives.

notify sends to a mail server through a proxy that cuts the conversation at each step, before the
server heard it and after it answered, and stalls there past the time allowed; the server puts
off, then refuses. Then 75 hours go by without a server, the clock moved, while meetings are moved
about and decisions are taken, and it comes back. Each mail that is wanted must arrive, under one
Message-ID however often it was tried; what is not wanted any more must not; nobody may get more
than the newest of what waited. A run is one mail wanted.

--short     1 round
--long      1,200 rounds: some 100,000 mails
--control   the proxy gives each try after the first another Message-ID, as if the sender did
"""
import collections
import functools

import frame

import peopled
from acts import do, open_situation
from notified import address, convene, effects, start
from postbox import Postbox, Proxy
from test_70_plugins import wait_for

STEPS = ["EHLO", "MAIL", "RCPT", "DATA", "BODY", "DOT", "QUIT"]
MEETINGS, MOVES, OUTAGE_H = 8, 3, 75
WORKERS = ["anna", "emile", "helene"]


class Conversation:
    """A town whose mails go through the proxy; what is wrong with what arrived."""

    def __init__(self, mangle=False):
        self.wrong, self.wanted, self.convened = [], 0, 0
        self.box = Postbox().__enter__()
        self.proxy = Proxy(self.box.port, mangle)
        self.town = peopled.PeopledTown(original())
        start(self.town, self.proxy.port, timeout="1 s")
        for name in WORKERS:
            address(self.town, name)

    def close(self):
        self.town.close()
        self.proxy.__exit__()
        self.box.__exit__()

    def convene(self, what, timeout=30):
        """One meeting, one invitee; waits until that mail has ended."""
        convene(self.town, ["anna"])
        self.convened += 1
        self.settle(what, self.convened, timeout)

    def settle(self, what, mails, timeout=40):
        """Until so many mails were queued and none of them waits."""
        try:
            wait_for(self.town, lambda _: self.counts("mail")[0] >= mails and
                     not self.counts("mail", waiting=True)[0], "notify", timeout)
        except AssertionError:
            self.wrong.append(f"{what}: mails still wait")

    def counts(self, *codes, **find):
        """How many deliveries there are of each channel."""
        found = [effect.code for effect in effects(self.town, limit=1000, **find)]
        return [found.count(code) for code in codes]

    def judge(self, effect, arrived, want_sent=True):
        """One delivery against what the server kept under its Message-ID."""
        sent = effect.kind == "notification.sent"
        name = f"<ctps.{effect.id}.{effect.queued_us}@ville.example>"
        self.wanted += want_sent
        if want_sent and not (sent and arrived[name]):
            self.wrong.append(f"{effect.key}: {effect.kind} {effect.cause}, "
                              f"{arrived[name]} arrived")
        return name if sent or arrived[name] else None

    def judge_all(self, wanted=lambda effect: effect.kind != "notification.skipped"):
        arrived = collections.Counter(mail.id for mail in self.box.received)
        known = set()
        for effect in effects(self.town, limit=1000):
            if effect.code == "mail":
                known.add(self.judge(effect, arrived, wanted(effect)))
        for name in set(arrived) - known:
            self.wrong.append(f"{name} arrived, and is no delivery's id")


@functools.cache
def original():
    return peopled.make_original()


def steps(mangle=False):
    """Each step cut before and after, and stalled."""
    talk = Conversation(mangle)
    try:
        for step in STEPS:
            for how in ("before", "after", "stall"):
                if (step, how) == ("BODY", "after") or (step, how) == ("BODY", "stall"):
                    continue
                talk.proxy.cut(step, how)
                talk.convene(f"{step} {how}", 20)
                wait_for(talk.town, lambda _: (step, how) in talk.proxy.seen, "notify")
        talk.judge_all()
        doubled = len(talk.box.received) - talk.wanted
        # Only where the server had taken the mail, and nobody could know.
        if not mangle and doubled > 2:
            talk.wrong.append(f"{doubled} mails came twice")
        return talk.wanted, talk.wrong
    finally:
        talk.close()


def refusals():
    """Put off at each step, then taken; put off, then refused."""
    talk = Conversation()
    try:
        for step in ("MAIL", "RCPT", "DATA"):
            talk.box.answer(step, "451 later", "452 full", "421 leaving")
            talk.convene(f"{step} put off")
        talk.judge_all()
        for step in ("RCPT", "DATA"):
            before = len(talk.box.received)
            talk.box.answer(step, "451 later", "550 never")
            talk.convene(f"{step} refused")
            talk.wanted += 1
            last = [e for e in effects(talk.town, limit=1000) if e.code == "mail"][-1]
            if (last.kind, last.tries) != ("notification.failed", 2) or \
                    len(talk.box.received) != before:
                talk.wrong.append(f"{step} refused: {last.kind} {last.cause} {last.tries}")
        return talk.wanted, talk.wrong
    finally:
        talk.close()


def outage():
    """75 hours without a server; nobody gets a flood."""
    talk = Conversation()
    town, anna = talk.town, talk.town.client("anna")
    try:
        talk.proxy.down = True
        situation, _, _ = open_situation(anna, town)
        meetings = [convene(town, WORKERS, days=30 + n) for n in range(MEETINGS)]
        queued = len(WORKERS) * MEETINGS
        for move in range(MOVES):
            for number, meeting in enumerate(meetings):
                do(anna, meeting_reschedule=dict(id=meeting, day=town.today + 40 + number + move))
            do(anna, decision_take=dict(situation=situation, verb="contacter", text="x",
                                        agent=town.agents["emile"], due_day=town.today + 30))
            queued += len(WORKERS) * MEETINGS
            planned(talk, queued + move, move + 1)
            town.move_clock(OUTAGE_H / 24 * (move + 1) / MOVES)
            planned(talk, queued + move + 1, move + 1)  # and a summary more
        do(anna, meeting_cancel=dict(id=meetings[0]))
        planned(talk, queued + MOVES + len(WORKERS), MOVES)
        talk.proxy.down = False
        talk.settle("after the outage", 1)
        talk.judge_all()
        count_flood(talk, meetings)
        return talk.wanted, talk.wrong
    finally:
        talk.close()


def planned(talk, mails, items):
    """Until so many were queued since the start."""
    try:
        wait_for(talk.town, lambda _: talk.counts("mail", "digest") == [mails, items], "notify",
                 30)
    except AssertionError:
        talk.wrong.append(f"{talk.counts('mail', 'digest')} queued, not {[mails, items]}")


def count_flood(talk, meetings):
    """One mail for each meeting and invitee, one summary: the newest."""
    got = collections.Counter()
    for mail in {mail.id: mail for mail in talk.box.received}.values():
        parts = mail.parts()
        calendar = parts.get("text/calendar", "")
        uid = [line for line in calendar.splitlines() if line.startswith("UID")]
        got[mail.recipient, uid[0] if uid else "digest"] += 1
        if uid and f"SEQUENCE:{MOVES + (meeting_is_first(uid[0], meetings))}" not in calendar:
            talk.wrong.append(f"{uid[0]}: not the newest")
    if max(got.values()) > 1 or len(got) != len(WORKERS) * len(meetings) + 1:
        talk.wrong.append(f"{len(got)} things told, at most {max(got.values())} times each")


def meeting_is_first(uid, meetings):
    return int(f"meeting-{meetings[0]}@" in uid)


def play(_seed):
    parts = [steps(), refusals(), outage()]
    wrong = [line for _, lines in parts for line in lines]
    for line in wrong:
        print(line, flush=True)
    return sum(wanted for wanted, _ in parts), len(wrong)


def control(_seed):
    wanted, wrong = steps(mangle=True)
    if not wrong:
        raise SystemExit("each try had another id, and nothing was found")
    return wanted, len(wrong)


if __name__ == "__main__":
    frame.run(play, 1, 1200, control)
