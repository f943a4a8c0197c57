"""Another town, set up from nothing: other districts, metropolitan holidays, files in UTF-8 with
commas, other headers and another order of columns. A value of a closed list added, used and
retired while the daemon runs. Nothing of the first town is in the program."""
import csv
import datetime
import io
import json
import pathlib
import subprocess
import tempfile

import pytest

import paths
from town import Town

NOMENCLATURES = {
    "fonction": [("coordinateur", "Coordinatrice de territoire", "coordinator"),
                 ("responsable", "Cheffe de service", "head of service")],
    "origine": [("habitant", "habitant·e", "resident"), ("institutionnel", "institution", "institution"),
                ("terrain", "acteur de terrain", "field partner"), ("auto", "veille propre", "self-detected")],
    "nature": [("individuelle", "une personne", "individual"), ("familiale", "une famille", "family"),
               ("collective", "un groupe, un lieu", "collective")],
    "motif": [("port", "rassemblements sur le port", "gatherings in the harbour"),
              ("rodeo", "rodéos", "street racing")],
    "urgence": [("courante", "normale", "routine"), ("urgente", "urgente", "urgent")],
    "terme": [("court", "3 mois", "short"), ("moyen", "6 mois", "medium"), ("long", "1 an", "long")],
    "etat": [("a_qualifier", "à voir", "to qualify"), ("suivi", "en cours", "followed"),
             ("veille", "en sommeil", "watch"), ("bloquee", "bloqué", "blocked"),
             ("close", "terminé", "closed"), ("effacee", "effacé", "erased")],
    "evolution": [("stable", "sans changement", "stable")],
    "cloture": [("resolue", "réglé", "resolved")],
    "canal": [("inconnu", "inconnu", "not stated")],
    "finalite": [("suivi", "suivi", "follow-up")],
    "type_partenaire": [("justice", "justice", "justice")],
    "financeur": [("ville", "Ville", "town")],
}
SECTORS = {"NORD": ("Rive nord", "5200", "Le Môle | Port-Œillet"), "SUD": ("Rive sud", "8100", "L'Haÿ | Grand'Rue")}
AGENTS = [("camille.riou@rivecourt.example", "Camille", "Riou", "Coordinatrice de territoire", "NORD"),
          ("yann.le-goff@rivecourt.example", "Yann", "Le Goff", "Coordinatrice de territoire", "SUD"),
          ("anne.kerbrat@rivecourt.example", "Anne", "Kerbrat", "Cheffe de service", "")]
HEAD, NORTH, SOUTH = AGENTS[2][0], AGENTS[0][0], AGENTS[1][0]
MAPPING = """# the sheet of Rivecourt
Dossier suivi = number
Signalement du = received
Qui signale = origin
Rive = territory
Où = district
De quoi s'agit-il = nature
Pour quoi = motives
En est où = status
Petit nom = first_name
Famille = last_name
Couleur = -
"""


def table(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=",", lineterminator="\n")
    writer.writerows([header, *rows])
    return out.getvalue()


class Rivecourt(Town):
    def __init__(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="ct"))
        subprocess.run([paths.program("tools/ctps/ctps"), "init", str(folder), "--town", "Rivecourt-sur-Mer",
                        "--insee", "17999", "--regime", "metropole"], check=True, capture_output=True)
        super().__init__(folder)
        self.own = True
        self.start()

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text, "utf-8")
        return str(path)

    def key_of(self, who):
        if who == "operator":
            return str(self.dir / "keys/operator.key")
        path = self.dir / f"{who}.key"
        if not path.exists():
            self.ctps("key", "new", "--agent", who, "--out", str(path), "--as", self.key_of("operator"))
        return str(path)

    def run(self, *words, who=HEAD, check=False):
        return self.ctps(*words, "--as", self.key_of(who), check=check)

    def json(self, *words, who=HEAD):
        done = self.run(*words, "--json", who=who)
        assert done.returncode in (0, 65), done.stderr
        return json.loads(done.stdout)

    def reference(self):
        """Synonyms of headers are enough here; the kinds follow from file name or headers."""
        self.json("import", "--kind", "listes", self.write("nomenclatures.csv", table(
            ("Intitulé", "English", "Nomenclature", "Valeur"),
            [(fr, en, name, code) for name, values in NOMENCLATURES.items() for code, fr, en in values])),
            who="operator")
        self.json("import", "--kind", "territoires", self.write("secteurs.csv", table(
            ("Nb habitants", "Secteurs", "Nom du territoire", "Code territoire"),
            [(people, districts, name, code) for code, (name, people, districts) in SECTORS.items()])),
            who="operator")
        today = datetime.date.today()
        self.json("import", "--kind", "agents", self.write("equipe.csv", table(
            ("Mail", "Prénom de l'agent", "Nom de famille", "Poste", "Secteur", "Valable du", "Valable au", "Arrêté"),
            [(*agent, f"01/01/{today.year}", f"31/12/{today.year + 1}", "2026-7") for agent in AGENTS])),
            who="operator")

    def sheet(self, rows, name="suivi des dossiers.csv"):
        return self.write(name, table(
            ("Couleur", "En est où", "Petit nom", "Famille", "Où", "Rive", "Pour quoi", "De quoi s'agit-il",
             "Qui signale", "Signalement du", "Suivi par", "DDN", "Dossier suivi", "Domicile"), rows))


def row(number, received, **changes):
    cells = dict(colour="vert", state="en cours", first="Maëlle", last="QUÉRÉ", district="Le Môle",
                 territory="NORD", motive="rodéos", nature="une personne", origin="acteur de terrain",
                 received=received.strftime("%d/%m/%Y"), lead="Camille Riou", born="04/03/2009",
                 number=number, address="3, quai du Port-Œillet")
    cells.update(changes)
    return tuple(cells.values())


@pytest.fixture(scope="module")
def rivecourt():
    with Rivecourt() as town:
        town.reference()
        yield town


@pytest.fixture(scope="module")
def taken(rivecourt):
    """The sheet taken over by an explicit mapping, the rest of the headers by synonyms."""
    today = datetime.date.today()
    rows = [row("A/1", today - datetime.timedelta(20)),
            row("A/2", today - datetime.timedelta(9), last="Le Braz", first="Loïg", territory="SUD",
                district="L’HAY", lead="LE GOFF Yann", motive="rassemblements sur le port / rodéos",
                address="12 Grand’Rue"),
            row("A/3", today - datetime.timedelta(5), last="Quere", first="Maelle", born="",
                address="quai, même"),
            row("A/4", today, district="Coteaux"),
            row("A/5", today, motive="occupation de hall")]
    rivecourt.answer = rivecourt.json("import", "--kind", "tableau-de-suivi", "--mapping",
                                      rivecourt.write("correspondance.txt", MAPPING), rivecourt.sheet(rows))
    return rivecourt


def test_town_is_itself(rivecourt):
    town = rivecourt.json("town", "show")
    text = json.dumps(town, ensure_ascii=False)
    assert "Rivecourt-sur-Mer" in text and "metropole" in text and "17999" in text
    territories = rivecourt.json("territory", "list")
    assert {item["code"]: item["districts"] for item in territories} == {
        "NORD": ["Le Môle", "Port-Œillet"], "SUD": ["L'Haÿ", "Grand'Rue"]}


def test_sheet_of_another_layout_is_taken_over(taken):
    answer = taken.answer["files"][0]
    assert (answer["records"], answer["taken"], answer["refused"]) == (5, 3, 2)
    refused = {item["number"]: item["cause_fr"] for item in taken.answer["refusals"]}
    assert set(refused) == {"A/4", "A/5"}, "a district and a motive of the first town are nothing here"
    listed = {item["reference"].rsplit("-", 2)[0]: item for item in
              taken.json("situation", "list", "--territory", "SUD", who=SOUTH)}
    assert set(listed) == {"SUD"} and listed["SUD"]["district"] == "L'Haÿ"
    assert sorted(listed["SUD"]["motives"]) == ["port", "rodeo"]
    assert "rodéos" in taken.run("situation", "list", "--territory", "SUD", who=SOUTH).stdout


def test_same_sheet_without_its_mapping_says_what_is_missing(taken):
    done = taken.run("import", "--kind", "tableau-de-suivi", taken.sheet([row("A/9", datetime.date.today())], "autre.csv"))
    assert done.returncode not in (0, 77) and "Date saisine" in done.stderr
    assert len(taken.json("situation", "list", "--all")) == 3


def test_duplicates_are_found_in_the_other_layout(taken):
    pairs = {(pair["import_number_a"], pair["import_number_b"]) for pair in taken.json("duplicate", "list")}
    assert pairs == {("A/1", "A/3")}


def saisine(town, day, who=NORTH, territory="NORD", district="Le Môle", motive="port"):
    """The acknowledgement number of a saisine entered by hand."""
    done = town.run("saisine", "receive", "--received", day.strftime("%d/%m/%Y"), "--origin", "habitant",
                    "--territory", territory, "--district", district, "--nature", "collective", "--motive", motive,
                    who=who)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[0]


@pytest.mark.parametrize("received, due", [
    ((2025, 12, 23), (2025, 12, 31)),   # 24, 26, 29, 30, 31: 26 December is a working day here
    ((2025, 4, 15), (2025, 4, 23)),     # 16, 17, 18, 22, 23: so is Good Friday, Easter Monday is none
    ((2026, 5, 8), (2026, 5, 18)),      # 11, 12, 13, 15, 18: Ascension on the 14th
])
def test_delays_are_those_of_metropolitan_holidays(rivecourt, received, due):
    number = saisine(rivecourt, datetime.date(*received))
    shown = rivecourt.json("saisine", "show", number, who=NORTH)
    assert shown["answer_due_day"] == datetime.date(*due).isoformat() and shown["overdue"] is True
    assert number in rivecourt.run("saisine", "list", "--overdue", who=NORTH).stdout


def test_receipt_is_of_this_town(rivecourt):
    number = saisine(rivecourt, datetime.date.today())
    page = rivecourt.run("saisine", "receipt", number, "--output", "-", who=NORTH).stdout
    assert "Rivecourt-sur-Mer" in page and "Rive nord" in page and "Mulhouse" not in page


def test_value_added_used_and_retired_while_the_daemon_runs(rivecourt):
    today, process = datetime.date.today(), rivecourt.process.pid
    unknown = rivecourt.run("saisine", "receive", "--received", today.strftime("%d/%m/%Y"), "--origin", "habitant",
                            "--territory", "NORD", "--district", "Le Môle", "--nature", "collective",
                            "--motive", "jetski", who=NORTH)
    assert unknown.returncode != 0 and "jetski" in unknown.stderr
    rivecourt.run("list", "set", "motif", "jetski", "--fr", "jet-skis au ponton", "--en", "jet skis", check=True)
    number = saisine(rivecourt, today, motive="jetski")
    assert "jet-skis au ponton" in rivecourt.run("saisine", "show", number, who=NORTH).stdout
    rivecourt.run("list", "retire", "motif", "jetski", check=True)
    shown = rivecourt.json("saisine", "show", number, who=NORTH)
    assert shown["motives"] == ["jetski"], "what was used stays readable"
    assert "jet-skis au ponton" in rivecourt.run("saisine", "show", number, who=NORTH).stdout
    refused = rivecourt.run("saisine", "receive", "--received", today.strftime("%d/%m/%Y"), "--origin", "habitant",
                            "--territory", "NORD", "--district", "Le Môle", "--nature", "collective",
                            "--motive", "jetski", who=NORTH)
    assert refused.returncode == 65 and "retir" in refused.stderr.lower()
    values = {item["code"]: item.get("retired", False) for item in rivecourt.json("list", "values", "motif", "--with-retired")}
    assert values["jetski"] is True and values["port"] is False
    rivecourt.restart()
    assert "jet-skis au ponton" in rivecourt.run("saisine", "show", number, who=NORTH).stdout
    assert rivecourt.process.pid != process


def test_retired_value_is_still_taken_over_from_a_sheet(taken):
    """History is what it is: a motive no longer in use came from the years before."""
    taken.run("list", "set", "motif", "baignade", "--fr", "baignades interdites", "--en", "forbidden swims", check=True)
    taken.run("list", "retire", "motif", "baignade", check=True)
    day = datetime.date.today() - datetime.timedelta(3)
    answer = taken.json("import", "--kind", "tableau-de-suivi", "--source", "archives", "--mapping",
                        taken.write("correspondance.txt", MAPPING),
                        taken.sheet([row("B/1", day, motive="baignades interdites", last="Autre")], "archives.csv"))
    assert (answer["files"][0]["taken"], answer["files"][0]["refused"]) == (1, 0), answer


def test_sheet_of_the_required_columns_alone_is_taken(taken):
    today = datetime.date.today()
    required = ("N° fiche", "Date saisine", "Origine", "Territoire", "Quartier", "Nature", "Motif(s)")
    sheet = table(required, [
        ("B/1", today.strftime("%d/%m/%Y"), "acteur de terrain", "NORD", "Le Môle", "une personne", "rodéos")])
    taken.write("minimum.csv", sheet)
    path = str(taken.dir / "minimum.csv")
    answer = taken.json("import", "--kind", "tableau-de-suivi", "--source", "minimum", path)
    assert not answer["refusals"] and answer["files"][0]["taken"] == 1
    one = taken.json("situation", "list", "--territory", "NORD", "--all", who=NORTH)[0]
    lead = taken.json("agent", "list", who=NORTH)
    assert one["status"] == "a_qualifier"
    assert one["lead_agent"] in [agent["id"] for agent in lead if "NORD" in agent.get("territories", [])]
    again = taken.json("import", "--kind", "tableau-de-suivi", "--source", "minimum", path)
    assert (again["files"][0]["taken"], again["files"][0]["unchanged"]) == (0, 1)
