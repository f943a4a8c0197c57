"""Pairs of saisines decided by a human: linked, merged, not the same; remembered; what a merge
does to situations, their timelines and their erasure."""
import pytest

from acts import close, do, figures, open_situation, person, receive, refused, show
from test_05_situation_end import erase
from test_11_events import collect, head
from test_22_saisine_redirect import get, paper, partner, redirect  # noqa: F401

TWIN = dict(persons=[person("Benali", "Sofiane", birth_day=12000)])


def twins(town, client=None):
    """Two saisines about the same person, proposed as duplicates of each other."""
    client = client or town.client("anna")
    return [receive(client, town, **TWIN) for _ in range(2)]


def pairs(client, **fields):
    return [(pair.a, pair.b, pair.outcome) for pair in do(
        client, duplicate_list=fields).duplicate_answer.duplicates]


def decide(a, b, outcome, **more):
    return dict(duplicate_decide=dict(a=a, b=b, outcome=outcome, **more))


def accept(client, saisine, **more):
    return do(client, saisine_accept=dict(id=saisine, **more)).made[0].id


# --- remembered ---

@pytest.mark.parametrize("outcome", ["link", "different"])
def test_decided_pair_is_not_asked_again(town, outcome):
    anna = town.client("anna")
    a, b = twins(town)
    assert pairs(anna) == pairs(anna, state="all") == [(a, b, "")]
    do(anna, **decide(b, a, outcome))
    assert pairs(anna) == []
    assert pairs(anna, state="decided") == pairs(anna, state="all") == [(a, b, outcome)]
    third = receive(anna, town, **TWIN)
    assert pairs(anna) == [(a, third, ""), (b, third, "")]
    town.crash()
    assert pairs(town.client("anna"), state="decided") == [(a, b, outcome)]


def test_list_filter_is_closed(town):
    assert refused(town.client("anna"), duplicate_list=dict(state="new")) == (
        "field_range", "state")


def test_decision_says_who_when_and_why(town):
    anna = town.client("anna")
    a, b = twins(town)
    do(anna, **decide(a, b, "different", text="deux cousins"))
    pair = do(anna, duplicate_list=dict(state="decided")).duplicate_answer.duplicates[0]
    assert (pair.decided_by, pair.decided_day) == (town.agents["anna"], town.today)
    assert not pair.text, "a list is not a nominative reading"
    for saisine in (a, b):
        assert [pair.text for pair in get(anna, saisine, nominative=True).duplicates] == [
            "deux cousins"]
    assert not get(anna, a).duplicates


def test_decision_grows_stronger_only(town):
    anna = town.client("anna")
    a, b = twins(town)
    accept(anna, a)
    for outcome in ("different", "link", "merge"):
        do(anna, **decide(a, b, outcome))
        if outcome != "merge":
            assert refused(anna, **decide(a, b, outcome)) == ("duplicate_settled", "outcome")
    assert refused(anna, **decide(a, b, "different"))[0] == "same_situation"
    c, d = twins(town)
    do(anna, **decide(c, d, "link"))
    assert refused(anna, **decide(c, d, "different")) == ("duplicate_settled", "outcome")


def test_pair_nobody_proposed_may_be_decided(town):
    anna = town.client("anna")
    a, b = receive(anna, town, persons=[person("Un")]), receive(anna, town, persons=[person("Deux")])
    assert pairs(anna, state="all") == []
    do(anna, **decide(a, b, "link"))
    assert pairs(anna, state="decided") == [(a, b, "link")]


# --- refused by name ---

def test_refusals_of_any_decision(town):
    anna = town.client("anna")
    a, b = twins(town)
    for asked, expected in ((decide(a, b, ""), ("field_missing", "outcome")),
                            (decide(a, b, "same"), ("field_range", "outcome")),
                            (decide(a, a, "link"), ("field_range", "b")),
                            (decide(a, 99, "link"), ("absent", "b")),
                            (decide(99, b, "link"), ("absent", "a"))):
        assert refused(anna, **asked) == expected, asked
    assert pairs(anna) == [(a, b, "")]


def test_declined_or_redirected_is_told_apart_but_not_joined(town):
    anna = town.client("anna")
    for end in (lambda id: dict(saisine_decline=dict(id=id, motive="hors_champ")),
                lambda id: redirect(town, id, partner(town, f"P{id}"))):
        a, b = twins(town)
        do(anna, **end(b))
        accept(anna, a)
        for outcome in ("link", "merge"):
            assert refused(anna, **decide(a, b, outcome)) == ("state_wrong", "b")
        do(anna, **decide(a, b, "different"))


def test_erased_is_not_decided_about_and_its_pairs_go(town):
    anna = town.client("anna")
    a, b = twins(town)
    do(anna, **decide(a, b, "different", text="deux cousins"))
    situation = accept(anna, a)
    close(anna, town, situation)
    erase(town, situation)
    assert figures(town.operator)["ledger.erased"] == "4", "saisine, person, situation, text"
    assert refused(anna, **decide(a, b, "link")) == ("erased", "a")
    assert pairs(anna, state="all") == [], "that both were the same is derived from names"
    assert not get(anna, b, nominative=True).duplicates


def test_both_territories_must_be_the_decider_s(town):
    anna, bruno = town.client("anna"), town.client("bruno")
    a = receive(anna, town, **TWIN)
    b = receive(bruno, town, territory="T2", district="Coteaux", **TWIN)
    for client in (anna, bruno):
        assert refused(client, **decide(a, b, "link"))[0] == "other_territory"
    assert refused(town.client("chloe"), **decide(a, b, "link"))[0] == "not_allowed"
    do(town.client("helene"), **decide(a, b, "link", text="famille déménagée"))
    assert pairs(anna, state="decided") == pairs(bruno, state="decided") == [(a, b, "link")]
    pair = get(anna, a, nominative=True).duplicates[0]
    assert not pair.text and not pair.reference_b, "it may speak of somebody followed elsewhere"


def test_plugin_never_decides(town):
    town.grant("courrier", ["duplicate.list", "saisine.list"])
    assert town.restart() is None
    a, b = twins(town)
    assert refused(town.plugin("courrier"), **decide(a, b, "different"))[0] == "not_allowed"


# --- merging ---

def test_undecided_saisine_joins_the_other_s_situation(town):
    anna = town.client("anna")
    a, b = twins(town)
    situation = accept(anna, b)
    made = do(anna, **decide(a, b, "merge")).made[0]
    assert made.id == situation
    assert sorted(show(anna, id=situation).saisines) == [a, b]
    assert get(anna, a).status == "accepted" and get(anna, a).situation == situation


def two_situations(town, **more):
    anna = town.client("anna")
    a, b = twins(town)
    return a, b, accept(anna, a, title="L’aînée"), accept(anna, b, title="La cadette", **more)


def test_younger_situation_ends_in_the_older(town):
    anna, start = town.client("anna"), head(town).number
    a, b, older, younger = two_situations(town)
    texts = {older: "premier appel", younger: "second appel"}
    for situation, text in texts.items():
        do(anna, situation_add_entry=dict(id=situation, kind="contact", day=town.today, text=text))
    do(anna, **decide(b, a, "merge"))
    survivor, merged = (show(anna, id=id, nominative=True) for id in (older, younger))
    assert list(survivor.saisines) == [a, b] and list(merged.saisines) == []
    assert list(survivor.merged) == [merged.reference] and merged.merged_into == survivor.reference
    assert (merged.status, merged.closed_day) == ("close", town.today)
    assert not merged.HasField("erase_due_day"), "it ends with the survivor"
    assert [(entry.text, entry.merged_from) for entry in survivor.entries] == [
        ("second appel", merged.reference), ("premier appel", "")]
    assert [entry.text for entry in merged.entries] == ["second appel"]
    assert survivor.title == "L’aînée" and merged.title == "La cadette"
    assert len(survivor.persons) == 2 and get(anna, b).situation == older
    notice = collect(town, "situation.merged", after=start)[-1].notice
    assert (notice.id, notice.other) == (younger, older)


def test_merged_situation_is_worked_on_no_more(town):
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    do(anna, **decide(a, b, "merge"))
    assert refused(town.client("helene"), situation_erase=dict(id=younger, reason="droits")) == (
        "merged", "situation")
    assert refused(anna, saisine_accept=dict(id=receive(anna, town), attach_to=younger)) == (
        "merged", "attach_to")
    for asked in (dict(situation_add_entry=dict(id=younger, kind="contact", day=town.today)),
                  dict(situation_set_status=dict(id=younger, status="suivi")),
                  dict(situation_close=dict(id=younger, day=town.today, motive="resolue"))):
        assert refused(anna, **asked)[0] in ("merged", "state_wrong"), asked
    do(anna, situation_add_entry=dict(id=older, kind="contact", day=town.today))


def test_merge_refusals_each_by_name(town):
    anna = town.client("anna")
    a, b = twins(town)
    assert refused(anna, **decide(a, b, "merge")) == ("merge_undecided", "outcome")
    first = accept(anna, a)
    accept(anna, b, attach_to=first)
    assert refused(anna, **decide(a, b, "merge"))[0] == "same_situation"
    c, d, older, younger = two_situations(town)
    close(anna, town, older)
    assert refused(anna, **decide(c, d, "merge"))[0] == "state_wrong"
    erase(town, older)
    assert refused(anna, **decide(c, d, "merge")) == ("erased", "a")


def test_joined_by_hand_is_pending_no_more(town):
    anna = town.client("anna")
    a, b = twins(town)
    accept(anna, b, attach_to=accept(anna, a))
    assert pairs(anna) == [] and pairs(anna, state="all") == [(a, b, "")]


def test_two_territories_are_linked_not_merged(town):
    bruno, helene = town.client("bruno"), town.client("helene")
    a = receive(town.client("anna"), town, **TWIN)
    b = receive(bruno, town, territory="T2", district="Coteaux", **TWIN)
    accept(town.client("anna"), a)
    accept(bruno, b)
    do(helene, delegation_grant=dict(territory="T2", to_agent=town.agents["anna"],
                                     from_day=town.today, to_day=town.today))
    assert refused(town.client("anna"), **decide(a, b, "merge"))[0] == "merge_territories"
    do(town.client("anna"), **decide(a, b, "link"))


def test_merging_asks_for_the_right_to_close_or_to_accept(town):
    a, b, *_ = two_situations(town)
    emile, helene = town.client("emile"), town.client("helene")
    assert refused(emile, **decide(a, b, "merge"))[0] == "not_allowed"
    assert refused(helene, **decide(a, b, "merge"))[0] == "not_allowed"
    third = receive(town.client("anna"), town, **TWIN)
    assert refused(helene, **decide(a, third, "merge"))[0] == "not_allowed"
    do(emile, **decide(a, third, "merge"))
    do(emile, **decide(a, b, "link"))


def test_merged_ends_with_the_survivor_and_not_before(town):
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    c = receive(anna, town, **TWIN)
    youngest = accept(anna, c, title="La benjamine")
    do(anna, situation_add_entry=dict(id=younger, kind="contact", day=town.today, text="lu"))
    do(anna, **decide(b, c, "merge"))
    do(anna, **decide(a, b, "merge", text="le même"))
    survivor = show(anna, id=older, nominative=True)
    assert len(survivor.merged) == 2 and list(survivor.saisines) == [a, b, c]
    assert show(anna, id=youngest).merged_into == survivor.reference, "not at two removes"
    close(anna, town, older)
    assert [entry.text for entry in show(anna, id=younger, nominative=True).entries] == ["lu"]
    erase(town, older)
    assert figures(town.operator)["ledger.erased"] == "10", \
        "three situations, three saisines, three persons, one text"
    for situation in (older, younger, youngest):
        assert refused(anna, situation_get=dict(id=situation, nominative=True))[0] == "erased"
    for saisine in (a, b, c):
        assert refused(anna, saisine_get=dict(id=saisine, nominative=True))[0] == "erased"
    assert show(anna, id=younger).merged_into == survivor.reference
    assert not do(anna, name_search=dict(name="Benali")).search_answer.situations


def test_merges_survive_a_rebuild_and_leave_nothing_readable(town):
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    do(anna, **decide(a, b, "merge", text="Canari de la paire"))
    assert town.stop() == 0
    town.ctps("store", "check")
    town.ctps("store", "rebuild")
    town.ctps("store", "check")
    for path in town.data.rglob("*"):
        assert not path.is_file() or b"Canari" not in path.read_bytes(), path
    town.start()
    anna = town.client("anna")
    assert list(show(anna, id=older).saisines) == [a, b]
    assert show(anna, id=younger).merged_into == show(anna, id=older).reference


def test_merged_situation_is_listed_as_closed(town):
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    do(anna, **decide(a, b, "merge"))
    assert [view.id for view in do(anna, situation_list=dict()).situation_answer.situations] == [
        older]
    assert {view.id for view in do(anna, situation_list=dict(
        with_closed=True)).situation_answer.situations} == {older, younger}


def test_pairs_are_decided_from_the_command_line(town, paper):  # noqa: F811
    anna = town.client("anna")
    a, b = twins(town)
    accept(anna, a)
    numbers = [get(anna, id).number for id in (a, b)]
    assert numbers[1] in paper("duplicate", "list").stdout
    made = paper("duplicate", "decide", *numbers, "--outcome", "merge", "--text", "le même")
    assert show(anna, id=get(anna, a).situation).reference in made.stdout
    assert numbers[1] not in paper("duplicate", "list").stdout
    assert "fusionnées" in paper("duplicate", "list", "--state", "decided").stdout
    assert "le même" in paper("saisine", "show", numbers[0], "--names").stdout
    survivor = show(anna, id=get(anna, a).situation).reference
    c = receive(anna, town, **TWIN)
    merged = show(anna, id=accept(anna, c)).reference
    paper("duplicate", "decide", numbers[0], get(anna, c).number, "--outcome", "merge")
    assert merged in paper("situation", "show", survivor).stdout
    assert survivor in paper("situation", "show", merged).stdout


def test_restricted_is_not_decided_about(town):
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    do(anna, situation_restrict=dict(id=older, reason="contestation"))
    for outcome in ("different", "link", "merge"):
        assert refused(anna, **decide(a, b, outcome))[0] == "restricted", outcome
    assert pairs(anna) == [(a, b, "")]


def test_restriction_of_the_survivor_covers_what_ended_in_it(town):
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    do(anna, **decide(a, b, "merge"))
    assert show(anna, id=younger, nominative=True).title == "La cadette"
    do(anna, situation_restrict=dict(id=older, reason="contestation"))
    assert refused(anna, situation_get=dict(id=younger, nominative=True))[0] == "restricted"
    do(anna, situation_lift=dict(id=older, reason="close"))
    assert show(anna, id=younger, nominative=True).title == "La cadette"


# --- undone ---

def unmerge(id, **more):
    return dict(situation_unmerge=dict(id=id, **more))


def test_merge_is_undone_and_everything_goes_back(town):
    anna, of = town.client("anna"), partner(town)
    a, b, older, younger = two_situations(town)
    c = receive(anna, town, **TWIN)
    third = accept(anna, c)
    emile = town.agents["emile"]
    added = do(anna, situation_person_add=dict(
        id=younger, person=person("Ajoutée", "Nour"))).made[0].id
    do(anna, situation_engage=dict(id=younger, partner=of))
    do(anna, situation_engage=dict(id=older, agent=emile))
    do(anna, situation_disengage=dict(id=older, agent=emile))
    do(anna, situation_engage=dict(id=younger, agent=emile))
    do(anna, **decide(b, c, "link"))
    do(anna, **decide(a, b, "link"))
    do(anna, situation_set_status=dict(id=younger, status="veille",
                                       watch_until_day=town.today + 9))
    do(anna, situation_add_entry=dict(id=younger, kind="contact", day=town.today, text="avant"))
    before = {id: sheet_of(show(anna, id=id, nominative=True)) for id in (older, younger, third)}
    do(anna, **decide(a, b, "merge"))
    do(anna, situation_add_entry=dict(id=older, kind="contact", day=town.today, text="depuis"))
    start = head(town).number
    made = do(anna, **unmerge(younger, text="deux cousins, pas un")).made[0]
    assert made.id == younger
    after = {id: sheet_of(show(anna, id=id, nominative=True)) for id in (older, younger, third)}
    assert after[younger] == before[younger] and after[third] == before[third]
    assert after[older].pop("entries") == ["depuis"] and before[older].pop("entries") == []
    assert after[older] == before[older]
    assert added in after[younger]["persons"]
    notice = collect(town, "situation.unmerged", after=start)[-1].notice
    assert (notice.id, notice.other) == (younger, older)
    assert b"cousins" not in notice.SerializeToString()
    assert pairs(anna, state="decided") == [(b, c, "link"), (a, b, "different")] or \
        sorted(pairs(anna, state="decided")) == sorted([(b, c, "link"), (a, b, "different")])
    assert [hit.id for hit in do(anna, name_search=dict(
        name="Ajoutée")).search_answer.situations] == [younger]
    do(anna, situation_add_entry=dict(id=younger, kind="contact", day=town.today, text="de nouveau"))
    close(anna, town, younger)
    assert show(anna, id=younger).HasField("erase_due_day"), "a term of its own again"
    assert town.stop() == 0
    town.ctps("store", "check")
    town.ctps("store", "rebuild")
    town.ctps("store", "check")


def sheet_of(view):
    """What a merge moves."""
    return dict(
        status=view.status, saisines=list(view.saisines), merged=list(view.merged),
        into=view.merged_into, closed=view.HasField("closed_day"), review=view.next_review_day,
        watch=view.watch_until_day, persons=sorted(one.id for one in view.persons),
        links=sorted((link.situation, link.kind) for link in view.links),
        engaged=sorted((one.partner, one.agent, one.until_day) for one in view.engagements),
        entries=[entry.text for entry in view.entries], title=view.title)


def test_course_says_who_merged_and_who_undid_it(town, paper):  # noqa: F811
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    do(anna, **decide(a, b, "merge"))
    do(anna, **unmerge(younger, text="deux cousins"))
    for id, other in ((older, younger), (younger, older)):
        steps = show(anna, id=id, nominative=True).course
        assert [(step.kind, step.code, step.agent) for step in steps] == [
            (kind, show(anna, id=other).reference, town.agents["anna"])
            for kind in ("merged", "unmerged")]
    assert show(anna, id=younger, nominative=True).course[1].text == "deux cousins"
    assert "fusion défaite" in paper("situation", "show", show(anna, id=older).reference).stdout


def test_unmerge_keeps_what_changed_since(town):
    """Corrected, dropped, unlinked or come since: the undoing does not take it back."""
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    kept, dropped = (do(anna, situation_person_add=dict(
        id=younger, person=person(name))).made[0].id for name in ("Gardée", "Partie"))
    do(anna, **decide(a, b, "merge"))
    new = do(anna, situation_person_add=dict(id=older, person=person("Venue"))).made[0].id
    c = receive(anna, town)
    accept(anna, c, attach_to=older)
    do(anna, situation_person_correct=dict(id=older, person=kept, role="witness"))
    do(anna, situation_rekey=dict(id=older, reason="droits", drop_persons=[dropped]))
    do(anna, **unmerge(younger))
    survivor, back = (show(anna, id=id, nominative=True) for id in (older, younger))
    assert {one.id: one.role for one in back.persons}[kept] == "witness"
    assert not {one.id: one.identity.last_name for one in back.persons}[dropped]
    assert new in [one.id for one in survivor.persons]
    assert list(survivor.saisines) == [a, c] and list(back.saisines) == [b]


def test_unmerged_follows_a_transfer(town):
    anna, bruno = town.client("anna"), town.client("bruno")
    a, b, older, younger = two_situations(town)
    do(anna, **decide(a, b, "merge"))
    do(anna, situation_transfer=dict(id=older, territory="T2", district="Coteaux"))
    assert refused(anna, **unmerge(younger))[0] == "other_territory"
    do(bruno, **unmerge(younger))
    view = show(bruno, id=younger)
    assert (view.territory, view.district) == ("T2", "Coteaux")
    assert younger in [one.id for one in do(bruno, situation_list=dict()).situation_answer.situations]
    assert get(bruno, b).situation == younger


def test_merges_are_undone_last_first(town):
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    c = receive(anna, town, **TWIN)
    youngest = accept(anna, c)
    do(anna, **decide(b, c, "merge"))
    do(anna, **decide(a, b, "merge"))
    reference = show(anna, id=younger).reference
    assert refused(anna, **unmerge(youngest)) == ("merge_not_last", reference)
    do(anna, **unmerge(younger))
    assert show(anna, id=youngest).merged_into == reference
    assert sorted(show(anna, id=younger).saisines) == [b, c]
    do(anna, **unmerge(youngest))
    assert [list(show(anna, id=id).saisines) for id in (older, younger, youngest)] == [
        [a], [b], [c]]
    assert sorted(pairs(anna, state="decided")) == [(a, b, "different"), (b, c, "different")]
    do(anna, **decide(a, b, "merge"))


def test_unmerge_refusals_each_by_name(town):
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    assert refused(anna, **unmerge(younger)) == ("not_merged", show(anna, id=younger).reference)
    assert refused(anna, **unmerge(99)) == ("absent", "situation")
    do(anna, **decide(a, b, "merge"))
    for name, why in (("emile", "not_allowed"), ("helene", "not_allowed"),
                      ("bruno", "other_territory"), ("chloe", "not_allowed")):
        assert refused(town.client(name), **unmerge(younger))[0] == why
    do(anna, situation_restrict=dict(id=older, reason="contestation"))
    assert refused(anna, **unmerge(younger))[0] == "restricted"
    do(anna, situation_lift=dict(id=older, reason="close"))
    close(anna, town, older)
    assert refused(anna, **unmerge(younger)) == ("state_wrong", "into")
    do(anna, situation_reopen=dict(id=older))
    do(anna, **unmerge(younger))
    do(anna, **decide(a, b, "merge"))
    close(anna, town, older)
    erase(town, older)
    assert refused(anna, **unmerge(younger)) == ("erased", "situation")


def test_saisine_attached_by_mistake_is_detached(town):
    anna, start = town.client("anna"), head(town).number
    a, b = twins(town)
    situation = accept(anna, a)
    do(anna, **decide(a, b, "merge"))
    assert len(show(anna, id=situation, nominative=True).persons) == 2
    made = do(anna, saisine_detach=dict(id=b, text="pas le même")).made[0]
    assert made.id == b
    view = get(anna, b)
    assert view.status == "received" and not view.situation
    assert list(show(anna, id=situation).saisines) == [a]
    assert len(show(anna, id=situation, nominative=True).persons) == 1
    assert pairs(anna, state="decided") == [(a, b, "different")]
    assert show(anna, id=situation, nominative=True).course[-1].text == "pas le même"
    notice = collect(town, "saisine.detached", after=start)[-1].notice
    assert (notice.id, notice.other) == (b, situation)
    waiting = [one.id for one in do(anna, saisine_list=dict(
        status="received")).saisine_answer.saisines]
    assert waiting == [b]
    accept(anna, b)
    assert town.stop() == 0
    town.ctps("store", "check")


def test_detach_refusals_each_by_name(town):
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    reference = {id: show(anna, id=id).reference for id in (older, younger)}
    assert refused(anna, saisine_detach=dict(id=a)) == ("detach_first", reference[older])
    do(anna, **decide(a, b, "merge"))
    assert refused(anna, saisine_detach=dict(id=b)) == ("detach_merged", reference[younger])
    c = receive(anna, town)
    assert refused(anna, saisine_detach=dict(id=c)) == ("state_wrong", "saisine")
    assert refused(anna, saisine_detach=dict(id=99)) == ("absent", "saisine")
    accept(anna, c, attach_to=older)
    assert refused(town.client("helene"), saisine_detach=dict(id=c))[0] == "not_allowed"
    close(anna, town, older)
    assert refused(anna, saisine_detach=dict(id=c))[0] == "state_wrong"


def test_unmerged_and_detached_from_the_command_line(town, paper):  # noqa: F811
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    do(anna, **decide(a, b, "merge"))
    reference = show(anna, id=younger).reference
    assert reference in paper("situation", "unmerge", reference, "--text", "erreur").stdout
    assert not show(anna, id=younger).merged_into
    c = receive(anna, town)
    accept(anna, c, attach_to=older)
    number = get(anna, c).number
    assert number in paper("saisine", "detach", number).stdout
    assert get(anna, c).status == "received"
    assert "reçue" in paper("saisine", "show", number).stdout


def test_entry_of_a_merged_situation_is_shared_by_its_survivor(town):
    anna, bruno = town.client("anna"), town.client("bruno")
    a, b, older, younger = two_situations(town)
    entry = do(anna, situation_add_entry=dict(
        id=younger, kind="contact", day=town.today, text="à savoir")).made[0].id
    other = do(anna, situation_add_entry=dict(
        id=younger, kind="contact", day=town.today, text="à taire")).made[0].id
    do(anna, **decide(a, b, "merge"))
    do(anna, share_record=dict(
        situation=older, entries=[entry], agents=[town.agents["bruno"]], legal_base="interne",
        purpose="suivi", expiry_day=town.today + 9))
    seen = show(bruno, id=older, nominative=True)
    assert [line.text for line in seen.entries] == ["à savoir"] and other != entry
    foreign, *_ = open_situation(anna, town)
    assert refused(anna, share_record=dict(
        situation=foreign, entries=[entry], agents=[town.agents["bruno"]],
        legal_base="interne", purpose="suivi", expiry_day=town.today + 9)) == (
            "absent", "entries")
    do(anna, **unmerge(younger))
    assert not show(bruno, id=older, nominative=True).entries, "no longer part of that sheet"


# --- linking ---

def links(client, situation):
    return [(link.situation, link.kind) for link in show(client, id=situation).links]


def test_linked_saisines_link_their_situations(town):
    anna, start = town.client("anna"), head(town).number
    a, b, older, younger = two_situations(town)
    do(anna, **decide(a, b, "link"))
    assert links(anna, older) == [(younger, "rapprochement")]
    assert links(anna, younger) == [(older, "rapprochement")]
    collect(town, "situation.linked", after=start)
    for situation in (older, younger):
        assert not show(anna, id=situation).merged_into and show(anna, id=situation).status != "close"


def test_link_waits_for_the_situation_to_come(town):
    anna = town.client("anna")
    a, b = twins(town)
    do(anna, **decide(a, b, "link"))
    first = accept(anna, a)
    assert links(anna, first) == []
    second = accept(anna, b)
    assert links(anna, second) == [(first, "rapprochement")]


def test_attached_saisine_brings_its_links_once(town):
    anna = town.client("anna")
    a, b = twins(town)
    c = receive(anna, town, **TWIN)
    first = accept(anna, a)
    accept(anna, b, attach_to=first)
    other, *_ = open_situation(anna, town)
    do(anna, **decide(a, c, "link"))
    do(anna, **decide(b, c, "link"))
    accept(anna, c, attach_to=other)
    assert links(anna, other) == [(first, "rapprochement")]


def test_linked_across_territories_says_existence_only(town):
    anna, bruno, helene = (town.client(name) for name in ("anna", "bruno", "helene"))
    a = receive(anna, town, **TWIN)
    b = receive(bruno, town, territory="T2", district="Coteaux", **TWIN)
    mine = accept(anna, a)
    accept(bruno, b)
    do(helene, **decide(a, b, "link"))
    link = show(anna, id=mine).links[0]
    assert link.existence_only and link.territory == "T2" and not link.reference


def test_merge_takes_links_along_and_drops_the_one_between(town):
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    c = receive(anna, town, **TWIN)
    third = accept(anna, c)
    do(anna, **decide(a, b, "link"))
    do(anna, **decide(b, c, "link"))
    do(anna, **decide(a, b, "merge"))
    assert links(anna, older) == [(third, "rapprochement")]
    assert links(anna, third) == [(older, "rapprochement")]
    assert links(anna, younger) == []


def test_merge_takes_added_persons_and_engagements_along(town):
    anna = town.client("anna")
    a, b, older, younger = two_situations(town)
    of = partner(town)
    emile = town.agents["emile"]
    added = do(anna, situation_person_add=dict(
        id=younger, person=person("Ajoutée", "Nour"))).made[0].id
    do(anna, situation_engage=dict(id=older, agent=emile))
    do(anna, situation_disengage=dict(id=older, agent=emile))
    for engaged in (dict(partner=of), dict(agent=emile)):
        do(anna, situation_engage=dict(id=younger, **engaged))
    do(anna, **decide(a, b, "merge"))
    survivor, merged = (show(anna, id=id, nominative=True) for id in (older, younger))
    assert added in [one.id for one in survivor.persons] and not list(merged.persons)
    assert sorted((one.partner, one.agent) for one in survivor.engagements
                  if not one.HasField("until_day")) == [(0, emile), (of, 0)]
    assert not list(merged.engagements)
    assert [hit.id for hit in do(anna, name_search=dict(
        name="Ajoutée")).search_answer.situations] == [older]
