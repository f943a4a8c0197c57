"""Of one's day: shares waiting for one's word, and glass broken of late."""
import pytest

from acts import do, open_situation
from test_61_today import today


@pytest.fixture
def shared(town):
    """A town with a situation of T1 shared with the coordinator of T2: (town, ids)."""
    situation, reference, _ = open_situation(town.client("anna"), town, title="CANARI")
    share = do(town.client("anna"), share_record=dict(
        situation=situation, identity=True, agents=[town.agents["bruno"]],
        legal_base="interne", purpose="suivi", purpose_text="CANARI",
        expiry_day=town.today + 30)).made[0].id
    return town, situation, reference, share


def items(town, who, kind):
    return [item for item in today(town, who).items if item.kind == kind]


def test_a_share_waits_until_it_is_acknowledged(shared):
    town, _, reference, share = shared
    item, = items(town, "bruno", "share_waiting")
    assert (item.id, item.reference, item.agent) == (share, reference, town.agents["anna"])
    assert not item.late and item.code == "suivi"
    for who in ("anna", "emile", "helene", "diane"):
        assert not items(town, who, "share_waiting")
    do(town.client("bruno"), share_acknowledge=dict(id=share))
    assert not items(town, "bruno", "share_waiting")


def test_a_share_revoked_waits_no_more(shared):
    town, _, _, share = shared
    do(town.client("anna"), share_revoke=dict(id=share))
    assert not items(town, "bruno", "share_waiting")


def test_glass_broken_is_told_to_head_and_dpo(shared):
    town, _, _, _ = shared
    situation, reference, _ = open_situation(town.client("anna"), town)
    do(town.client("bruno"), break_glass_use=dict(situation=situation, reason="CANARI urgence"))
    for who in ("helene", "diane"):
        item, = items(town, who, "glass_broken")
        assert (item.agent, item.reference) == (town.agents["bruno"], reference)
    for who in ("anna", "bruno", "chloe"):
        assert not items(town, who, "glass_broken")


def test_no_text_stands_in_it(shared):
    town, situation, _, _ = shared
    do(town.client("bruno"), break_glass_use=dict(situation=situation, reason="CANARI urgence"))
    for who in ("bruno", "helene", "diane"):
        assert b"CANARI" not in today(town, who).SerializeToString()
