"""Review, closing, erasure ordered by the head."""
import datetime

from acts import close, do, figures, open_situation, receive, refused, show
from test_11_events import collect, head


def review(town, situation, **more):
    return dict(situation_review=dict({"id": situation, "day": town.today,
                                       "evolution": "stable"}, **more))


def add_months(day, months):
    date = datetime.date(1970, 1, 1) + datetime.timedelta(day)
    month = date.year * 12 + date.month - 1 + months
    year, month = divmod(month, 12)
    for last in range(date.day, 27, -1):
        try:
            return (datetime.date(year, month + 1, last) - datetime.date(1970, 1, 1)).days
        except ValueError:
            continue
    return (datetime.date(year, month + 1, date.day) - datetime.date(1970, 1, 1)).days


def test_next_review_goes_by_the_term(town):
    anna = town.client("anna")
    for term, months in (("court", 1), ("moyen", 3), ("long", 6)):
        situation, *_ = open_situation(anna, town, term=term)
        assert show(anna, id=situation).next_review_day == add_months(town.today, months)
        do(anna, **review(town, situation))
        assert show(anna, id=situation).next_review_day == add_months(town.today, months)


def test_review_keeps_evolution_and_the_day_asked_for(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    do(anna, **review(town, situation, evolution="amelioration",
                      next_review_day=town.today + 10))
    found = show(anna, id=situation)
    assert (found.evolution, found.next_review_day) == ("amelioration", town.today + 10)


def test_review_refusals(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    assert refused(anna, **review(town, situation, evolution="nulle")) == (
        "list_value_unknown", "evolution")
    assert refused(anna, **review(town, situation, day=town.today + 1)) == (
        "date_future", "day")
    assert refused(anna, **review(town, situation, next_review_day=town.today)) == (
        "date_order", "next_review_day")
    assert refused(anna, situation_review=dict(id=situation, day=town.today)) == (
        "field_missing", "evolution")
    close(anna, town, situation)
    assert refused(anna, **review(town, situation)) == ("state_wrong", "situation")


def test_closing_needs_day_and_motive(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    assert refused(anna, situation_close=dict(id=situation, motive="resolue")) == (
        "field_missing", "day")
    assert refused(anna, situation_close=dict(id=situation, day=town.today)) == (
        "field_missing", "motive")
    assert refused(anna, situation_close=dict(
        id=situation, day=town.today, motive="nulle")) == ("list_value_unknown", "motive")


def test_closing_is_between_opening_and_today(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    for day, name in ((town.today + 1, "date_future"), (town.today - 1, "date_order")):
        assert refused(anna, situation_close=dict(
            id=situation, day=day, motive="resolue")) == (name, "day")


def test_closed_situation_says_when_it_will_be_erased(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    close(anna, town, situation)
    found = show(anna, id=situation)
    assert (found.status, found.closed_day, found.closing_motive) == (
        "close", town.today, "resolue")
    assert found.erase_due_day == add_months(town.today, 3)
    assert refused(anna, situation_close=dict(
        id=situation, day=town.today, motive="resolue")) == ("state_wrong", "situation")


def test_closed_situation_leaves_the_list_unless_asked_for(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    close(anna, town, situation)
    assert not do(anna, situation_list=dict()).situation_answer.situations
    seen = do(anna, situation_list=dict(with_closed=True)).situation_answer.situations
    assert [view.id for view in seen] == [situation]


def test_educator_does_not_close(town):
    situation, *_ = open_situation(town.client("anna"), town)
    assert refused(town.client("emile"), situation_close=dict(
        id=situation, day=town.today, motive="resolue"))[0] == "not_allowed"


def test_erasure_is_the_head_s_alone(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    close(anna, town, situation)
    order = dict(situation_erase=dict(id=situation, reason="droits"))
    for name in ("anna", "emile", "chloe", "diane", "admin", "audrey"):
        assert refused(town.client(name), **order)[0] == "not_allowed"
    assert refused(town.operator, **order)[0] == "operator_no_contents"


def test_open_situation_is_not_erased(town):
    situation, *_ = open_situation(town.client("anna"), town)
    assert refused(town.client("helene"), situation_erase=dict(
        id=situation, reason="droits")) == ("state_wrong", "situation")


def test_erasure_needs_a_reason_of_the_list(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    close(anna, town, situation)
    assert refused(town.client("helene"), situation_erase=dict(id=situation)) == (
        "field_missing", "reason")


def erase(town, situation):
    """Orders the erasure and waits for the event that says it was done."""
    do(town.client("helene"), situation_erase=dict(id=situation, reason="droits"))
    for event in town.client("follower").events(timeout=20):
        if event.topic == "erasure.done":
            return
    raise AssertionError("no erasure.done")


def test_erased_situation_keeps_its_facts_and_nothing_else(town):
    anna = town.client("anna")
    situation, reference, saisine = open_situation(anna, town)
    close(anna, town, situation)
    erase(town, situation)
    assert refused(anna, situation_get=dict(id=situation, nominative=True))[0] == "erased"
    assert refused(anna, saisine_get=dict(id=saisine, nominative=True))[0] == "erased"
    assert refused(town.client("helene"), purpose="supervision",
                   situation_get=dict(id=situation, nominative=True))[0] == "erased"
    found = show(anna, reference=reference)
    assert found.erased and list(found.motives) == ["errance"]
    assert int(figures(town.operator)["ledger.erased"]) == 3


def test_erasure_is_told_for_each_situation(town):
    """domain.md section 6: situation.erased, by number; the merged one too."""
    anna, start = town.client("anna"), head(town).number
    a, b = receive(anna, town), receive(anna, town)
    ids = [do(anna, saisine_accept=dict(id=id, title="CANARI")).made[0].id for id in (a, b)]
    do(anna, duplicate_decide=dict(a=a, b=b, outcome="merge"))
    references = {show(anna, id=id).reference for id in ids}
    close(anna, town, ids[0])
    erase(town, ids[0])
    seen = [*collect(town, "situation.erased", after=start)]
    while len([one for one in seen if one.topic == "situation.erased"]) < 2:
        seen += collect(town, "situation.erased", after=seen[-1].header.number)
    told = [one.notice for one in seen if one.topic == "situation.erased"]
    assert {one.reference for one in told} == references and {one.id for one in told} == set(ids)
    assert all(one.day == town.today and one.territory == "T1" for one in told)
    assert [one.topic for one in seen].index("erasure.done") < \
        [one.topic for one in seen].index("situation.erased")


def test_reading_stops_at_the_order_not_at_the_destruction(town):
    anna, helene = town.client("anna"), town.client("helene")
    situation, *_ = open_situation(anna, town)
    close(anna, town, situation)
    do(helene, situation_erase=dict(id=situation, reason="droits"))
    assert refused(anna, situation_get=dict(id=situation, nominative=True))[0] == "erased"
    assert refused(helene, situation_erase=dict(id=situation, reason="droits"))[0] == "erased"


def test_erased_person_is_not_met_by_name(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    close(anna, town, situation)
    assert len(do(anna, name_search=dict(name="Durand Léa")).search_answer.situations) == 1
    erase(town, situation)
    assert not do(anna, name_search=dict(name="Durand Léa")).search_answer.situations


def test_erased_stays_so_after_a_restart(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    close(anna, town, situation)
    erase(town, situation)
    town.crash()
    assert refused(anna, situation_get=dict(id=situation, nominative=True))[0] == "erased"
    assert not do(anna, name_search=dict(name="Durand Léa")).search_answer.situations


def test_attached_saisines_go_with_the_situation(town):
    anna = town.client("anna")
    situation, _, first = open_situation(anna, town)
    second = receive(anna, town)
    do(anna, saisine_accept=dict(id=second, attach_to=situation))
    close(anna, town, situation)
    erase(town, situation)
    for saisine in (first, second):
        assert refused(anna, saisine_get=dict(id=saisine, nominative=True))[0] == "erased"
