"""Persons of a situation, who works on it, and what it is linked to."""
import contextlib

import pytest

from acts import close, do, open_situation, person, receive, refused, show


@pytest.fixture
def town(town):
    town.situation, town.reference, town.saisine = open_situation(
        town.client("anna"), town, persons=[person("Durand", birth_day=town.today - 15 * 366)])
    return town


def search(client, name, **more):
    return do(client, name_search=dict(name=name, **more)).search_answer


def add(client, situation, last="Keller", **more):
    return do(client, situation_person_add=dict(
        id=situation, person=person(last, **more))).made[0].id


def names(view):
    return [(p.identity.last_name, p.role) for p in view.persons]


def notices(town, topic, act):
    """What an outside subscriber hears of `topic` because of act()."""
    follower = town.client("follower")
    start = do(follower, read_events=dict(audience="plugins")).events_answer.head.number
    with contextlib.closing(follower.events(after=start, timeout=20)) as events:
        act()
        for event in events:
            if event.topic == topic:
                return event.notice
    raise AssertionError(topic)


# --- persons ---

def test_person_added_is_read_and_found_by_name(town):
    anna = town.client("anna")
    assert not search(anna, "keller léa").situations
    made = add(anna, town.situation, role="victim", phone="0601020304", sex="F")
    found = show(anna, id=town.situation, nominative=True)
    assert names(found) == [("Durand", "concerned"), ("Keller", "victim")]
    assert found.persons[1].id == made and found.persons[1].sex == "F"
    assert not found.persons[1].identity.HasField("sex")
    assert [hit.id for hit in search(anna, "Léa KELLER").situations] == [town.situation]


def test_person_added_is_still_found_after_a_restart(town):
    anna = town.client("anna")
    add(anna, town.situation)
    town.crash()
    answer = search(town.client("anna"), "keller")
    assert answer.index_complete
    assert [hit.id for hit in answer.situations] == [town.situation]


def test_person_found_twice_is_one_situation(town):
    anna = town.client("anna")
    add(anna, town.situation, last="Durand")
    assert len(search(anna, "durand").situations) == 1


def test_person_elsewhere_is_known_to_exist_only(town):
    add(town.client("anna"), town.situation)
    hit, = search(town.client("bruno"), "keller").situations
    assert hit.existence_only and not hit.id and hit.call_agent == town.agents["anna"]


def test_person_needs_an_identity_and_a_known_role(town):
    anna = town.client("anna")
    base = dict(id=town.situation)
    assert refused(anna, situation_person_add=base) == ("field_missing", "person")
    assert refused(anna, situation_person_add=dict(base, person=dict(role="victim"))) == (
        "field_missing", "person.identity")
    assert refused(anna, situation_person_add=dict(base, person=person(role="boss"))) == (
        "field_range", "persons.role")
    assert refused(anna, situation_person_add=dict(
        base, person=person(birth_day=town.today + 1))) == ("date_future", "persons.birth_day")


@pytest.mark.parametrize("who,refusal", [("bruno", "other_territory"), ("helene", "not_allowed"),
                                         ("chloe", "not_allowed"), ("diane", "not_allowed")])
def test_person_is_added_by_who_works_there_only(town, who, refusal):
    assert refused(town.client(who), situation_person_add=dict(
        id=town.situation, person=person()))[0] == refusal


def test_person_of_a_closed_situation_stays(town):
    anna = town.client("anna")
    close(anna, town, town.situation)
    assert refused(anna, situation_person_add=dict(id=town.situation, person=person())) == (
        "state_wrong", "situation")


def test_person_added_gives_the_facts_of_an_individual_situation(town):
    anna = town.client("anna")
    bare, *_ = open_situation(anna, town, persons=None)
    assert not show(anna, id=bare).age_band
    add(anna, bare, role="witness", birth_day=town.today - 40 * 366)
    assert not show(anna, id=bare).age_band
    add(anna, bare, birth_day=town.today - 13 * 366, sex="M")
    facts = show(anna, id=bare)
    assert (facts.age_band, facts.sex) == ("12-15", "M")
    add(anna, bare, birth_day=town.today - 50 * 366, sex="F")
    facts = show(anna, id=bare)
    assert (facts.age_band, facts.sex) == ("12-15", "M")


def test_person_added_proposes_duplicates(town):
    anna = town.client("anna")
    other = receive(anna, town, persons=[person("Keller")])
    add(anna, town.situation)
    pair, = do(anna, duplicate_list=dict()).duplicate_answer.duplicates
    assert {pair.a, pair.b} == {other, town.saisine} and pair.rule == "name"


def test_saisine_about_a_person_added_proposes_the_situation(town):
    anna = town.client("anna")
    add(anna, town.situation)
    other = receive(anna, town, persons=[person("Keller")])
    pair, = do(anna, duplicate_list=dict()).duplicate_answer.duplicates
    assert {pair.a, pair.b} == {other, town.saisine}


@pytest.mark.parametrize("added", [False, True])
def test_person_corrected_is_found_by_the_right_name_only(town, added):
    anna = town.client("anna")
    who = add(anna, town.situation, last="Durand") if added else show(
        anna, id=town.situation, nominative=True).persons[0].id
    do(anna, situation_person_correct=dict(
        id=town.situation, person=who, role="relative", sex="F",
        identity=dict(last_name="Muller", first_name="Zoé")))
    found = {p.id: p for p in show(anna, id=town.situation, nominative=True).persons}[who]
    assert (found.identity.last_name, found.role, found.sex) == ("Muller", "relative", "F")
    assert search(anna, "muller zoé").situations
    assert bool(search(anna, "durand").situations) == added
    town.crash()
    assert search(town.client("anna"), "muller").situations
    assert bool(search(town.client("anna"), "durand").situations) == added


def test_person_correction_keeps_what_is_absent(town):
    anna = town.client("anna")
    who = add(anna, town.situation, phone="0601020304", sex="M")
    do(anna, situation_person_correct=dict(id=town.situation, person=who, role="witness"))
    do(anna, situation_person_correct=dict(id=town.situation, person=who, sex="F"))
    found = show(anna, id=town.situation, nominative=True).persons[1]
    assert (found.identity.phone, found.role, found.sex) == ("0601020304", "witness", "F")


def test_identity_correction_keeps_what_is_absent_and_drops_what_is_empty(town):
    anna = town.client("anna")
    who = add(anna, town.situation, phone="0601020304", birth_day=town.today - 15 * 366)
    do(anna, situation_person_correct=dict(id=town.situation, person=who, identity=dict(
        first_name="Zoé", phone="")))
    found = show(anna, id=town.situation, nominative=True).persons[1].identity
    assert (found.last_name, found.first_name, found.phone, found.birth_day) == (
        "Keller", "Zoé", "", town.today - 15 * 366)


@pytest.mark.parametrize("added", [False, True])
def test_person_corrected_proposes_duplicates(town, added):
    anna = town.client("anna")
    other = receive(anna, town, persons=[person("Muller")])
    who = add(anna, town.situation, last="Durant") if added else show(
        anna, id=town.situation, nominative=True).persons[0].id
    assert not do(anna, duplicate_list=dict()).duplicate_answer.duplicates
    reply = do(anna, situation_person_correct=dict(
        id=town.situation, person=who, identity=dict(last_name="Muller")))
    pair, = do(anna, duplicate_list=dict()).duplicate_answer.duplicates
    assert {pair.a, pair.b} == {other, town.saisine}
    assert list(reply.warnings) == ["duplicate_proposed"]


def test_birth_date_corrected_corrects_the_age_band(town):
    anna = town.client("anna")
    who = show(anna, id=town.situation, nominative=True).persons[0].id
    assert show(anna, id=town.situation).age_band == "12-15"
    do(anna, situation_person_correct=dict(id=town.situation, person=who, identity=dict(
        last_name="Durand", birth_day=town.today - 30 * 366)))
    assert show(anna, id=town.situation).age_band == "gt25"


def test_person_correction_refusals(town):
    anna = town.client("anna")
    who = show(anna, id=town.situation, nominative=True).persons[0].id
    other, *_ = open_situation(anna, town)
    base = dict(id=town.situation, person=who)
    assert refused(anna, situation_person_correct=base) == ("field_missing", "identity")
    assert refused(anna, situation_person_correct=dict(base, role="boss")) == (
        "field_range", "persons.role")
    assert refused(anna, situation_person_correct=dict(base, id=other, role="victim")) == (
        "absent", "person")


def test_erased_person_is_found_no_more(town):
    anna, helene = town.client("anna"), town.client("helene")
    add(anna, town.situation)
    close(anna, town, town.situation)
    assert search(anna, "keller").situations
    do(helene, situation_erase=dict(id=town.situation, reason="droits"))
    assert not search(anna, "keller").situations
    town.crash()
    assert not search(town.client("anna"), "keller").situations


# --- engagements ---

@pytest.fixture
def lycee(town):
    town.partner = do(town.operator, partner_set=dict(
        name="Lycée", family="institutionnel", kind="education")).made[0].id
    town.contact = do(town.operator, contact_set=dict(
        partner=town.partner, last_name="Proviseur")).made[0].id
    return town


def engaged(view):
    """(kind, id) of who is engaged now."""
    return {(e.kind, e.contact or e.agent or e.partner) for e in view.engagements
            if not e.HasField("until_day")}


def test_contact_is_engaged_with_the_partner(lycee):
    town, anna = lycee, lycee.client("anna")
    do(anna, situation_engage=dict(id=town.situation, contact=town.contact, role="referent"))
    view = show(anna, id=town.situation)
    assert engaged(view) == {(6, town.partner), (7, town.contact)}
    assert {e.partner for e in view.engagements} == {town.partner}
    assert all(e.since_day == town.today for e in view.engagements)


def test_partner_that_leaves_takes_its_professionals_along(lycee):
    town, anna = lycee, lycee.client("anna")
    do(anna, situation_engage=dict(id=town.situation, contact=town.contact))
    do(anna, situation_disengage=dict(id=town.situation, partner=town.partner))
    view = show(anna, id=town.situation)
    assert not engaged(view) and len(view.engagements) == 2
    do(anna, situation_engage=dict(id=town.situation, partner=town.partner))
    assert engaged(show(anna, id=town.situation)) == {(6, town.partner)}


def test_professional_may_leave_alone(lycee):
    town, anna = lycee, lycee.client("anna")
    do(anna, situation_engage=dict(id=town.situation, contact=town.contact))
    do(anna, situation_disengage=dict(id=town.situation, contact=town.contact))
    assert engaged(show(anna, id=town.situation)) == {(6, town.partner)}


def test_engagement_refusals(lycee):
    town, anna = lycee, lycee.client("anna")
    base = dict(id=town.situation)
    for more, expected in (
            ({}, ("field_missing", "partner")),
            (dict(partner=town.partner, contact=town.contact), ("field_range", "partner")),
            (dict(partner=99), ("partner_unknown", "partner")),
            (dict(contact=99), ("contact_unknown", "contact")),
            (dict(agent=99), ("agent_unknown", "agent")),
            (dict(partner=town.partner, role="chef"), ("list_value_unknown", "role")),
            (dict(partner=town.partner, since_day=town.today + 1),
             ("date_future", "since_day"))):
        assert refused(anna, situation_engage=dict(base, **more)) == expected, more
    assert refused(anna, situation_disengage=dict(base, partner=town.partner)) == (
        "absent", "engagement")
    do(anna, situation_engage=dict(base, partner=town.partner, since_day=town.today - 5))
    assert refused(anna, situation_engage=dict(base, partner=town.partner)) == (
        "exists", "engagement")
    assert refused(anna, situation_disengage=dict(
        base, partner=town.partner, until_day=town.today - 6)) == ("date_order", "until_day")
    assert refused(town.client("bruno"), situation_engage=dict(
        base, partner=town.partner))[0] == "other_territory"
    do(town.operator, contact_set=dict(id=town.contact, partner=town.partner,
                                       last_name="Proviseur", inactive=True))
    assert refused(anna, situation_engage=dict(base, contact=town.contact)) == (
        "state_wrong", "contact")


def test_educator_engaged_reads_and_no_longer_when_he_leaves(stopped_town):
    town = stopped_town
    town.configure('policy = { educator_engaged_territories = [ "T1" ]; };\n')
    town.start()
    anna, emile = town.client("anna"), town.client("emile")
    hers, _, saisine = open_situation(anna, town, title="La sienne")
    read = dict(situation_get=dict(id=hers, nominative=True))
    assert refused(emile, **read)[0] == "not_engaged"
    assert refused(emile, saisine_get=dict(id=saisine, nominative=True))[0] == "not_engaged"
    do(anna, situation_engage=dict(id=hers, agent=town.agents["emile"]))
    assert show(emile, id=hers, nominative=True).title == "La sienne"
    do(emile, saisine_get=dict(id=saisine, nominative=True))
    do(anna, situation_disengage=dict(id=hers, agent=town.agents["emile"]))
    assert refused(emile, **read)[0] == "not_engaged"


# --- links ---

@pytest.fixture
def two(town):
    """One situation of Anna's, one of Bruno's, linked by Anna."""
    town.his, town.his_reference, _ = open_situation(
        town.client("bruno"), town, territory="T2", district="Coteaux")
    town.link = do(town.client("anna"), situation_link=dict(
        a=town.situation, b=town.his, kind="fratrie")).made[0].id
    return town


def test_link_elsewhere_shows_existence_only(two):
    for name, own in (("anna", two.situation), ("bruno", two.his)):
        link, = show(two.client(name), id=own).links
        other = "T2" if name == "anna" else "T1"
        assert link.existence_only and link.territory == other and link.kind == "fratrie"
        assert not link.reference and not link.situation and not link.status
        assert link.call_agent == two.agents["bruno" if name == "anna" else "anna"]


def test_link_shows_facts_to_who_has_them(two):
    link, = show(two.client("helene"), id=two.situation).links
    assert (link.situation, link.reference) == (two.his, two.his_reference)
    assert not link.existence_only


def test_link_is_ended_from_either_side(two):
    do(two.client("bruno"), situation_unlink=dict(a=two.his, link=two.link))
    assert not show(two.client("anna"), id=two.situation).links
    do(two.client("anna"), situation_link=dict(a=two.situation, b=two.his, kind="groupe"))
    do(two.client("anna"), situation_unlink=dict(a=two.situation, b=two.his))
    assert not show(two.client("bruno"), id=two.his).links


def test_link_refusals(two):
    anna = two.client("anna")
    base = dict(a=two.situation, b=two.his)
    assert refused(anna, situation_link=dict(base, kind="fratrie")) == ("exists", "link")
    assert refused(anna, situation_link=base) == ("field_missing", "kind")
    assert refused(anna, situation_link=dict(base, kind="voisins")) == (
        "list_value_unknown", "kind")
    assert refused(anna, situation_link=dict(base, b=two.situation, kind="groupe")) == (
        "field_range", "b")
    assert refused(anna, situation_link=dict(base, b=99, kind="groupe")) == ("absent", "b")
    assert refused(anna, situation_link=dict(a=two.his, b=two.situation, kind="groupe"))[0] == \
        "other_territory"
    assert refused(anna, situation_unlink=dict(a=two.situation)) == ("field_missing", "b")
    assert refused(anna, situation_unlink=dict(a=two.situation, link=99)) == ("absent", "link")


def test_link_goes_with_an_erased_situation(two):
    bruno = two.client("bruno")
    close(bruno, two, two.his)
    do(two.client("helene"), situation_erase=dict(id=two.his, reason="droits"))
    assert refused(two.client("anna"), situation_link=dict(
        a=two.situation, b=two.his, kind="groupe")) == ("erased", "b")


# --- on the bus ---

def test_events_are_heard_without_names(lycee):
    town, anna = lycee, lycee.client("anna")
    heard = notices(town, "situation.person_added", lambda: add(
        anna, town.situation, last="CANARI", role="victim"))
    assert heard.id == town.situation and b"CANARI" not in heard.SerializeToString()
    assert b"victim" not in heard.SerializeToString()
    who = show(anna, id=town.situation, nominative=True).persons[0].id
    heard = notices(town, "situation.person_corrected", lambda: do(
        anna, situation_person_correct=dict(id=town.situation, person=who, identity=dict(
            last_name="CANARI"))))
    assert heard.id == town.situation and b"CANARI" not in heard.SerializeToString()
    heard = notices(town, "situation.engaged", lambda: do(
        anna, situation_engage=dict(id=town.situation, partner=town.partner)))
    assert (heard.id, heard.other, heard.day) == (town.situation, town.partner, town.today)
    heard = notices(town, "situation.disengaged", lambda: do(
        anna, situation_disengage=dict(id=town.situation, partner=town.partner)))
    assert (heard.id, heard.other) == (town.situation, town.partner)
    other, *_ = open_situation(anna, town)
    heard = notices(town, "situation.linked", lambda: do(
        anna, situation_link=dict(a=town.situation, b=other, kind="fratrie")))
    assert (heard.id, heard.other) == (town.situation, other) and not heard.code
    heard = notices(town, "situation.unlinked", lambda: do(
        anna, situation_unlink=dict(a=town.situation, b=other)))
    assert (heard.id, heard.other) == (town.situation, other)


# --- merged situations ---

def test_persons_partners_and_links_follow_a_merge(lycee):
    town, anna = lycee, lycee.client("anna")
    third, *_ = open_situation(anna, town, persons=None)
    other, _, second = open_situation(anna, town, persons=[
        person("Durand", birth_day=town.today - 15 * 366)])
    add(anna, town.situation, last="Weber")
    add(anna, other, last="Keller")
    do(anna, situation_engage=dict(id=other, contact=town.contact))
    do(anna, situation_link=dict(a=other, b=third, kind="groupe"))
    do(anna, situation_link=dict(a=other, b=town.situation, kind="fratrie"))
    do(anna, duplicate_decide=dict(a=town.saisine, b=second, outcome="merge"))
    whole = show(anna, id=town.situation, nominative=True)
    assert {name for name, _ in names(whole)} == {"Durand", "Weber", "Keller"}
    assert engaged(whole) == {(6, town.partner), (7, town.contact)}
    assert [(link.situation, link.kind) for link in whole.links] == [(third, "groupe")]
    assert [link.situation for link in show(anna, id=third).links] == [town.situation]
    assert [hit.id for hit in search(anna, "keller").situations] == [town.situation]
    town.crash()
    anna = town.client("anna")
    assert [hit.id for hit in search(anna, "keller").situations] == [town.situation]
    assert refused(anna, situation_engage=dict(id=other, partner=town.partner))[0] == "merged"
