"""The example's calendar taken over: nothing refused, every oddity said."""

import collections
import csv
import datetime
import re
import zoneinfo

import pytest

import paths
from import_town import COORDINATOR, ImportTown

CODES = {"Groupe Institutionnel": "institutionnel", "Groupe Local": "local",
         "Groupe de Suivi": "suivi", "concertation collègues": "concertation",
         "Groupe d’analyse des pratiques": "gap"}
PARIS = zoneinfo.ZoneInfo("Europe/Paris")
EASTER_2025_TO_2028 = (datetime.date(2025, 4, 20), datetime.date(2026, 4, 5),
                       datetime.date(2027, 3, 28), datetime.date(2028, 4, 16))


def calendar_of(town):
    return next(town.files.glob("reunions-*.csv"))


def rows_of(path):
    with open(path, encoding="cp1252", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            day = datetime.datetime.strptime(row["Date"], "%d/%m/%Y").date()
            hour, minute = map(int, row["Heure"].split(":"))
            yield (day, hour * 60 + minute, int(row["Durée"][:-1]) * 60,
                   CODES[row["Instance"]], row["Territoire"], row["Lieu"])


def is_holiday(day):
    """Alsace-Moselle; the test's town does not observe Good Friday."""
    fixed = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26)}
    easter = next(one for one in EASTER_2025_TO_2028 if one.year == day.year)
    return (day.month, day.day) in fixed or (day - easter).days in (1, 39, 50)


def clock_oddity(day, minute):
    """hour_missing, hour_twice or nothing, by Python's rules of the zone."""
    at = datetime.datetime.combine(day, datetime.time(minute // 60, minute % 60))
    first, second = (at.replace(tzinfo=PARIS, fold=fold).utcoffset() for fold in (0, 1))
    if first == second:
        return None
    return "hour_twice" if first > second else "hour_missing"


def expected_warnings(rows):
    counts = collections.Counter()
    for index, (day, minute, length, kind, _, place) in enumerate(rows):
        counts["on_holiday"] += is_holiday(day)
        counts["on_sunday"] += day.weekday() == 6
        counts["hour_odd"] += not 7 * 60 <= minute <= 21 * 60
        counts["month_skipped"] += kind == "gap" and day.month == 8
        counts[clock_oddity(day, minute)] += 1
        counts["room_taken"] += any(
            day == other and place == there and minute < start + long and start < minute + length
            for other, start, long, _, _, there in rows[:index])
    del counts[None]
    return {code: count for code, count in counts.items() if count}


@pytest.fixture(scope="module")
def taken():
    with ImportTown() as town:
        town.rows = list(rows_of(calendar_of(town)))
        town.answer = town.json("import", str(calendar_of(town)))
        yield town


@pytest.fixture
def fresh():
    with ImportTown() as town:
        yield town


def file_of(answer):
    return next(file for file in answer["files"] if file["kind"] == "reunions")


def test_163_meetings_are_taken_and_none_refused(taken):
    file = file_of(taken.answer)
    assert (file["records"], file["taken"], file["refused"]) == (163, 163, 0)
    assert taken.answer["refusals"] == []


def test_each_oddity_is_counted(taken):
    expected = expected_warnings(taken.rows)
    assert taken.answer["warnings"] == expected
    assert expected["room_taken"] > 10 and expected["hour_odd"] == 2


def test_meetings_stand_as_the_sheet_says(taken):
    listed = taken.json("meeting", "list", "--all")
    def day_of(number):
        return datetime.date(1970, 1, 1) + datetime.timedelta(days=number)
    got = collections.Counter(
        (datetime.date.fromisoformat(one["day"]) if isinstance(one["day"], str)
         else day_of(one["day"]), one["minute"], one["duration_min"], one["instance"],
         one.get("territory", ""), one.get("place", "")) for one in listed)
    assert got == collections.Counter(taken.rows)


def test_past_ones_count_as_held_and_coming_ones_as_scheduled(taken):
    today = datetime.datetime.now(PARIS).date()
    held = taken.json("meeting", "list", "--all", "--state", "held")
    scheduled = taken.json("meeting", "list", "--all", "--state", "scheduled")
    assert len(held) == sum(row[0] < today for row in taken.rows) > 0
    assert len(scheduled) == 163 - len(held) > 0


def test_coordinator_sees_her_territory_s_and_the_town_s(taken):
    seen = taken.json("meeting", "list", "--all", who=COORDINATOR)
    assert {one.get("territory", "") for one in seen} == {"T3", ""}
    assert len(seen) == sum(row[4] in ("T3", "") for row in taken.rows)


def test_again_is_a_no_op_and_a_changed_row_is_left(taken):
    path = calendar_of(taken)
    before = taken.json("meeting", "list", "--all")
    file = file_of(taken.json("import", str(path)))
    assert (file["taken"], file["unchanged"], file["changed"]) == (0, 163, 0)
    data = path.read_bytes()
    path.write_bytes(data.replace(b";2h;Groupe Local;T1;", b";3h;Groupe Local;T1;", 1))
    file = file_of(taken.json("import", str(path)))
    path.write_bytes(data)
    assert (file["taken"], file["unchanged"], file["changed"]) == (0, 162, 1)
    assert taken.json("meeting", "list", "--all") == before


def test_bad_rows_are_refused_with_their_cause_and_lose_nothing_of_the_others(fresh):
    path = calendar_of(fresh)
    lines = path.read_bytes().split(b"\r\n")
    lines[1] = re.sub(rb"^[^;]*", b"31/02/2026", lines[1])
    lines[2] = lines[2].replace(b";14:00;", b";25:00;")
    lines[3] = lines[3].replace(b";2h;", b";bient\xf4t;")
    lines[4] = lines[4].replace(b"Groupe de Suivi", b"Groupe secret")
    lines[5] = lines[5].replace(b";T3;", b";T9;")
    lines[6] = lines[6].replace(b";T3;", b";;")
    path.write_bytes(b"\r\n".join(lines))
    answer = fresh.json("import", str(path))
    assert file_of(answer)["taken"] == 157
    assert [(item["record"], item["cause_fr"]) for item in answer["refusals"][:5]] == [
        (1, "date impossible"), (2, "heure impossible"), (3, "durée illisible"),
        (4, "instance hors liste"), (5, "territoire inconnu")]
    assert answer["refusals"][5]["field"] == "territory"


def test_dry_run_writes_nothing(fresh):
    answer = fresh.json("import", str(calendar_of(fresh)), "--dry-run")
    assert file_of(answer)["taken"] == 163
    assert fresh.json("meeting", "list", "--all") == []


def test_undo_takes_them_back_while_nobody_touched_them(fresh):
    number = str(file_of(fresh.json("import", str(calendar_of(fresh))))["import_id"])
    shown = fresh.json("import", "show", number)
    assert len(shown) == 163 and all(row["meeting"] for row in shown)
    assert fresh.run("import", "undo", number, "--yes").returncode == 0
    assert fresh.json("meeting", "list", "--all") == []
    again = file_of(fresh.json("import", str(calendar_of(fresh))))
    assert again["taken"] == 163
    coming = fresh.json("meeting", "list", "--state", "scheduled")[0]
    assert fresh.run("meeting", "cancel", str(coming["id"])).returncode == 0
    undone = fresh.run("import", "undo", str(again["import_id"]), "--yes")
    assert undone.returncode == 77 and len(fresh.json("meeting", "list", "--all")) == 163


def test_coordinator_may_not_import_meetings(fresh):
    done = fresh.run("import", str(calendar_of(fresh)), who=COORDINATOR)
    assert done.returncode == 77
    assert fresh.json("meeting", "list", "--all") == []


def test_the_whole_folder_takes_the_calendar_too(fresh):
    answer = fresh.json("import", str(fresh.files))
    assert file_of(answer)["taken"] == 163


def test_a_meeting_s_life_by_the_command_line(fresh):
    def run(*words):
        done = fresh.run(*words, who=COORDINATOR)
        assert done.returncode == 0, done.stderr
        return done.stdout
    today = datetime.datetime.now(PARIS).date()
    day = f"{today + datetime.timedelta(days=8):%d/%m/%Y}"
    made = fresh.json("meeting", "schedule", "--instance", "Groupe de Suivi", "--territory", "T3",
                      "--day", day, "--at", "14:30", "--minutes", "90", "--place", "Salle 2",
                      "--agent", COORDINATOR, "--title", "point du mois", "--every-weeks", "3",
                      "--count", "2", who=COORDINATOR)["made"]
    first, second = (one["reference"] for one in made if one.get("reference"))
    run("meeting", "agenda", first, "--theme", "bilan", "--text", "lire le bilan")
    shown = run("meeting", "show", first, "--names")
    for word in ("14:30", "Groupe de Suivi", "point du mois", "lire le bilan", "Fischer"):
        assert word in shown
    assert "point du mois" not in run("meeting", "show", first)
    run("meeting", "reschedule", first, "--day", f"{today:%d/%m/%Y}", "--at", "9:00")
    run("meeting", "hold", first, "--present", COORDINATOR)
    run("meeting", "cancel", second)
    listed = run("meeting", "list", "--territory", "T3")
    assert "09:00" in listed and first in listed and second in listed
    head = fresh.run("instance", "set", "cddf", "--charter", "no")
    assert head.returncode == 77 and "CSI L132-5" in head.stderr
    assert fresh.run("instance", "set", "cddf", "--every", "2", "--unit", "month").returncode == 0
    kinds = {one["code"]: one for one in fresh.json("instance", "list", who=COORDINATOR)}
    assert (kinds["cddf"]["rhythm_every"], kinds["cddf"]["charter_required"]) == (2, True)
    assert kinds["gap"]["month_skipped"] == 8
