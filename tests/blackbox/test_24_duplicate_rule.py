"""2,000 rows that try each clause of the duplicate rule alone, taken over by the real import and
held against an oracle written from the domain; altered, the oracle must disagree."""
import collections
import datetime

import pytest

import duplicate_model
from import_town import ImportTown

ROWS = 2000


@pytest.fixture(scope="module")
def sheet():
    return duplicate_model.make(datetime.date.today(), ROWS)


@pytest.fixture(scope="module")
def proposed(sheet):
    """Pairs of sheet numbers the daemon proposed."""
    with ImportTown() as town:
        path = town.dir / "tableau-de-suivi.csv"
        path.write_bytes(duplicate_model.written(sheet))
        answer = town.json("import", str(path))
        table = town.table_of(answer)
        assert (table["taken"], table["refused"]) == (ROWS, 0), answer["refusals"][:3]
        yield {tuple(sorted((pair["import_number_a"], pair["import_number_b"])))
               for pair in town.json("duplicate", "list", "--all")}


def case_of(sheet):
    return {row.number: row.case for row in sheet}


def test_sheet_tries_every_case_often_and_alone(sheet):
    """What the generator meant by a case is what the oracle says of it."""
    seen = collections.Counter(row.case for row in sheet)
    assert set(seen) == set(duplicate_model.CASES) and min(seen.values()) >= 20
    cases = case_of(sheet)
    pairs = duplicate_model.Oracle().pairs(sheet)
    assert all(cases[a] == cases[b] for a, b in pairs), "groups do not touch each other"
    assert {cases[a] for a, _ in pairs} == duplicate_model.PROPOSED


def test_import_proposes_what_the_oracle_says(sheet, proposed):
    expected, cases = duplicate_model.Oracle().pairs(sheet), case_of(sheet)
    wrong = collections.Counter(cases[a] for a, _ in proposed ^ expected)
    assert not wrong, wrong
    print(f"\nduplicates: {len(sheet)} rows, {len(expected)} pairs, 0 differences, "
          f"seed {duplicate_model.Sheet(datetime.date.today()).seed}")


@pytest.mark.parametrize("fault", duplicate_model.CONTROLS)
def test_altered_oracle_disagrees(sheet, proposed, fault):
    altered = duplicate_model.Oracle(**duplicate_model.CONTROLS[fault]).pairs(sheet)
    assert len(altered ^ proposed) >= 10, f"the rows cannot tell the rule from: {fault}"
