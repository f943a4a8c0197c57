"""tools/example/shift moves the example near today without touching anything else."""

import datetime
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLE = ROOT / "tools/example/mulhouse"
DATE = re.compile(rb"[0-9]{2}/[0-9]{2}/[0-9]{4}")
TABLE = "tableau-de-suivi-2026.csv"


def shift(target, today, source=EXAMPLE):
    return subprocess.run([ROOT / "tools/example/shift", source, target, "--today", today],
                          capture_output=True, text=True, check=False)


def real_days(data):
    days = []
    for text in DATE.findall(data):
        try:
            days.append(datetime.datetime.strptime(text.decode(), "%d/%m/%Y").date())
        except ValueError:
            days.append(None)
    return days


@pytest.mark.parametrize("today, last", [
    ("2026-11-20", "20/11/2026"), ("2026-11-26", "20/11/2026"), ("2026-11-27", "27/11/2026"),
    ("2026-11-19", "13/11/2026"), ("2031-02-28", "28/02/2031"), ("2024-03-01", "01/03/2024"),
])
def test_last_day_is_the_nearest_not_after_today(tmp_path, today, last):
    run = shift(tmp_path / "out", today)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip().endswith(last)


def test_every_date_moves_by_the_same_weeks_and_nothing_else_changes(tmp_path):
    assert shift(tmp_path / "out", "2027-06-30").returncode == 0
    moved = 0
    for path in sorted(EXAMPLE.glob("*.csv")):
        before, after = path.read_bytes(), (tmp_path / "out" / path.name).read_bytes()
        assert DATE.sub(b"", before) == DATE.sub(b"", after)
        for old, new in zip(real_days(before), real_days(after), strict=True):
            if old is None:
                assert new is None
            else:
                moved += 1
                assert new - old == datetime.timedelta(weeks=31)
    assert moved > 1000


def test_impossible_dates_stay_as_they_are(tmp_path):
    assert shift(tmp_path / "out", "2027-06-30").returncode == 0
    after = (tmp_path / "out" / TABLE).read_bytes()
    for text in (b";31/02/2026;", b";12/13/2011;"):
        assert after.count(text) == (EXAMPLE / TABLE).read_bytes().count(text) == 1


def test_no_move_leaves_every_byte(tmp_path):
    assert shift(tmp_path / "out", "2026-11-23").returncode == 0
    for path in EXAMPLE.iterdir():
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()


def test_encoding_quotes_and_line_ends_stay(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    text = 'N°;Date saisine;Observations\r\n1;20/11/2026;"né ; le ""03/01/2010""\r\nà l’hôpital"\r\n'
    (source / "a.csv").write_bytes(text.encode("cp1252"))
    assert shift(tmp_path / "out", "2026-12-04", source).returncode == 0
    expected = text.replace("20/11/2026", "04/12/2026").replace("03/01/2010", "17/01/2010")
    assert (tmp_path / "out/a.csv").read_bytes() == expected.encode("cp1252")


def test_folder_without_a_tracking_table_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_bytes(b"Nom;Date\r\nx;20/11/2026\r\n")
    run = shift(tmp_path / "out", "2026-12-04", tmp_path / "in")
    assert run.returncode == 65
    assert "Date saisine" in run.stderr
