"""Tables on paper, in spreadsheets and on terminals: `--output`, `--csv`, and a real tty."""
import csv
import fcntl
import os
import pty
import re
import stat
import struct
import subprocess
import termios

import pytest

import paths
from acts import do, figures, open_situation, person, refused
from test_60_people import ctps


@pytest.fixture
def filled(town):
    """A town with situations whose texts a spreadsheet would calculate."""
    anna = town.client("anna")
    open_situation(anna, town, title="=cmd|' /C calc'!A0",
                   persons=[person("@SUM(1;2)", "Zoé", birth_day=town.today - 6000)])
    open_situation(anna, town, title='dit "vu"; fin', motives=["errance", "vif"])
    return town


def rows_of(path):
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\r\n") > 0
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_csv_read_back_is_the_table_without_names(filled, tmp_path):
    before = figures(filled.operator)["journal.reads"]
    ctps(filled, "anna", "tracking-table", "--csv", str(tmp_path / "t.csv"))
    rows = rows_of(tmp_path / "t.csv")
    table = do(filled.client("anna"), tracking_table_get={}).tracking_table_answer.rows
    assert [row["Référence"] for row in rows] == [row.reference for row in table]
    assert [row["Motifs"] for row in rows] == [" / ".join(row.motives) for row in table]
    assert b"cmd" not in (tmp_path / "t.csv").read_bytes()
    assert stat.S_IMODE(os.stat(tmp_path / "t.csv").st_mode) == 0o600
    assert figures(filled.operator)["journal.reads"] == before


def test_csv_with_names_is_neutralised_and_recorded(filled, tmp_path):
    before = int(figures(filled.operator)["journal.reads"])
    ctps(filled, "anna", "tracking-table", "--csv", str(tmp_path / "t.csv"), "--with-names",
         "--purpose", "suivi")
    second, first = rows_of(tmp_path / "t.csv")
    assert first["Titre"] == "'=cmd|' /C calc'!A0" and second["Titre"] == 'dit "vu"; fin'
    assert first["Personnes"].startswith("Zoé @SUM(1;2) (")
    for row in (first, second):
        assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for cell in row.values())
    assert int(figures(filled.operator)["journal.reads"]) == before + 1


def test_names_need_a_purpose_on_the_command_line(filled, tmp_path):
    path = filled.dir / "anna.key"
    if not path.exists():
        filled.keys["anna"].write(path)
    done = filled.ctps("tracking-table", "--csv", str(tmp_path / "t.csv"), "--with-names",
                       "--as", str(path), check=False)
    assert done.returncode == 65 and not (tmp_path / "t.csv").exists()
    assert refused(filled.client("anna"), tracking_table_get=dict(
        nominative=True, export=True)) == ("field_missing", "purpose")


@pytest.mark.parametrize("words, title", [
    (("register", "habilitations"), "Registre des habilitations"),
    (("register", "charters"), "Registre des chartes"),
    (("tracking-table",), "Tableau de suivi")])
def test_printable_pages_stand_alone(filled, tmp_path, words, title):
    path = tmp_path / "page.html"
    ctps(filled, "helene", *words, "--output", str(path))
    text = path.read_text("utf-8")
    assert title in text and "<table" in text
    assert not re.search(r"<script|src=|href=|url\(", text)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def on_tty(columns, *words, env=None):
    """What the program writes on a terminal of so many columns."""
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen([paths.program("tools/ctps/ctps"), *words], stdin=subprocess.DEVNULL,
                          stdout=side, stderr=subprocess.DEVNULL, env=env) as run:
        os.close(side)
        out = b""
        while True:
            try:
                part = os.read(main, 4096)
            except OSError:  # EIO: the other side is closed
                break
            if not part:
                break
            out += part
        run.wait()
    os.close(main)
    return out.decode().replace("\r\n", "\n")


def plain_env(**more):
    env = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    return {**env, "NO_COLOR": "1", **more}


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_tables_fit_a_terminal_and_are_whole_in_a_pipe(town, columns):
    name = "漢字" * 20 + "é" * 40
    do(town.client("helene"), partner_set=dict(
        name=name, family="terrain", kind="bailleur", territories=["T1"]))
    key = town.dir / "helene.key"
    town.keys["helene"].write(key)
    words = ("partner", "list", "--as", str(key))
    shown = on_tty(columns, *words, env=plain_env())
    widths = [sum(2 if c in "漢字" else 1 for c in line) for line in shown.splitlines()]
    assert max(widths) <= columns, shown
    assert ("…" in shown) == (columns < 150)
    told = on_tty(200, *words, env=plain_env(COLUMNS="60"))
    assert max(sum(2 if c in "漢字" else 1 for c in line) for line in told.splitlines()) <= 60
    piped = town.ctps(*words, env={"COLUMNS": "40"}).stdout
    assert name in piped and "…" not in piped
    assert name in town.ctps(*words, "--json", env={"COLUMNS": "40"}).stdout


def test_today_on_the_command_line(town):
    open_situation(town.client("anna"), town)
    assert "rien à faire" in ctps(town, "anna", "today").stdout
    do(town.client("anna"), saisine_receive=dict(
        received_day=town.today - 40, origin="habitant", territory="T1",
        district="Bourtzwiller", nature="individuelle", motives=["errance"]))
    assert "saisine sans réponse" in ctps(town, "anna", "today").stdout
