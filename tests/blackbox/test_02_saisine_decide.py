"""Accepting, attaching, declining: states and refusals."""
from acts import close, do, open_situation, receive, refused, show


def test_accepting_opens_a_situation(town):
    anna = town.client("anna")
    situation, reference, saisine = open_situation(anna, town, title="Chez les Durand")
    view = show(anna, reference=reference, nominative=True)
    assert view.id == situation and view.status == "a_qualifier"
    assert view.title == "Chez les Durand" and list(view.saisines) == [saisine]
    assert view.persons[0].identity.first_name == "Léa"
    assert view.lead_agent == town.agents["anna"] and view.term == "moyen"


def test_references_follow_each_other(town):
    anna = town.client("anna")
    references = [open_situation(anna, town)[1] for _ in range(2)]
    assert [reference.rsplit("-", 1)[1] for reference in references] == ["0001", "0002"]
    assert references[0].startswith("T1-")


def test_accepting_twice_is_refused(town):
    anna = town.client("anna")
    _, _, saisine = open_situation(anna, town)
    assert refused(anna, saisine_accept=dict(id=saisine)) == ("state_wrong", "saisine")


def test_attaching_joins_an_open_situation(town):
    anna = town.client("anna")
    situation, reference, first = open_situation(anna, town)
    second = receive(anna, town)
    made = do(anna, saisine_accept=dict(id=second, attach_to=situation)).made[0]
    assert made.reference == reference
    assert sorted(show(anna, id=situation).saisines) == [first, second]


def test_attaching_to_a_closed_situation_is_refused(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    close(anna, town, situation)
    assert refused(anna, saisine_accept=dict(id=receive(anna, town), attach_to=situation)) == (
        "state_wrong", "attach_to")


def test_attaching_to_a_situation_elsewhere_is_refused(town):
    anna, bruno = town.client("anna"), town.client("bruno")
    other, *_ = open_situation(bruno, town, territory="T2", district="Coteaux")
    assert refused(anna, saisine_accept=dict(id=receive(anna, town), attach_to=other)) == (
        "other_territory", "attach_to")


def test_attaching_to_nothing_is_refused(town):
    anna = town.client("anna")
    assert refused(anna, saisine_accept=dict(id=receive(anna, town), attach_to=77)) == (
        "absent", "attach_to")


def test_declining_needs_a_motive_of_the_list(town):
    anna = town.client("anna")
    saisine = receive(anna, town)
    assert refused(anna, saisine_decline=dict(id=saisine)) == ("field_missing", "motive")
    assert refused(anna, saisine_decline=dict(id=saisine, motive="nulle")) == (
        "list_value_unknown", "motive")


def test_declined_saisine_is_kept_with_its_motive_and_text(town):
    anna = town.client("anna")
    saisine = receive(anna, town)
    do(anna, saisine_decline=dict(id=saisine, motive="hors_champ", text="rien à suivre"))
    found = do(anna, saisine_get=dict(id=saisine, nominative=True)).saisine_answer.saisines[0]
    assert (found.status, found.decline_motive, found.decline_text) == (
        "declined", "hors_champ", "rien à suivre")


def test_declined_saisine_can_no_longer_be_decided(town):
    anna = town.client("anna")
    saisine = receive(anna, town)
    do(anna, saisine_decline=dict(id=saisine, motive="hors_champ"))
    assert refused(anna, saisine_accept=dict(id=saisine)) == ("state_wrong", "saisine")
    assert refused(anna, saisine_decline=dict(id=saisine, motive="hors_champ")) == (
        "state_wrong", "saisine")


def test_unknown_saisine_is_absent(town):
    anna = town.client("anna")
    assert refused(anna, saisine_accept=dict(id=99)) == ("absent", "saisine")
    assert refused(anna, saisine_get=dict(id=99)) == ("absent", "saisine")


def test_deciding_elsewhere_is_refused(town):
    saisine = receive(town.client("anna"), town)
    assert refused(town.client("bruno"), saisine_accept=dict(id=saisine))[0] == \
        "other_territory"


def test_unknown_term_is_refused(town):
    anna = town.client("anna")
    assert refused(anna, saisine_accept=dict(id=receive(anna, town), term="eternel")) == (
        "list_value_unknown", "term")


def test_lead_must_work_in_the_territory(town):
    anna = town.client("anna")
    saisine = receive(anna, town)
    assert refused(anna, saisine_accept=dict(id=saisine, lead_agent=4242)) == (
        "agent_unknown", "lead_agent")
    assert refused(anna, saisine_accept=dict(
        id=saisine, lead_agent=town.agents["bruno"])) == ("lead_not_there", "lead_agent")
    do(anna, saisine_accept=dict(id=saisine, lead_agent=town.agents["emile"]))
