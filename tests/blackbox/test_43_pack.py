"""The pack of each attendee: what he may see of each item, and nothing else."""
import pytest

from acts import CONTACT, block, do, open_situation, person, refused
from meetings import contact, partner, put, schedule
from test_40_decision import take

NAME = "Zqbrtwxkéà"
TEXT = "Zqtextmmpé"


@pytest.fixture
def anna(town):
    return town.client("anna")


def secret(anna, town, territory="T1", district="Bourtzwiller", suffix="A", **more):
    return open_situation(anna, town, title=TEXT + suffix, territory=territory,
                          district=district, persons=[person(NAME + suffix)], **more)[0]


def pack(client, meeting, purpose=None, **who):
    fields = dict(meeting_pack=dict(meeting=meeting, **who))
    if purpose:
        fields["purpose"] = purpose
    reply = do(client, **fields)
    return reply.pack_answer.packs[0], reply


def holds(reply, *words):
    raw = reply.SerializeToString()
    return [word for word in words if word.encode() in raw]


def key_of(town, contact_id, name="k"):
    return town.client_of(town.key_new(dict(kind=CONTACT, id=contact_id), name))


def shown(found):
    return [item.shown for item in found.items]


def test_colleagues_meeting_names_nobody_whom_one_of_those_attending_may_not_read(town, anna):
    bruno = town.client("bruno")
    one = secret(anna, town)
    other = secret(bruno, town, "T2", "Coteaux", "B")
    meeting = schedule(anna, town, "concertation", None, agents=[
        town.agents["anna"], town.agents["bruno"], town.agents["helene"]])
    # By number: colleagues' meetings name nobody whom one of those attending may not read.
    assert refused(anna, meeting_agenda_add=dict(id=meeting, situation=one, by_name=True)) == (
        "situation_out_of_scope", "situation")
    put(anna, meeting, situation=one)
    put(bruno, meeting, situation=other)
    for client in (anna, bruno):
        found, reply = pack(client, meeting)
        assert shown(found) == ["number", "number"] and not holds(reply, NAME, TEXT)


def test_coordinator_reads_them_all_and_the_educator_where_he_is_engaged(stopped_town):
    town = stopped_town
    town.configure('policy = { educator_engaged_territories = [ "T1" ]; };\n')
    town.start()
    anna, emile = town.client("anna"), town.client("emile")
    his = secret(anna, town, suffix="E", lead_agent=town.agents["emile"])
    hers = secret(anna, town, suffix="A")
    meeting = schedule(anna, town, agents=[town.agents["anna"], town.agents["emile"]])
    for situation in (his, hers):
        put(anna, meeting, situation=situation, by_name=True, text=TEXT + "agenda")
    found, reply = pack(anna, meeting)
    assert shown(found) == ["open", "open"]
    assert holds(reply, NAME + "E", NAME + "A") == [NAME + "E", NAME + "A"]
    for client, who in ((emile, {}), (anna, dict(agent=town.agents["emile"]))):
        found, reply = pack(client, meeting, **who)
        assert shown(found) == ["open", "no_right"]
        assert found.items[1].reference and not found.items[1].text
        assert holds(reply, NAME + "E", NAME + "A") == [NAME + "E"]


def test_contact_s_pack_holds_numbers_only(town, anna):
    situation = secret(anna, town)
    who = contact(town, partner(town))
    meeting = schedule(anna, town, agents=[town.agents["anna"]], contacts=[who])
    put(anna, meeting, situation=situation, by_name=True, text=TEXT)
    found, reply = pack(anna, meeting, contact=who)
    assert shown(found) == ["no_right"] and found.items[0].reference
    assert not holds(reply, NAME, TEXT) and found.contact == who
    own, reply = pack(key_of(town, who), meeting)
    assert own == found and not holds(reply, NAME, TEXT)


def test_contact_s_pack_holds_what_was_shared_while_it_holds(town, anna):
    situation = secret(anna, town)
    of = partner(town)
    given, other = contact(town, of), contact(town, of, "Autre")
    meeting = schedule(anna, town, agents=[town.agents["anna"]], contacts=[given, other])
    put(anna, meeting, situation=situation, by_name=True, text="Zqagendaé")
    made = do(anna, share_record=dict(
        situation=situation, identity=True, legal_base="L132-5", purpose="suivi",
        purpose_text="préparer le groupe", expiry_day=town.today + 30,
        contacts=[given])).made[0].id
    for client, who in ((anna, dict(contact=given)), (key_of(town, given), {})):
        found, reply = pack(client, meeting, **who)
        assert shown(found) == ["shared"]
        assert holds(reply, NAME, TEXT, "Zqagendaé") == [NAME]
    found, reply = pack(anna, meeting, contact=other)
    assert shown(found) == ["no_right"] and not holds(reply, NAME, TEXT)
    do(anna, share_revoke=dict(id=made))
    found, reply = pack(anna, meeting, contact=given)
    assert shown(found) == ["no_right"] and not holds(reply, NAME, TEXT)


def test_a_shared_summary_opens_no_text_of_the_agenda(town, anna):
    situation = secret(anna, town)
    who = contact(town, partner(town))
    meeting = schedule(anna, town, agents=[town.agents["anna"]], contacts=[who])
    put(anna, meeting, situation=situation, by_name=True, text="Zqagendaé")
    do(anna, share_record=dict(
        situation=situation, summary=True, legal_base="L132-5", purpose="suivi",
        purpose_text="préparer le groupe", expiry_day=town.today + 30, contacts=[who]))
    for client, asked in ((anna, dict(contact=who)), (key_of(town, who), {})):
        found, reply = pack(client, meeting, **asked)
        assert shown(found) == ["shared"] and not found.items[0].text
        assert holds(reply, NAME, TEXT, "Zqagendaé") == [TEXT]


def test_strategic_instance_gives_numbers_to_everybody(town, anna):
    situation = secret(anna, town)
    block(anna, town, situation, TEXT)
    meeting = schedule(anna, town, "institutionnel", None, agents=[town.agents["anna"]])
    put(anna, meeting, situation=situation)
    found, reply = pack(anna, meeting)
    assert shown(found) == ["number"] and not holds(reply, NAME, TEXT)


def test_preparing_a_pack_shows_the_preparer_nothing_of_her_own(town, anna):
    situation = secret(anna, town)
    meeting = schedule(anna, town, agents=[town.agents["anna"]])
    put(anna, meeting, situation=situation, by_name=True, text=TEXT)
    found, reply = pack(town.client("chloe"), meeting, agent=town.agents["anna"])
    assert shown(found) == ["no_right"] and not holds(reply, NAME, TEXT)
    assert not holds(pack(town.client("helene"), meeting, agent=town.agents["anna"])[1], NAME)
    assert holds(pack(town.client("helene"), meeting, purpose="supervision",
                      agent=town.agents["anna"])[1], NAME)


def test_pack_is_for_who_attends(town, anna):
    meeting = schedule(anna, town, agents=[town.agents["anna"]])
    stranger = contact(town, partner(town), "Autre")
    assert refused(anna, meeting_pack=dict(meeting=meeting, agent=town.agents["emile"])) == (
        "not_attendee", "agent")
    assert refused(anna, meeting_pack=dict(meeting=meeting, contact=stranger)) == (
        "not_attendee", "contact")
    assert refused(key_of(town, stranger), meeting_pack=dict(meeting=meeting))[0] == \
        "not_invited"
    assert refused(town.client("bruno"), meeting_pack=dict(meeting=meeting))[0] == \
        "not_invited"
    assert refused(town.operator, meeting_pack=dict(meeting=meeting))[0] == \
        "operator_no_contents"


def test_each_pack_is_one_entry_of_the_journal(town, anna):
    meeting = schedule(anna, town, agents=[town.agents["anna"], town.agents["emile"]])
    put(anna, meeting, theme="bilan")
    seqs = [pack(anna, meeting, agent=town.agents[name])[1].seq for name in ("anna", "emile")]
    assert seqs[0] and seqs[1] == seqs[0] + 1


def test_pack_tells_what_was_decided_and_not_done(town, anna):
    situation = secret(anna, town)
    made = take(town, situation)
    done = take(town, situation)
    do(anna, decision_complete=dict(id=done, result="realisee"))
    meeting = schedule(anna, town, agents=[town.agents["anna"]])
    put(anna, meeting, situation=situation, by_name=True)
    found, _ = pack(anna, meeting)
    assert [one.id for one in found.items[0].decisions] == [made]


def test_pack_after_erasure_is_a_number(town, anna):
    situation = secret(anna, town)
    meeting = schedule(anna, town, agents=[town.agents["anna"]])
    put(anna, meeting, situation=situation, by_name=True, text=TEXT)
    do(anna, situation_close=dict(id=situation, day=town.today, motive="resolue"))
    do(town.client("helene"), situation_erase=dict(id=situation, reason="droits"))
    found, reply = pack(anna, meeting)
    assert shown(found) == ["no_right"] and not holds(reply, NAME, TEXT)
