"""Break-glass, who saw what, and telling recipients what became of what they were given."""
import pytest
from town import ctps_client

from acts import close, do, open_situation, refused, show
from test_50_share import contact, heard, listed, new, opened, share

HOUR = 1 / 24
common = ctps_client.common


@pytest.fixture
def town(stopped_town):
    town = stopped_town
    town.start(town.clock_env())
    town.situation, town.reference, town.saisine = open_situation(
        town.client("anna"), town, title="Titre", text="texte")
    return town


def head_of(town):
    return do(town.client("follower"), read_events=dict(
        audience="plugins", after=2**64 - 1)).events_answer.head.number


def use(town, by="bruno", reason="enfant en danger ce soir", **which):
    which = which or dict(situation=town.situation)
    return do(town.client(by), break_glass_use=dict(reason=reason, **which)).made[0]


def test_opens_one_situation_whole_for_three_hours(town):
    bruno = town.client("bruno")
    other, _, _ = open_situation(town.client("anna"), town, title="Autre")
    assert show(bruno, id=town.situation, nominative=True).existence_only
    made = use(town)
    assert made.kind == common.OBJECT_BREAK_GLASS and made.reference == town.reference
    view = show(bruno, id=town.situation, nominative=True)
    assert view.title == "Titre" and view.persons and view.status and not view.existence_only
    assert show(bruno, id=town.situation).existence_only  # asked without names: as before
    assert show(bruno, id=other, nominative=True).existence_only
    town.move_clock(days=2.99 * HOUR)
    assert show(bruno, id=town.situation, nominative=True).title == "Titre"
    town.move_clock(days=3.01 * HOUR)
    assert show(bruno, id=town.situation, nominative=True).existence_only
    use(town, reference=town.reference)
    assert show(bruno, id=town.situation, nominative=True).title == "Titre"


def test_is_nobody_else_s(town):
    use(town)
    emile = town.agent("farid", ["T2"], "educateur")
    assert show(emile.client, id=town.situation, nominative=True).existence_only
    do(emile.client, break_glass_use=dict(situation=town.situation, reason="fugue"))
    assert show(emile.client, id=town.situation, nominative=True).title == "Titre"


def test_refusals(town):
    bruno = town.client("bruno")
    asked = dict(situation=town.situation, reason="urgence")
    assert refused(bruno, break_glass_use=dict(situation=town.situation)) == \
        ("field_missing", "reason")
    assert refused(bruno, break_glass_use=dict(situation=4242, reason="x")) == \
        ("absent", "situation")
    for name in ("anna", "emile", "helene", "chloe", "diane", "audrey", "admin"):
        assert refused(town.client(name), break_glass_use=asked)[0] == "not_allowed"
    close(town.client("anna"), town, town.situation)
    do(town.client("helene"), situation_erase=dict(id=town.situation, reason="droits"))
    assert refused(bruno, break_glass_use=asked)[0] == "erased"


def test_is_told_at_once_without_the_reason(town):
    start = head_of(town)
    made = use(town)
    event = heard(town, "break_glass.used", start)[-1]
    assert (event.notice.kind, event.notice.id) == (common.OBJECT_BREAK_GLASS, made.id)
    assert event.notice.other == town.situation and event.notice.agent == town.agents["bruno"]
    assert b"danger" not in event.notice.SerializeToString()


def register(client, purpose=None, **filters):
    fields = dict(break_glass_list=filters)
    if purpose:
        fields["purpose"] = purpose
    return do(client, **fields).break_glass_answer.uses


def test_register_and_its_reasons(town):
    made = use(town)
    for name in ("helene", "diane", "audrey"):
        row, = register(town.client(name), nominative=True)
        assert (row.id, row.reference, row.territory, row.agent) == (
            made.id, town.reference, "T1", town.agents["bruno"])
        assert row.used_us and not row.reason
    row, = register(town.client("helene"), "supervision", nominative=True)
    assert row.reason == "enfant en danger ce soir"
    assert not register(town.client("diane"), "supervision", nominative=True)[0].reason
    for name in ("anna", "bruno", "chloe", "admin"):
        assert refused(town.client(name), break_glass_list=dict())[0] == "not_allowed"
    diane = town.client("diane")
    assert not register(diane, agent=town.agents["anna"])
    assert not register(diane, from_day=town.today + 1)
    again = use(town)
    assert [row.id for row in register(diane)] == [again.id, made.id]
    assert [row.id for row in register(diane, before=again.id)] == [made.id]


# --- who saw what ---

def who(town, by="diane", **changes):
    fields = dict(situation=town.situation, from_day=town.today - 1, to_day=town.today + 1)
    fields.update(changes)
    return do(town.client(by), audit_who=fields).audit_answer


def test_who_saw_what_and_why(town):
    anna, bruno, helene = (town.agents[name] for name in ("anna", "bruno", "helene"))
    keller, client = contact(town)
    mine = share(town, contacts=[keller], agents=[bruno])
    show(town.client("anna"), id=town.situation, nominative=True)
    show(town.client("helene"), id=town.situation, nominative=True, purpose="supervision")
    opened(client, town)
    assert refused(town.client("chloe"), situation_get=dict(
        id=town.situation, nominative=True))[0] == "nominative_never"
    use(town)
    show(town.client("bruno"), id=town.situation, nominative=True)
    other, _, _ = open_situation(town.client("anna"), town, title="Autre")
    show(town.client("anna"), id=other, nominative=True)
    answer = who(town)
    seen = [(row.principal.id, row.action, row.result, row.purpose, row.legal_base)
            for row in answer.entries]
    assert seen == [
        (anna, "information.shared", "done", "suivi", "L132-5"),
        (anna, "situation.get", "answered", "", ""),
        (helene, "situation.get", "answered", "supervision", ""),
        (keller, "situation.get", "answered", "", "L132-5"),
        (town.agents["chloe"], "situation.get", "nominative_never", "", ""),
        (bruno, "break_glass.used", "done", "", "break_glass"),
        (bruno, "situation.get", "answered", "", "break_glass"),
        (town.agents["diane"], "audit.who", "answered", "", "")]
    assert mine in answer.entries[3].objects
    assert [(row.id, list(row.contacts), list(row.agents)) for row in answer.shares] == [
        (mine, [keller], [bruno])]
    assert not answer.HasField("next") and not answer.unreadable
    text = str(answer)
    assert "Durand" not in text and "Titre" not in text


def test_who_is_asked_by_dpo_and_auditor_only(town):
    assert who(town, "audrey").entries
    asked = dict(audit_who=dict(situation=town.situation, from_day=town.today,
                                to_day=town.today))
    for name in ("anna", "emile", "helene", "chloe", "admin"):
        assert refused(town.client(name), **asked)[0] == "not_allowed"
    diane = town.client("diane")
    for changes, expected in (
            (dict(situation=4242), ("absent", "situation")),
            (dict(from_day=None), ("field_missing", "from_day")),
            (dict(to_day=town.today - 2), ("date_order", "to_day"))):
        fields = dict(asked["audit_who"], **changes)
        fields = {name: value for name, value in fields.items() if value is not None}
        assert refused(diane, audit_who=fields) == expected


def test_who_by_pages_and_by_days(town):
    anna = town.client("anna")
    for _ in range(150):
        show(anna, id=town.situation, nominative=True)
    pages, after = [], 0
    while True:
        answer = who(town, limit=40, after=after)
        assert len(answer.entries) <= 40
        pages += [row.seq for row in answer.entries if row.action == "situation.get"]
        if not answer.HasField("next"):
            break
        after = answer.next
    assert len(pages) == len(set(pages)) == 150 and pages == sorted(pages)
    first = town.today
    town.move_clock(days=1)
    later = town.today
    show(anna, id=town.situation, nominative=True)
    assert len([row for row in who(town, from_day=first, to_day=first, limit=500).entries
                if row.action == "situation.get"]) == 150
    assert len([row for row in who(town, from_day=later, to_day=later).entries
                if row.action == "situation.get"]) == 1


# --- told of erasures ---

def test_recipients_are_told_of_an_erasure(town):
    keller, _ = contact(town)
    first = share(town, contacts=[keller])
    second = share(town, agents=[town.agents["bruno"]])
    do(town.client("anna"), share_revoke=dict(id=first))
    start = head_of(town)
    close(town.client("anna"), town, town.situation)
    do(town.client("helene"), situation_erase=dict(id=town.situation, reason="droits"))
    seen = [event for event in heard(town, "information.erased", start)]
    done = [event.topic for event in seen].index("erasure.done")
    told = [event for event in seen + heard(town, "information.erased", seen[-1].number)
            if event.topic == "information.erased"]
    assert [event.notice.id for event in told] == [first, second]  # past ones too
    assert done >= 0 and all(event.notice.other == town.situation for event in told)
    rows = listed(town.client("diane"), situation=town.situation)
    assert [row.erased_day for row in rows] == [town.today, town.today]
    assert not any(row.purpose_text for row in listed(
        town.client("anna"), situation=town.situation, nominative=True))
