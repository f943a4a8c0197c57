"""Entries of a situation's timeline, and the kinds the law says more of."""
import pytest

from acts import DAY_US, close, do, open_situation, person, refused, show


def entry(town, situation, kind="contact", **more):
    return dict(situation_add_entry=dict({"id": situation, "kind": kind, "day": town.today},
                                         **more))


@pytest.fixture
def minor(town):
    return open_situation(town.client("anna"), town, persons=[
        person(birth_day=town.today - 15 * 366)])[0]


@pytest.fixture
def adult(town):
    return open_situation(town.client("anna"), town, persons=[
        person(birth_day=town.today - 30 * 366)])[0]


def test_entry_is_kept_with_its_author_and_text(town, adult):
    anna = town.client("anna")
    made = do(anna, **entry(town, adult, text="appelé la mère", result="realisee")).made[0]
    found = show(anna, id=adult, nominative=True)
    assert [(e.id, e.text, e.author, e.result) for e in found.entries] == [
        (made.id, "appelé la mère", town.agents["anna"], "realisee")]
    assert show(anna, id=adult).entry_count == 1


def test_entry_needs_kind_and_day(town, adult):
    anna = town.client("anna")
    assert refused(anna, situation_add_entry=dict(id=adult, day=town.today)) == (
        "field_missing", "kind")
    assert refused(anna, situation_add_entry=dict(id=adult, kind="contact")) == (
        "field_missing", "day")


def test_entry_of_tomorrow_is_refused(town, adult):
    assert refused(town.client("anna"), **entry(town, adult, day=town.today + 1)) == (
        "date_future", "day")


def test_entry_values_are_of_their_lists(town, adult):
    anna = town.client("anna")
    assert refused(anna, **entry(town, adult, kind="telepathie")) == (
        "list_value_unknown", "kind")
    assert refused(anna, **entry(town, adult, result="parfaite")) == (
        "list_value_unknown", "result")
    assert refused(anna, **entry(town, adult, partner=8)) == ("partner_unknown", "partner")


def test_reminder_of_a_minor_without_representatives_is_refused(town, minor):
    assert refused(town.client("anna"), **entry(town, minor, "rappel_ordre"))[0] == \
        "minor_representatives"


def test_reminder_of_a_minor_with_representatives_absent_is_refused_without_why(town, minor):
    assert refused(town.client("anna"), **entry(
        town, minor, "rappel_ordre", representatives_present=False))[0] == \
        "minor_representatives"


def test_reminder_of_a_minor_with_representatives_is_taken(town, minor):
    do(town.client("anna"), **entry(town, minor, "rappel_ordre", representatives_present=True))


def test_reminder_of_a_minor_with_the_reason_of_absence_is_taken(town, minor):
    anna = town.client("anna")
    do(anna, **entry(town, minor, "rappel_ordre", representatives_absent_why="hospitalisée"))
    found = show(anna, id=minor, nominative=True).entries[0]
    assert found.representatives_absent_why == "hospitalisée"


def test_reminder_of_an_adult_needs_no_representatives(town, adult):
    do(town.client("anna"), **entry(town, adult, "rappel_ordre"))


def test_transmission_needs_its_instant_and_the_mayor_told_or_not(town, minor):
    anna = town.client("anna")
    for more in ({}, dict(transmitted_us=DAY_US), dict(mayor_informed=True)):
        assert refused(anna, **entry(town, minor, "transmission_pcd", **more))[0] == \
            "transmission_incomplete"
    do(anna, **entry(town, minor, "transmission_pcd", mayor_informed=False,
                     transmitted_us=town.today * DAY_US))


def test_orientation_names_a_kind_of_partner(town, adult):
    anna = town.client("anna")
    assert refused(anna, **entry(town, adult, "orientation")) == (
        "field_missing", "oriented_to")
    do(anna, **entry(town, adult, "orientation", oriented_to="education"))
    assert show(anna, id=adult, nominative=True).entries[0].oriented_to == "education"


def test_closed_situation_takes_no_entry(town, adult):
    anna = town.client("anna")
    close(anna, town, adult)
    assert refused(anna, **entry(town, adult)) == ("state_wrong", "situation")
