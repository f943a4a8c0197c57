"""Receiving a saisine: what is required, what is closed, what is answered."""
import pytest

from acts import close, do, open_situation, person, receive, refused, sheet


def test_whole_sheet_is_received_with_a_number(town):
    reply = do(town.client("anna"), saisine_receive=sheet(town))
    assert reply.made[0].reference.startswith("AR-T1-")
    assert reply.made[0].id >> 8 == reply.seq


def test_numbers_of_a_territory_and_year_follow_each_other(town):
    anna = town.client("anna")
    numbers = [do(anna, saisine_receive=sheet(town)).made[0].reference for _ in range(3)]
    assert [int(number.rsplit("-", 1)[1]) for number in numbers] == [1, 2, 3]


def test_only_what_is_required_is_enough(town):
    anna = town.client("anna")
    made = do(anna, saisine_receive=sheet(town, channel=None, text=None, persons=None)).made[0]
    found = do(anna, saisine_get=dict(id=made.id)).saisine_answer.saisines[0]
    assert (found.urgency, found.channel, found.status) == ("courante", "inconnu", "received")


@pytest.mark.parametrize("field", ["received_day", "origin", "territory", "district", "nature",
                                   "motives"])
def test_missing_field_is_refused_by_name(town, field):
    # Without a territory there is no policy question to put to a coordinator: the assistant asks.
    name, found = refused(town.client("chloe"), saisine_receive=sheet(town, **{field: None}))
    assert (name, found) == ("field_missing", field)


@pytest.mark.parametrize("field,list_name", [
    ("origin", "origine"), ("nature", "nature"), ("channel", "canal"), ("urgency", "urgence")])
def test_value_outside_its_list_is_refused(town, field, list_name):
    name, found = refused(town.client("anna"), saisine_receive=sheet(town, **{field: "nulle"}))
    assert (name, found) == ("list_value_unknown", field)


def test_motive_outside_its_list_is_refused(town):
    assert refused(town.client("anna"), saisine_receive=sheet(
        town, motives=["errance", "nulle"])) == ("list_value_unknown", "motives")


def test_retired_value_is_refused_and_stays_readable(town):
    anna = town.client("anna")
    saisine = receive(anna, town, motives=["nuisances_sonores"])
    do(town.operator, list_value_set=dict(list="motif", code="nuisances_sonores",
                                          label_fr="nuisances sonores", retired=True))
    assert refused(anna, saisine_receive=sheet(town, motives=["nuisances_sonores"])) == (
        "list_value_retired", "motives")
    found = do(anna, saisine_get=dict(id=saisine)).saisine_answer.saisines[0]
    assert list(found.motives) == ["nuisances_sonores"]


def test_added_value_is_taken_without_a_restart(town):
    anna = town.client("anna")
    assert refused(anna, saisine_receive=sheet(town, motives=["trottinettes"]))[0] == \
        "list_value_unknown"
    do(town.operator, list_value_set=dict(list="motif", code="trottinettes",
                                          label_fr="trottinettes"))
    receive(anna, town, motives=["trottinettes"])


def test_unknown_territory_is_refused(town):
    assert refused(town.client("chloe"), saisine_receive=sheet(town, territory="T9")) == (
        "territory_unknown", "territory")


def test_unknown_district_is_refused(town):
    assert refused(town.client("anna"), saisine_receive=sheet(town, district="Nulle part")) == (
        "district_unknown", "district")


def test_district_of_another_territory_is_refused(town):
    assert refused(town.client("anna"), saisine_receive=sheet(town, district="Coteaux")) == (
        "district_unknown", "district")


def test_future_date_is_refused(town):
    assert refused(town.client("anna"), saisine_receive=sheet(
        town, received_day=town.today + 1)) == ("date_future", "received_day")


def test_day_that_does_not_exist_is_refused(town):
    name, field = refused(town.client("anna"), saisine_receive=sheet(town, received_day=-2**31))
    assert name == "malformed" and "received_day" in field


def test_birth_in_the_future_is_refused(town):
    assert refused(town.client("anna"), saisine_receive=sheet(
        town, persons=[person(birth_day=town.today + 1)])) == ("date_future",
                                                               "persons.birth_day")


def test_unknown_role_is_refused(town):
    assert refused(town.client("anna"), saisine_receive=sheet(
        town, persons=[person(role="suspect")])) == ("field_range", "persons.role")


def test_unknown_referrer_is_refused(town):
    assert refused(town.client("anna"), saisine_receive=sheet(
        town, referrer_partner=12345)) == ("partner_unknown", "referrer_partner")


def test_longest_text_is_taken_and_a_longer_one_is_not(town):
    anna = town.client("anna")
    receive(anna, town, text="é" * 500)
    name, field = refused(anna, saisine_receive=sheet(town, text="é" * 501))
    assert name in ("malformed", "field_too_long") and "text" in field


def test_age_band_and_sex_are_facts_of_individual_sheets_only(town):
    anna = town.client("anna")
    who = [person(birth_day=town.today - 14 * 366, sex="F")]
    individual, *_ = open_situation(anna, town, persons=who)
    family, *_ = open_situation(anna, town, nature="familiale", persons=who)
    views = {view.id: view for view in do(
        anna, situation_list=dict(territory="T1")).situation_answer.situations}
    assert (views[individual].age_band, views[individual].sex) == ("12-15", "F")
    assert (views[family].age_band, views[family].sex) == ("", "")


def test_list_of_saisines_is_the_reader_s_own(town):
    mine = receive(town.client("anna"), town)
    receive(town.client("bruno"), town, territory="T2", district="Coteaux")
    seen = do(town.client("anna"), saisine_list=dict()).saisine_answer.saisines
    assert [saisine.id for saisine in seen] == [mine]
    assert not seen[0].text and not seen[0].persons


def test_reading_a_saisine_gives_back_what_was_said(town):
    anna = town.client("anna")
    saisine = receive(anna, town, referrer="Mme Voisine", place="12 rue du Test")
    found = do(anna, saisine_get=dict(id=saisine, nominative=True)).saisine_answer.saisines[0]
    assert (found.text, found.referrer, found.place) == (
        "vu au pied de l’immeuble", "Mme Voisine", "12 rue du Test")
    assert found.persons[0].identity.last_name == "Durand"


def test_saisine_elsewhere_is_not_received_by_a_coordinator(town):
    name, _ = refused(town.client("bruno"), saisine_receive=sheet(town))
    assert name == "other_territory"


def test_saisine_unanswered_for_a_week_and_more_is_flagged(town):
    anna = town.client("anna")
    late = receive(anna, town, received_day=town.today - 15)
    fresh = receive(anna, town)
    flags = {saisine.id: saisine.overdue for saisine in do(
        anna, saisine_list=dict()).saisine_answer.saisines}
    assert flags == {late: True, fresh: False}


def test_saisine_answered_late_is_no_longer_flagged(town):
    anna = town.client("anna")
    situation, _, saisine = open_situation(anna, town, received_day=town.today - 15)
    close(anna, town, situation)
    assert not do(anna, saisine_get=dict(id=saisine)).saisine_answer.saisines[0].overdue
