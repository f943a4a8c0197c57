"""Who gets what: generated lives of a town, and an independent model of the rules of
confidentiality.md says which partner is told of each, and what may still be said afterwards."""
import random

import pytest

from acts import close, do, open_situation, receive
from feeds import Listener, listener, switch, with_feeds
from meetings import contact, partner, schedule

PARTNERS, STEPS = 8, 1000
SEEDS = range(4)


class Model:
    """What each partner was told: [(topic, id, code)], and what of it may be said now.

    Written from confidentiality.md ("partner contact": state of own saisines, what is shared
    while the share holds, the charter is current and the contact active) and domain.md, and from
    nothing of the daemon's.
    """

    def __init__(self):
        self.open, self.told = {}, {}
        self.people = {}  # contact: its partner
        self.gone = set()  # contacts inactive now
        self.referrer, self.engaged = {}, {}
        self.shares, self.live, self.meetings, self.decisions = {}, {}, {}, {}
        self.restricted, self.situation_of = set(), {}

    def tell(self, of, topic, id, code, persons=()):
        if of and self.open.get(of):
            self.told.setdefault(of, []).append((topic, id, code, tuple(persons)))

    def tell_people(self, persons, topic, id, code):
        """Once to each partner, however many of its contacts are meant."""
        for of in sorted({self.people[person] for person in persons}):
            self.tell(of, topic, id, code,
                      [person for person in persons if self.people[person] == of])

    def may(self, of, item):
        topic, id, _, persons = item
        if topic.startswith("saisine."):
            return self.referrer[id] == of
        if topic == "situation.closed":
            return of in self.engaged.get(id, ()) and id not in self.restricted
        in_force = [person for person in persons
                    if person not in self.gone and self.people[person] == of]
        if topic == "information.shared":
            return bool(in_force) and self.live[id]
        if topic in ("meeting.scheduled", "meeting.invited", "meeting.rescheduled",
                     "meeting.cancelled"):
            return any(person in self.meetings[id] for person in in_force)
        return bool(in_force)

    def read(self, of):
        return [(topic, id, code) if self.may(of, (topic, id, code, persons))
                else (topic, "tombstone")
                for topic, id, code, persons in self.told.get(of, [])]


class Life:
    """Acts at random, in the daemon and in the model."""

    def __init__(self, town, seed):
        self.town, self.model, self.rng = town, Model(), random.Random(seed)
        self.anna, self.helene = town.client("anna"), town.client("helene")
        self.saisines, self.situations, self.closed = [], [], []
        self.readers, self.staff = {}, {}
        for number in range(PARTNERS):
            self.partner_make(f"P{seed}-{number}")

    def partner_make(self, name):
        of = partner(self.town, name)
        persons = [contact(self.town, of, f"{name}-{n}") for n in range(3)]
        for person in persons:
            self.model.people[person] = of
        reader = persons[0]  # stays in force
        self.staff[of] = persons[1:]
        switch(self.town, of)
        self.model.open[of] = True
        self.readers[of] = Listener(self.town, of, reader, name)

    def some_partner(self):
        return self.rng.choice(sorted(self.readers))

    def some_people(self):
        staff = sorted(person for persons in self.staff.values() for person in persons
                       if person not in self.model.gone)
        return sorted(self.rng.sample(staff, min(len(staff), self.rng.randint(1, 4))))

    # --- acts ---

    def receive(self):
        of = self.some_partner() if self.rng.random() < 0.8 else 0
        more = dict(referrer_partner=of, origin="terrain") if of else {}
        id = receive(self.anna, self.town, **more)
        self.saisines.append(id)
        self.model.referrer[id] = of
        self.model.tell(of, "saisine.received", id, "received")

    def answer(self):
        if not self.saisines:
            return
        id = self.saisines.pop(self.rng.randrange(len(self.saisines)))
        if self.rng.random() < 0.6:
            self.situations.append(do(self.anna, saisine_accept=dict(id=id)).made[0].id)
            self.model.tell(self.model.referrer[id], "saisine.accepted", id, "accepted")
        else:
            do(self.anna, saisine_decline=dict(id=id, motive="hors_champ"))
            self.model.tell(self.model.referrer[id], "saisine.declined", id, "declined")

    def open_one(self):
        situation, _, saisine = open_situation(self.anna, self.town)
        self.situations.append(situation)
        self.model.referrer[saisine] = 0

    def engage(self):
        if self.situations:
            id, of = self.rng.choice(self.situations), self.some_partner()
            engaged = self.model.engaged.setdefault(id, set())
            leaves = of in engaged
            do(self.anna, **{"situation_disengage" if leaves else "situation_engage":
                             dict(id=id, partner=of)})
            (engaged.discard if leaves else engaged.add)(of)

    def close(self):
        if self.situations:
            id = self.situations.pop(self.rng.randrange(len(self.situations)))
            close(self.anna, self.town, id)
            self.closed.append(id)
            for of in sorted(self.model.engaged.get(id, ())):
                self.model.tell(of, "situation.closed", id, "")

    def leave_closed(self):
        """A partner that is no longer engaged, after the end."""
        open_ones = [id for id in self.closed
                     if self.model.engaged.get(id) and id not in self.model.restricted]
        if open_ones:
            id = self.rng.choice(open_ones)
            of = sorted(self.model.engaged[id])[0]
            do(self.anna, situation_disengage=dict(id=id, partner=of))
            self.model.engaged[id].discard(of)

    def restrict(self):
        free = [id for id in self.closed if id not in self.model.restricted]
        if free:
            id = self.rng.choice(free)
            do(self.helene, situation_restrict=dict(id=id, reason="contestation"))
            self.model.restricted.add(id)

    def share(self):
        if self.situations:
            persons = self.some_people()
            id = do(self.anna, share_record=dict(
                situation=self.rng.choice(self.situations), identity=True, legal_base="L132-5",
                purpose="suivi", contacts=persons,
                expiry_day=self.town.today + 30)).made[0].id
            self.model.shares[id], self.model.live[id] = persons, True
            self.model.tell_people(persons, "information.shared", id, "L132-5")

    def revoke(self):
        live = [id for id, holds in self.model.live.items() if holds]
        if live:
            id = self.rng.choice(live)
            do(self.anna, share_revoke=dict(id=id))
            self.model.live[id] = False
            self.model.tell_people(self.model.shares[id], "information.revoked", id, "")

    def convene(self):
        persons = self.some_people()
        id = schedule(self.anna, self.town, instance="suivi", days=self.rng.randint(3, 90),
                      contacts=persons)
        self.model.meetings[id] = set(persons)
        self.model.tell_people(persons, "meeting.scheduled", id, "suivi")

    def move(self):
        if self.model.meetings:
            id = self.rng.choice(sorted(self.model.meetings))
            persons = sorted(self.model.meetings[id])
            if self.rng.random() < 0.5 and len(persons) > 1:
                leaving = self.rng.choice(persons)
                do(self.anna, meeting_uninvite=dict(id=id, contacts=[leaving]))
                self.model.meetings[id].discard(leaving)
                self.model.tell_people([leaving], "meeting.uninvited", id, "suivi")
                return
            do(self.anna, meeting_reschedule=dict(
                id=id, day=self.town.today + self.rng.randint(3, 90), minute=600))
            self.model.tell_people(persons, "meeting.rescheduled", id, "suivi")

    def charge(self):
        if self.situations:
            person, = self.rng.sample(self.some_people(), 1)
            id = do(self.anna, decision_take=dict(
                situation=self.rng.choice(self.situations), verb="contacter", contact=person,
                due_day=self.town.today + 9)).made[0].id
            self.model.decisions[id] = person
            self.model.tell_people([person], "decision.taken", id, "contacter")

    def leave(self):
        """Somebody at a partner goes; what was for him is said to nobody any more."""
        left = [person for persons in self.staff.values() for person in persons
                if person not in self.model.gone]
        if len(left) > PARTNERS:
            person = self.rng.choice(sorted(left))
            do(self.town.operator, contact_set=dict(
                id=person, partner=self.model.people[person], last_name="Parti",
                charter_version="v3", charter_day=self.town.today - 30, inactive=True))
            self.model.gone.add(person)

    def toggle(self):
        of = self.some_partner()
        self.model.open[of] = not self.model.open[of]
        switch(self.town, of, on=self.model.open[of])

    def step(self):
        acts = [(self.receive, 6), (self.answer, 5), (self.open_one, 3), (self.engage, 6),
                (self.close, 2), (self.leave_closed, 1), (self.restrict, 1), (self.share, 4),
                (self.revoke, 2), (self.convene, 3), (self.move, 3), (self.charge, 3),
                (self.leave, 1), (self.toggle, 1)]
        names, weights = zip(*acts)
        self.rng.choices(names, weights)[0]()

    # --- comparing ---

    def found(self, of):
        return [(topic, "tombstone") if notice.tombstone else (topic, notice.id, notice.code)
                for topic, notice in self.readers[of].read()]


@pytest.fixture
def town(stopped_town):
    with_feeds(stopped_town)
    stopped_town.start()
    return stopped_town


@pytest.mark.parametrize("seed", SEEDS)
def test_each_partner_gets_what_the_model_says_and_nothing_else(town, seed):
    life = Life(town, seed)
    for _ in range(STEPS):
        life.step()
    for of in life.readers:
        if not life.model.open[of]:
            life.model.open[of] = True
            switch(town, of)
    told = {of: life.found(of) for of in life.readers}
    for of, found in told.items():
        assert found == life.model.read(of), of
    items = sum(len(found) for found in told.values())
    lost = sum(item[1] == "tombstone" for found in told.values() for item in found)
    # A model that says nothing, or always yes, would agree with a daemon that does.
    assert items > STEPS / 3 and STEPS / 20 < lost < items * 2 / 3, (items, lost)
    print(f"{items} items compared, {lost} of them tombstones")
    town.crash()
    assert {of: life.found(of) for of in life.readers} == told


def test_a_leak_would_be_found(town):
    """The control: one item of another partner's, or one more, and the comparison fails."""
    one, two = listener(town, "Un"), listener(town, "Deux")
    saisine = receive(town.client("anna"), town, referrer_partner=one.partner, origin="terrain")
    model = Model()
    model.open = {one.partner: True, two.partner: True}
    model.referrer = {saisine: two.partner}
    model.tell(two.partner, "saisine.received", saisine, "received")
    for who in (one, two):
        found = [(topic, notice.id, notice.code) for topic, notice in who.read()]
        assert found != model.read(who.partner)
