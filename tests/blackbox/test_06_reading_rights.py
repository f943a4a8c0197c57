"""Who may know what: each function, each condition."""
import pytest

from acts import close, do, figures, open_situation, person, receive, refused, sheet, show
from acts import AGENT, CONTACT


@pytest.fixture
def town(town):
    town.situation, town.reference, town.saisine = open_situation(
        town.client("anna"), town, title="Titre", text="texte")
    return town


def existence_only(town, view):
    return view.existence_only and view.territory == "T1" and \
        view.call_agent == town.agents["anna"] and len(view.ListFields()) == 3


def test_coordinator_reads_her_own(town):
    found = show(town.client("anna"), id=town.situation, nominative=True)
    assert found.title == "Titre" and found.persons[0].identity.last_name == "Durand"


def test_facts_are_without_names_even_for_her(town):
    found = show(town.client("anna"), id=town.situation)
    assert not found.title and not found.persons and found.reference == town.reference


@pytest.mark.parametrize("nominative", [False, True])
def test_elsewhere_only_existence_and_whom_to_call(town, nominative):
    bruno = town.client("bruno")
    assert existence_only(town, show(bruno, id=town.situation, nominative=nominative))
    assert existence_only(town, show(bruno, reference=town.reference, nominative=nominative))


def test_elsewhere_is_not_listed(town):
    assert not do(town.client("bruno"), situation_list=dict()).situation_answer.situations
    assert refused(town.client("bruno"), situation_list=dict(territory="T1"))[0] == \
        "other_territory"


def test_saisine_elsewhere_is_refused_whole(town):
    assert refused(town.client("bruno"), saisine_get=dict(id=town.saisine))[0] == \
        "other_territory"


def lend(town, first, last, to="bruno"):
    return do(town.client("helene"), delegation_grant=dict(
        territory="T1", to_agent=town.agents[to], from_day=town.today + first,
        to_day=town.today + last)).made[0].id


def test_delegation_opens_the_territory_while_it_holds(town):
    bruno = town.client("bruno")
    lend(town, 0, 0)
    assert show(bruno, id=town.situation, nominative=True).title == "Titre"
    assert [view.id for view in do(
        bruno, situation_list=dict()).situation_answer.situations] == [town.situation]


def test_delegation_to_come_opens_nothing(town):
    lend(town, 1, 9)
    assert existence_only(town, show(town.client("bruno"), id=town.situation, nominative=True))


def test_delegation_ended_opens_nothing(town):
    bruno = town.client("bruno")
    delegation = lend(town, 0, 9)
    assert show(bruno, id=town.situation, nominative=True).title == "Titre"
    do(town.client("helene"), delegation_end=dict(id=delegation))
    assert existence_only(town, show(bruno, id=town.situation, nominative=True))


def test_delegation_refusals(town):
    helene = town.client("helene")
    grant = dict(territory="T1", to_agent=town.agents["bruno"], from_day=town.today,
                 to_day=town.today)
    for change, expected in (
            (dict(territory="T9"), ("territory_unknown", "territory")),
            (dict(to_agent=3), ("agent_unknown", "to_agent")),
            (dict(from_day=town.today + 1), ("date_order", "to_day")),
            (dict(from_day=town.today - 2, to_day=town.today - 1), ("date_order", "to_day"))):
        assert refused(helene, delegation_grant=dict(grant, **change)) == expected
    assert refused(town.client("anna"), delegation_grant=grant)[0] == "not_allowed"


@pytest.mark.parametrize("first,last", [(-20, -1), (1, 20)])
def test_outside_the_habilitation_everything_is_refused(town, first, last):
    anna = town.client("anna")
    do(town.client("helene"), agent_set=dict(
        id=town.agents["anna"], last_name="anna", function="coordinateur", territories=["T1"],
        habilitation_act="acte", habilitation_from_day=town.today + first,
        habilitation_to_day=town.today + last))
    for fields in (dict(situation_list=dict()), dict(name_search=dict(name="x")),
                   dict(saisine_receive=sheet(town)), dict(reference_list=dict()),
                   dict(situation_get=dict(id=town.situation, nominative=True))):
        assert refused(anna, **fields)[0] == "habilitation_missing"


@pytest.mark.parametrize("first,last", [(-20, 0), (0, 20), (0, 0)])
def test_both_days_of_the_habilitation_count(town, first, last):
    do(town.client("helene"), agent_set=dict(
        id=town.agents["anna"], last_name="anna", function="coordinateur", territories=["T1"],
        habilitation_act="acte", habilitation_from_day=town.today + first,
        habilitation_to_day=town.today + last))
    assert show(town.client("anna"), id=town.situation, nominative=True).title == "Titre"


def test_educator_reads_his_territory(town):
    assert show(town.client("emile"), id=town.situation, nominative=True).title == "Titre"


def test_educator_reads_only_where_engaged_when_the_territory_says_so(stopped_town):
    town = stopped_town
    town.configure('policy = { educator_engaged_territories = [ "T1" ]; };\n')
    town.start()
    anna, emile = town.client("anna"), town.client("emile")
    hers, *_ = open_situation(anna, town)
    his, *_ = open_situation(anna, town, title="Le sien", lead_agent=town.agents["emile"])
    assert refused(emile, situation_get=dict(id=hers, nominative=True))[0] == "not_engaged"
    assert show(emile, id=his, nominative=True).title == "Le sien"


def test_assistant_reads_what_she_typed(town):
    chloe = town.client("chloe")
    mine = receive(chloe, town, text="dit au téléphone")
    found = do(chloe, saisine_get=dict(id=mine, nominative=True)).saisine_answer.saisines[0]
    assert found.text == "dit au téléphone"


def test_assistant_lists_what_she_typed_in_any_territory(town):
    chloe = town.client("chloe")
    mine = {receive(chloe, town), receive(chloe, town, territory="T2", district="Coteaux")}
    seen = do(chloe, saisine_list=dict()).saisine_answer.saisines
    assert {saisine.id for saisine in seen} == mine


def test_assistant_reads_nothing_else(town):
    chloe = town.client("chloe")
    assert refused(chloe, saisine_get=dict(id=town.saisine, nominative=True))[0] == \
        "nominative_never"
    assert refused(chloe, name_search=dict(name="Durand"))[0] == "nominative_never"
    assert refused(chloe, situation_list=dict())[0] == "not_allowed"


def test_assistant_no_longer_reads_after_24_hours(stopped_town):
    town = stopped_town
    town.start(town.clock_env())
    chloe = town.client("chloe")
    mine = receive(chloe, town)
    town.move_clock(days=0.99)
    do(chloe, saisine_get=dict(id=mine, nominative=True))
    town.move_clock(days=1.001)
    assert refused(chloe, saisine_get=dict(id=mine, nominative=True))[0] == "typed_long_ago"
    assert not do(chloe, saisine_list=dict()).saisine_answer.saisines


def test_head_reads_with_a_purpose_only(town):
    helene = town.client("helene")
    read = dict(situation_get=dict(id=town.situation, nominative=True))
    assert refused(helene, **read)[0] == "purpose_missing"
    assert refused(helene, purpose="curiosite", **read) == ("list_value_unknown", "purpose")
    assert show(helene, id=town.situation, nominative=True, purpose="supervision").title == \
        "Titre"


def test_head_sees_facts_of_all_territories(town):
    open_situation(town.client("bruno"), town, territory="T2", district="Coteaux")
    seen = do(town.client("helene"), situation_list=dict()).situation_answer.situations
    assert {view.territory for view in seen} == {"T1", "T2"}
    assert not any(view.title or view.persons for view in seen)


def test_head_does_not_work_on_a_sheet(town):
    assert refused(town.client("helene"), situation_set_status=dict(
        id=town.situation, status="suivi"))[0] == "not_allowed"


@pytest.mark.parametrize("name", ["diane", "admin", "audrey"])
def test_functions_without_contents_have_none(town, name):
    client = town.client(name)
    assert refused(client, situation_get=dict(id=town.situation, nominative=True))[0] == \
        "nominative_never"
    assert refused(client, situation_list=dict())[0] == "not_allowed"
    assert refused(client, saisine_receive=sheet(town))[0] == "not_allowed"
    figures(client)


def test_operator_never_has_contents(town):
    for fields in (dict(situation_get=dict(id=town.situation)), dict(situation_list=dict()),
                   dict(situation_get=dict(id=town.situation, nominative=True)),
                   dict(saisine_list=dict()), dict(saisine_get=dict(id=town.saisine)),
                   dict(name_search=dict(name="Durand")), dict(saisine_receive=sheet(town)),
                   dict(duplicate_list=dict()), dict(read_events=dict(audience="plugins"))):
        assert refused(town.operator, **fields)[0] == "operator_no_contents", fields


def test_plugin_has_what_is_granted_and_no_more(stopped_town):
    town = stopped_town
    town.grant("courrier", ["situation.list", "reference.read"])
    town.start()
    situation, *_ = open_situation(town.client("anna"), town)
    plugin = town.plugin("courrier")
    assert [view.id for view in do(
        plugin, situation_list=dict()).situation_answer.situations] == [situation]
    for fields in (dict(status_get=dict()), dict(read_events=dict(audience="plugins")),
                   dict(saisine_receive=sheet(town))):
        assert refused(plugin, **fields)[0] == "capability_missing"
    assert refused(plugin, situation_get=dict(id=situation, nominative=True))[0] == \
        "nominative_never"


def test_plugin_with_the_action_but_not_the_audience_reads_no_events(stopped_town):
    town = stopped_town
    town.grant("courrier", ["events.read"])
    town.start()
    assert refused(town.plugin("courrier"), read_events=dict(audience="plugins"))[0] == \
        "capability_missing"


def test_grant_of_names_changes_nothing(stopped_town):
    town = stopped_town
    town.grant("courrier", ["situation.read", "name.search", "key.manage", "situation.erase"])
    town.start()
    situation, *_ = open_situation(town.client("anna"), town)
    plugin = town.plugin("courrier")
    assert refused(plugin, situation_get=dict(id=situation, nominative=True))[0] == \
        "nominative_never"
    assert refused(plugin, name_search=dict(name="Durand"))[0] == "nominative_never"
    assert refused(plugin, situation_erase=dict(id=situation, reason="droits"))[0] == \
        "not_allowed"


def contact(town, **more):
    partner = do(town.operator, partner_set=dict(name="Lycée", family="institutionnel",
                                                 kind="education")).made[0].id
    made = do(town.operator, contact_set=dict({
        "partner": partner, "last_name": "Proviseur", "charter_version": "v3",
        "charter_day": town.today - 10}, **more)).made[0].id
    return partner, town.client_of(town.key_new(dict(kind=CONTACT, id=made)))


def test_contact_sees_the_state_of_the_saisines_of_the_partner(town):
    partner, client = contact(town)
    theirs = receive(town.client("anna"), town, origin="institutionnel",
                     referrer_partner=partner)
    seen = do(client, saisine_list=dict()).saisine_answer.saisines
    assert [(saisine.id, saisine.status) for saisine in seen] == [(theirs, "received")]
    assert not seen[0].motives and not seen[0].district


def test_contact_sees_no_other_saisine_and_no_names(town):
    partner, client = contact(town)
    theirs = receive(town.client("anna"), town, referrer_partner=partner)
    assert refused(client, saisine_get=dict(id=theirs, nominative=True))[0] == \
        "nominative_never"
    assert refused(client, saisine_get=dict(id=town.saisine))[0] == "not_allowed"
    assert refused(client, situation_get=dict(id=town.situation))[0] in (
        "not_allowed", "nominative_never")


def test_contact_needs_a_current_charter(town):
    for more in (dict(charter_version="v2"), dict(charter_day=town.today - 3 * 366)):
        assert refused(contact(town, **more)[1], saisine_list=dict())[0] == \
            "charter_not_current"


def test_inactive_contact_is_refused(town):
    assert refused(contact(town, inactive=True)[1], saisine_list=dict())[0] == \
        "contact_inactive"


def test_explaining_says_what_was_looked_at(town):
    asked = do(town.operator, policy_explain=dict(
        principal=dict(kind=AGENT, id=town.agents["bruno"]), action="situation.read",
        territory="T1")).policy_answer
    assert not asked.allowed and asked.reason == "other_territory"
    assert "habilitation: in force" in asked.trail


def test_reads_of_names_and_refusals_are_counted_in_the_journal(town):
    before = figures(town.operator)
    show(town.client("anna"), id=town.situation, nominative=True)
    refused(town.client("chloe"), name_search=dict(name="Durand"))
    after = figures(town.operator)
    assert int(after["journal.reads"]) == int(before["journal.reads"]) + 1
    assert int(after["journal.refusals"]) == int(before["journal.refusals"]) + 1


def test_reads_of_facts_leave_no_entry(town):
    before = figures(town.operator)
    show(town.client("anna"), id=town.situation)
    assert figures(town.operator)["journal.entries"] == before["journal.entries"]


def test_nominative_reply_names_the_entry_that_stands_for_it(town):
    head = int(figures(town.operator)["journal.entries"])
    reply = do(town.client("anna"), situation_get=dict(id=town.situation, nominative=True))
    assert reply.seq == head + 1


def test_closed_situation_is_still_read(town):
    close(town.client("anna"), town, town.situation)
    assert show(town.client("anna"), id=town.situation, nominative=True).title == "Titre"


def test_persons_of_every_attached_saisine_are_shown(town):
    anna = town.client("anna")
    second = receive(anna, town, persons=[person("Martin", "Tom", role="witness")])
    do(anna, saisine_accept=dict(id=second, attach_to=town.situation))
    found = show(anna, id=town.situation, nominative=True)
    assert [(p.identity.last_name, p.role) for p in found.persons] == [
        ("Durand", "concerned"), ("Martin", "witness")]
