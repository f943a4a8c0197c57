"""Who may sit in a meeting and what it may carry: each rule refuses by its name."""
import pytest

import meetings
from acts import CONTACT, block, close, do, open_situation, refused
from meetings import contact, get, meeting, partner, put, schedule


@pytest.fixture
def anna(town):
    return town.client("anna")


def invite(client, id, **people):
    return refused(client, meeting_invite=dict(id=id, **people))


def situation(town, client, **changes):
    return open_situation(client, town, **changes)[0]


def add(client, id, **fields):
    return refused(client, meeting_agenda_add=dict(id=id, **fields))


# --- who may sit ---

def test_contact_without_current_charter_is_refused_where_names_are_said(town, anna):
    of = partner(town)
    unsigned = contact(town, of, signed=False)
    old = contact(town, of, "Vieux", signed=False, charter_version=meetings.CHARTER,
                  charter_day=town.today - 3 * 366)
    other = contact(town, of, "Autre", signed=False, charter_version="v1",
                    charter_day=town.today - 30)
    for who in (unsigned, old, other):
        assert refused(anna, **meeting(town, "suivi", contacts=[who])) == (
            "charter_not_current", f"contact {who}")
    schedule(anna, town, "suivi", contacts=[contact(town, of, "Signe")])


def test_contact_without_charter_may_come_where_nothing_nominative_is_said(town, anna):
    who = contact(town, partner(town), signed=False)
    schedule(anna, town, "adhoc", contacts=[who], end_day=town.today + 90)


def test_inactive_and_unknown_contacts_are_refused(town, anna):
    gone = contact(town, partner(town), inactive=True)
    assert refused(anna, **meeting(town, "local", contacts=[gone])) == (
        "contact_inactive", f"contact {gone}")
    assert refused(anna, **meeting(town, "local", contacts=[77])) == (
        "contact_unknown", "contact 77")


def test_no_partner_sits_in_a_concertation(town, anna):
    who = contact(town, partner(town))
    assert refused(anna, **meeting(town, "concertation", contacts=[who])) == (
        "partner_agents_only", f"contact {who}")


def test_partner_of_another_territory_is_refused_in_local_and_follow_up_groups(town, anna):
    far = contact(town, partner(town, "Loin", territories=["T2"]))
    everywhere = contact(town, partner(town, "Partout", territories=[]))
    for instance in ("local", "suivi"):
        assert refused(anna, **meeting(town, instance, contacts=[far])) == (
            "partner_other_territory", f"contact {far}")
        schedule(anna, town, instance, contacts=[everywhere])


def test_only_institutional_partners_sit_in_the_institutional_group(town, anna):
    field = contact(town, partner(town))
    institution = contact(town, partner(town, "Parquet", "institutionnel", []))
    assert refused(anna, **meeting(town, "institutionnel", None, contacts=[field])) == (
        "partner_not_institutional", f"contact {field}")
    schedule(anna, town, "institutionnel", None, contacts=[institution])


def test_only_professionals_of_the_situation_sit_in_a_case_conference(town, anna):
    id = situation(town, anna)
    who = contact(town, partner(town))
    assert refused(anna, **meeting(town, "synthese", None, situation=id, contacts=[who])) == (
        "not_engaged_on_situation", f"contact {who}")
    emile = town.agents["emile"]
    assert refused(anna, **meeting(town, "synthese", None, situation=id, agents=[emile])) == (
        "not_engaged_on_situation", f"agent {emile}")
    schedule(anna, town, "synthese", None, situation=id, agents=[town.agents["anna"]])


def test_professionals_engaged_on_the_situation_sit_in_its_case_conference(town, anna):
    id, other = situation(town, anna), situation(town, anna)
    of = partner(town)
    who, colleague = contact(town, of), contact(town, of, "Second")
    emile = town.agents["emile"]
    do(anna, situation_engage=dict(id=id, contact=who))
    do(anna, situation_engage=dict(id=id, agent=emile))
    schedule(anna, town, "synthese", None, situation=id, contacts=[who], agents=[emile])
    assert refused(anna, **meeting(town, "synthese", None, situation=id,
                                   contacts=[colleague])) == (
        "not_engaged_on_situation", f"contact {colleague}")
    assert refused(anna, **meeting(town, "synthese", None, situation=other,
                                   contacts=[who])) == (
        "not_engaged_on_situation", f"contact {who}")


def test_whoever_has_left_the_situation_no_longer_sits_in_its_case_conference(town, anna):
    id = situation(town, anna)
    who = contact(town, partner(town))
    do(anna, situation_engage=dict(id=id, contact=who))
    held = schedule(anna, town, "synthese", None, days=0, situation=id, contacts=[who])
    do(anna, situation_disengage=dict(id=id, contact=who))
    assert refused(anna, **meeting(town, "synthese", None, situation=id, contacts=[who])) == (
        "not_engaged_on_situation", f"contact {who}")
    assert refused(anna, meeting_hold=dict(id=held, present_contacts=[who])) == (
        "not_engaged_on_situation", f"contact {who}")


def test_analysis_of_practice_has_one_person_from_outside(town, anna):
    of = partner(town)
    one, two = contact(town, of), contact(town, of, "Second")
    id = schedule(anna, town, "gap", None, day=far_from_august(town), contacts=[one])
    assert invite(anna, id, contacts=[two]) == ("supervisor_one", f"contact {two}")


def far_from_august(town):
    wanted = town.today + 7
    return wanted + 31 if meetings.iso(wanted)[5:7] == "08" else wanted


def test_agents_whose_function_never_reads_names_are_refused_where_they_are_said(town, anna):
    for name in ("chloe", "diane", "admin", "audrey"):
        who = town.agents[name]
        assert refused(anna, **meeting(town, "suivi", agents=[who])) == (
            "agent_never_nominative", f"agent {who}")
        schedule(anna, town, "institutionnel", None, agents=[who])


def test_agent_of_another_territory_is_refused_in_a_territory_s_group(town, anna):
    bruno = town.agents["bruno"]
    assert refused(anna, **meeting(town, "suivi", agents=[bruno])) == (
        "agent_other_territory", f"agent {bruno}")
    schedule(anna, town, "concertation", agents=[bruno])


def test_agent_without_habilitation_is_refused(town, anna):
    late = do(town.operator, agent_set=dict(
        last_name="Tard", function="coordinateur", territories=["T1"], habilitation_act="a",
        habilitation_from_day=town.today - 9, habilitation_to_day=town.today - 1)).made[0].id
    assert refused(anna, **meeting(town, "concertation", agents=[late])) == (
        "agent_not_habilitated", f"agent {late}")


def test_same_person_twice_is_refused(town, anna):
    me = town.agents["anna"]
    assert refused(anna, **meeting(town, agents=[me, me])) == ("exists", f"agent {me}")
    id = schedule(anna, town, agents=[me])
    assert invite(anna, id, agents=[me]) == ("exists", "attendees")


# --- at holding ---

def test_rules_stand_again_when_it_is_held(town, anna):
    of = partner(town)
    who = contact(town, of)
    id = schedule(anna, town, "suivi", days=0, contacts=[who])
    do(town.operator, contact_set=dict(id=who, partner=of, last_name="Roux", inactive=True))
    assert refused(anna, meeting_hold=dict(id=id, present_contacts=[who])) == (
        "contact_inactive", f"contact {who}")
    do(anna, meeting_hold=dict(id=id, absent_contacts=[who]))


def test_walk_in_is_checked_by_the_same_rules_and_marked(town, anna):
    unsigned = contact(town, partner(town), signed=False)
    signed = contact(town, partner(town, "Autre"))
    id = schedule(anna, town, "suivi", days=0, agents=[town.agents["anna"]])
    held = dict(id=id, present_agents=[town.agents["anna"]])
    assert refused(anna, meeting_hold=dict(held, present_contacts=[unsigned])) == (
        "charter_not_current", f"contact {unsigned}")
    do(anna, meeting_hold=dict(held, present_contacts=[signed]))
    assert [(one.agent, one.contact, one.outcome, one.walk_in) for one in
            get(anna, id).invited] == [(town.agents["anna"], 0, "present", False),
                                       (0, signed, "present", True)]


def test_each_one_invited_is_accounted_for(town, anna):
    id = schedule(anna, town, days=0, agents=[town.agents["anna"], town.agents["emile"]])
    assert refused(anna, meeting_hold=dict(id=id, present_agents=[town.agents["anna"]])) == (
        "attendance_incomplete", "attendance")
    assert refused(anna, meeting_hold=dict(
        id=id, present_agents=[town.agents["anna"]], excused_agents=[town.agents["emile"]],
        absent_agents=[town.agents["helene"]])) == ("not_on_list", "attendance")


# --- what may be carried ---

def test_individual_situation_never_goes_to_a_strategic_formation(town, anna):
    one = situation(town, anna)
    many = situation(town, anna, nature="collective")
    for instance in ("clspd_pleniere", "clspd_restreint"):
        id = schedule(anna, town, instance, None)
        for by_name in (False, True):
            assert add(anna, id, situation=one, by_name=by_name) == (
                "situation_strategic", "situation")
        assert add(anna, id, situation=many, by_name=True) == (
            "situation_by_number", "situation")
        put(anna, id, situation=many)


def test_institutional_group_carries_blocked_situations_by_number(town, anna):
    one = situation(town, anna)
    id = schedule(anna, town, "institutionnel", None)
    assert add(anna, id, situation=one) == ("situation_not_blocked", "situation")
    block(anna, town, one)
    assert add(anna, id, situation=one, by_name=True) == ("situation_by_number", "situation")
    put(anna, id, situation=one)


def test_local_group_names_collective_situations_only(town, anna):
    one, many = situation(town, anna), situation(town, anna, nature="collective")
    id = schedule(anna, town, "local")
    assert add(anna, id, situation=one, by_name=True) == ("situation_by_number", "situation")
    put(anna, id, situation=one)
    put(anna, id, situation=many, by_name=True)


def test_follow_up_group_names_situations_of_its_territory(town, anna):
    id = schedule(anna, town, "suivi")
    put(anna, id, situation=situation(town, anna), by_name=True)
    there = situation(town, town.client("bruno"), territory="T2", district="Coteaux")
    assert add(anna, id, situation=there, by_name=True) == (
        "situation_other_territory", "situation")


def test_concertation_names_what_all_who_come_may_read(town, anna):
    mine = situation(town, anna)
    alone = schedule(anna, town, "concertation", agents=[town.agents["anna"]])
    put(anna, alone, situation=mine, by_name=True)
    assert invite(anna, alone, agents=[town.agents["bruno"]]) == (
        "situation_out_of_scope", f"agent {town.agents['bruno']}")
    both = schedule(anna, town, "concertation",
                    agents=[town.agents["anna"], town.agents["bruno"]])
    assert add(anna, both, situation=mine, by_name=True) == (
        "situation_out_of_scope", "situation")
    put(anna, both, situation=mine)


def test_case_conference_is_about_one_situation(town, anna):
    one, other = situation(town, anna), situation(town, anna)
    assert refused(anna, **meeting(town, "synthese", None)) == ("field_missing", "situation")
    assert refused(anna, **meeting(town, "suivi", situation=one)) == (
        "situation_not_here", "situation")
    id = schedule(anna, town, "synthese", None, situation=one)
    assert get(anna, id).territory == "T1"
    assert add(anna, id, situation=other) == ("situation_not_the_one", "situation")
    put(anna, id, situation=one, by_name=True, text="point sur l’hébergement")


def test_working_group_carries_nothing_nominative(town, anna):
    one, many = situation(town, anna), situation(town, anna, nature="collective")
    assert refused(anna, **meeting(town, "adhoc", None)) == ("field_missing", "end_day")
    id = schedule(anna, town, "adhoc", None, end_day=town.today + 60)
    assert add(anna, id, situation=one) == ("situation_not_here", "situation")
    assert add(anna, id, situation=many, by_name=True) == ("situation_by_number", "situation")
    put(anna, id, text="calendrier du projet")


def test_analysis_of_practice_has_a_theme_and_no_link(town, anna):
    id = schedule(anna, town, "gap", None, day=far_from_august(town))
    assert add(anna, id, situation=situation(town, anna)) == ("situation_not_here", "situation")
    assert add(anna, id, text="le cas de Léa") == ("text_not_here", "text")
    assert add(anna, id, theme="lea") == ("list_value_unknown", "theme")
    put(anna, id, theme="pratiques")


def test_closed_situation_is_put_on_no_agenda(town, anna):
    one = situation(town, anna)
    close(anna, town, one)
    assert add(anna, schedule(anna, town), situation=one) == ("state_wrong", "situation")


# --- kinds of meeting ---

def kind(client, **fields):
    return refused(client, instance_set=dict(dict(
        code="cddf", attendance="restricted", content="need_to_know", charter_required=True),
        **fields))


def test_every_kind_of_the_design_is_there_from_the_start(town):
    kinds = do(town.client("anna"), instance_list={}).instance_answer.instances
    assert {one.code: (one.attendance, one.content, one.charter_required, one.strategic)
            for one in kinds} == {
        "institutionnel": ("institutional", "numbers", False, False),
        "local": ("territory", "collective", True, False),
        "suivi": ("restricted", "need_to_know", True, False),
        "concertation": ("agents", "agents", False, False),
        "synthese": ("engaged", "one_situation", True, False),
        "adhoc": ("any", "project", False, False),
        "gap": ("supervised", "theme", False, False),
        "clspd_pleniere": ("any", "numbers", False, True),
        "clspd_restreint": ("institutional", "numbers", False, True),
        "cddf": ("restricted", "need_to_know", True, False)}
    assert [(one.deadline_days, one.month_skipped) for one in kinds
            if one.code in ("synthese", "gap")] == [(0, 8), (10, 0)]


def test_a_town_sets_kinds_within_the_law(town):
    helene = town.client("helene")
    assert kind(helene, charter_required=False) == ("instance_unlawful", "charter_required")
    assert kind(helene, attendance="any") == ("instance_unlawful", "attendance")
    assert kind(helene, content="one_situation") == ("instance_unlawful", "attendance")
    assert kind(helene, strategic=True) == ("instance_unlawful", "content")
    assert kind(helene, code="clspd_pleniere", content="numbers") == (
        "instance_unlawful", "strategic")
    assert kind(helene, content="gossip") == ("field_range", "content")
    assert kind(helene, code="pique_nique") == ("list_value_unknown", "code")
    do(helene, list_value_set=dict(list="instance", code="pique_nique", label_fr="x"))
    assert refused(town.client("anna"), **meeting(town, "pique_nique")) == (
        "instance_unknown", "pique_nique")
    do(helene, instance_set=dict(code="pique_nique", attendance="any", content="project"))
    schedule(town.client("anna"), town, "pique_nique", None)


def test_kinds_are_not_set_by_those_they_bind(town):
    for name in ("anna", "emile", "chloe"):
        assert kind(town.client(name))[0] == "not_allowed"


# --- who sees ---

def test_coordinator_elsewhere_sees_what_she_is_invited_to(town, anna):
    bruno = town.client("bruno")
    open_one = schedule(anna, town, "concertation", agents=[town.agents["bruno"]])
    closed = schedule(anna, town, "concertation")
    assert [one.id for one in meetings.listed(bruno)] == [open_one]
    assert refused(bruno, meeting_get=dict(id=closed))[0] == "not_invited"
    assert refused(bruno, meeting_cancel=dict(id=open_one))[0] == "other_territory"
    assert refused(bruno, **meeting(town, "suivi"))[0] == "other_territory"


def test_assistant_convenes_and_reads_the_agenda_by_number(town, anna):
    chloe = town.client("chloe")
    one, reference, _ = open_situation(anna, town)
    id = schedule(chloe, town, "suivi", "T1", title="préparation", agents=[town.agents["anna"]])
    put(chloe, id, situation=one, by_name=True)
    put(anna, id, situation=one, by_name=True, text="voir la famille Durand")
    seen = get(chloe, id)
    assert [item.reference for item in seen.agenda] == [reference, reference]
    assert not seen.title and not any(item.text for item in seen.agenda)
    assert refused(chloe, meeting_get=dict(id=id, nominative=True))[0] == "nominative_never"
    full = get(anna, id, nominative=True)
    assert full.title == "préparation" and full.agenda[1].text == "voir la famille Durand"


def test_head_reads_texts_with_a_purpose(town, anna):
    helene = town.client("helene")
    id = schedule(anna, town, title="budget")
    assert refused(helene, meeting_get=dict(id=id, nominative=True))[0] == "purpose_missing"
    assert get(helene, id, purpose="supervision", nominative=True).title == "budget"


def test_contact_sees_his_own_meetings_and_nothing_of_the_others(town, anna):
    who = contact(town, partner(town))
    client = town.client_of(town.key_new({"kind": CONTACT, "id": who}, "roux"))
    one, reference, _ = open_situation(anna, town)
    mine = schedule(anna, town, "suivi", contacts=[who], agents=[town.agents["anna"]],
                    title="titre", place="Salle 2")
    put(anna, mine, situation=one, by_name=True, text="texte")
    other = schedule(anna, town, "suivi")
    seen, = meetings.listed(client)
    assert (seen.id, seen.place, seen.instance) == (mine, "Salle 2", "suivi")
    assert [item.reference for item in seen.agenda] == [reference]
    assert not seen.invited and not seen.title and not seen.agenda[0].text
    assert refused(client, meeting_get=dict(id=other))[0] == "not_invited"
    assert refused(client, meeting_get=dict(id=mine, nominative=True))[0] == "nominative_never"
