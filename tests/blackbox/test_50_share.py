"""Shares: what they open, to whom, until when, and what is refused."""
import time

import pytest
from town import ctps_client

from acts import close, do, open_situation, refused, show
from acts import CONTACT


def contact(town, name="Keller", **more):
    """(id, client) of a contact whose charter is current."""
    partner = do(town.operator, partner_set=dict(
        name="Collège " + name, family="institutionnel", kind="education")).made[0].id
    fields = dict(partner=partner, last_name=name, charter_version="v3",
                  charter_day=town.today)
    made = do(town.operator, contact_set=dict(fields, **more)).made[0].id
    town.last_partner = partner
    key = town.key_new({"kind": CONTACT, "id": made}, name.lower())
    return made, town.client_of(key)


@pytest.fixture
def town(town):
    anna = town.client("anna")
    town.situation, town.reference, town.saisine = open_situation(
        anna, town, title="Titre", text="texte", place="3 rue X")
    town.entry = do(anna, situation_add_entry=dict(
        id=town.situation, kind="contact", day=town.today, text="vu hier")).made[0].id
    town.other_entry = do(anna, situation_add_entry=dict(
        id=town.situation, kind="contact", day=town.today, text="autre jour")).made[0].id
    return town


def new(town, **changes):
    """Fields of a share that lacks nothing, with `changes`; a field set to None is left out."""
    fields = dict(situation=town.situation, identity=True, legal_base="L132-5",
                  purpose="suivi", purpose_text="préparer le groupe", expiry_day=town.today + 30)
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not None}


def share(town, by="anna", **changes):
    return do(town.client(by), share_record=new(town, **changes)).made[0].id


def opened(client, town):
    return do(client, situation_get=dict(
        id=town.situation, nominative=True)).situation_answer.situations


def test_contact_reads_exactly_what_was_shared(town):
    keller, client = contact(town)
    for given, identity, title, entries in (
            (dict(identity=True), True, "", []),
            (dict(identity=None, summary=True), False, "Titre", []),
            (dict(identity=None, entries=[town.entry]), False, "", [town.entry]),
            (dict(identity=None), False, "", [])):
        mine = share(town, contacts=[keller], **given)
        view, = opened(client, town)
        assert bool(view.persons) == identity and view.title == title
        assert (view.text == "texte") == bool(title) and (view.place == "3 rue X") == bool(title)
        assert [entry.id for entry in view.entries] == entries
        assert view.reference == town.reference and view.legal_base == "L132-5"
        assert list(view.shares) == [mine] and view.shared_to_day == town.today + 30
        assert not view.motives and not view.status and not view.district and not view.opened_day
        do(town.client("anna"), share_revoke=dict(id=mine))


def test_nothing_without_a_share(town):
    _, client = contact(town)
    other, _ = contact(town, "Autre")
    share(town, contacts=[other])
    assert refused(client, situation_get=dict(id=town.situation, nominative=True))[0] == \
        "not_shared"
    assert refused(client, situation_get=dict(id=town.situation))[0] == "not_allowed"


def test_agent_elsewhere_reads_what_was_shared_and_existence_before(town):
    bruno = town.client("bruno")
    assert show(bruno, id=town.situation, nominative=True).existence_only
    share(town, agents=[town.agents["bruno"]], legal_base="interne")
    view = show(bruno, id=town.situation, nominative=True)
    assert view.persons[0].identity.last_name == "Durand" and not view.title
    assert not view.existence_only and not view.motives
    assert show(bruno, id=town.situation).existence_only  # facts were not shared


def test_two_legal_bases_are_answered_apart(town):
    bruno = town.agents["bruno"]
    share(town, agents=[bruno], legal_base="interne")
    share(town, agents=[bruno], identity=None, summary=True)
    first, second = opened(town.client("bruno"), town)
    assert (first.legal_base, first.title, len(first.persons)) == ("L132-5", "Titre", 0)
    assert (second.legal_base, second.title, len(second.persons)) == ("interne", "", 1)


def test_refused_by_name_once_revoked(town):
    keller, client = contact(town)
    bruno = town.client("bruno")
    mine = share(town, contacts=[keller], agents=[town.agents["bruno"]])
    assert len(opened(client, town)) == len(opened(bruno, town)) == 1
    do(town.client("anna"), share_revoke=dict(id=mine))
    for reader in (client, bruno):
        assert refused(reader, situation_get=dict(id=town.situation, nominative=True))[0] == \
            "share_revoked"
    assert refused(town.client("anna"), share_revoke=dict(id=mine)) == ("state_wrong", "share")


def test_refused_by_name_the_day_after_its_last(stopped_town):
    town = stopped_town
    town.start(town.clock_env())
    town.situation, _, _ = open_situation(town.client("anna"), town, title="Titre")
    keller, client = contact(town)
    share(town, contacts=[keller], expiry_day=town.today + 1)
    town.move_clock(days=1)
    assert len(opened(client, town)) == 1
    town.move_clock(days=2)
    assert refused(client, situation_get=dict(id=town.situation, nominative=True))[0] == \
        "share_expired"


def test_charter_and_activity_are_asked_at_each_reading(town):
    keller, client = contact(town)
    share(town, contacts=[keller])
    assert len(opened(client, town)) == 1
    base = dict(id=keller, partner=town.last_partner, last_name="Keller")
    do(town.operator, contact_set=dict(base, charter_version="v2", charter_day=town.today))
    assert refused(client, situation_get=dict(id=town.situation, nominative=True))[0] == \
        "charter_not_current"
    do(town.operator, contact_set=dict(base, charter_version="v3", charter_day=town.today,
                                       inactive=True))
    assert refused(client, situation_get=dict(id=town.situation, nominative=True))[0] == \
        "contact_inactive"


def test_what_may_not_be_shared(town):
    anna = town.client("anna")
    keller, _ = contact(town)
    old, _ = contact(town, "Vieux", charter_version="v2")
    gone, _ = contact(town, "Parti", inactive=True)
    mine = dict(contacts=[keller])
    for changes, expected in (
            (dict(situation=4242, **mine), ("absent", "situation")),
            (dict(), ("field_missing", "contacts")),
            (dict(contacts=[4242]), ("absent", "contacts")),
            (dict(agents=[4242]), ("agent_unknown", "agents")),
            (dict(contacts=[old]), ("charter_not_current", "contacts")),
            (dict(contacts=[gone]), ("contact_inactive", "contacts")),
            (dict(agents=[town.agents["chloe"]]), ("share_function", "agents")),
            (dict(agents=[town.agents["diane"]]), ("share_function", "agents")),
            (dict(legal_base=None, **mine), ("field_missing", "legal_base")),
            (dict(legal_base="L999", **mine), ("list_value_unknown", "legal_base")),
            (dict(legal_base="interne", **mine), ("share_service_only", "contacts")),
            (dict(legal_base="L121-6-2", **mine), ("share_not_engaged", "contacts")),
            (dict(legal_base="L121-6-2", agents=[town.agents["bruno"]]),
             ("share_not_engaged", "agents")),
            (dict(purpose=None, **mine), ("field_missing", "purpose")),
            (dict(entries=[town.entry, 4242], **mine), ("absent", "entries")),
            (dict(expiry_day=None, **mine), ("field_missing", "expiry_day")),
            (dict(expiry_day=town.today - 1, **mine), ("date_order", "expiry_day")),
            (dict(expiry_day=town.today + 184, **mine), ("share_too_long", "expiry_day"))):
        assert refused(anna, share_record=new(town, **changes)) == expected
    for day in (town.today, town.today + 183):
        share(town, contacts=[keller], expiry_day=day)
    share(town, agents=[town.agents["anna"]], legal_base="L121-6-2")  # leads it
    close(anna, town, town.situation)
    assert refused(anna, share_record=new(town, **mine)) == ("state_wrong", "situation")


def test_who_may_share(town):
    keller, client = contact(town)
    helene, bruno = town.agents["helene"], town.agents["bruno"]
    assert refused(town.client("bruno"), share_record=new(town, contacts=[keller]))[0] == \
        "other_territory"
    for name in ("helene", "chloe", "diane", "audrey", "admin"):
        assert refused(town.client(name), share_record=new(town, contacts=[keller]))[0] == \
            "not_allowed"
    assert refused(client, share_record=new(town, contacts=[keller]))[0] == "not_allowed"
    assert refused(town.client("emile"), share_record=new(town, contacts=[keller]))[0] == \
        "not_allowed"  # an educator: inside the service only
    share(town, by="emile", agents=[bruno, helene], legal_base="interne")


def test_recipient_acknowledges_once_and_nobody_else(town):
    keller, client = contact(town)
    _, other = contact(town, "Autre")
    mine = share(town, contacts=[keller])
    assert refused(other, share_acknowledge=dict(id=mine))[0] == "not_shared"
    assert refused(town.client("anna"), share_acknowledge=dict(id=mine))[0] == "not_shared"
    do(client, share_acknowledge=dict(id=mine))
    assert refused(client, share_acknowledge=dict(id=mine)) == ("state_wrong", "share")
    row, = listed(town.client("anna"), situation=town.situation)
    assert [(by.kind, by.id) for by in row.acknowledged_by] == [(CONTACT, keller)]
    again = share(town, contacts=[keller])
    do(town.client("anna"), share_revoke=dict(id=mine))
    assert refused(client, share_acknowledge=dict(id=mine))[0] == "share_revoked"
    do(client, share_acknowledge=dict(id=again))


def listed(client, **filters):
    return do(client, share_list=filters).share_answer.shares


def test_lists_by_situation_recipient_and_period(town):
    anna = town.client("anna")
    keller, client = contact(town)
    college = town.last_partner
    other, _ = contact(town, "Autre")
    first = share(town, contacts=[keller, other], agents=[town.agents["bruno"]])
    second = share(town, contacts=[other])

    def ids(reader, **filters):
        return [row.id for row in listed(reader, **filters)]

    assert ids(anna, situation=town.situation) == [second, first]
    assert ids(anna, contact=keller) == [first]
    assert ids(anna, partner=college) == [first]
    assert ids(anna, agent=town.agents["bruno"]) == [first]
    assert ids(anna) == [second, first]
    assert ids(anna, limit=1) == [second] and ids(anna, before=second) == [first]
    assert ids(anna, from_day=town.today + 1) == ids(anna, to_day=town.today - 1) == []
    do(anna, share_revoke=dict(id=second))
    assert ids(anna, live=True) == [first]
    for name in ("helene", "diane", "audrey"):
        assert ids(town.client(name)) == [second, first]
    # A recipient sees the own ones, and not who else had them.
    row, = listed(client, contact=keller)
    assert list(row.contacts) == [keller] and not row.agents
    row, = listed(town.client("bruno"), agent=town.agents["bruno"])
    assert list(row.agents) == [town.agents["bruno"]] and not row.contacts
    assert refused(client, share_list=dict())[0] == "not_shared"
    assert refused(town.client("chloe"), share_list=dict())[0] == "not_allowed"


def test_text_of_the_purpose_is_for_who_reads_the_situation(town):
    keller, _ = contact(town)
    share(town, contacts=[keller])
    asked = dict(situation=town.situation, nominative=True)
    assert listed(town.client("anna"), **asked)[0].purpose_text == "préparer le groupe"
    for name in ("diane", "audrey", "helene"):
        assert not listed(town.client(name), **asked)[0].purpose_text
    reply = do(town.client("helene"), share_list=asked, purpose="supervision")
    assert reply.share_answer.shares[0].purpose_text == "préparer le groupe"
    assert not listed(town.client("anna"), situation=town.situation)[0].purpose_text


def heard(town, last, after):
    """Events after number `after` up to the first `last`."""
    seen = []
    for event in town.client("follower").events(timeout=20, after=after):
        seen.append(event)
        if event.topic == last:
            return seen
    raise AssertionError(f"no {last}: {[event.topic for event in seen]}")


def test_events_say_ids_and_days_only(town):
    start = do(town.client("follower"), read_events=dict(
        audience="plugins", after=2**64 - 1)).events_answer.head.number
    keller, client = contact(town)
    mine = share(town, contacts=[keller])
    do(client, share_acknowledge=dict(id=mine))
    do(town.client("anna"), share_revoke=dict(id=mine))
    seen = [event for event in heard(town, "information.revoked", start)
            if event.topic.startswith("information.")]
    assert [event.topic for event in seen] == [
        "information.shared", "information.acknowledged", "information.revoked"]
    for event in seen:
        assert (event.notice.kind, event.notice.id) == (ctps_client.common.OBJECT_SHARE, mine)
        assert event.notice.other == town.situation and not event.notice.reference
    assert (seen[0].notice.code, seen[0].notice.day, seen[0].notice.agent) == (
        "L132-5", town.today + 30, town.agents["anna"])


def test_survives_a_crash_and_a_rebuild(town):
    keller, _ = contact(town)
    mine = share(town, contacts=[keller], agents=[town.agents["bruno"]])
    town.crash()
    assert opened(town.client("bruno"), town)[0].shares == [mine]
    assert town.stop() == 0
    town.ctps("store", "check")


def test_in_a_meeting_but_not_in_a_strategic_one(town):
    anna = town.client("anna")
    keller, _ = contact(town)
    follow_up, plenary = (do(anna, meeting_schedule=dict(
        instance=instance, territory=territory, day=town.today + 7, minute=600,
        duration_min=60)).made[0].id for instance, territory in (
            ("suivi", "T1"), ("clspd_pleniere", None)))
    mine = share(town, contacts=[keller], meeting=follow_up)
    assert listed(anna, situation=town.situation)[0].meeting == follow_up and mine
    assert refused(anna, share_record=new(town, contacts=[keller], meeting=plenary)) == (
        "share_strategic", "meeting")
    assert refused(anna, share_record=new(town, contacts=[keller], meeting=4242)) == (
        "absent", "meeting")


@pytest.mark.parametrize("instance, territory, more, why", [
    ("institutionnel", None, {}, "situation_by_number"),
    ("local", "T1", {}, "situation_by_number"),
    ("adhoc", None, {"end_day": 40}, "situation_not_here"),
    ("gap", None, {}, "situation_not_here"),
    ("suivi", "T2", {}, "situation_other_territory"),
])
def test_only_in_a_meeting_that_carries_it_by_name(town, instance, territory, more, why):
    keller, _ = contact(town)
    more = {name: town.today + days for name, days in more.items()}
    day = town.today + 7 + (31 if time.gmtime((town.today + 7) * 86400).tm_mon == 8 else 0)
    who = "bruno" if territory == "T2" else "anna"
    meeting = do(town.client(who), meeting_schedule=dict(
        instance=instance, territory=territory, day=day, minute=600, **more)).made[0].id
    assert refused(town.client("anna"), share_record=new(
        town, contacts=[keller], meeting=meeting)) == (why, "meeting")


def test_restricted_situation_is_neither_shared_nor_read(town):
    keller, client = contact(town)
    mine = share(town, contacts=[keller])
    do(town.client("anna"), situation_restrict=dict(id=town.situation, reason="contestation"))
    assert refused(town.client("anna"), share_record=new(town, contacts=[keller]))[0] == \
        "restricted"
    assert refused(client, situation_get=dict(id=town.situation, nominative=True))[0] == \
        "restricted"
    do(town.client("anna"), share_revoke=dict(id=mine))  # protects: still possible
