"""Status of a situation: ways from one to another, and what each needs."""
import pytest

from acts import block, close, command, do, new_partner, open_situation, refused, show


def status(town, to, **more):
    return dict(situation_set_status=dict(id=town.situation, status=to, **more))


@pytest.fixture
def town(town):
    town.situation, town.reference, _ = open_situation(town.client("anna"), town)
    return town


@pytest.mark.parametrize("way", [
    ["suivi"], ["veille", "suivi"], ["suivi", "bloquee", "suivi"], ["bloquee", "veille"]])
def test_open_statuses_follow_one_another(town, way):
    anna = town.client("anna")
    for to in way:
        more = {"veille": dict(watch_until_day=town.today + 30),
                "bloquee": dict(blocked_what="attente du logement",
                                blocked_by=new_partner(town))}.get(to, {})
        do(anna, **status(town, to, **more))
        assert show(anna, id=town.situation).status == to


def test_watch_needs_a_day(town):
    assert refused(town.client("anna"), **status(town, "veille")) == (
        "field_missing", "watch_until_day")


def test_watch_needs_a_day_to_come(town):
    assert refused(town.client("anna"), **status(
        town, "veille", watch_until_day=town.today)) == ("date_order", "watch_until_day")


def test_blocked_needs_what_blocks_and_which_partner(town):
    anna, partner = town.client("anna"), new_partner(town)
    assert refused(anna, **status(town, "bloquee")) == ("blocked_incomplete", "blocked_by")
    assert refused(anna, **status(town, "bloquee", blocked_what="le bail")) == (
        "blocked_incomplete", "blocked_by")
    assert refused(anna, **status(town, "bloquee", blocked_by=partner)) == (
        "blocked_incomplete", "blocked_what")
    reply = anna.request(command.Request(**status(town, "bloquee")))
    assert "bloquée" in reply.refusal.text_fr and "which partner" in reply.refusal.text_en
    assert "partner" in reply.refusal.rule
    assert show(anna, id=town.situation).status == "a_qualifier"


def test_blocked_by_nobody_known_is_refused(town):
    assert refused(town.client("anna"), **status(
        town, "bloquee", blocked_what="x", blocked_by=99)) == ("partner_unknown", "blocked_by")


def test_what_blocks_is_read_back(town):
    anna = town.client("anna")
    partner = block(anna, town, town.situation, "le bail")
    assert show(anna, id=town.situation, nominative=True).blocked_what == "le bail"
    facts = show(anna, id=town.situation)
    assert not facts.blocked_what and facts.blocked_by == partner
    assert refused(anna, **status(town, "bloquee", blocked_what="autre", blocked_by=partner)) == (
        "state_wrong", "status")


def test_leaving_watch_forgets_its_day(town):
    anna = town.client("anna")
    do(anna, **status(town, "veille", watch_until_day=town.today + 9))
    assert show(anna, id=town.situation).watch_until_day == town.today + 9
    do(anna, **status(town, "suivi"))
    assert not show(anna, id=town.situation).HasField("watch_until_day")


@pytest.mark.parametrize("to", ["a_qualifier", "close", "effacee"])
def test_status_that_is_not_to_be_set_is_refused(town, to):
    assert refused(town.client("anna"), **status(town, to)) == ("state_wrong", "status")


def test_same_status_again_is_refused(town):
    anna = town.client("anna")
    do(anna, **status(town, "suivi"))
    assert refused(anna, **status(town, "suivi")) == ("state_wrong", "status")


def test_unknown_status_is_refused(town):
    assert refused(town.client("anna"), **status(town, "dormante")) == (
        "list_value_unknown", "status")


def test_closed_situation_keeps_its_status(town):
    anna = town.client("anna")
    close(anna, town, town.situation)
    assert refused(anna, **status(town, "suivi")) == ("state_wrong", "situation")


def test_unknown_situation_is_absent(town):
    assert refused(town.client("anna"), situation_set_status=dict(id=5, status="suivi")) == (
        "absent", "situation")


def test_situation_elsewhere_is_not_touched(town):
    assert refused(town.client("bruno"), **status(town, "suivi"))[0] == "other_territory"
