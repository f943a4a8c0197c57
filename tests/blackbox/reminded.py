"""A town whose reminders run under a clock the test moves."""
import datetime
import time

import meetings
import reminder_model as model
from acts import do, receive
from test_70_plugins import configure, figures, is_ready, shown, wait_for

BEGIN = "2035-03-05T07:00"  # a Monday; 25 March is Easter, and the clocks go forward
OPTIONS = 'tick = "10 ms";'
MORE = 'actions = [ "reminder.read", "effect.record" ];'
REAL_DAY_US = 86400 * 1_000_000
AGENT = 5  # ObjectKind


class Reminded:
    def __init__(self, town, options="", begin=BEGIN):
        self.town = town
        configure(town, "reminders", options=OPTIONS + options, more=MORE)
        self.env = town.clock_env()
        self.to(begin, settle=False)
        town.start(self.env)
        self.trust()
        self._habilitate()
        self.ready()

    def _habilitate(self):
        """For as long as the tests go."""
        agents = do(self.town.operator, reference_list=dict(kind=AGENT)).reference_answer.agents
        for agent in agents:
            agent.habilitation_from_day = model.number(datetime.date(2026, 1, 1))
            agent.habilitation_to_day = model.number(datetime.date(2045, 1, 1))
            do(self.town.operator, agent_set=agent)

    def ready(self):
        wait_for(self.town, is_ready, "reminders")
        self.settle()

    # --- the clock ---

    @property
    def now_us(self):
        return time.time_ns() // 1000 + self.town._offset_us()

    def to(self, iso, settle=True):
        """Sets the clock to that local time."""
        local = datetime.datetime.fromisoformat(iso)
        day = model.number(local.date())
        at = model.instant(day, local.hour * 60 + local.minute) + local.second * 1_000_000
        self.town.move_clock((at - time.time_ns() // 1000) / REAL_DAY_US)
        if settle:
            self.settle()

    def trust(self):
        """Nobody is left in doubt about the clock."""
        do(self.town.operator, clock_confirm=dict())

    def settle(self, timeout=20):
        """Until all that is due by now is recorded."""
        want = self.now_us + 60_000  # what was done just now is heard of by then
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            view = shown(self.town, "reminders")
            seen = figures(view).get("settled_us", 0) if view else 0
            if want <= seen <= want + 60_000_000:
                return
            time.sleep(0.01)
        raise AssertionError(f"never settled: {view}\n{self.town.words(50)}")

    # --- what was recorded ---

    def effects(self, **filters):
        answer = do(self.town.operator, effect_find=dict(
            kind="reminder.due", limit=1000, **filters)).effect_answer
        assert not answer.more
        return list(reversed([effect for effect in answer.effects if effect.key != "begin"]))

    def of(self, object, code=None):
        """(lead, recipient's name or contact's id, outcome) of one object, in order."""
        names = {id: name for name, id in self.town.agents.items()}
        return [(effect.lead, names.get(effect.agent) or effect.contact, effect.outcome)
                for effect in self.effects()
                if effect.object == object and code in (None, effect.code)]

    # --- what is reminded of ---

    def meeting(self, day, minute=14 * 60, **fields):
        """A meeting of agents; anna comes, unless said otherwise."""
        fields.setdefault("agents", [self.town.agents["anna"]])
        return meetings.schedule(self.town.client("anna"), self.town,
                                 **dict(dict(instance="concertation", days=0), day=meetings.day(day),
                                        minute=minute, **fields))

    def saisine(self, day):
        return receive(self.town.client("anna"), self.town, received_day=meetings.day(day))

