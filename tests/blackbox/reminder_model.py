"""Who is to be reminded of what, when: written from docs/reminders.md, without reading the C.

Working days come from the law's list of holidays, hours from zoneinfo.
"""
import dataclasses
import datetime
import functools
import zoneinfo

EPOCH = datetime.date(1970, 1, 1)
ZONE = zoneinfo.ZoneInfo("Europe/Paris")
UTC = datetime.timezone.utc
AT = 8 * 60
GRACE_US = 15 * 60 * 1_000_000
ESCALATE_AFTER = 2

LEADS = {
    "meeting": "J-7 J-2 H-2",
    "decision": "O-3 J J+7/7",
    "review": "J J+7 J+14",
    "silent": "J J+7 J+14",
    "not_informed": "J J+7 J+14",
    "saisine": "J J+7 J+14",
    "minutes": "J J+7 J+14",
    "erasure": "J-15",
    "habilitation": "J-30",
    "charter": "J-30",
    "rights": "J-15 J-7 J-2 J J+7/7",
}
ENDS_WITH_ITS_DAY = {"meeting", "erasure"}  # nothing is left to do then


def number(date):
    return (date - EPOCH).days


def date_of(day):
    return EPOCH + datetime.timedelta(days=day)


# --- days ---

def easter(year):
    """Anonymous Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    l = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * l) // 433
    month = (h + l - 7 * m + 90) // 25
    return datetime.date(year, month, (h + l - 7 * m + 33 * month + 19) % 32)


@functools.cache
def holidays(year):
    """Haut-Rhin, Good Friday observed."""
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26)]
    moving = [-2, 1, 39, 50]
    return ({datetime.date(year, month, day) for month, day in fixed}
            | {easter(year) + datetime.timedelta(days=days) for days in moving})


@functools.lru_cache(maxsize=100_000)
def is_working(day):
    date = date_of(day)
    return date.weekday() < 5 and date not in holidays(date.year)


def working(day):
    """The day itself, or the working day before it."""
    while not is_working(day):
        day -= 1
    return day


def add_working(day, count):
    step = 1 if count > 0 else -1
    while count:
        day += step
        if is_working(day):
            count -= step
    return day


# --- series of meetings ---

def month_after(date, months):
    """The first day of the month so many after the date's."""
    index = date.year * 12 + date.month - 1 + months
    return datetime.date(index // 12, index % 12 + 1, 1)


def month_day(first, nth, weekday):
    """The day a month has by the rule: its nth weekday (6: the last), None without a fifth."""
    days = [day for day in (first + datetime.timedelta(days=n) for n in range(31))
            if day.month == first.month and day.weekday() == weekday]
    if nth == 6:
        return days[-1]
    return days[nth - 1] if nth <= len(days) else None


def series_step(first, weeks, months, nth, weekday, step):
    if weeks:
        return first + datetime.timedelta(weeks=weeks * step)
    month = month_after(first, months * step)
    if nth:
        return month_day(month, nth, weekday)
    length = (month_after(month, 1) - month).days
    return month.replace(day=min(first.day, length))


def series_days(first_day, weeks, months, nth, weekday, count, until_day, skip_month):
    """Days of a series: `count` of them, or up to a day; a public holiday gives way to the next
    working day, a month skipped has none."""
    first, found, step = date_of(first_day), [], 0
    while not count or len(found) < count:
        date = series_step(first, weeks, months, nth, weekday, step)
        step += 1
        if date is None or date < first or date.month == skip_month:
            continue
        if until_day and number(date) > until_day:
            break
        day = number(date)
        found.append(add_working(day, 1) if date in holidays(date.year) else day)
    return found


@functools.lru_cache(maxsize=200_000)
def instant(day, minute):
    """Microseconds; an hour that does not exist is the first instant after the gap."""
    wall = datetime.datetime.combine(date_of(day), datetime.time(minute // 60, minute % 60))
    first = wall.replace(tzinfo=ZONE, fold=0)
    there_and_back = first.astimezone(UTC).astimezone(ZONE).replace(tzinfo=None)
    if there_and_back != wall:
        # fold=0 reads the hour with the offset before the gap: at the gap's end that is late
        before = first.utcoffset()
        low = datetime.datetime.combine(date_of(day), datetime.time()).replace(tzinfo=ZONE)
        for minutes in range(24 * 60):
            at = low.astimezone(UTC) + datetime.timedelta(minutes=minutes)
            if at.astimezone(ZONE).utcoffset() != before:
                first = at
                break
    return round(first.timestamp()) * 1_000_000


def civil(us):
    """(day, minute) on the wall."""
    local = datetime.datetime.fromtimestamp(us // 1_000_000, ZONE)
    return number(local.date()), local.hour * 60 + local.minute


# --- reminders ---

@dataclasses.dataclass
class Thing:
    """One thing that runs out. People are ("a", id) and ("c", id)."""
    kind: str
    object: int
    day: int
    minute: int | None = None  # of a meeting
    known_us: int = 0
    known_day: int | None = None
    people: tuple = ()
    heads: tuple = ()


@functools.lru_cache(maxsize=None)
def leads(kind):
    """(unit, count, every) of each."""
    found = []
    for word in LEADS[kind].split():
        count, _, every = word[1:].partition("/")
        found.append((word[0], int(count or 0), int(every or 0)))
    return found


def due_us(thing, unit, count):
    if unit == "H":
        return instant(thing.day, thing.minute) + count * 3_600_000_000
    day = add_working(thing.day, count) if unit == "O" else thing.day + count
    return instant(working(day), AT)


def steps(thing, until_us):
    """(due, lead, unit, how many-th past the day) of every lead due by then, in order; and when
    the next one is."""
    found, following = [], None
    for unit, count, every in leads(thing.kind):
        turn = 0
        while True:
            due = due_us(thing, unit, count)
            if due > until_us:
                following = due if following is None else min(due, following)
                break
            found.append((due, f"{unit}{count:+d}" if count else unit, unit, count))
            turn += 1
            if not every or turn > 400:
                break
            count += every
    found.sort(key=lambda step: step[0])
    past, ranked = 0, []
    for due, lead, unit, count in found:
        past += count > 0
        ranked.append((due, lead, unit, past if count > 0 else 0))
    return ranked, following


def end_us(thing):
    if thing.minute is not None:
        return instant(thing.day, thing.minute)
    return instant(thing.day + 1, 0)


def look(thing, now_us, begun_us=0):
    """What is due by now: {(lead, person): outcome}; and when the next one is."""
    ranked, following = steps(thing, now_us)
    known = instant(thing.known_day, AT) if thing.known_day is not None else thing.known_us
    if known > now_us:  # the clock was ahead when it was entered
        known = begun_us
    known = min(max(known, begun_us), now_us)
    waits = thing.kind not in ENDS_WITH_ITS_DAY
    end = end_us(thing)
    found = {}
    people = [(person, False) for person in thing.people]
    people += [(head, True) for head in thing.heads if waits and head not in thing.people]
    for person, escalated in people:
        own = [step for step in ranked if not (step[2] == "H" and person[0] == "c")
               and (not escalated or step[3] >= ESCALATE_AFTER)]
        before = [step for step in own if step[0] < known]
        if before:
            own = own[len(before):]
            if waits or known < end:
                due, lead, unit, past = before[-1]
                own.insert(0, (known, lead, unit, past))
        for index, (due, lead, unit, _) in enumerate(own):
            found[lead, person] = outcome(now_us, due, unit, end, waits,
                                          index == len(own) - 1)
    return found, following


def outcome(now_us, due, unit, end, waits, newest):
    ahead = now_us < end
    if not ahead and not waits:
        return "missed"
    if now_us - due <= GRACE_US or (unit != "H" and civil(now_us)[0] == civil(due)[0]):
        return "on_time"
    return "late" if ahead or newest else "missed"


__all__ = ["Thing", "look", "instant", "civil", "number", "date_of", "working", "add_working",
           "is_working", "series_days"]
