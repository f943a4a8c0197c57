"""Who saw what, and why: complete, by whom it may be asked, and what it says when it cannot."""
import csv
import json

import pytest

from acts import do, open_situation, receive, refused, show
from meetings import put, schedule
from test_50_share import contact, share
from test_52_share_command import ctps, day


@pytest.fixture
def town(town):
    anna = town.client("anna")
    town.situation, town.reference, town.saisine = open_situation(
        anna, town, title="Titre", text="texte")
    return town


def who(town, by="diane", **asked):
    fields = dict(from_day=town.today - 1, to_day=town.today + 1, **asked)
    return do(town.client(by), audit_who=fields).audit_answer


def lines(answer):
    return [(row.principal.id, row.action, row.result) for row in answer.entries]


def person_of(town):
    view = show(town.client("anna"), id=town.situation, nominative=True)
    return view.persons[0].id


# --- complete ---

def test_everything_that_showed_the_situation_is_there(town):
    """One of each way to see something of it, each then found, in order, and nothing else."""
    agents, expected = town.agents, []
    anna, bruno, helene = (town.client(name) for name in ("anna", "bruno", "helene"))
    keller, client = contact(town)

    def seen(name, action, result="answered"):
        expected.append((agents.get(name, name), action, result))

    def reads(name, reader, action, **fields):
        seen(name, action)
        return do(reader, **fields)

    reads("anna", anna, "situation.get", situation_get=dict(id=town.situation, nominative=True))
    reads("anna", anna, "saisine.get", saisine_get=dict(id=town.saisine, nominative=True))
    reads("helene", helene, "name.search", name_search=dict(name="Durand"), purpose="supervision")
    reads("anna", anna, "tracking_table.get", tracking_table_get=dict(
        nominative=True, territory="T1"), purpose="suivi")
    mine = do(anna, share_record=dict(
        situation=town.situation, identity=True, summary=True, legal_base="L132-5",
        purpose="suivi", purpose_text="préparer", expiry_day=town.today + 9,
        contacts=[keller])).made[0].id
    seen("anna", "information.shared", "done")
    reads("anna", anna, "share.list", share_list=dict(situation=town.situation, nominative=True))
    reads(keller, client, "situation.get", situation_get=dict(
        id=town.situation, nominative=True))
    do(client, share_acknowledge=dict(id=mine))
    seen(keller, "information.acknowledged", "done")
    assert refused(town.client("chloe"), situation_get=dict(
        id=town.situation, nominative=True))[0] == "nominative_never"
    seen("chloe", "situation.get", "nominative_never")
    do(bruno, break_glass_use=dict(situation=town.situation, reason="fugue"))
    seen("bruno", "break_glass.used", "done")
    reads("bruno", bruno, "situation.get", situation_get=dict(
        id=town.situation, nominative=True))
    reads("helene", helene, "break_glass.list", break_glass_list=dict(nominative=True),
          purpose="supervision")
    decision = do(anna, decision_take=dict(
        situation=town.situation, verb="contacter", text="appeler", due_day=town.today + 3,
        agent=agents["anna"])).made[0].id
    reads("anna", anna, "decision.get", decision_get=dict(id=decision, nominative=True))
    meeting = schedule(anna, town, days=0, agents=[agents["anna"], agents["emile"]],
                       contacts=[keller], chair=agents["anna"])
    item = put(anna, meeting, situation=town.situation, by_name=True, text="point")
    reads("anna", anna, "meeting.get", meeting_get=dict(id=meeting, nominative=True))
    reads("anna", anna, "meeting.pack", meeting_pack=dict(meeting=meeting))
    do(anna, meeting_hold=dict(id=meeting, present_agents=[agents["anna"], agents["emile"]],
                               present_contacts=[keller]))
    do(anna, minutes_draft=dict(meeting=meeting, text="dit", items=[dict(item=item, text="là")]))
    do(anna, minutes_validate=dict(meeting=meeting))
    do(anna, minutes_distribute=dict(meeting=meeting))
    seen("anna", "meeting.minutes_distributed", "done")
    reads("anna", anna, "minutes.get", minutes_get=dict(meeting=meeting))
    do(anna, share_revoke=dict(id=mine))
    seen("anna", "information.revoked", "done")
    assert refused(client, situation_get=dict(id=town.situation, nominative=True))[0] == \
        "share_revoked"
    seen(keller, "situation.get", "share_revoked")
    do(anna, situation_transfer=dict(id=town.situation, territory="T2", district="Coteaux",
                                     text="déménage"))
    seen("anna", "situation.transferred", "done")
    reads("bruno", bruno, "situation.get", situation_get=dict(
        id=town.situation, nominative=True))
    # What is about another one is not among them.
    other, _, _ = open_situation(bruno, town, territory="T2", district="Coteaux", title="Autre",
                                 persons=[])
    show(bruno, id=other, nominative=True)
    seen("diane", "audit.who")
    answer = who(town, situation=town.situation)
    assert lines(answer) == expected
    given, = [row for row in answer.entries if row.action == "information.shared"]
    assert list(given.contacts) == [keller] and given.purpose == "suivi"
    text = str(answer)
    for word in ("Durand", "Titre", "fugue", "préparer", "déménage"):
        assert word not in text, word


def test_what_ended_in_it_is_part_of_it(town):
    anna = town.client("anna")
    merged, _, other = open_situation(anna, town, title="Double")
    show(anna, id=merged, nominative=True)
    do(anna, duplicate_decide=dict(a=town.saisine, b=other, outcome="merge"))
    rows = who(town, situation=town.situation).entries
    assert [row.action for row in rows] == ["situation.get", "situation.merged", "audit.who"]
    assert merged in rows[0].objects


def test_by_agent_and_by_contact(town):
    keller, client = contact(town)
    share(town, contacts=[keller], agents=[town.agents["bruno"]])
    show(town.client("anna"), id=town.situation, nominative=True)
    do(client, situation_get=dict(id=town.situation, nominative=True))
    assert lines(who(town, contact=keller)) == [
        (town.agents["anna"], "information.shared", "done"),
        (keller, "situation.get", "answered")]
    assert lines(who(town, agent=town.agents["bruno"])) == [
        (town.agents["anna"], "information.shared", "done")]
    assert lines(who(town, agent=town.agents["anna"], situation=town.situation)) == [
        (town.agents["anna"], "information.shared", "done"),
        (town.agents["anna"], "situation.get", "answered")]
    assert not who(town, agent=town.agents["emile"]).entries
    assert lines(who(town, agent=town.agents["diane"]))[:1] == [
        (town.agents["diane"], "audit.who", "answered")]


def test_by_person(town):
    anna, person = town.client("anna"), person_of(town)
    keller, client = contact(town)
    share(town, contacts=[keller], identity=None, summary=True)
    do(client, situation_get=dict(id=town.situation, nominative=True))
    do(town.client("helene"), name_search=dict(name="Durand"), purpose="supervision")
    refused(town.client("chloe"), situation_get=dict(id=town.situation, nominative=True))
    added = do(anna, situation_person_add=dict(id=town.situation, person=dict(
        identity=dict(last_name="Martin", first_name="Paul"), role="relative"))).made[0].id
    show(anna, id=town.situation, nominative=True)
    # The contact was given the summary, and not shown who it is about.
    assert lines(who(town, person=person)) == [
        (town.agents["anna"], "situation.get", "answered"),
        (town.agents["anna"], "information.shared", "done"),
        (town.agents["helene"], "name.search", "answered"),
        (town.agents["chloe"], "situation.get", "nominative_never"),
        (town.agents["anna"], "situation.get", "answered")]
    assert [row.action for row in who(town, person=added).entries][-1] == "situation.get"
    assert (town.agents["anna"], "situation.get", "answered") in lines(who(town, person=added))
    assert refused(town.client("diane"), audit_who=dict(
        person=999999, from_day=0, to_day=1)) == ("absent", "person")


def test_person_has_what_was_given_of_its_situation(town):
    """Shares, minutes, broken glass and what follows from a merge; nothing of another one."""
    anna, bruno, person = town.client("anna"), town.client("bruno"), person_of(town)
    keller, _ = contact(town)
    given = share(town, contacts=[keller])
    do(bruno, break_glass_use=dict(situation=town.situation, reason="fugue"))
    meeting = schedule(anna, town, days=0, agents=[town.agents["emile"]],
                       contacts=[keller], chair=town.agents["anna"])
    item = put(anna, meeting, situation=town.situation, by_name=True, text="point")
    do(anna, meeting_hold=dict(id=meeting, present_agents=[town.agents["emile"]],
                               present_contacts=[keller]))
    do(anna, minutes_draft=dict(meeting=meeting, text="dit", items=[dict(item=item, text="là")]))
    do(anna, minutes_validate=dict(meeting=meeting))
    do(anna, minutes_distribute=dict(meeting=meeting))
    other, _, other_saisine = open_situation(anna, town, title="Autre")
    do(anna, share_record=dict(situation=other, summary=True, legal_base="L132-5",
                               purpose="suivi", purpose_text="x", expiry_day=town.today + 9,
                               contacts=[keller]))
    answer = who(town, person=person)
    assert [row.action for row in answer.entries] == [
        "situation.get", "information.shared", "break_glass.used",
        "meeting.minutes_distributed"]
    assert list(answer.entries[1].contacts) == [keller]
    assert keller in answer.entries[3].contacts
    assert [row.id for row in answer.shares] == [given]
    for word in ("Durand", "Titre", "fugue", "point"):
        assert word not in str(answer), word
    # It ended in another one: what is given of that from then on concerns who was in it.
    added = do(anna, situation_person_add=dict(id=town.situation, person=dict(
        identity=dict(last_name="Martin", first_name="Paul"), role="relative"))).made[0].id
    do(anna, duplicate_decide=dict(a=other_saisine, b=town.saisine, outcome="merge"))
    into, = [row.objects[1] for row in who(town, person=person).entries
             if row.action == "situation.merged"]
    do(anna, share_record=dict(situation=into, summary=True, legal_base="L132-5",
                               purpose="suivi", purpose_text="x", expiry_day=town.today + 9,
                               contacts=[keller]))
    for one in (person, added):
        last = who(town, person=one).entries[-1]
        assert last.action == "information.shared" and into in last.objects


def test_is_about_something(town):
    base = dict(from_day=town.today, to_day=town.today)
    diane = town.client("diane")
    assert refused(diane, audit_who=base) == ("field_missing", "situation")
    assert refused(diane, audit_who=dict(base, situation=town.situation, person=3)) == (
        "field_range", "person")
    for name in ("anna", "helene", "admin"):
        assert refused(town.client(name), audit_who=dict(base, agent=3))[0] == "not_allowed"


# --- the command ---

def asked(town, *more):
    return ("audit", "who", "--situation", town.reference, "--from", day(town, -1), "--to",
            day(town, 1), *more)


def test_table_says_it_in_words(town):
    show(town.client("helene"), id=town.situation, nominative=True, purpose="supervision")
    text = ctps(town, "diane", *asked(town)).stdout
    for word in ("Numéro", "situation lue", "répondue", "helene"):
        assert word in text, text


def test_csv_is_what_spreadsheets_read(town, tmp_path):
    show(town.client("anna"), id=town.situation, nominative=True)
    file = tmp_path / "qui.csv"
    ctps(town, "audrey", *asked(town, "--csv", str(file)))
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\r\n")
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0][:5] == ["Numéro", "Quand", "Qui", "Action", "Résultat"]
    assert rows[1][3] == "situation lue" and rows[1][0].isdigit()


def test_each_line_names_the_entry_that_proves_it(town):
    seq = do(town.client("anna"), situation_get=dict(
        id=town.situation, nominative=True)).seq
    rows = json.loads(ctps(town, "diane", *asked(town, "--json")).stdout)["entries"]
    assert [row["seq"] for row in rows if row["action"] == "situation.get"] == [seq]


def test_situation_is_named_by_its_number_too(town):
    show(town.client("anna"), id=town.situation, nominative=True)
    rows = json.loads(ctps(town, "diane", "audit", "who", "--situation", str(town.situation),
                           "--from", day(town, -1), "--to", day(town, 1), "--json").stdout)
    assert [row["action"] for row in rows["entries"]][:1] == ["situation.get"]


def test_options_by_agent_and_contact(town):
    show(town.client("anna"), id=town.situation, nominative=True)
    keller, _ = contact(town)
    span = ("--from", day(town, -1), "--to", day(town, 1))
    by_agent = json.loads(ctps(town, "diane", "audit", "who", "--agent", "anna", *span,
                               "--json").stdout)
    assert [row["action"] for row in by_agent["entries"]] == ["situation.get"]
    by_contact = ctps(town, "diane", "audit", "who", "--contact", str(keller), *span)
    assert "personne" in by_contact.stdout.lower()
    done = ctps(town, "diane", "audit", "who", *span, check=False)
    assert done.returncode == 65 and "situation" in done.stderr
    receive(town.client("anna"), town)
