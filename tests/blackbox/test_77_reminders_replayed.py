"""The plugin alone, without a daemon: what it is told and what it must say then."""
import json
import subprocess

import paths
import reminder_model as model

DEFAULTS = dict(decision=["O-3", "J", "J+7/7"], review=["J"], silent=["J"], not_informed=["J"],
                saisine=["J"], minutes=["J"], erasure=["J-15"], habilitation=["J-30"],
                charter=["J-30"], rights=["J-2"], at="08:00", grace=900000,
                look_back=86400000, tick=3600000, escalate_after=2)
BEHIND, AHEAD, AROUND = 1, 75, 31
MINUTE_US = 60_000_000
ANNA, MEETING = 0x1f, 0xabc


def option(name, value):
    if isinstance(value, int):
        return dict(name=name, number=value)
    return dict(name=name, items=value if isinstance(value, list) else [value])


def iso(us):
    seconds, rest = divmod(us, 1_000_000)
    date = model.datetime.datetime.fromtimestamp(seconds, model.UTC)
    return date.strftime("%Y-%m-%dT%H:%M:%S") + (f".{rest:06d}" if rest else "") + "Z"


def changes(from_day, to_day):
    """Offsets of the town's zone, as the daemon tells them."""
    found, before = [], None
    for hour in range(from_day * 24, to_day * 24):
        local = model.datetime.datetime.fromtimestamp(hour * 3600, model.ZONE)
        seconds = int(local.utcoffset().total_seconds())
        if seconds != before:
            found.append(dict(from_us=iso(hour * 3_600_000_000), seconds=seconds))
            before = seconds
    return found


class Play:
    """A recording in the making."""

    def __init__(self, tmp_path, at_us, **options):
        self.path, self.lines = tmp_path / "a.record", []
        self.clock(at_us)
        self.say(start=dict(options=[option(*row) for row in {**DEFAULTS, **options}.items()]))
        self.clock(at_us + 1000)
        self.today = model.civil(at_us)[0]
        self.expect(reminder_subjects=self.asked())

    def say(self, **line):
        self.lines.append(json.dumps(line))

    def clock(self, us):
        self.say(clock=dict(now_us=iso(us)))

    def expect(self, **request):
        self.say(request=dict(request=request))

    def reply(self, status="answered", **answer):
        self.say(reply=dict(status=0 if status != "refused" else 3,
                            reply=dict(status=status, **answer)))

    def asked(self, **more):
        return dict(limit=200, from_day=model.date_of(self.today - BEHIND).isoformat(),
                    to_day=model.date_of(self.today + AHEAD).isoformat(), **more)

    def told(self, *subjects, teams=(("any", [ANNA]),), **calendar):
        first, last = self.today - BEHIND - AROUND, self.today + AHEAD + AROUND
        self.reply(reminder_subjects_answer=dict(
            subjects=list(subjects),
            calendar=dict(from_day=model.date_of(first).isoformat(),
                          to_day=model.date_of(last).isoformat(),
                          days_off=[day for day in range(first, last)
                                    if not model.is_working(day)],
                          offsets=changes(first, last), **calendar),
            teams=[dict(role=role, agents=agents) for role, agents in teams]))

    def begun(self, us):
        self.expect(effect_find=dict(keys=["begin"]))
        self.reply(effect_answer=dict(effects=[dict(key="begin", done_us=iso(us))]))

    def none_of(self, *keys):
        self.expect(effect_find=dict(keys=list(keys)))
        self.reply(effect_answer={})

    def metric(self, **figures):
        for name, value in figures.items():
            self.say(metric=dict(name=name.replace("__", "."), value=value))

    def known(self, *keys):
        self.reply(effect_answer=dict(effects=[dict(key=key) for key in keys]))

    def record(self, lead, outcome, due, day=None):
        due_day, due_minute = model.civil(due)
        self.expect(effect_record=dict(
            key=key(lead, self.day, self.minute), kind="reminder.due", object_kind="meeting",
            object=MEETING, agent=ANNA, day=model.date_of(self.day).isoformat(), code="meeting",
            outcome=outcome, lead=lead, due_day=model.date_of(due_day).isoformat(),
            due_minute=due_minute, minute=self.minute, instance="suivi"))

    def run(self):
        self.path.write_text("\n".join(self.lines) + "\n")
        return subprocess.run([paths.program("daemon/ctps-host"), "--replay", self.path,
                               paths.program("plugins/reminders.so")], text=True,
                              capture_output=True, check=False)

    def holds(self):
        done = self.run()
        assert done.returncode == 0, done.stderr + "\n" + "\n".join(self.lines)



def key(lead, day, minute):
    return f"meeting:{MEETING:x}:{day}T{minute:04}:{lead}:a{ANNA:x}"


def begin(tmp_path):
    """A plugin that was told of a meeting at 14:00 the next Thursday; it is Monday, 09:00."""
    now = model.instant(23804, 9 * 60)
    play = Play(tmp_path, now)
    play.now, play.day, play.minute = now + 1000, 23807, 14 * 60
    play.told(dict(kind="meeting", object_kind="meeting", object=MEETING,
                   day=model.date_of(play.day).isoformat(), minute=play.minute,
                   start_us=iso(model.instant(play.day, play.minute)), instance="suivi",
                   agents=[ANNA], lead_hours=[168, 48, 2]))
    play.metric(subjects=1)
    play.begun(now - 20 * 86_400_000_000)
    return play


def test_what_is_recorded_already_is_not_recorded_again(tmp_path):
    play = begin(tmp_path)
    play.expect(effect_find=dict(keys=[key("J-7", play.day, play.minute)]))
    play.known(key("J-7", play.day, play.minute))
    play.metric(settled_us=play.now)
    play.holds()


def test_what_was_due_meanwhile_is_late_and_recorded_under_its_key(tmp_path):
    play = begin(tmp_path)
    play.expect(effect_find=dict(keys=[key("J-7", play.day, play.minute)]))
    play.known()
    play.record("J-7", "late", model.instant(play.day - 7, 8 * 60))
    play.reply("done")
    play.metric(reminders__late=1, settled_us=play.now)
    play.holds()


def test_a_refusal_is_said_and_asked_again_by_its_key(tmp_path):
    play = begin(tmp_path)
    wanted = key("J-7", play.day, play.minute)
    play.expect(effect_find=dict(keys=[wanted]))
    play.known()
    play.record("J-7", "late", model.instant(play.day - 7, 8 * 60))
    play.reply("refused", refusal=dict(name="capability_missing"))
    play.say(log=dict(level=1, line="a reminder: capability_missing; it is asked for again"))
    play.now += 10_000_000
    play.clock(play.now)
    play.expect(effect_find=dict(keys=[wanted]))
    play.known(wanted)
    play.metric(settled_us=play.now)
    play.holds()


def test_a_cancellation_is_asked_about_and_ends_it(tmp_path):
    play = begin(tmp_path)
    play.expect(effect_find=dict(keys=[key("J-7", play.day, play.minute)]))
    play.known(key("J-7", play.day, play.minute))
    play.metric(settled_us=play.now)
    play.say(event=dict(header=dict(topic="meeting.cancelled"),
                        notice=dict(kind="meeting", id=MEETING)))
    play.expect(reminder_subjects=play.asked(objects=[dict(kind="meeting", id=MEETING)]))
    play.say(verdict="done")
    play.told()
    play.metric(settled_us=play.now)
    for hour in range(1, 5):  # nothing more is said but that it looked
        play.now += 60 * MINUTE_US
        play.clock(play.now)
        play.metric(settled_us=play.now)
    play.holds()


def test_a_replay_that_expects_otherwise_fails(tmp_path):
    play = begin(tmp_path)
    play.expect(effect_find=dict(keys=[key("J-8", play.day, play.minute)]))
    assert play.run().returncode == 65
