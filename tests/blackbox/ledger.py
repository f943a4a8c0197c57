"""What the plugin tests/plugins/ledger.c wrote down and recorded, against what happened."""
import collections
import threading

from acts import do, receive

EFFECT = "reminder.due"
PLACES = {"anna": ("T1", "Bourtzwiller"), "bruno": ("T2", "Coteaux")}


class Load(threading.Thread):
    """An agent who receives one saisine after the other, whatever happens to the daemon; a plugin
    takes each event by itself, so not faster than `pause_s` lets it follow."""

    def __init__(self, town, name="anna", pause_s=0.02):
        super().__init__(daemon=True)
        self.pause_s = pause_s
        self.town, self.client = town, town.client_of(town.keys[name])
        self.territory, self.district = PLACES[name]
        self.stopping, self.done, self.wrong = threading.Event(), 0, []

    def run(self):
        try:
            while not self.stopping.wait(self.pause_s):
                receive(self.client, self.town, territory=self.territory, district=self.district)
                self.done += 1
        except Exception as error:  # a thread must not end unseen
            self.wrong.append(f"an agent: {type(error).__name__}: {error}")

    def end(self, timeout=20):
        """What went wrong."""
        self.stopping.set()
        self.join(timeout)
        return self.wrong


def seen_file(town):
    return town.data / "plugins" / "ledger" / "seen"


def lag(town):
    """How many entries it is behind; None before it said how far it is."""
    figure = town.figures().get("consumer.ledger.lag")
    return None if figure is None else int(figure)


def events(town):
    """(number, topic) of all there are, in order."""
    found, client = [], town.client("follower")
    while True:
        after = found[-1][0] if found else 0
        page = do(client, read_events={"audience": "plugins", "after": after, "limit": 500})
        if not page.events_answer.events:
            return found
        found += [(event.header.number, event.header.topic)
                  for event in page.events_answer.events]


def effects(town):
    """Numbers of the events the effects come from, the oldest effect first."""
    found, before = [], {}
    while True:
        page = do(town.operator, effect_find={"limit": 1000, **before}).effect_answer
        if not page.effects:
            return found[::-1]
        found += [effect.source for effect in page.effects]
        before = {"before": page.effects[-1].id}


def faults_of_effects(wanted, found):
    counts = collections.Counter(found)
    missed = [number for number in wanted if not counts[number]]
    doubled = [number for number, count in counts.items() if count > 1]
    if missed:
        yield f"{len(missed)} effects missed, the first of event {missed[0]}"
    if doubled:
        yield f"{len(doubled)} effects doubled, the first of event {doubled[0]}"
    if not missed and not doubled and found != wanted:
        yield "effects out of order"


def faults_of_seen(numbers, lines):
    """Each start goes on at most one behind the last one seen, and leaves none out."""
    place = {number: index for index, number in enumerate(numbers)}
    highest, at = -1, None  # at: index of the last one in this start
    for line in lines:
        if line == "start":
            at = None
            continue
        number, previous = map(int, line.split())
        index = place.get(number)
        if index is None:
            return [f"it saw {number}, which is no event"]
        if previous != (numbers[index - 1] if index else 0):
            return [f"{number} says it follows {previous}"]
        if index > highest + 1 or (at is not None and index != at + 1):
            return [f"{number} out of order"]
        highest, at = max(highest, index), index
    seen_all = highest + 1 == len(numbers)
    return [] if seen_all else [f"it saw {highest + 1} of {len(numbers)} events"]


def look(town):
    """(effects wanted, what is wrong) of a town whose ledger has nothing left to do."""
    all_events = events(town)
    wanted = [number for number, topic in all_events if topic != EFFECT]
    wrong = faults_of_seen([number for number, _ in all_events],
                           seen_file(town).read_text().splitlines())
    return len(wanted), wrong + list(faults_of_effects(wanted, effects(town)))
