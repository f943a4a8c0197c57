"""What is due, late, new or waiting for whoever asks."""
import calendar
import datetime

import pytest

from acts import close, do, open_situation, receive, refused, show
from test_60_people import new_contact


def today(town, who):
    return do(town.client(who), today_get={}).today_answer


def civil_months(day, months):
    """The same day of the month, months later, or the last one there is."""
    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
    year, month = divmod(date.month - 1 + months, 12)
    last = calendar.monthrange(date.year + year, month + 1)[1]
    later = date.replace(year=date.year + year, month=month + 1, day=min(date.day, last))
    return (later - datetime.date(1970, 1, 1)).days


def kinds(town, who):
    return [(item.kind, item.reference) for item in today(town, who).items]


def test_a_saisine_is_new_then_unanswered_then_gone(town):
    anna = town.client("anna")
    receive(anna, town, received_day=town.today)
    late = receive(anna, town, received_day=town.today - 30)
    answer = today(town, "anna")
    assert [(item.kind, item.late) for item in answer.items] == [
        ("saisine_unanswered", True), ("saisine_new", False)]
    assert answer.items[0].id == late and answer.items[0].due_day < town.today
    assert {count.kind: count.count for count in answer.counts} == {
        "saisine_unanswered": 1, "saisine_new": 1}
    do(anna, saisine_decline=dict(id=late, motive="hors_champ"))
    assert [item.kind for item in today(town, "anna").items] == ["saisine_new"]


def test_reviews_due_and_overdue(town):
    anna = town.client("anna")
    _, reference, _ = open_situation(anna, town)
    assert kinds(town, "anna") == []
    situation, other, _ = open_situation(anna, town)
    do(anna, situation_review=dict(id=situation, day=town.today - 40, evolution="stable",
                                   next_review_day=town.today - 1))
    assert kinds(town, "anna") == [("review_overdue", other)]
    do(anna, situation_review=dict(id=situation, day=town.today, evolution="stable",
                                   next_review_day=town.today + 7))
    assert kinds(town, "anna") == [("review_due", other)]
    do(anna, situation_review=dict(id=situation, day=town.today, evolution="stable",
                                   next_review_day=town.today + 8))
    assert kinds(town, "anna") == []
    assert reference


def test_silent_for_45_days(stopped_town):
    town = stopped_town
    town.start(env=town.clock_env())
    anna = town.client("anna")
    situation, reference, _ = open_situation(anna, town, term="long")
    town.move_clock(days=44)
    assert ("situation_silent", reference) not in kinds(town, "anna")
    town.move_clock(days=45)
    assert ("situation_silent", reference) in kinds(town, "anna")
    do(anna, situation_add_entry=dict(id=situation, kind="contact", day=town.today))
    assert ("situation_silent", reference) not in kinds(town, "anna")


def test_terms_are_the_town_s_to_set(stopped_town):
    """Each number flows from the configuration to every place that speaks of it."""
    town = stopped_town
    town.configure("""rules = { silent_days = 10; inform_days = 5; review_months_short = 2;
                     answer_working_days = 1; };\n""")
    town.start(env=town.clock_env())
    anna = town.client("anna")
    situation, reference, _ = open_situation(anna, town, term="court")
    opened = town.today
    months = civil_months(opened, 2)
    assert show(anna, id=situation).next_review_day == months
    waiting = receive(anna, town, received_day=opened)
    town.move_clock(days=9)
    assert ("situation_silent", reference) not in kinds(town, "anna")
    due = {item.kind: item.due_day for item in today(town, "anna").items}
    assert due["not_informed"] == opened + 5
    assert due["saisine_unanswered"] <= opened + 5  # the first working day after
    assert not show(anna, id=situation).silent
    town.move_clock(days=10)
    assert ("situation_silent", reference) in kinds(town, "anna")
    assert show(anna, id=situation).silent
    assert do(anna, purpose="suivi", tracking_table_get=dict(territory="T1")
              ).tracking_table_answer.rows[0].silent

    text = town.config.read_text().replace("silent_days = 10", "silent_days = 40")
    town.config.write_text(text)
    do(town.operator, reload={})
    assert not show(anna, id=situation).silent and waiting


def test_each_sees_only_what_he_may(town):
    open_situation(town.client("anna"), town)
    receive(town.client("anna"), town)
    assert [item.kind for item in today(town, "anna").items] == ["saisine_new"]
    assert [item.kind for item in today(town, "emile").items] == ["saisine_new"]
    assert [item.kind for item in today(town, "helene").items] == ["saisine_new"]
    assert not today(town, "bruno").items and not today(town, "diane").items
    for who in ("admin", "audrey"):
        assert refused(town.client(who), today_get={})[0] == "not_allowed"
    assert refused(town.operator, today_get={})[0] == "operator_no_contents"


def test_closed_situations_are_looked_at_no_more_and_erasures_announced(stopped_town):
    town = stopped_town
    town.start(env=town.clock_env())
    anna = town.client("anna")
    situation, reference, _ = open_situation(anna, town)
    do(anna, situation_review=dict(id=situation, day=town.today - 9, evolution="stable",
                                   next_review_day=town.today - 1))
    close(anna, town, situation)
    assert kinds(town, "anna") == []
    town.crash(env=town.clock_env())
    assert kinds(town, "anna") == []
    assert reference


def test_habilitations_and_charters_expiring_for_head_and_assistant(town):
    contact = new_contact(town)
    do(town.client("chloe"), charter_sign=dict(contact=contact, day=town.today - 365 * 3 + 20))
    do(town.client("helene"), habilitation_grant=dict(
        agent=town.agents["emile"], act="a", from_day=town.today, to_day=town.today + 400))
    do(town.client("helene"), agent_set=dict(
        id=town.agents["bruno"], last_name="bruno", function="coordinateur", territories=["T2"],
        habilitation_act="b", habilitation_from_day=town.today,
        habilitation_to_day=town.today + 30))
    for who in ("helene", "chloe"):
        answer = today(town, who)
        assert {(item.kind, item.agent, item.contact) for item in answer.items} == {
            ("habilitation_expiring", town.agents["bruno"], 0),
            ("charter_expiring", 0, contact)}
        assert list(answer.items) == sorted(answer.items, key=lambda item: item.due_day)
    assert not today(town, "anna").items and not today(town, "diane").items


def test_at_most_a_hundred_of_a_kind_are_shown_all_are_counted(town):
    for _ in range(103):
        receive(town.client("anna"), town, persons=None)
    answer = today(town, "anna")
    assert len(answer.items) == 100
    assert [(count.kind, count.count) for count in answer.counts] == [("saisine_new", 103)]


def test_no_name_stands_in_it(town):
    receive(town.client("anna"), town, text="CANARI", referrer="CANARI")
    open_situation(town.client("anna"), town, title="CANARI", received_day=town.today - 300)
    assert b"CANARI" not in today(town, "anna").SerializeToString()


@pytest.mark.parametrize("who", ["anna", "helene"])
def test_pages_of_situations_over_two_territories_lose_nothing(town, who):
    made = []
    for i in range(6):
        name, territory, district = (("anna", "T1", "Bourtzwiller"),
                                     ("bruno", "T2", "Coteaux"))[i % 2]
        made.append(open_situation(town.client(name), town, territory=territory,
                                   district=district)[0])
    wanted = made[::-1] if who == "helene" else made[::-1][1::2]
    seen, before = [], 0
    while True:
        answer = do(town.client(who), situation_list=dict(before=before, limit=2)).situation_answer
        seen += [row.id for row in answer.situations]
        if not answer.more:
            break
        before = seen[-1]
    assert seen == wanted
