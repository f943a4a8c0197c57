"""Minutes: drafted, validated, distributed; each attendee reads his own view."""
import pytest

from acts import do, open_situation, refused
from meetings import contact, partner, put, schedule
from test_11_events import collect, head
from test_43_pack import NAME, holds, key_of, secret

GENERAL, ITEM = "Zqgeneralé", "Zqpointdité"


@pytest.fixture
def anna(town):
    return town.client("anna")


class Met:
    """A follow-up group held today on one situation, with an educator and a contact."""

    def __init__(self, town, anna, hold=True, instance="suivi", territory="T1"):
        self.anna, self.situation = anna, secret(anna, town)
        self.partner = partner(town)
        self.contact = contact(town, self.partner)
        self.id = schedule(anna, town, instance, territory, days=0,
                           agents=[town.agents["anna"], town.agents["emile"]],
                           contacts=[self.contact], chair=town.agents["emile"])
        self.item = put(anna, self.id, situation=self.situation, by_name=True)
        if hold:
            do(anna, meeting_hold=dict(id=self.id, present_agents=[
                town.agents["anna"], town.agents["emile"]], present_contacts=[self.contact]))

    def draft(self, **more):
        return dict(minutes_draft=dict(dict(
            meeting=self.id, text=GENERAL, items=[dict(item=self.item, text=ITEM)]), **more))

    def written(self):
        do(self.anna, **self.draft())
        return self

    def validated(self):
        do(self.written().anna, minutes_validate=dict(meeting=self.id))
        return self

    def distributed(self):
        do(self.validated().anna, minutes_distribute=dict(meeting=self.id))
        return self


@pytest.fixture
def met(town, anna):
    return Met(town, anna)


def read(client, meeting, purpose=None, **more):
    fields = dict(minutes_get=dict(meeting=meeting, **more))
    if purpose:
        fields["purpose"] = purpose
    reply = do(client, **fields)
    return reply.minutes_answer.minutes[0], reply


def listed(client, **filters):
    filters.setdefault("limit", 50)
    return do(client, minutes_list=filters).minutes_answer.minutes


def test_minutes_go_from_draft_to_validated_to_distributed(town, anna, met):
    states = [listed(anna)[0].state]
    for step in (met.draft(), dict(minutes_validate=dict(meeting=met.id)),
                 dict(minutes_distribute=dict(meeting=met.id))):
        do(anna, **step)
        states.append(listed(anna)[0].state)
    assert states == ["none", "draft", "validated", "distributed"]
    row = listed(anna, state="distributed")[0]
    assert (row.version, row.written_by, row.validated_by) == (
        1, town.agents["anna"], town.agents["anna"])
    assert sorted(row.to_agents) == sorted([town.agents["anna"], town.agents["emile"]])
    assert list(row.to_contacts) == [met.contact] and not row.text
    found, _ = read(anna, met.id)
    assert found.text == GENERAL and [item.text for item in found.items] == [ITEM]


def test_draft_may_be_written_anew_and_validated_minutes_not(town, anna, met):
    met.written()
    do(anna, **met.draft(text="autre", items=[]))
    assert read(anna, met.id)[0].text == "autre" and listed(anna)[0].version == 1
    do(anna, minutes_validate=dict(meeting=met.id))
    assert refused(anna, **met.draft()) == ("minutes_validated", "meeting")
    assert refused(anna, minutes_validate=dict(meeting=met.id)) == (
        "minutes_validated", "meeting")
    do(anna, **met.draft(text="corrigé", correction=True))
    assert [(one.version, one.state) for one in listed(anna, meeting=met.id)] == [
        (2, "draft"), (1, "validated")]
    assert read(anna, met.id)[0].text == "corrigé"
    assert read(anna, met.id, version=1)[0].text == "autre"


def test_minutes_need_a_meeting_that_began(town, anna):
    ahead = schedule(anna, town)
    assert refused(anna, minutes_draft=dict(meeting=ahead, text="x")) == (
        "meeting_not_yet", "meeting")
    under_way = Met(town, anna, hold=False)
    under_way.written()
    assert refused(anna, minutes_validate=dict(meeting=under_way.id)) == (
        "meeting_not_yet", "meeting")


def test_refusals_of_a_draft(town, anna, met):
    assert refused(anna, minutes_draft=dict(meeting=met.id)) == ("field_missing", "text")
    assert refused(anna, **met.draft(items=[dict(item=7, text="x")])) == (
        "absent", "items.item")
    assert refused(anna, **met.draft(items=[dict(item=met.item)])) == (
        "field_missing", "items.text")
    assert refused(anna, minutes_distribute=dict(meeting=met.id)) == (
        "minutes_not_validated", "meeting")
    assert refused(anna, minutes_validate=dict(meeting=met.id)) == ("absent", "minutes")
    assert refused(anna, minutes_get=dict(meeting=met.id)) == ("absent", "minutes")


def test_item_by_number_gets_no_words(town, anna):
    meeting = schedule(anna, town, "local", "T1", days=0)
    item = put(anna, meeting, situation=open_situation(anna, town)[0])
    assert refused(anna, minutes_draft=dict(meeting=meeting, items=[
        dict(item=item, text="x")])) == ("minutes_by_number", "items.text")


def test_who_writes_validates_and_distributes(town, anna, met):
    emile, chloe, bruno = (town.client(name) for name in ("emile", "chloe", "bruno"))
    other = Met(town, anna)
    assert refused(chloe, **met.draft())[0] == "not_allowed"
    assert refused(bruno, **met.draft())[0] == "other_territory"
    do(emile, **met.draft())
    do(emile, minutes_validate=dict(meeting=met.id))  # he chaired it
    assert refused(chloe, minutes_validate=dict(meeting=met.id))[0] == "not_allowed"
    unchaired = schedule(anna, town, days=0, agents=[town.agents["emile"]])
    do(emile, minutes_draft=dict(meeting=unchaired, text="x"))
    assert refused(emile, minutes_validate=dict(meeting=unchaired))[0] == "not_charged"
    do(town.client("helene"), **other.draft())
    do(town.client("helene"), minutes_validate=dict(meeting=other.id))
    do(chloe, minutes_distribute=dict(meeting=met.id))
    assert refused(chloe, minutes_get=dict(meeting=met.id))[0] == "nominative_never"


def test_a_shared_summary_opens_no_text_of_the_minutes(town, anna, met):
    do(anna, share_record=dict(
        situation=met.situation, summary=True, legal_base="L132-5", purpose="suivi",
        purpose_text="préparer le groupe", expiry_day=town.today + 30, contacts=[met.contact]))
    met.validated()
    do(anna, minutes_distribute=dict(meeting=met.id))
    own, reply = read(key_of(town, met.contact), met.id)
    assert [item.shown for item in own.items] == ["shared"] and not holds(reply, ITEM, NAME)


def test_each_attendee_reads_his_own_view_once_distributed(town, anna, met):
    roux = key_of(town, met.contact)
    met.validated()
    assert refused(roux, minutes_get=dict(meeting=met.id)) == (
        "minutes_not_distributed", "meeting")
    do(anna, minutes_distribute=dict(meeting=met.id))
    own, reply = read(roux, met.id)
    assert own.text == GENERAL and [item.shown for item in own.items] == ["no_right"]
    assert not holds(reply, ITEM, NAME) and reply.seq and not own.to_agents
    full, reply = read(anna, met.id)
    assert holds(reply, ITEM) and [item.shown for item in full.items] == ["open"]
    assert [item.shown for item in read(anna, met.id, contact=met.contact)[0].items] == [
        "no_right"]


def test_correction_is_not_seen_by_an_attendee_until_it_is_sent(town, anna, met):
    met.distributed()
    roux = key_of(town, met.contact)
    do(anna, **met.draft(text="corrigé", correction=True))
    assert read(roux, met.id)[0].version == 1
    assert refused(roux, minutes_get=dict(meeting=met.id, version=2)) == (
        "minutes_not_distributed", "meeting")
    do(anna, minutes_validate=dict(meeting=met.id))
    do(anna, minutes_distribute=dict(meeting=met.id, contacts=[met.contact]))
    assert read(roux, met.id)[0].text == "corrigé"


def test_minutes_go_to_attendees_with_a_current_charter(town, anna, met):
    met.validated()
    stranger = contact(town, partner(town), "Autre")
    assert refused(anna, minutes_distribute=dict(meeting=met.id, contacts=[stranger])) == (
        "not_attendee", "contacts")
    assert refused(anna, minutes_distribute=dict(
        meeting=met.id, agents=[town.agents["bruno"]])) == ("not_attendee", "agents")
    do(town.operator, contact_set=dict(id=met.contact, partner=met.partner, last_name="Roux",
                                       charter_version="v1", charter_day=town.today - 30))
    assert refused(anna, minutes_distribute=dict(meeting=met.id, contacts=[met.contact])) == (
        "charter_not_current", "contacts")
    reply = do(anna, minutes_distribute=dict(meeting=met.id))
    assert list(reply.warnings) == ["contact_left_out"]
    assert not listed(anna)[0].to_contacts


def test_minutes_late_by_more_than_five_working_days_are_flagged(town):
    town.stop()
    town.start(town.clock_env())
    met = Met(town, town.client("anna"))
    assert not listed(met.anna)[0].overdue and not listed(met.anna, overdue=True)
    town.move_clock(14.0)
    assert [one.meeting for one in listed(met.anna, overdue=True)] == [met.id]
    met.distributed()
    assert not listed(met.anna, overdue=True)


def test_events_of_minutes_tell_the_meeting_and_no_words(town, anna, met):
    start = head(town).number
    met.distributed()
    seen = collect(town, "meeting.minutes_distributed", after=start)
    assert [event.topic for event in seen] == [
        "meeting.minutes_drafted", "meeting.minutes_validated", "meeting.minutes_distributed"]
    for event in seen:
        assert (event.notice.id, event.notice.territory) == (met.id, "T1")
        assert GENERAL.encode() not in event.notice.SerializeToString()


def test_words_about_a_situation_go_with_it_and_the_rest_stays(town, anna, met):
    met.distributed()
    do(anna, situation_close=dict(id=met.situation, day=town.today, motive="resolue"))
    do(town.client("helene"), situation_erase=dict(id=met.situation, reason="droits"))
    found, reply = read(anna, met.id)
    assert found.text == GENERAL and not holds(reply, ITEM)


def test_minutes_stand_sealed_and_after_a_rebuild(town, anna, met):
    met.distributed()
    before = listed(anna)
    town.stop()
    town.ctps("store", "rebuild")
    raw = b"".join(path.read_bytes() for path in town.data.rglob("*") if path.is_file())
    assert GENERAL.encode() not in raw and ITEM.encode() not in raw
    town.start()
    again = town.client_of(town.keys["anna"])
    assert listed(again) == before and read(again, met.id)[0].text == GENERAL
