"""What happens to a situation: updated, assigned, told, transferred, reopened, corrected."""
import contextlib

import pytest

from acts import DAY_US, close, do, open_situation, person, refused, show


@pytest.fixture
def town(town):
    town.situation, town.reference, town.saisine = open_situation(
        town.client("anna"), town, title="Titre",
        persons=[person("Durand", birth_day=town.today - 15 * 366)])
    return town


def heard(town, topic, act):
    """What an outside subscriber hears of `topic` because of act()."""
    follower = town.client("follower")
    start = do(follower, read_events=dict(audience="plugins")).events_answer.head.number
    with contextlib.closing(follower.events(after=start, timeout=20)) as events:
        act()
        for event in events:
            if event.topic == topic:
                return event.notice
    raise AssertionError(topic)


def listed(client, **filters):
    return {s.id for s in do(client, situation_list=filters).situation_answer.situations}


# --- update ---

def test_update_changes_what_is_given_and_keeps_the_rest(town):
    anna = town.client("anna")
    do(anna, situation_update=dict(id=town.situation, text="nouveau", term="long"))
    do(anna, situation_update=dict(id=town.situation, place="hall B", motives=["vif"],
                                   district="Brustlein"))
    found = show(anna, id=town.situation, nominative=True)
    assert (found.title, found.text, found.place) == ("Titre", "nouveau", "hall B")
    assert (found.term, list(found.motives), found.district) == ("long", ["vif"], "Brustlein")


def test_update_refusals(town):
    anna, base = town.client("anna"), dict(id=town.situation)
    for more, expected in (
            ({}, ("field_missing", "title")),
            (dict(district="Coteaux"), ("district_unknown", "district")),
            (dict(motives=["rien"]), ("list_value_unknown", "motives")),
            (dict(term="eternel"), ("list_value_unknown", "term"))):
        assert refused(anna, situation_update=dict(base, **more)) == expected
    close(anna, town, town.situation)
    assert refused(anna, situation_update=dict(base, term="long")) == (
        "state_wrong", "situation")


# --- assign ---

def test_head_names_another_lead_anywhere_educator_never(town):
    emile = town.agents["emile"]
    assign = dict(situation_assign=dict(id=town.situation, lead_agent=emile))
    assert refused(town.client("emile"), **assign)[0] == "not_allowed"
    assert refused(town.client("bruno"), **assign)[0] == "other_territory"
    do(town.client("helene"), **assign)
    assert show(town.client("anna"), id=town.situation).lead_agent == emile
    assert refused(town.client("anna"), situation_assign=dict(
        id=town.situation, lead_agent=town.agents["bruno"])) == ("lead_not_there", "lead_agent")


# --- the person told ---

def test_person_not_told_is_flagged_after_15_days(stopped_town):
    town = stopped_town
    town.start(town.clock_env())
    anna = town.client("anna")
    first, *_ = open_situation(anna, town)
    group, *_ = open_situation(anna, town, nature="collective", persons=None)
    town.move_clock(days=15)
    assert not listed(anna, not_informed=True)
    town.move_clock(days=16)
    assert listed(anna, not_informed=True) == {first}
    assert show(anna, id=first).not_informed and not show(anna, id=group).not_informed
    do(anna, situation_inform=dict(id=first, why="mesure en cours", until_day=town.today + 3))
    assert not listed(anna, not_informed=True)
    town.move_clock(days=20)
    assert listed(anna, not_informed=True) == {first}
    do(anna, situation_inform=dict(id=first, day=town.today, means="oral"))
    found = show(anna, id=first, nominative=True)
    assert not found.not_informed and found.informed_by == town.agents["anna"]
    assert [(c.kind, c.text) for c in found.course] == [
        ("postponed", "mesure en cours"), ("informed", "")]
    assert not show(anna, id=first).course[0].text


def test_inform_refusals(town):
    anna, base = town.client("anna"), dict(id=town.situation)
    for more, expected in (
            ({}, ("field_missing", "means")),
            (dict(means="pigeon", day=town.today), ("list_value_unknown", "means")),
            (dict(means="oral"), ("field_missing", "day")),
            (dict(means="oral", day=town.today + 1), ("date_future", "day")),
            (dict(why="x"), ("field_missing", "until_day")),
            (dict(why="x", until_day=town.today), ("date_order", "until_day"))):
        assert refused(anna, situation_inform=dict(base, **more)) == expected


# --- transfer ---

def test_transfer_moves_the_rights_at_once(town):
    anna, bruno = town.client("anna"), town.client("bruno")
    move = dict(situation_transfer=dict(id=town.situation, territory="T2", district="Coteaux",
                                        text="a déménagé"))
    assert refused(town.client("emile"), **move)[0] == "not_allowed"
    do(anna, **move)
    hers = show(anna, id=town.situation, nominative=True)
    assert hers.existence_only and hers.territory == "T2"
    assert len(hers.ListFields()) == 3 and hers.call_agent == town.agents["bruno"]
    assert refused(anna, saisine_get=dict(id=town.saisine, nominative=True))[0] == \
        "other_territory"
    assert refused(anna, situation_update=dict(id=town.situation, term="long"))[0] == \
        "other_territory"
    his = show(bruno, id=town.situation, nominative=True)
    assert (his.reference, his.title, his.lead_agent) == (
        town.reference, "Titre", town.agents["bruno"])
    assert [(c.kind, c.territory, c.text) for c in his.course] == [
        ("transferred", "T1", "a déménagé")]
    assert listed(bruno) == {town.situation} and not listed(anna)
    do(bruno, saisine_get=dict(id=town.saisine, nominative=True))


def test_transfer_refusals(town):
    anna, base = town.client("anna"), dict(id=town.situation)
    for more, expected in (
            (dict(territory="T9", district="x"), ("territory_unknown", "territory")),
            (dict(territory="T2", district="Brustlein"), ("district_unknown", "district")),
            (dict(territory="T1", district="Brustlein"), ("state_wrong", "territory")),
            (dict(territory="T2", district="Coteaux", lead_agent=town.agents["anna"]),
             ("lead_not_there", "lead_agent"))):
        assert refused(anna, situation_transfer=dict(base, **more)) == expected


# --- reopen ---

def test_reopened_situation_is_followed_and_no_longer_due(town):
    anna = town.client("anna")
    assert refused(anna, situation_reopen=dict(id=town.situation)) == (
        "state_wrong", "situation")
    close(anna, town, town.situation)
    assert show(anna, id=town.situation).erase_due_day
    do(anna, situation_reopen=dict(id=town.situation, text="revenu"))
    found = show(anna, id=town.situation, nominative=True)
    assert found.status == "suivi" and found.next_review_day > town.today
    assert not found.erase_due_day and not found.closed_day and not found.closing_motive
    assert [c.kind for c in found.course] == ["closed", "reopened"]
    assert found.course[1].text == "revenu"
    close(anna, town, town.situation)


def test_situation_to_be_erased_is_not_reopened(town):
    anna = town.client("anna")
    close(anna, town, town.situation)
    do(town.client("helene"), situation_erase=dict(id=town.situation, reason="droits"))
    assert refused(anna, situation_reopen=dict(id=town.situation))[0] == "erased"


# --- entries ---

def entry(client, town, **more):
    return do(client, situation_add_entry=dict(
        {"id": town.situation, "kind": "contact", "day": town.today}, **more)).made[0].id


def steps(view):
    return {s.kind: s.count for s in view.steps}


def test_correction_shows_both_versions(town):
    anna = town.client("anna")
    made = entry(anna, town, text="avant")
    do(anna, situation_correct_entry=dict(situation=town.situation, entry=made, text="après",
                                          kind="entretien", why="mauvaise personne"))
    now, before = show(anna, id=town.situation, nominative=True).entries
    assert (now.id, now.text, now.kind, now.version) == (made, "après", "entretien", 1)
    assert (before.id, before.text, before.kind) == (made, "avant", "contact")
    assert before.replaced and before.why == "mauvaise personne"
    assert before.corrected_by == town.agents["anna"] and before.corrected_day == town.today
    assert steps(show(anna, id=town.situation)) == {"entretien": 1}


def test_cancelled_entry_is_not_counted_and_not_corrected_again(town):
    anna = town.client("anna")
    made = entry(anna, town)
    fields = dict(situation=town.situation, entry=made, why="n’a pas eu lieu")
    do(anna, situation_correct_entry=dict(fields, cancelled=True))
    found = show(anna, id=town.situation, nominative=True)
    assert found.entries[0].cancelled and found.entry_count == 0 and not steps(found)
    assert refused(anna, situation_correct_entry=fields) == ("state_wrong", "entry")


def test_correction_is_of_the_author_or_the_coordinator(town):
    anna, emile = town.client("anna"), town.client("emile")
    hers, his = entry(anna, town), entry(emile, town)
    fields = dict(situation=town.situation, why="erreur", day=town.today - 1)
    assert refused(emile, situation_correct_entry=dict(fields, entry=hers)) == (
        "not_author", "entry")
    do(emile, situation_correct_entry=dict(fields, entry=his))
    do(anna, situation_correct_entry=dict(fields, entry=his, day=town.today - 2))
    assert refused(anna, situation_correct_entry=dict(fields, entry=99)) == ("absent", "entry")
    assert refused(anna, situation_correct_entry=dict(fields, entry=hers, why="")) == (
        "field_missing", "why")
    assert refused(anna, situation_correct_entry=dict(fields, entry=hers, kind="orientation")) \
        == ("field_missing", "oriented_to")


def test_report_under_article_40_names_the_prosecutor(town):
    anna = town.client("anna")
    do(town.operator, list_value_set=dict(list="demarche", code="art40", label_fr="art. 40"))
    bailleur, parquet = (do(town.operator, partner_set=dict(
        name=kind, family="institutionnel", kind=kind)).made[0].id
        for kind in ("bailleur", "justice"))
    report = dict(id=town.situation, kind="art40", day=town.today)
    for more in ({}, dict(partner=bailleur)):
        assert refused(anna, situation_add_entry=dict(report, **more)) == (
            "art40_recipient", "partner")
    do(anna, situation_add_entry=dict(report, partner=parquet))
    assert steps(show(anna, id=town.situation)) == {"art40": 1}


def test_transmission_of_tomorrow_is_refused(town):
    assert refused(town.client("anna"), situation_add_entry=dict(
        id=town.situation, kind="transmission_pcd", day=town.today, mayor_informed=True,
        transmitted_us=(town.today + 2) * DAY_US)) == ("date_future", "transmitted_us")


def test_steps_and_course_outlive_the_texts(town):
    anna = town.client("anna")
    entry(anna, town, text="CANARI")
    do(anna, situation_review=dict(id=town.situation, day=town.today, evolution="stable"))
    close(anna, town, town.situation)
    do(town.client("helene"), situation_erase=dict(id=town.situation, reason="droits"))
    town.restart()
    found = show(town.client("anna"), id=town.situation)
    assert found.erased and steps(found) == {"contact": 1}
    assert [(c.kind, c.code) for c in found.course] == [
        ("reviewed", "stable"), ("closed", "resolue")]


def test_list_filters(stopped_town):
    town = stopped_town
    town.start(town.clock_env())
    anna = town.client("anna")
    short, *_ = open_situation(anna, town, term="court")
    other, *_ = open_situation(anna, town, term="long")
    town.move_clock(days=44)
    assert not listed(anna, silent=True) and listed(anna, overdue_review=True) == {short}
    do(anna, situation_add_entry=dict(id=other, kind="contact", day=town.today))
    town.move_clock(days=45)
    assert listed(anna, silent=True) == {short}
    assert show(anna, id=short).silent and not show(anna, id=other).silent


def test_events_are_heard_without_texts(town):
    anna = town.client("anna")
    made = entry(anna, town)
    for topic, fields in (
            ("situation.updated", dict(situation_update=dict(
                id=town.situation, title="CANARI", motives=["vif"]))),
            ("situation.assigned", dict(situation_assign=dict(
                id=town.situation, lead_agent=town.agents["emile"]))),
            ("situation.informed", dict(situation_inform=dict(
                id=town.situation, why="CANARI", until_day=town.today + 9))),
            ("situation.entry_corrected", dict(situation_correct_entry=dict(
                situation=town.situation, entry=made, text="CANARI", why="CANARI"))),
            ("situation.transferred", dict(situation_transfer=dict(
                id=town.situation, territory="T2", district="Coteaux", text="CANARI")))):
        notice = heard(town, topic, lambda fields=fields: do(anna, **fields))
        assert town.situation in (notice.id, notice.other), topic
        assert b"CANARI" not in notice.SerializeToString()
        assert b"vif" not in notice.SerializeToString()
    bruno = town.client("bruno")
    close(bruno, town, town.situation)
    notice = heard(town, "situation.reopened", lambda: do(
        bruno, situation_reopen=dict(id=town.situation, text="CANARI")))
    assert notice.id == town.situation and b"CANARI" not in notice.SerializeToString()


def test_entry_dropped_goes_with_what_it_read_before(town):
    anna = town.client("anna")
    made = entry(anna, town, text="CANARI avant")
    do(anna, situation_correct_entry=dict(situation=town.situation, entry=made, text="CANARI après",
                                          why="CANARI raison"))
    do(anna, situation_rekey=dict(id=town.situation, reason="droits", drop_entries=[made]))
    entries = show(anna, id=town.situation, nominative=True).entries
    assert len(entries) == 2 and not any(e.text or e.why for e in entries)


def test_lead_without_habilitation_is_refused(town):
    anna, emile = town.client("anna"), town.agents["emile"]
    do(anna, situation_assign=dict(id=town.situation, lead_agent=emile))
    do(town.client("helene"), habilitation_withdraw=dict(agent=emile, day=town.today, act="A"))
    assert refused(anna, situation_assign=dict(id=town.situation, lead_agent=emile)) == (
        "agent_not_habilitated", "lead_agent")


def test_situation_become_individual_has_the_facts_of_its_person(town):
    anna = town.client("anna")
    before = show(anna, id=town.situation)
    assert before.age_band
    do(anna, situation_update=dict(id=town.situation, nature="collective"))
    assert not show(anna, id=town.situation).age_band
    do(anna, situation_update=dict(id=town.situation, nature="individuelle"))
    after = show(anna, id=town.situation)
    assert (after.age_band, after.sex) == (before.age_band, before.sex)
