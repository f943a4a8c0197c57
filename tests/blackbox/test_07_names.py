"""Searching a name, and duplicates proposed."""
import pytest

from acts import do, figures, open_situation, person, receive, refused, show


def search(client, name, **more):
    return do(client, name_search=dict(name=name, **more)).search_answer


@pytest.fixture
def town(town):
    town.birth = town.today - 16 * 365
    town.situation, town.reference, town.saisine = open_situation(
        town.client("anna"), town, persons=[person("Lœffler-Muñoz", "Zoé", birth_day=town.birth)])
    return town


@pytest.mark.parametrize("name", [
    "Lœffler-Muñoz Zoé", "zoe loeffler munoz", "LOEFFLER-MUNOZ ZOE", "Zoé LŒFFLER MUÑOZ",
    "Zoe\u0301 Lœffler-Mun\u0303oz"])
def test_name_is_found_in_any_order_case_and_accents(town, name):
    found = search(town.client("anna"), name)
    assert [view.id for view in found.situations] == [town.situation]
    assert found.index_complete


def test_other_name_is_not_found(town):
    assert not search(town.client("anna"), "Marie Loeffler").situations


def test_other_birth_day_is_not_found(town):
    anna = town.client("anna")
    assert search(anna, "zoe loeffler munoz", birth_day=town.birth).situations
    assert not search(anna, "zoe loeffler munoz", birth_day=town.birth + 1).situations


def test_found_at_home_with_facts_but_without_names(town):
    view = search(town.client("anna"), "zoe loeffler munoz").situations[0]
    assert view.reference == town.reference and not view.persons and not view.title


def test_found_elsewhere_is_existence_and_whom_to_call(town):
    view = search(town.client("bruno"), "zoe loeffler munoz").situations[0]
    assert view.existence_only and view.call_agent == town.agents["anna"]
    assert not view.reference and not view.motives and not view.id


def test_saisine_not_followed_yet_is_found_at_home_and_not_elsewhere(town):
    anna = town.client("anna")
    waiting = receive(anna, town, persons=[person("Weiss", "Noé")])
    assert [saisine.id for saisine in search(anna, "weiss noe").saisines] == [waiting]
    elsewhere = search(town.client("bruno"), "weiss noe")
    assert not elsewhere.saisines and not elsewhere.situations


def test_search_is_journalled_even_when_nobody_is_found(town):
    before = int(figures(town.operator)["journal.reads"])
    search(town.client("anna"), "personne")
    assert int(figures(town.operator)["journal.reads"]) == before + 1


def test_search_needs_a_name(town):
    assert refused(town.client("anna"), name_search=dict(name=""))[0] in (
        "field_missing", "malformed")


def test_head_searches_with_a_purpose_only(town):
    helene = town.client("helene")
    assert refused(helene, name_search=dict(name="zoe loeffler munoz"))[0] == "purpose_missing"
    found = do(helene, purpose="supervision",
               name_search=dict(name="zoe loeffler munoz")).search_answer
    assert [view.id for view in found.situations] == [town.situation]


def test_names_are_found_again_after_a_restart(town):
    town.crash()
    found = search(town.client("anna"), "zoe loeffler munoz")
    for _ in range(1000):
        if found.index_complete:
            break
        found = search(town.client("anna"), "zoe loeffler munoz")
    assert [view.id for view in found.situations] == [town.situation]


def pairs(client):
    return [(pair.a, pair.b, pair.rule) for pair in do(
        client, duplicate_list=dict()).duplicate_answer.duplicates]


def test_same_name_otherwise_written_is_proposed(town):
    anna = town.client("anna")
    again = receive(anna, town, persons=[person("ZOE", "Loeffler Munoz")])
    assert pairs(anna) == [(town.saisine, again, "name")]


def test_same_name_with_another_birth_day_is_not_proposed(town):
    anna = town.client("anna")
    receive(anna, town, persons=[person("Lœffler-Muñoz", "Zoé", birth_day=town.birth + 1)])
    assert not pairs(anna)


def test_same_address_and_motive_within_60_days_is_proposed(town):
    anna = town.client("anna")
    first, second, third, fourth = (receive(
        anna, town, persons=None, place=place, motives=[motive],
        received_day=town.today - age) for place, motive, age in (
            ("12, rue de la Filature", "violences", 0),
            ("12 RUE DE LA FILATURE", "violences", 50),
            ("12 rue de la Filature", "incivilites", 0),
            ("12 rue de la Filature", "violences", 120)))
    assert pairs(anna) == [(first, second, "address")]
    assert third and fourth


def test_nothing_is_merged_by_a_proposal(town):
    anna = town.client("anna")
    again = receive(anna, town, persons=[person("Loeffler Munoz", "Zoe")])
    state = do(anna, saisine_get=dict(id=again)).saisine_answer.saisines[0]
    assert state.status == "received" and not state.situation
    assert list(show(anna, id=town.situation).saisines) == [town.saisine]


def test_pair_across_territories_shows_each_side_to_its_own(town):
    anna, bruno = town.client("anna"), town.client("bruno")
    receive(bruno, town, territory="T2", district="Coteaux",
            persons=[person("Loeffler Munoz", "Zoe")])
    hers = do(anna, duplicate_list=dict()).duplicate_answer.duplicates[0]
    his = do(bruno, duplicate_list=dict()).duplicate_answer.duplicates[0]
    assert hers.reference_a == town.reference and not hers.reference_b
    assert not his.reference_a and his.reference_b.startswith("AR-T2-")


def test_pair_found_by_a_row_after_a_restart(town):
    town.crash()
    anna = town.client("anna")
    again = receive(anna, town, persons=[person("Zoé", "Loeffler-Munoz")])
    assert pairs(anna) == [(town.saisine, again, "name")]
