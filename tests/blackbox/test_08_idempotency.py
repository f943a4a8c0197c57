"""One id, one effect; a dry run, none."""
import os

from acts import CHECKED, DONE, REFUSED, command, do, figures, receive, refused, sheet


def test_same_id_and_body_gets_the_stored_answer(town):
    anna = town.client("anna")
    request = command.Request(id=os.urandom(16), saisine_receive=sheet(town))
    first, second = anna.request(request), anna.request(request)
    assert first.status == second.status == DONE
    assert not first.repeated_answer and second.repeated_answer
    assert (second.seq, list(second.made)) == (first.seq, list(first.made))
    assert len(do(anna, saisine_list=dict()).saisine_answer.saisines) == 1


def test_stored_answer_outlives_a_kill(town):
    anna = town.client("anna")
    request = command.Request(id=os.urandom(16), saisine_receive=sheet(town))
    first = anna.request(request)
    town.crash()
    second = anna.request(request)
    assert second.repeated_answer and list(second.made) == list(first.made)


def test_same_id_with_another_body_is_refused(town):
    anna, own = town.client("anna"), os.urandom(16)
    do(anna, id=own, saisine_receive=sheet(town))
    assert refused(anna, id=own, saisine_receive=sheet(town, text="autre"))[0] == "id_reused"


def test_same_id_of_another_principal_is_another_request(town):
    own = os.urandom(16)
    first = do(town.client("anna"), id=own, saisine_receive=sheet(town))
    second = do(town.client("emile"), id=own, saisine_receive=sheet(town))
    assert not second.repeated_answer and second.made[0].id != first.made[0].id


def test_two_keys_of_one_agent_are_one_principal(town):
    own = os.urandom(16)
    body = dict(id=own, saisine_receive=sheet(town))
    first = do(town.client("anna"), **body)
    laptop = town.client_of(town.key_new(dict(kind=2, id=town.agents["anna"])))
    second = do(laptop, **body)
    assert second.repeated_answer and list(second.made) == list(first.made)


def test_refused_request_may_come_again_with_its_id(town):
    anna, own = town.client("anna"), os.urandom(16)
    body = dict(id=own, saisine_receive=sheet(town, motives=["trottinettes"]))
    assert refused(anna, **body)[0] == "list_value_unknown"
    do(town.operator, list_value_set=dict(list="motif", code="trottinettes", label_fr="x"))
    assert not do(anna, **body).repeated_answer


def test_dry_run_changes_nothing(town):
    anna = town.client("anna")
    do(anna, saisine_list=dict())  # opens her session
    before = figures(town.operator)
    reply = anna.request(command.Request(dry_run=True, saisine_receive=sheet(town)))
    assert reply.status == CHECKED and not reply.made and not reply.HasField("seq")
    after = figures(town.operator)
    assert after["journal.entries"] == before["journal.entries"]
    assert after["keyring.free"] == before["keyring.free"]
    assert not do(anna, saisine_list=dict()).saisine_answer.saisines


def test_dry_run_leaves_names_and_numbers_untouched(town):
    anna = town.client("anna")
    anna.request(command.Request(dry_run=True, saisine_receive=sheet(town)))
    receive(anna, town)
    found = do(anna, name_search=dict(name="Durand Léa")).search_answer
    assert [saisine.number.rsplit("-", 1)[1] for saisine in found.saisines] == ["0001"]
    assert not do(anna, duplicate_list=dict()).duplicate_answer.duplicates


def test_dry_run_says_the_refusal_there_would_be(town):
    reply = town.client("anna").request(command.Request(
        dry_run=True, saisine_receive=sheet(town, origin="lune")))
    assert reply.status == REFUSED and reply.refusal.name == "list_value_unknown"


def test_dry_run_takes_no_id(town):
    anna, own = town.client("anna"), os.urandom(16)
    anna.request(command.Request(id=own, dry_run=True, saisine_receive=sheet(town)))
    reply = anna.request(command.Request(id=own, saisine_receive=sheet(town)))
    assert reply.status == DONE and not reply.repeated_answer
