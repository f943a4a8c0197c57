"""Tables on paper, in spreadsheets and on terminals: `--output`, `--csv`, and a real tty."""
import csv
import fcntl
import json
import os
import pty
import re
import stat
import struct
import subprocess
import termios

import pytest

import paths
from acts import do, figures, new_partner, open_situation, person, refused
from meetings import schedule
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


# --- every list: filters, CSV, page ---

@pytest.fixture
def network(town):
    """Partners of one territory, of another and of all, each with a contact."""
    town.ids = {}
    for name, territories in (("Ici", ["T1"]), ("Là", ["T2"]), ("Partout", [])):
        partner = new_partner(town, name, territories=territories)
        town.ids[name] = do(town.operator, contact_set=dict(
            partner=partner, last_name=f"De {name}", first_name="Ida")).made[0].id
    return town


def test_contacts_by_territory(network):
    listed = ctps(network, "anna", "contact", "list", "--territory", "T1").stdout
    assert "De Ici" in listed and "De Partout" in listed and "De Là" not in listed
    one = json.loads(ctps(network, "anna", "contact", "list", "--territory", "T2", "--partner",
                          "Là", "--json").stdout)
    assert [contact["id"] for contact in one] == [network.ids["Là"]]
    done = ctps(network, "anna", "contact", "list", "--territory", "T9",
                check=False)
    assert done.returncode == 65 and "T9" in done.stderr


def test_delegations_by_territory_and_agent(town):
    helene, day = town.client("helene"), town.today
    for to, territory in (("bruno", "T1"), ("anna", "T2")):
        do(helene, delegation_grant=dict(territory=territory, to_agent=town.agents[to],
                                         from_day=day, to_day=day + 5))
    assert [one.territory for one in do(town.client("anna"), delegation_list=dict(
        territory="T1")).delegation_answer.delegations] == ["T1"]
    assert [one.territory for one in do(town.client("anna"), delegation_list=dict(
        agent=town.agents["anna"])).delegation_answer.delegations] == ["T2"]
    listed = json.loads(ctps(town, "helene", "delegation", "list", "--territory", "T2",
                             "--json").stdout)
    assert [one["to_agent"] for one in listed] == [town.agents["anna"]]
    listed = json.loads(ctps(town, "helene", "delegation", "list", "--agent",
                             str(town.agents["bruno"]), "--json").stdout)
    assert [one["territory"] for one in listed] == ["T1"]


@pytest.mark.parametrize("words, column", [
    (("contact", "list"), "Nom"), (("partner", "list"), "Partenaire"),
    (("agent", "list"), "Nom"), (("agent", "posts"), "Agent"),
    (("delegation", "list"), "Territoire"), (("minutes", "list"), "Référence"),
    (("decision", "list"), "Décision"), (("meeting", "list"), "Référence"),
    (("rights", "list"), "Numéro"), (("saisine", "count"), "Origine")])
def test_every_list_goes_to_a_spreadsheet_and_to_paper(network, tmp_path, words, column):
    town = network
    anna, helene, day = town.client("anna"), town.client("helene"), town.today
    do(town.operator, agent_set=dict(
        last_name="Payée", function="educateur", territories=["T1"], habilitation_act="a",
        habilitation_from_day=day, habilitation_to_day=day + 9,
        posts=[dict(fte_centi=50, funder="ville", from_day=day)]))
    do(helene, delegation_grant=dict(territory="T1", to_agent=town.agents["bruno"],
                                     from_day=day, to_day=day + 5))
    situation, *_ = open_situation(anna, town)
    do(anna, decision_take=dict(situation=situation, verb="contacter", due_day=day + 9,
                                agent=town.agents["anna"]))
    do(anna, rights_open=dict(kind="access", received_day=day, territory="T1", name="X"))
    schedule(anna, town, "suivi", days=0)
    ctps(town, "helene", *words, "--csv", str(tmp_path / "l.csv"), "--output",
         str(tmp_path / "l.html"))
    rows = rows_of(tmp_path / "l.csv")
    assert rows and column in rows[0], rows
    page = (tmp_path / "l.html").read_text()
    assert "<h1></h1>" not in page and all(cell in page for cell in (
        next(cell for cell in row.values() if cell) for row in rows))


def test_minutes_are_listed_page_by_page(town):
    anna = town.client("anna")
    made = {schedule(anna, town, "suivi", days=0) for _ in range(5)}
    seen, cursor = [], {}
    while True:
        answer = do(anna, minutes_list=dict(limit=2, **cursor)).minutes_answer
        seen += [one.meeting for one in answer.minutes]
        if not answer.more:
            break
        cursor = dict(before_day=answer.minutes[-1].day, before=answer.minutes[-1].meeting)
    assert len(seen) == 5 and set(seen) == made
    assert len(json.loads(ctps(town, "anna", "minutes", "list", "--all", "--json").stdout)) == 5
    told = ctps(town, "anna", "minutes", "list", "--limit", "2")
    assert "--all" in told.stderr
