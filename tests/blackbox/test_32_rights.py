"""Requests of persons (GDPR art. 15 to 21): deadlines, who sees what, the masked extract."""
import pytest

from acts import do, new_partner, open_situation, person, refused, show
from test_05_situation_end import add_months
from test_11_events import collect, head


def asking(town, **changes):
    fields = dict(kind="access", received_day=town.today, territory="T1", name="Demandcanari Eve",
                  address="rue canari", quality="la personne", text="tout ce qui me concerne")
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not None}


def ask_rights(client, town, **changes):
    """(id, number) of a new request."""
    made = do(client, rights_open=asking(town, **changes)).made[0]
    return made.id, made.reference


def requests(client, **filters):
    return do(client, rights_list=filters).rights_list_answer.requests


def one(client, **which):
    return do(client, rights_get=which).rights_list_answer.requests[0]


def test_request_is_numbered_and_due_one_month_later(town):
    anna, bruno = town.client("anna"), town.client("bruno")
    first, number = ask_rights(anna, town)
    _, second = ask_rights(bruno, town, territory="T2")
    assert (number[:2], number[6:], second[6:]) == ("D-", "-0001", "-0002")
    view = one(anna, id=first)
    assert (view.state, view.due_day, view.overdue) == (
        "open", add_months(town.today, 1), False)


@pytest.mark.parametrize("wrong, name", [
    (dict(kind="autre"), ("field_range", "kind")), (dict(kind=None), ("field_missing", "kind")),
    (dict(name=None), ("field_missing", "name")),
    (dict(received_day=None), ("field_missing", "received_day")),
    (dict(situations=[42]), ("absent", "situations"))])
def test_opening_refusals(town, wrong, name):
    assert refused(town.client("anna"), rights_open=asking(town, **wrong)) == name


def test_opening_dates_and_territories(town):
    anna = town.client("anna")
    assert refused(anna, rights_open=asking(town, received_day=town.today + 1)) == (
        "date_future", "received_day")
    assert refused(anna, rights_open=asking(town, territory="T2"))[0] == "other_territory"
    for name in ("chloe", "diane", "admin", "audrey"):
        assert refused(town.client(name), rights_open=asking(town))[0] == "not_allowed"


def test_extended_once_and_only_before_the_term(town):
    anna = town.client("anna")
    request, _ = ask_rights(anna, town)
    assert refused(anna, rights_extend=dict(id=request)) == ("field_missing", "reason")
    do(anna, rights_extend=dict(id=request, reason="dossier complexe"))
    view = one(anna, id=request)
    assert view.extended and view.due_day == add_months(town.today, 3)
    assert refused(anna, rights_extend=dict(id=request, reason="encore")) == (
        "rights_extended", "request")
    late, _ = ask_rights(anna, town, received_day=town.today - 40)
    assert refused(anna, rights_extend=dict(id=late, reason="oubli")) == (
        "rights_late", "request")


def test_overdue_is_listed_until_answered(town):
    anna = town.client("anna")
    late, number = ask_rights(anna, town, received_day=town.today - 40)
    ask_rights(anna, town)
    assert [view.number for view in requests(anna, overdue=True)] == [number]
    assert refused(anna, rights_answer=dict(id=late)) == ("field_missing", "outcome")
    assert refused(anna, rights_answer=dict(id=late, outcome="oui")) == (
        "field_range", "outcome")
    do(anna, rights_answer=dict(id=late, outcome="granted", text="envoyé"))
    assert not requests(anna, overdue=True) and len(requests(anna)) == 1
    answered, = requests(anna, state="answered")
    assert (answered.outcome, answered.answered_day) == ("granted", town.today)
    assert answered.erase_due_day == add_months(town.today, 3)
    assert refused(anna, rights_answer=dict(id=late, outcome="granted")) == (
        "state_wrong", "request")


def test_refusal_says_why(town):
    anna = town.client("anna")
    request, _ = ask_rights(anna, town)
    assert refused(anna, rights_answer=dict(id=request, outcome="refused")) == (
        "field_missing", "motive")
    assert refused(anna, rights_answer=dict(id=request, outcome="refused", motive="non")) == (
        "field_range", "motive")
    do(anna, rights_answer=dict(id=request, outcome="refused", motive="excessive"))
    view = one(anna, id=request)
    assert (view.state, view.motive) == ("refused", "excessive")


def test_dpo_sees_states_and_deadlines_never_who_asks(town):
    anna, diane = town.client("anna"), town.client("diane")
    request, number = ask_rights(anna, town)
    view, = requests(diane)
    assert (view.number, view.state, view.due_day) == (number, "open", add_months(town.today, 1))
    assert b"canari" not in view.SerializeToString().lower()
    assert refused(diane, rights_get=dict(id=request, nominative=True))[0] == "nominative_never"
    assert refused(diane, rights_answer=dict(id=request, outcome="granted"))[0] == "not_allowed"


def test_who_asks_is_read_by_the_coordinator_and_by_the_head_with_a_purpose(town):
    anna, helene = town.client("anna"), town.client("helene")
    request, number = ask_rights(anna, town)
    assert one(anna, number=number, nominative=True).requester.name == "Demandcanari Eve"
    assert refused(helene, rights_get=dict(id=request, nominative=True))[0] == "purpose_missing"
    seen = do(helene, purpose="droits", rights_get=dict(id=request, nominative=True))
    assert seen.rights_list_answer.requests[0].requester.name == "Demandcanari Eve"
    assert refused(town.client("emile"), rights_get=dict(
        id=request, nominative=True))[0] == "nominative_never"
    assert refused(town.client("bruno"), rights_get=dict(id=request))[0] == "other_territory"
    assert not requests(town.client("bruno"))


def test_events_say_numbers_codes_and_days(town):
    start, anna = head(town).number, town.client("anna")
    request, number = ask_rights(anna, town)
    do(anna, rights_extend=dict(id=request, reason="raisoncanari"))
    do(anna, rights_answer=dict(id=request, outcome="granted", text="textecanari"))
    seen = collect(town, "rights.answered", after=start)
    assert [event.topic for event in seen] == [
        "rights.opened", "rights.extended", "rights.answered"]
    opened = seen[0].notice
    assert (opened.reference, opened.code, opened.day) == (
        number, "access", add_months(town.today, 1))
    for event in seen:
        assert b"canari" not in event.notice.SerializeToString().lower()


# --- extract ---

def family(town):
    """A situation about Léa with her brother and a witness, and a request about it."""
    anna = town.client("anna")
    situation, *_ = open_situation(
        anna, town, title="Léa et ZOÉ LECOEUR",
        referrer="Mme Voisincanari", text="signalé par mme VOISINCANARI, vers Tom Durand",
        persons=[person("Durand", "Léa", address="1 rue X"),
                 person("Durand", "Tom", role="relative", representatives="Mme Tutricanari"),
                 person("Lecœur de la Tour", "Zoé", role="witness")])
    do(anna, situation_add_entry=dict(
        id=situation, kind="contact", day=town.today,
        text="DE LA TOUR Zoe a vu Léa DURAND avec Tom ; zoélie et la cour n’y sont pour rien"))
    request, number = ask_rights(anna, town, situations=[situation])
    view = show(anna, nominative=True, id=situation)
    subject = next(one.id for one in view.persons if one.identity.first_name == "Léa")
    return situation, request, number, subject


def extract(client, purpose=None, **fields):
    more = dict(purpose=purpose) if purpose else {}
    return do(client, rights_extract=fields, **more).rights_extract_answer


def test_extract_holds_everything_and_masks_third_parties(town):
    anna = town.client("anna")
    situation, request, number, subject = family(town)
    found = extract(anna, id=request, situation=situation, person=subject)
    texts = {(part.what, part.field): part.text for part in found.parts}
    assert found.number == number
    assert (found.person.identity.last_name, found.person.identity.address) == (
        "Durand", "1 rue X")
    assert sorted(one.identity.last_name for one in found.others) == [
        "[personne 2]", "[personne 3]"]
    assert texts["situation.text", "title"] == "Léa et [personne 3]"
    assert texts["entry.text", "text"] == (
        "[personne 3] a vu Léa DURAND avec [personne 2] ; zoélie et la cour n’y sont pour rien")
    assert texts["saisine.text", "text"] == "signalé par mme [tiers], vers [personne 2]"
    assert texts["saisine.text", "referrer"] == "[tiers]"
    raw = found.SerializeToString().lower()
    for name in ("canari", "tom ", "lecœur", "lecoeur"):
        assert name.encode() not in raw, name
    assert "Relisez" in found.note_fr and found.masked_count == 6 - 1


def test_extract_masks_how_to_reach_others_and_says_how_much(town):
    """Telephones, e-mail addresses, addresses and nicknames too; never the person's own."""
    anna = town.client("anna")
    partner = new_partner(town)
    contact = do(town.operator, contact_set=dict(
        partner=partner, last_name="Assistcanari", first_name="Ida",
        phone="03 89 11 22 33")).made[0].id
    situation, *_ = open_situation(
        anna, town, title="Léa", text="Tom dit « Momocanari » ; joint à tom.d@canari.example",
        place="12 rue des Canaris",
        persons=[person("Durand", "Léa", address="1 rue X", phone="06 00 00 00 01"),
                 person("Durand", "Tom", role="relative", address="12, rue des Canaris, Mulhouse",
                        phone="0600000002")])
    do(anna, situation_engage=dict(id=situation, contact=contact))
    do(anna, situation_add_entry=dict(
        id=situation, kind="contact", day=town.today,
        text="Appelée au 06.00.00.00.01 ; son frère au +33 6 00 00 00 02, 12 r. des Canaris ; "
             "MOMOCANARI et Mme ASSISTCANARI (0389112233) au 1 rue X, compte @momocanari68"))
    request, _ = ask_rights(anna, town, situations=[situation])
    view = show(anna, nominative=True, id=situation)
    subject = next(one.id for one in view.persons if one.identity.first_name == "Léa")
    found = extract(anna, id=request, situation=situation, person=subject)
    texts = {(part.what, part.field): part.text for part in found.parts}
    assert texts["entry.text", "text"] == (
        "Appelée au 06.00.00.00.01 ; son frère au [téléphone], [adresse] ; [personne 2] et Mme "
        "[professionnel] ([téléphone]) au 1 rue X, compte [courriel]")
    assert texts["saisine.text", "place"] == "[adresse]"
    raw = found.SerializeToString().lower()
    for canary in (b"canari", b"00 00 02", b"0000002", b"11 22 33", b"0389112233"):
        assert canary not in raw, canary
    counts = {one.kind: one.count for one in found.masked}
    assert counts == dict(name=4, phone=2, email=2, address=2)
    assert found.masked_count == sum(counts.values())


def test_extract_is_journalled_and_said_on_the_bus(town):
    start, anna = head(town).number, town.client("anna")
    situation, request, _, subject = family(town)
    reply = do(anna, rights_extract=dict(id=request, situation=situation, person=subject))
    event = collect(town, "export.made", after=start)[-1]
    assert event.number >> 8 == reply.seq  # the audit entry of the read itself
    assert (event.notice.id, event.notice.agent) == (request, town.agents["anna"])
    assert b"canari" not in event.notice.SerializeToString().lower()
    town.crash()
    assert town.stop() == 0
    town.ctps("store", "check")


def test_extract_refusals(town):
    anna, helene = town.client("anna"), town.client("helene")
    situation, request, _, subject = family(town)
    other, *_ = open_situation(anna, town)
    fields = dict(id=request, situation=situation, person=subject)
    assert refused(anna, rights_extract=dict(fields, situation=other)) == (
        "rights_not_asked", "situation")
    assert refused(anna, rights_extract=dict(fields, person=42)) == ("absent", "person")
    assert refused(anna, rights_extract=dict(fields, id=42)) == ("absent", "request")
    assert refused(helene, rights_extract=fields)[0] == "purpose_missing"
    assert extract(helene, purpose="droits", **fields).parts
    for name, why in (("emile", "nominative_never"), ("diane", "nominative_never"),
                      ("bruno", "other_territory"), ("chloe", "not_allowed")):
        assert refused(town.client(name), rights_extract=fields)[0] == why
    do(anna, rights_answer=dict(id=request, outcome="granted"))
    assert refused(anna, rights_extract=fields) == ("state_wrong", "request")


def test_restricted_situation_is_still_extracted(town):
    anna = town.client("anna")
    situation, request, _, subject = family(town)
    do(anna, situation_restrict=dict(id=situation, reason="contestation"))
    assert extract(anna, id=request, situation=situation, person=subject).parts


# --- the command line ---

def test_a_request_from_the_command_line(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    reference = show(anna, id=situation).reference
    key = town.dir / "anna.key"
    town.keys["anna"].write(key)

    def run(*words):
        return town.ctps("rights", *words, "--as", str(key))

    made = run("open", "--kind", "access", "--received", "01/01/2026", "--territory", "T1",
               "--name", "Demandcanari", "--situation", reference)
    number = next(word for word in made.stdout.split() if word.startswith("D-"))
    assert number in run("list", "--overdue").stdout
    assert "accès" in run("list").stdout and "ouverte" in run("list").stdout
    assert "canari" not in run("list").stdout
    assert "Demandcanari" in run("show", number, "--names").stdout
    person_id = show(anna, nominative=True, id=situation).persons[0].id
    page = town.dir / "extrait.html"
    said = run("extract", number, "--situation", reference, "--person", str(person_id),
               "--output", str(page)).stderr
    assert "Durand" in page.read_text() and "Relisez" in page.read_text()
    assert "Téléphones masqués" in page.read_text() and "Adresses de tiers masquées : 0" in said
    run("answer", number, "--outcome", "refused", "--motive", "excessive")
    assert number in run("list", "--state", "refused").stdout
    assert "refusée" in run("show", number).stdout


# --- retention ---

def test_longer_retention_needs_a_recorded_justification(town):
    admin, start = town.client("admin"), head(town).number
    for months, why, name in ((4, "", "retention_unjustified"), (37, "x", "retention_too_long")):
        assert refused(admin, town_set=dict(name="Mulhouse", retention_months=months,
                                            retention_justification=why))[0] == name
    do(admin, town_set=dict(name="Mulhouse", retention_months=12,
                            retention_justification="délibération 12-3"))
    collect(town, "settings.changed", after=start)
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    do(anna, situation_close=dict(id=situation, day=town.today, motive="resolue"))
    assert show(anna, id=situation).erase_due_day == add_months(town.today, 12)
    town.restart()
    assert show(anna, id=situation).erase_due_day == add_months(town.today, 12)
