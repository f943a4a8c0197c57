"""The tracking table: computed per reader, names only with a purpose and recorded first."""
import pytest

from acts import close, do, figures, open_situation, person, refused


def table(town, who, purpose=None, **fields):
    request = dict(tracking_table_get=fields)
    if purpose:
        request["purpose"] = purpose
    return do(town.client(who), **request).tracking_table_answer


def references(town, who, **fields):
    return [row.reference for row in table(town, who, **fields).rows]


@pytest.fixture
def two(town):
    """A town with a situation in each territory: (town, of T1, of T2)."""
    one = open_situation(town.client("anna"), town, title="CANARI titre",
                         persons=[person("CANARI", "Zoé", birth_day=town.today - 6000)])
    other = open_situation(town.client("bruno"), town, territory="T2", district="Coteaux")
    return town, one, other


def test_two_readers_get_different_tables(two):
    town, one, other = two
    assert references(town, "anna") == [one[1]]
    assert references(town, "bruno") == [other[1]]
    assert references(town, "emile") == [one[1]]
    assert references(town, "helene") == [other[1], one[1]]
    assert refused(town.client("anna"), tracking_table_get=dict(territory="T2"))[0] == \
        "other_territory"
    for who in ("chloe", "diane", "audrey", "admin"):
        assert refused(town.client(who), tracking_table_get={})[0] == "not_allowed"


def test_columns_of_the_sheet(two):
    town, (situation, reference, _), _ = two
    anna = town.client("anna")
    do(anna, situation_set_status=dict(id=situation, status="suivi"))
    do(anna, situation_add_entry=dict(id=situation, kind="contact", day=town.today - 2))
    do(anna, situation_add_entry=dict(id=situation, kind="entretien", day=town.today))
    do(anna, situation_review=dict(id=situation, day=town.today - 8, evolution="degradation",
                                   next_review_day=town.today - 1))
    row, = table(town, "anna").rows
    assert (row.reference, row.received_day, row.origin, row.district, row.nature) == (
        reference, town.today, "habitant", "Bourtzwiller", "individuelle")
    assert (list(row.motives), row.urgency, row.term, row.status, row.evolution) == (
        ["errance"], "courante", "moyen", "suivi", "degradation")
    assert (row.last_step, row.last_step_day, row.step_count) == ("entretien", town.today, 2)
    assert row.review_overdue and not row.silent and row.lead_agent == town.agents["anna"]


def test_period_takes_what_was_followed_in_it(two):
    town, (situation, reference, _), _ = two
    assert references(town, "anna", to_day=town.today - 1) == []
    close(town.client("anna"), town, situation)
    assert references(town, "anna") == []
    assert references(town, "anna", from_day=town.today) == [reference]
    assert references(town, "anna", from_day=town.today + 1) == []


def test_facts_hold_no_name_and_are_not_recorded_as_read(two):
    town, _, _ = two
    before = figures(town.operator)["journal.reads"]
    assert b"CANARI" not in table(town, "anna").SerializeToString()
    assert figures(town.operator)["journal.reads"] == before


def test_names_with_a_purpose_are_recorded_first(two):
    town, _, _ = two
    assert refused(town.client("anna"), tracking_table_get=dict(nominative=True)) == \
        ("field_missing", "purpose")
    assert refused(town.client("anna"), purpose="rien",
                   tracking_table_get=dict(nominative=True)) == ("list_value_unknown", "purpose")
    before = int(figures(town.operator)["journal.reads"])
    row, = table(town, "anna", purpose="suivi", nominative=True).rows
    assert row.title == "CANARI titre" and row.persons[0].identity.last_name == "CANARI"
    assert int(figures(town.operator)["journal.reads"]) == before + 1


def test_pages_lose_nothing(two):
    town, _, _ = two
    for _ in range(4):
        open_situation(town.client("anna"), town)
        open_situation(town.client("bruno"), town, territory="T2", district="Coteaux")
    whole = references(town, "helene")
    seen, before = [], 0
    while True:
        answer = table(town, "helene", before=before, limit=3)
        seen += [row.reference for row in answer.rows]
        if not answer.more:
            break
        before = answer.rows[-1].id
    assert seen == whole and len(set(seen)) == 10


def test_person_not_told_in_time_is_marked(stopped_town):
    town = stopped_town
    town.start(env=town.clock_env())
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    town.move_clock(days=15)
    assert not table(town, "anna").rows[0].not_informed
    town.move_clock(days=16)
    assert table(town, "anna").rows[0].not_informed
    do(anna, situation_inform=dict(id=situation, day=town.today, means="oral"))
    assert not table(town, "anna").rows[0].not_informed
