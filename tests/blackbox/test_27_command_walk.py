"""Whole pieces of work by the command line alone, as somebody new to it does them; and the events
of what else it does, to an outside subscriber."""
import datetime
import json

import pytest

from acts import do, figures, new_partner
from test_11_events import collect, head
from test_14_clock import jump

LISTS = {"lien": "fratrie", "role_engagement": "referent", "information": "courrier",
         "theme": "bilan"}


@pytest.fixture
def desk(town):
    """Runs `ctps` in somebody's name: desk("anna", words…) → its output."""
    for name, code in LISTS.items():
        do(town.operator, list_value_set=dict(list=name, code=code, label_fr=code))

    def run(who, *words, status=0):
        key = town.dir / f"{who}.key"
        if not key.exists():
            town.keys[who].write(key)
        done = town.ctps(*map(str, words), "--as", str(key), check=False)
        assert done.returncode == status, (words, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr

    run.json = lambda who, *words: json.loads(run(who, *words, "--json"))
    run.town = town
    return run


def paper_day(town, offset=0):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(town.today + offset)).strftime("%d/%m/%Y")


def taken_up(desk, last="Benali", born="12/03/2012"):
    """The reference of a new situation, from the phone call on."""
    made = desk.json("anna", "saisine", "receive", "--received", paper_day(desk.town), "--origin",
                     "habitant", "--territory", "T1", "--district", "Bourtzwiller", "--nature",
                     "individuelle", "--motive", "errance", "--last-name", last, "--first-name",
                     "Sofiane", "--born", born)["made"]
    number = made[0]["reference"]
    desk("anna", "saisine", "show", number)
    return desk.json("anna", "saisine", "accept", number, "--title", "Suivi", "--term",
                     "court")["made"][0]["reference"]


# --- a situation, from the phone call to its erasure ---

def test_life_of_a_situation(desk):
    town, today = desk.town, paper_day(desk.town)
    one, other = taken_up(desk), taken_up(desk, "Keller")
    partner = new_partner(town, "Lycée", "education")
    contact = do(town.operator, contact_set=dict(
        partner=partner, last_name="Meyer", first_name="Luc")).made[0].id
    desk("anna", "situation", "status", one, "suivi")
    desk("anna", "situation", "person-add", one, "--last-name", "Benali", "--first-name", "Nadia",
         "--role", "relative", "--phone", "06 00 00 00 09")
    people = desk.json("anna", "situation", "show", one, "--names")["persons"]
    nadia = next(who["id"] for who in people if who["identity"]["first_name"] == "Nadia")
    assert str(nadia) in desk("anna", "situation", "show", one, "--names"), "ids are on the sheet"
    desk("anna", "situation", "person-correct", one, "--person", nadia, "--role", "witness")
    desk("anna", "situation", "engage", one, "--contact", contact, "--role", "referent")
    desk("anna", "situation", "link", one, other, "--kind", "fratrie")
    desk("anna", "situation", "update", one, "--term", "long", "--urgency", "urgente")
    desk("anna", "situation", "inform", one, "--day", today, "--means", "courrier")
    desk("anna", "situation", "review", one, "--day", today, "--evolution", "stable", "--next",
         paper_day(town, 20))
    desk("anna", "situation", "assign", one, "--lead", "emile")
    shown = desk("anna", "situation", "show", one, "--names")
    for word in ("témoin", "Lycée", "Meyer", "fratrie", other, "bilan", "référent", "courrier",
                 paper_day(town, 20), "emile"):
        assert word in shown, (word, shown)
    desk("anna", "situation", "unlink", one, "--other", other)
    desk("anna", "situation", "disengage", one, "--contact", contact)
    desk("anna", "situation", "close", one, "--day", today, "--motive", "demenagement")
    desk("anna", "situation", "reopen", one, "--text", "revenu")
    desk("anna", "situation", "transfer", one, "--territory", "T2", "--district", "Coteaux")
    assert "T2" in desk("bruno", "situation", "show", one)
    desk("bruno", "situation", "close", one, "--day", today, "--motive", "resolue")
    desk("helene", "situation", "erase", one, "--reason", "droits", "--yes")
    collect(town, "situation.erased")
    assert "effacee" in desk("bruno", "situation", "show", one)
    assert "effacé" in desk("bruno", "situation", "show", one, "--names", status=77)
    listed = desk("anna", "situation", "list")
    assert other in listed and one not in listed


def test_each_kind_of_step_is_written_and_corrected(desk):
    """What the law asks of a step is asked of its correction, by the same options."""
    town, today = desk.town, paper_day(desk.town)
    one = taken_up(desk)
    do(town.operator, list_value_set=dict(list="demarche", code="art40", label_fr="art. 40"))
    parquet = new_partner(town, "Parquet", "justice")
    entry = desk.json("anna", "situation", "entry", one, "--kind", "contact", "--day", today,
                      "--text", "vu")["made"][0]["id"]

    def correct(*words, status=0):
        return desk("anna", "situation", "correct", one, "--entry", entry, "--why", "erreur",
                    *words, status=status)

    assert "L132-7" in correct("--kind", "rappel_ordre", status=65)
    correct("--kind", "rappel_ordre", "--representatives-absent-why", "injoignables")
    assert "L226-2-1" in correct("--kind", "transmission_pcd", status=65)
    correct("--kind", "transmission_pcd", "--transmitted", "2026-01-05T09:30", "--mayor-informed",
            "oui")
    assert "art. 40" in correct("--kind", "art40", status=65)
    correct("--kind", "art40", "--partner", parquet)
    correct("--kind", "orientation", "--oriented-to", "bailleur")
    correct("--cancelled")
    shown = desk("anna", "situation", "show", one, "--names")
    assert shown.count("erreur") == 5 and "injoignables" in json.dumps(
        desk.json("anna", "situation", "show", one, "--names"))
    desk("emile", "situation", "correct", one, "--entry", entry, "--why", "x", status=77)


# --- a case conference, from the request to its minutes ---

def test_case_conference(desk, tmp_path):
    town = desk.town
    one, other = taken_up(desk), taken_up(desk, "Keller")
    partner = new_partner(town, "Lycée", "education")
    pro = do(town.operator, contact_set=dict(
        partner=partner, last_name="Meyer", first_name="Luc", email="l.meyer@lycee.example",
        charter_version="v3", charter_day=town.today - 9)).made[0].id
    asked = ("meeting", "schedule", "--instance", "synthese", "--territory", "T1", "--situation",
             one, "--day", paper_day(town), "--at", "14:00", "--agent", "anna", "--place", "Salle 1")
    assert "L121-6-2" in desk("anna", *asked, "--contact", pro, status=77), "not engaged yet"
    desk("anna", "situation", "engage", one, "--contact", pro)
    meeting = desk.json("anna", *asked, "--contact", pro)["made"][0]["reference"]
    desk("anna", "meeting", "uninvite", meeting, "--contact", pro)
    desk("anna", "meeting", "invite", meeting, "--contact", pro)
    desk("anna", "meeting", "agenda", meeting, "--situation", one, "--by-name", "--text", "le point")
    desk("anna", "meeting", "agenda", meeting, "--situation", other, status=77)
    extra = desk.json("anna", "meeting", "agenda", meeting, "--text", "divers")["made"][0]["id"]
    desk("anna", "meeting", "strike", meeting, extra)
    said = desk("anna", "share", "record", one, "--zzzzz", "x", status=64)
    assert "ctps help share record" in said
    desk("anna", "share", "record", one, "--identity", "--summary", "--contact", pro,
         "--base", "L121-6-2", "--purpose", "suivi", "--until", paper_day(town, 30))
    desk("anna", "meeting", "pack", meeting, "--for", "l.meyer@lycee.example", "--output",
         tmp_path / "pack.html")
    assert "Benali" in (tmp_path / "pack.html").read_text()
    desk("anna", "meeting", "hold", meeting, "--present", "anna", "--contact-present", pro)
    desk("anna", "decision", "take", "--verb", "contacter", "--meeting", meeting, "--situation", one,
         "--due", paper_day(town, 5), "--contact", pro, "--text", "le père")
    item = desk.json("anna", "meeting", "show", meeting)["agenda"][0]["id"]
    desk("anna", "minutes", "draft", meeting, "--item", item, "--said", "dit en séance")
    desk("anna", "minutes", "validate", meeting)
    desk("anna", "minutes", "distribute", meeting)
    assert "diffusé" in desk("anna", "minutes", "list")
    desk("anna", "minutes", "show", meeting, "--output", tmp_path / "cr.html")
    assert "dit en séance" in (tmp_path / "cr.html").read_text()


# --- a request of a person, from its reception to the answer ---

def test_request_of_a_person(desk, tmp_path):
    town = desk.town
    one = taken_up(desk)
    desk("anna", "situation", "entry", one, "--kind", "contact", "--day", paper_day(town), "--text",
         "vu avec Paul, 06 11 22 33 44")
    number = desk.json("anna", "rights", "open", "--kind", "access", "--received", paper_day(town),
                       "--territory", "T1", "--situation", one, "--name",
                       "Benali")["made"][0]["reference"]
    assert "Benali" in desk("anna", "rights", "show", number, "--names")
    desk("anna", "rights", "extend", number, "--reason", "complexe")
    person = desk.json("anna", "situation", "show", one, "--names")["persons"][0]["id"]
    desk("anna", "rights", "extract", number, "--situation", one, "--person", person, "--output",
         tmp_path / "extrait.html")
    page = (tmp_path / "extrait.html").read_text()
    assert "[téléphone]" in page and "06 11 22" not in page and "Benali" in page
    desk("anna", "rights", "answer", number, "--outcome", "granted", "--text", "remis en main propre")
    assert "answered" == desk.json("anna", "rights", "list", "--with-answered")[0]["state"]


# --- the people and the service ---

def test_people_come_and_go(desk):
    town, today = desk.town, paper_day(desk.town)
    desk("helene", "agent", "add", "--last-name", "Neuve", "--first-name", "Eva", "--function",
         "educateur", "--territories", "T1", "--act", "ARR-1", "--from", today, "--until",
         paper_day(town, 90), "--email", "eva@ville.example")
    desk("helene", "partner", "add", "--name", "CSC Pax", "--family", "terrain", "--kind",
         "bailleur", "--territories", "T1")
    desk("helene", "contact", "add", "--partner", "CSC Pax", "--last-name", "Roux", "--first-name",
         "Ida", "--email", "ida@csc.example")
    desk("helene", "charter", "sign", "ida@csc.example", "--day", today)
    assert "Roux" in desk("helene", "register", "charters", "--current")
    lent = desk.json("helene", "delegation", "grant", "T1", "--to", "bruno", "--from", today,
                     "--until", paper_day(town, 9))["made"][0]["id"]
    assert "bruno" in desk("anna", "delegation", "list")
    desk("helene", "delegation", "end", lent)
    assert "bruno" not in desk("anna", "delegation", "list")
    desk("helene", "habilitation", "withdraw", "eva@ville.example", "--day", today, "--act",
         "ARR-2", "--yes")
    assert "ARR-2" in desk("helene", "register", "habilitations")
    one = taken_up(desk, "Quartz")
    assert one in desk("anna", "search", "QUARTZ sofiane")
    desk("admin", "town", "set", "--name", "Mulhouse", "--dpo", "dpo@ville.example")
    assert "anna" in desk("admin", "key", "list")
    desk("admin", "store", "backup", "du-jour")
    assert (town.dir / "backups" / "du-jour").is_dir()


def test_the_rest_is_told_on_the_bus(desk, stopped_town):
    """Events no other test hears from the command to the wire."""
    town, start, today = desk.town, head(desk.town).number, paper_day(desk.town)
    lent = desk.json("helene", "delegation", "grant", "T1", "--to", "bruno", "--from", today,
                     "--until", today)["made"][0]["id"]
    desk("helene", "delegation", "end", lent)
    meeting = desk.json("anna", "meeting", "schedule", "--instance", "suivi", "--territory", "T1",
                        "--day", today, "--at", "09:00", "--agent", "anna")["made"][0]["reference"]
    item = desk.json("anna", "meeting", "agenda", meeting, "--text", "CANARI")["made"][0]["id"]
    desk("anna", "meeting", "strike", meeting, item)
    desk("anna", "meeting", "hold", meeting, "--present", "anna")
    imported = do(town.client("helene"), import_begin=dict(source="CANARI.csv")).made[0].id
    do(town.client("helene"), import_end=dict(import_id=imported))
    town.key_new(dict(kind=2, id=town.agents["anna"]), "CANARI")
    do(town.operator, key_revoke=dict(public_key=town.keys["bruno"].public_bytes))
    do(town.operator, list_value_set=dict(list="motif", code="neuf", label_fr="CANARI"))
    seen = collect(town, "list.value_set", after=start)
    topics = [event.topic for event in seen]
    for topic in ("delegation.granted", "delegation.ended", "meeting.agenda_added",
                  "meeting.agenda_removed", "meeting.held", "import.begun", "import.ended",
                  "key.registered", "key.revoked", "list.value_set"):
        assert topic in topics, topic
    for event in seen:
        assert b"CANARI" not in event.notice.SerializeToString(), event.topic
    held = seen[topics.index("meeting.held")].notice
    assert held.id == desk.json("anna", "meeting", "show", meeting)["id"]


def test_clock_alarm_is_raised_and_confirmed(stopped_town):
    town = stopped_town
    town.start(env=town.clock_env())
    start = head(town).number
    jump(town, 3)
    town.ctps("clock", "confirm", "--yes", "--as", str(town.dir / "keys/operator.key"))
    topics = [event.topic for event in collect(town, "clock.alarm_confirmed", after=start)]
    assert "clock.alarm_raised" in topics
    assert figures(town.operator)["clock.alarm"] == "no"
