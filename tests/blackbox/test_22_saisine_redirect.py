"""Redirecting and attaching, four origins counted apart, late answers, receipts, and what a
partner sees of the saisines he referred."""
import datetime
import re
import stat

import pytest

from acts import CONTACT, close, do, open_situation, person, receive, refused, sheet
from test_05_situation_end import erase
from test_11_events import collect, head


def partner(town, name="Mission locale"):
    return do(town.operator, partner_set=dict(name=name, family="institutionnel",
                                              kind="justice")).made[0].id


def get(client, saisine, **more):
    return do(client, saisine_get=dict(id=saisine, **more)).saisine_answer.saisines[0]


def redirect(town, saisine, to, **more):
    return dict(saisine_redirect={"id": saisine, "partner": to, "motive": "competence", **more})


# --- redirecting ---

def test_redirected_keeps_partner_motive_and_text(town):
    anna = town.client("anna")
    saisine, to = receive(anna, town), partner(town)
    do(anna, **redirect(town, saisine, to, text="relève de la mission locale"))
    facts = get(anna, saisine)
    assert (facts.status, facts.redirect_partner, facts.redirect_motive) == (
        "redirected", to, "competence")
    assert not facts.redirect_text
    assert get(anna, saisine, nominative=True).redirect_text == "relève de la mission locale"


def test_redirect_refusals_each_by_name(town):
    anna = town.client("anna")
    saisine, to = receive(anna, town), partner(town)
    for change, expected in ((dict(partner=0), ("field_missing", "partner")),
                             (dict(partner=77), ("partner_unknown", "partner")),
                             (dict(motive=""), ("field_missing", "motive")),
                             (dict(motive="hors_champ"), ("list_value_unknown", "motive")),
                             (dict(id=99), ("absent", "saisine"))):
        assert refused(anna, **redirect(town, saisine, to, **change)) == expected, change
    assert refused(town.client("bruno"), **redirect(town, saisine, to))[0] == "other_territory"
    assert refused(town.client("helene"), **redirect(town, saisine, to))[0] == "not_allowed"
    assert get(anna, saisine).status == "received"


def test_redirected_is_decided_once_and_for_all(town):
    anna = town.client("anna")
    saisine, to = receive(anna, town), partner(town)
    do(anna, **redirect(town, saisine, to))
    for again in (redirect(town, saisine, to), dict(saisine_accept=dict(id=saisine)),
                  dict(saisine_decline=dict(id=saisine, motive="hors_champ"))):
        assert refused(anna, **again) == ("state_wrong", "saisine")
    declined = receive(anna, town)
    do(anna, saisine_decline=dict(id=declined, motive="hors_champ"))
    assert refused(anna, **redirect(town, declined, to)) == ("state_wrong", "saisine")


def test_redirected_motive_retired_is_readable_and_refused_anew(town):
    anna, to = town.client("anna"), partner(town)
    first = receive(anna, town)
    do(anna, **redirect(town, first, to))
    do(town.operator, list_value_set=dict(list="redirection", code="competence",
                                          label_fr="compétence", retired=True))
    assert get(anna, first).redirect_motive == "competence"
    assert refused(anna, **redirect(town, receive(anna, town), to)) == (
        "list_value_retired", "motive")


def test_saisine_events_reach_the_wire_without_names(town):
    start, anna, to = head(town).number, town.client("anna"), partner(town, "Tribunal")
    situation, _, accepted = open_situation(anna, town, persons=[person("Zanzibar")])
    declined, redirected = (receive(anna, town, persons=[person("Zanzibar")]) for _ in range(2))
    do(anna, saisine_decline=dict(id=declined, motive="hors_champ", text="Zanzibar"))
    do(anna, **redirect(town, redirected, to, text="Zanzibar"))
    do(anna, duplicate_decide=dict(a=accepted, b=declined, outcome="different",
                                   text="Zanzibar"))
    seen = [event for event in collect(town, "duplicate.decided", after=start)
            if event.topic.split(".")[0] in ("saisine", "duplicate")]
    told = [(event.topic, event.notice.id, event.notice.code) for event in seen
            if event.topic != "duplicate.proposed"]
    assert told == [("saisine.received", accepted, "courante"), ("saisine.accepted", accepted, ""),
                    ("saisine.received", declined, "courante"),
                    ("saisine.received", redirected, "courante"),
                    ("saisine.declined", declined, "hors_champ"),
                    ("saisine.redirected", redirected, "competence"),
                    ("duplicate.decided", accepted, "different")]
    assert seen[-1].notice.other == declined and seen[-1].notice.day == town.today
    assert not seen[-2].notice.partner, "to whom points to what it is about"
    pairs = [event.notice for event in seen if event.topic == "duplicate.proposed"]
    assert {(pair.id, pair.other) for pair in pairs} == {
        (accepted, declined), (accepted, redirected), (declined, redirected)}
    assert not any(b"Zanzibar" in event.notice.SerializeToString() for event in seen)


# --- attaching ---

def test_attaching_to_an_erased_situation_is_refused(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    close(anna, town, situation)
    erase(town, situation)
    assert refused(anna, saisine_accept=dict(id=receive(anna, town), attach_to=situation)) == (
        "erased", "attach_to")


def test_attaching_makes_no_situation(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    start = head(town).number
    do(anna, saisine_accept=dict(id=receive(anna, town), attach_to=situation))
    topics = [event.topic for event in collect(town, "saisine.accepted", after=start)]
    assert "situation.opened" not in topics
    assert len(do(anna, situation_list=dict()).situation_answer.situations) == 1


# --- late answers ---

def listed(client, **fields):
    return [view.id for view in do(client, saisine_list=fields).saisine_answer.saisines]


def test_unanswered_past_the_working_days_is_flagged_and_filtered(town):
    anna = town.client("anna")
    late = receive(anna, town, received_day=town.today - 15)
    fresh = receive(anna, town)
    answered = receive(anna, town, received_day=town.today - 15)
    do(anna, saisine_accept=dict(id=answered))
    assert listed(anna, overdue=True) == [late]
    assert get(anna, late).overdue and not get(anna, fresh).overdue
    assert get(anna, late).answer_due_day < town.today <= get(anna, fresh).answer_due_day
    assert set(listed(anna)) == {late, fresh, answered}


# --- four origins ---

def counts(client, **fields):
    return {(row.territory, row.year, row.origin, row.status): row.count if row.HasField(
        "count") else None
        for row in do(client, saisine_count=fields).count_answer.counts}


ORIGINS = ("habitant", "institutionnel", "terrain", "auto")


def test_four_origins_are_counted_apart_and_follow_the_state(town):
    anna, to = town.client("anna"), partner(town)
    ids = {origin: [receive(anna, town, origin=origin) for _ in range(number)]
           for number, origin in enumerate(ORIGINS, 1)}
    do(anna, saisine_accept=dict(id=ids["terrain"][0]))
    do(anna, saisine_decline=dict(id=ids["terrain"][1], motive="hors_champ"))
    do(anna, **redirect(town, ids["auto"][0], to))
    assert counts(anna) == {
        ("T1", 0, "habitant", "received"): 1, ("T1", 0, "institutionnel", "received"): 2,
        ("T1", 0, "terrain", "received"): 1, ("T1", 0, "terrain", "accepted"): 1,
        ("T1", 0, "terrain", "declined"): 1, ("T1", 0, "auto", "received"): 3,
        ("T1", 0, "auto", "redirected"): 1}
    assert listed(anna, origin="terrain") == sorted(ids["terrain"], reverse=True)


def test_counts_go_by_the_day_received(town):
    anna = town.client("anna")
    for back in (0, 1, 2, 3):
        receive(anna, town, received_day=town.today - back)
    for fields, expected in ((dict(from_day=town.today - 2, to_day=town.today - 1), 2),
                             (dict(from_day=town.today - 1), 2),
                             (dict(to_day=town.today - 3), 1)):
        assert sum(counts(anna, **fields).values()) == expected, fields
    assert refused(anna, saisine_count=dict(from_day=town.today, to_day=town.today - 1)) == (
        "date_order", "to_day")
    assert refused(anna, saisine_count=dict(territory="T9")) == ("territory_unknown", "territory")


def day(year, month=6, of_month=1):
    return (datetime.date(year, month, of_month) - datetime.date(1970, 1, 1)).days


def test_elsewhere_only_whole_past_years_and_no_cell_below_five(town):
    anna, bruno, helene = (town.client(name) for name in ("anna", "bruno", "helene"))
    this_year = datetime.date.today().year
    for year, origin, number in ((this_year - 1, "habitant", 5), (this_year - 1, "terrain", 4),
                                 (this_year - 2, "auto", 6), (this_year, "habitant", 6)):
        for _ in range(number):
            receive(anna, town, origin=origin,
                    received_day=day(year, 1, 1) if year == this_year else day(year))
    assert counts(bruno) == {("T1", this_year - 1, "habitant", "received"): 5,
                             ("T1", this_year - 1, "terrain", "received"): None,
                             ("T1", this_year - 2, "auto", "received"): 6}
    assert not counts(bruno, from_day=day(this_year - 1, 1, 2), to_day=day(this_year, 12, 31)), \
        "a part of a year, or one that still grows, could be subtracted"
    assert counts(bruno, from_day=day(this_year - 1, 1, 1), to_day=day(this_year - 1, 12, 31)).keys() \
        == {("T1", this_year - 1, "habitant", "received"), ("T1", this_year - 1, "terrain", "received")}
    assert counts(helene)[("T1", 0, "terrain", "received")] == 4
    assert refused(town.client("chloe"), saisine_count=dict())[0] == "not_allowed"


def test_counts_stay_after_erasure_and_a_rebuild(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town, origin="terrain")
    receive(anna, town, origin="auto")
    close(anna, town, situation)
    erase(town, situation)
    before = counts(anna)
    assert before == {("T1", 0, "terrain", "accepted"): 1, ("T1", 0, "auto", "received"): 1}
    assert town.stop() == 0
    town.ctps("store", "rebuild")
    town.ctps("store", "check")
    town.start()
    assert counts(town.client("anna")) == before


# --- the command line ---

@pytest.fixture
def paper(town, tmp_path):
    """Runs the command line as somebody."""
    def run(*words, who="anna", check=True):
        path = tmp_path / f"{who}.key"
        if not path.exists():
            town.keys[who].write(path)
        return town.ctps(*words, "--as", str(path), check=check)
    return run


def test_redirect_and_count_from_the_command_line(town, paper):
    anna = town.client("anna")
    partner(town, "Mission locale")
    number = do(anna, saisine_receive=sheet(town)).made[0].reference
    paper("saisine", "redirect", number, "--to", "Mission locale", "--motive", "competence",
          "--text", "voir avec eux")
    assert "Mission locale" in paper("saisine", "show", number).stdout
    assert "réorientée" in paper("saisine", "count").stdout
    assert number in paper("saisine", "list", "--status", "redirected").stdout
    assert number not in paper("saisine", "list", "--overdue").stdout


def test_receipt_carries_the_number_and_nobody(town, paper, tmp_path):
    anna = town.client("anna")
    made = do(anna, saisine_receive=sheet(
        town, referrer="Mme <Canari> & fils", persons=[person("Canari", address="rue Canari")],
        text="Canari", place="rue Canari", motives=["violences"])).made[0]
    path = tmp_path / "accuse.html"
    paper("saisine", "receipt", made.reference, "--output", str(path))
    text = path.read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>") and made.reference in text
    assert "Accusé de réception" in text and "Acknowledgement" in text and "Mulhouse" in text
    due = datetime.date(1970, 1, 1) + datetime.timedelta(get(anna, made.id).answer_due_day)
    assert due.strftime("%d/%m/%Y") in text
    for word in ("anari", "iolences", "individuel", "abitant", "Bourtzwiller"):
        assert word not in text, word
    assert not re.search(r"(src|href)=|@import|url\(|<script", text), "nothing is fetched"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_receipt_never_replaces_a_file(town, paper, tmp_path):
    number = do(town.client("anna"), saisine_receive=sheet(town)).made[0].reference
    path, link = tmp_path / "kept", tmp_path / "link"
    path.write_text("kept")
    link.symlink_to(tmp_path / "elsewhere")
    for target in (path, link):
        done = paper("saisine", "receipt", number, "--output", str(target), check=False)
        assert done.returncode == 73 and str(target) in done.stderr
    assert path.read_text() == "kept" and not (tmp_path / "elsewhere").exists()
    assert number in paper("saisine", "receipt", number, "--output", "-").stdout


# --- a partner ---

@pytest.fixture
def lycee(town):
    """A partner with a contact whose charter is current, and one saisine of his own."""
    town.lycee = partner(town, "Lycée")
    contact = do(town.operator, contact_set=dict(
        partner=town.lycee, last_name="Proviseur", charter_version="v3",
        charter_day=town.today - 10)).made[0].id
    town.keys["proviseur"] = town.key_new(dict(kind=CONTACT, id=contact))
    town.own = receive(town.client("anna"), town, origin="institutionnel",
                       referrer_partner=town.lycee, channel="courriel", urgency="urgente")
    town.other = receive(town.client("anna"), town)
    return town


STATE = {"id", "number", "status", "received_day"}


def told(view):
    return {field.name for field, _ in view.ListFields()}


def test_partner_is_told_number_day_and_state_and_nothing_else(lycee):
    client, anna = lycee.client("proviseur"), lycee.client("anna")
    for act, status in ((None, "received"),
                        (dict(saisine_accept=dict(id=lycee.own, title="Titre")), "accepted")):
        if act:
            do(anna, **act)
        seen = do(client, saisine_list=dict()).saisine_answer.saisines
        assert [view.id for view in seen] == [lycee.own]
        assert told(seen[0]) == STATE and seen[0].status == status
        assert told(get(client, lycee.own)) == STATE
    for number, act in enumerate((
            lambda id: dict(saisine_decline=dict(id=id, motive="hors_champ", text="non")),
            lambda id: redirect(lycee, id, lycee.lycee, text="non")), 1):
        saisine = receive(anna, lycee, referrer_partner=lycee.lycee)
        do(anna, **act(saisine))
        assert told(get(client, saisine)) == STATE
        assert get(client, saisine).status == ("declined", "redirected")[number - 1]


def test_partner_cannot_tell_another_s_saisine_from_none(lycee):
    client = lycee.client("proviseur")
    number = get(lycee.client("anna"), lycee.other).number
    assert refused(client, saisine_get=dict(number=number)) == refused(
        client, saisine_get=dict(number="AR-T1-2026-9999")) != ("absent", "saisine")
    assert refused(client, saisine_get=dict(id=lycee.other)) == refused(
        client, saisine_get=dict(id=1 << 40))


def test_partner_asks_for_nothing_else(lycee):
    client = lycee.client("proviseur")
    for asked in (dict(saisine_count=dict()), dict(duplicate_list=dict()),
                  dict(saisine_receive=sheet(lycee)), dict(saisine_accept=dict(id=lycee.own)),
                  redirect(lycee, lycee.own, lycee.lycee),
                  dict(duplicate_decide=dict(a=lycee.own, b=lycee.other, outcome="link"))):
        assert refused(client, **asked)[0] == "not_allowed", asked


def test_partner_lists_and_prints_from_the_command_line(lycee, paper):
    number = get(lycee.client("anna"), lycee.own).number
    out = paper("saisine", "list", who="proviseur").stdout
    assert number in out and "reçue" in out and len(out.strip().splitlines()) == 2
    assert "Bourtzwiller" not in out and "rrance" not in out
    assert number in paper("saisine", "receipt", number, "--output", "-", who="proviseur").stdout
