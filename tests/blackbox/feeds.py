"""Feeds of partners, as the tests of files 85 and 86 make and follow them."""
import copy

from acts import CONTACT, PARTNER, do
from meetings import contact, partner


def with_feeds(town, *bases):
    """Puts bus.feeds into the configuration of a stopped town: sockets in its folder, unless
    other addresses are given."""
    bases = bases or (f"ipc://{town.dir}/run/feed",)
    words = ", ".join(f'"{base}"' for base in bases)
    text = town.config.read_text()
    assert "\n    audit = [" in text
    town.config.write_text(text.replace("\n    audit = [", f"\n    feeds = [ {words} ];\n"
                                        "    audit = [", 1))


def switch(town, of, on=True, by="helene"):
    do(town.client(by), feed_set=dict(partner=of, on=on))


def audience(of):
    return f"partner.{of}"


class Listener:
    """A contact of a partner with a key of his own, which knows the partner's feed; or, a
    `machine`, the partner's."""

    def __init__(self, town, of, person=None, name="Roux", machine=False):
        self.town, self.partner = town, of
        self.contact = person or contact(town, of, name)
        whose = {"kind": PARTNER, "id": of} if machine else {"kind": CONTACT, "id": self.contact}
        self.key = copy.copy(town.key_new(whose, name.lower()))
        self.key.events = f"ipc://{town.dir}/run/feed-{of}"
        self.client = town.client_of(self.key)
        self.after = 0

    def page(self, after=0, limit=500):
        return do(self.client, read_events=dict(
            audience=audience(self.partner), after=after, limit=limit)).events_answer

    def read(self, after=0):
        """What ReadEvents gives again, as (topic, notice)."""
        return [(event.header.topic, event.notice) for event in self.page(after).events]

    def topics(self, after=0):
        return [topic for topic, _ in self.read(after)]

    def hear(self, last, timeout=20):
        """Events up to the first `last`, by subscription and gap repair together."""
        seen = []
        for event in self.client.events(audience=audience(self.partner), after=self.after,
                                        timeout=timeout):
            seen.append(event)
            self.after = event.number
            if event.topic == last:
                return seen
        raise AssertionError(f"no {last}: {[event.topic for event in seen]}")


def listener(town, name="Bailleur", on=True, machine=False):
    """A new partner with one contact and, unless told otherwise, an open feed."""
    of = partner(town, name)
    if on:
        switch(town, of)
    return Listener(town, of, name=name, machine=machine)
