"""The example's files taken over by the command line, as a town would do it."""

import re

import pytest

from import_town import COORDINATOR, EXAMPLE, HEAD, NEIGHBOUR, ImportTown

TABLE = "tableau-de-suivi-2026.csv"


def expected_refusals():
    text = (EXAMPLE / "attendu.txt").read_text("utf-8")
    return set(re.findall(r"^refus (\S+): (.+)$", text, re.M))


def expected_duplicates():
    text = (EXAMPLE / "attendu.txt").read_text("utf-8")
    return set(re.findall(r"^doublon probable (\S+) ~ (\S+)$", text, re.M))


@pytest.fixture(scope="module")
def imported():
    with ImportTown() as town:
        town.answer = town.json("import", str(town.files), "--report", str(town.dir / "refus.csv"))
        yield town


@pytest.fixture
def fresh():
    with ImportTown() as town:
        yield town


def test_413_are_taken_and_11_refused_with_their_causes(imported):
    table = imported.table_of(imported.answer)
    assert (table["records"], table["taken"], table["refused"]) == (424, 413, 11)
    refused = {(item["number"], item["cause_fr"]) for item in imported.answer["refusals"]}
    assert refused == expected_refusals()
    assert len(imported.answer["refusals"]) == 11


def test_report_can_be_sent_back(imported):
    data = (imported.dir / "refus.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and data.count(b"\r\n") == 12
    assert not re.search(r"LE GALL|FUCHS|KELLER|SCHMITT|rue |place |boulevard", data.decode("utf-8-sig"))


def test_duplicates_on_purpose_are_proposed(imported):
    pairs = {tuple(sorted((pair["import_number_a"], pair["import_number_b"])))
             for pair in imported.json("duplicate", "list", "--all")}
    assert expected_duplicates() <= pairs
    assert len(pairs) == 12


def test_oddities_are_counted_not_refused(imported):
    warnings = imported.answer["warnings"]
    assert warnings["review_before_saisine"] == 1
    assert warnings["past_term_facts_only"] >= 79
    assert {"review_overdue", "blocked_without_partner", "watch_without_date"} <= warnings.keys()


def test_blocked_by_nobody_is_taken_over_as_it_was_and_completed_by_hand(imported):
    """A row of history is kept with a warning; a new status has to say what and who."""
    own = imported.json("situation", "list", "--all", "--status", "bloquee", who=COORDINATOR)
    stuck = own[0]["reference"]
    assert own[0]["warnings"].count("blocked_without_partner") == 1 and "blocked_by" not in own[0]
    done = imported.run("situation", "status", stuck, "bloquee", "--what", "le bail",
                        who=COORDINATOR)
    assert done.returncode == 65 and "partenaire" in done.stderr and "blocked_by" in done.stderr
    partner = imported.json("partner", "list")[0]
    done = imported.run("situation", "status", stuck, "bloquee", "--what", "le bail",
                        "--blocked-by", str(partner["id"]), who=COORDINATOR)
    assert done.returncode == 0, done.stderr
    shown = imported.json("situation", "show", stuck, who=COORDINATOR)
    assert shown["status"] == "bloquee" and shown["blocked_by"] == partner["id"]


def test_every_situation_is_listed_once(imported):
    ids = [item["id"] for item in imported.json("situation", "list", "--all", "--with-closed")]
    assert len(ids) == len(set(ids)) == 413


def test_coordinator_lists_her_territory_and_no_other(imported):
    own = imported.json("situation", "list", "--all", who=COORDINATOR)
    assert own and {item.get("territory") for item in own if "reference" in item} == {"T3"}
    reference = own[0]["reference"]
    other = imported.json("situation", "show", reference, who=NEIGHBOUR)
    told = {name for name, value in other.items() if value not in ([], "")}
    assert told <= {"id", "existence_only", "territory", "call_agent"} and other["existence_only"] is True


def situations(town):
    """All of them, without the day of erasure, which the daemon's daily work sets meanwhile."""
    listed = town.json("situation", "list", "--all", "--with-closed")
    return [{name: value for name, value in item.items() if name != "erase_due_day"} for item in listed]


def test_again_is_a_no_op_and_a_changed_row_is_left(imported):
    before = situations(imported)
    table = imported.table_of(imported.json("import", str(imported.files)))
    assert (table["taken"], table["unchanged"], table["changed"], table["refused"]) == (0, 413, 0, 11)
    path = imported.files / TABLE
    data = path.read_bytes()
    path.write_bytes(data.replace(b"42 place Drouot", b"43 place Drouot", 1))
    table = imported.table_of(imported.json("import", str(path)))
    path.write_bytes(data)
    assert (table["taken"], table["unchanged"], table["changed"], table["refused"]) == (0, 412, 1, 11)
    assert situations(imported) == before


def test_dry_run_writes_nothing_and_says_the_same(fresh):
    entries = fresh.figures()["journal.entries"]
    answer = fresh.json("import", str(fresh.files), "--dry-run", who=HEAD)
    table = fresh.table_of(answer)
    assert (table["taken"], table["refused"]) == (413, 11)
    assert {(item["number"], item["cause_fr"]) for item in answer["refusals"]} == expected_refusals()
    assert fresh.json("situation", "list", "--with-closed") == []
    # the key made for the head and the session it opened are the only entries
    assert int(fresh.figures()["journal.entries"]) - int(entries) == 2


def test_dry_run_of_a_table_alone_knows_what_was_taken(fresh):
    for name in ("partenaires", "contacts"):
        fresh.run("import", str(fresh.files / f"{name}.csv"))
    path = str(fresh.files / TABLE)
    table = fresh.table_of(fresh.json("import", path, "--dry-run"))
    assert (table["taken"], table["refused"]) == (413, 11)
    assert fresh.table_of(fresh.json("import", path))["taken"] == 413
    table = fresh.table_of(fresh.json("import", path, "--dry-run"))
    assert (table["taken"], table["unchanged"], table["refused"]) == (0, 413, 11)


def test_undo_takes_everything_back_while_nobody_touched_it(fresh):
    answer = fresh.json("import", str(fresh.files))
    number = str(fresh.table_of(answer)["import_id"])
    assert fresh.run("import", "undo", number, "--yes").returncode == 0
    assert fresh.json("situation", "list", "--with-closed") == []
    assert fresh.table_of(fresh.json("import", str(fresh.files)))["taken"] == 413


def test_undo_is_refused_once_somebody_worked_on_it(fresh):
    answer = fresh.json("import", str(fresh.files))
    number = str(fresh.table_of(answer)["import_id"])
    situation = fresh.json("situation", "list", "--limit", "1", who=COORDINATOR)[0]
    done = fresh.run("situation", "entry", situation["reference"], "--kind", "contact", "--day",
                     situation["opened_day"], "--result", "realisee", who=COORDINATOR)
    assert done.returncode == 0, done.stderr
    undone = fresh.run("import", "undo", number, "--yes")
    assert undone.returncode == 77
    assert len(fresh.json("situation", "list", "--all", "--with-closed")) == 413


def test_coordinator_may_not_import(fresh):
    done = fresh.run("import", str(fresh.files / TABLE), who=COORDINATOR)
    assert done.returncode == 77
    assert fresh.json("situation", "list", "--with-closed") == []
