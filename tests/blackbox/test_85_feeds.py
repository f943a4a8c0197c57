"""Feeds of partners: one socket each, what concerns the partner and nothing else, for whom it
may be told and for no longer."""
import copy

import pytest
from town import ctps_client

from acts import close, do, figures, open_situation, person, receive, refused, show
from canaries import Needles, rng_of, word
from feeds import Listener, audience, listener, switch, with_feeds
from meetings import contact, partner, schedule
from test_10_keys import drain_until_out, listen
from test_96_audit_behind import until


@pytest.fixture
def town(stopped_town):
    with_feeds(stopped_town)
    stopped_town.start()
    yield stopped_town
    assert "no audience" not in stopped_town.words(1000)


def refer(town, by, **changes):
    return receive(town.client("anna"), town, referrer_partner=by.partner, origin="terrain",
                   **changes)


def share(town, situation, *contacts, **changes):
    fields = dict(situation=situation, identity=True, legal_base="L132-5", purpose="suivi",
                  contacts=list(contacts), expiry_day=town.today + 30)
    return do(town.client("anna"), share_record=dict(fields, **changes)).made[0].id


# --- what it says ---

def test_own_saisines_state_by_state(town):
    mine = listener(town)
    opened, declined, redirected = (refer(town, mine) for _ in range(3))
    anna = town.client("anna")
    situation = do(anna, saisine_accept=dict(id=opened)).made[0].id
    do(anna, saisine_decline=dict(id=declined, motive="hors_champ"))
    other = partner(town, "Autre")
    do(anna, saisine_redirect=dict(id=redirected, partner=other, motive="competence"))
    seen = mine.hear("saisine.redirected")
    assert [(event.topic, event.notice.id, event.notice.code) for event in seen] == [
        *(("saisine.received", id, "received") for id in (opened, declined, redirected)),
        ("saisine.accepted", opened, "accepted"), ("saisine.declined", declined, "declined"),
        ("saisine.redirected", redirected, "redirected")]
    for event in seen:
        notice = event.notice
        assert notice.reference.startswith("AR-T1-") and notice.day == town.today
        # The state and nothing else: no situation, no territory, no motive, nobody's id.
        assert {field.name for field, _ in notice.ListFields()} == {
            "kind", "id", "reference", "code", "day"}
        assert situation not in (notice.other, notice.partner, notice.agent)
    assert [(topic, notice) for topic, notice in mine.read()] == [
        (event.topic, event.notice) for event in seen]


def test_the_end_of_a_situation_is_told_to_who_is_engaged(town):
    mine, former, stranger = (listener(town, name) for name in ("Un", "Deux", "Trois"))
    anna = town.client("anna")
    situation, reference, _ = open_situation(anna, town)
    for one in (mine, former):
        do(anna, situation_engage=dict(id=situation, partner=one.partner))
    do(anna, situation_disengage=dict(id=situation, partner=former.partner))
    close(anna, town, situation)
    notice = mine.hear("situation.closed")[-1].notice
    assert (notice.id, notice.reference, notice.day) == (situation, reference, town.today)
    assert {field.name for field, _ in notice.ListFields()} == {"kind", "id", "reference", "day"}
    assert former.topics() == stranger.topics() == []


def test_shares_to_its_contacts_by_number_only(town):
    mine, other = listener(town, "Un"), listener(town, "Deux")
    colleague = contact(town, mine.partner, "Collègue")
    situation, *_ = open_situation(town.client("anna"), town)
    made = share(town, situation, mine.contact, colleague)
    share(town, situation, other.contact)
    notice = mine.hear("information.shared")[-1].notice
    assert (notice.id, notice.code, notice.day) == (made, "L132-5", town.today + 30)
    assert {field.name for field, _ in notice.ListFields()} == {"kind", "id", "code", "day"}
    do(town.client("anna"), share_revoke=dict(id=made))
    assert mine.hear("information.revoked")[-1].notice.id == made
    # One notice, although two contacts; and once revoked the first one is a tombstone.
    assert [(topic, notice.tombstone) for topic, notice in mine.read()] == [
        ("information.shared", True), ("information.revoked", False)]
    assert other.topics() == ["information.shared"]


def test_a_rectified_share_is_told_to_its_recipients(town):
    mine = listener(town)
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    made = share(town, situation, mine.contact)
    who = show(anna, id=situation, nominative=True).persons[0].id
    do(anna, situation_person_correct=dict(
        id=situation, person=who, identity=dict(last_name="Durant", first_name="Léo")))
    assert mine.hear("information.rectified")[-1].notice.id == made


def test_meetings_its_contacts_are_invited_to(town):
    mine, other = listener(town, "Un"), listener(town, "Deux")
    anna = town.client("anna")
    made = schedule(anna, town, instance="suivi", contacts=[mine.contact])
    do(anna, meeting_reschedule=dict(id=made, day=town.today + 9, minute=600))
    do(anna, meeting_invite=dict(id=made, contacts=[other.contact]))
    do(anna, meeting_uninvite=dict(id=made, contacts=[other.contact]))
    do(anna, meeting_cancel=dict(id=made))
    seen = mine.hear("meeting.cancelled")
    assert [event.topic for event in seen] == [
        "meeting.scheduled", "meeting.rescheduled", "meeting.cancelled"]
    assert [event.notice.day - town.today for event in seen] == [7, 9, 9]
    notice = seen[0].notice
    assert (notice.id, notice.code, notice.territory) == (made, "suivi", "T1")
    assert {field.name for field, _ in notice.ListFields()} == {
        "kind", "id", "reference", "territory", "code", "day"}
    assert [(topic, notice.tombstone) for topic, notice in other.read()] == [
        ("meeting.invited", True), ("meeting.uninvited", False)]


def test_decisions_charged_to_its_contacts(town):
    mine = listener(town)
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    made = do(anna, decision_take=dict(situation=situation, verb="contacter",
                                       contact=mine.contact, due_day=town.today + 5)).made[0].id
    do(anna, decision_take=dict(situation=situation, verb="rencontrer",
                                agent=town.agents["anna"], due_day=town.today + 5))
    do(mine.client, decision_complete=dict(id=made, result="realisee"))
    seen = mine.hear("decision.completed")
    assert [(event.notice.id, event.notice.code) for event in seen] == [
        (made, "contacter"), (made, "realisee")]
    for event in seen:
        assert {field.name for field, _ in event.notice.ListFields()} == {
            "kind", "id", "code", "day"}


def test_two_partners_hear_nothing_of_each_other(town):
    one, two = listener(town, "Un"), listener(town, "Deux")
    for by in (one, two, one):
        refer(town, by)
    refer(town, one)
    ids = [{event.notice.id for event in who.page().events} for who in (one, two)]
    assert len(ids[0]) == 3 and len(ids[1]) == 1 and not ids[0] & ids[1]


def test_no_name_and_no_text_on_the_wire(town):
    mine = listener(town)
    canary = word(rng_of("feed"), "x")
    needles = Needles.of_words([canary])
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town, title=canary, text=canary,
                                   referrer_partner=mine.partner, origin="terrain",
                                   persons=[person(canary, canary)])
    do(anna, situation_engage=dict(id=situation, partner=mine.partner))
    share(town, situation, mine.contact, purpose_text=canary)
    schedule(anna, town, contacts=[mine.contact], title=canary, place=canary)
    do(anna, decision_take=dict(situation=situation, verb="contacter", contact=mine.contact,
                                due_day=town.today, text=canary))
    close(anna, town, situation)
    wire = b"".join(event.header.SerializeToString() + event.notice.SerializeToString()
                    for event in mine.hear("situation.closed"))
    pulled = mine.page().SerializeToString()
    assert not needles.in_bytes(wire) and not needles.in_bytes(pulled)
    assert needles.in_bytes(pulled + canary.encode())  # the search itself


def test_what_is_taken_over_from_a_sheet_is_no_news(town):
    mine = listener(town)
    helene = town.client("helene")
    run = do(helene, import_begin=dict(source="table.csv")).made[0].id
    do(helene, import_row=dict(
        import_id=run, number="17", status="suivi", lead_agent=town.agents["anna"],
        saisine=dict(received_day=town.today - 10, origin="terrain", territory="T1",
                     district="Bourtzwiller", nature="individuelle", motives=["errance"],
                     channel="inconnu", referrer_partner=mine.partner)))
    do(helene, import_end=dict(import_id=run))
    refer(town, mine)
    assert len(mine.hear("saisine.received")) == 1


# --- for whom, and for how long ---

def test_who_may_open_a_feed(town):
    of = partner(town)
    for name in ("anna", "emile", "chloe", "diane", "audrey", "admin"):
        assert refused(town.client(name), feed_set=dict(partner=of, on=True))[0] == "not_allowed"
    assert refused(town.operator, feed_set=dict(partner=of, on=True))[0] == "not_allowed"
    switch(town, of)
    helene = town.client("helene")
    assert refused(helene, feed_set=dict(partner=of, on=True)) == ("state_wrong", "on")
    assert refused(helene, feed_set=dict(partner=of + 1, on=True)) == (
        "partner_unknown", "partner")
    feed, = do(town.client("admin"), feed_list=dict()).feed_answer.feeds
    assert (feed.partner, feed.on, feed.audience) == (of, True, audience(of))
    assert list(feed.endpoints) == [f"ipc://{town.dir}/run/feed-{of}"]
    assert feed.by_agent == town.agents["helene"]
    assert refused(town.client("anna"), feed_list=dict())[0] == "not_allowed"


def test_no_place_for_feeds_no_feed(stopped_town):
    stopped_town.start()
    of = partner(stopped_town)
    assert refused(stopped_town.client("helene"), feed_set=dict(partner=of, on=True)) == (
        "feed_nowhere", "bus.feeds")


def test_a_partner_follows_its_own_feed_only(town):
    one, two = listener(town, "Un"), listener(town, "Deux")
    for who in (audience(two.partner), "plugins", "audit", "partner.0", "partner.01"):
        name = refused(one.client, read_events=dict(audience=who))[0]
        assert name == "not_allowed", who
    key = copy.copy(one.key)
    key.events = two.key.events
    heard = ctps_client.Connection(one.client.context, ctps_client.zmq.SUB, key, key.events)
    while not heard.denied:
        assert not heard.wait(10) or not heard.socket.recv_multipart()
    assert refused(town.client("anna"), read_events=dict(audience=audience(one.partner)))[0] == \
        "not_allowed"
    assert refused(town.client("follower"), read_events=dict(
        audience=audience(one.partner)))[0] == "capability_missing"


def test_a_closed_feed_is_silent_and_keeps_what_it_had(town):
    mine = listener(town)
    refer(town, mine)
    mine.hear("saisine.received")
    heard = listen(town, town.operator, mine.key)
    switch(town, mine.partner, on=False)
    drain_until_out(heard)
    assert refused(mine.client, read_events=dict(audience=audience(mine.partner)))[0] == \
        "not_allowed"
    refer(town, mine)  # while it is closed: not a member
    switch(town, mine.partner)
    refer(town, mine)
    assert len(mine.page().events) == 2
    assert len(mine.hear("saisine.received")) == 1


def stops_at_once(town, mine, heard):
    """The connection ends, and what comes afterwards is not heard on it."""
    refer(town, mine)
    while heard.wait(10):
        topic, _ = heard.hear()
        assert topic == b"heartbeat"
    assert heard.lost or heard.denied


def test_a_revoked_key_is_out_at_once(town):
    mine = listener(town)
    heard = listen(town, town.operator, mine.key)
    do(town.operator, key_revoke=dict(public_key=mine.key.public_bytes))
    stops_at_once(town, mine, heard)


def test_an_inactive_contact_is_out_at_once(town):
    mine = listener(town)
    heard = listen(town, town.operator, mine.key)
    do(town.operator, contact_set=dict(
        id=mine.contact, partner=mine.partner, last_name="Roux", charter_version="v3",
        charter_day=town.today, inactive=True))
    stops_at_once(town, mine, heard)
    assert refused(mine.client, read_events=dict(audience=audience(mine.partner)))[0] == \
        "contact_inactive"


def test_a_contact_who_changes_partner_is_out_at_once(town):
    mine, other = listener(town, "Un"), partner(town, "Deux")
    heard = listen(town, town.operator, mine.key)
    do(town.operator, contact_set=dict(
        id=mine.contact, partner=other, last_name="Roux", charter_version="v3",
        charter_day=town.today))
    stops_at_once(town, mine, heard)
    assert refused(mine.client, read_events=dict(audience=audience(mine.partner)))[0] == \
        "not_allowed"


def test_a_charter_that_is_current_no_more_is_out_at_once(town):
    mine = listener(town)
    heard = listen(town, town.operator, mine.key)
    do(town.operator, contact_set=dict(
        id=mine.contact, partner=mine.partner, last_name="Roux", charter_version="v2",
        charter_day=town.today))
    stops_at_once(town, mine, heard)
    assert refused(mine.client, read_events=dict(audience=audience(mine.partner)))[0] == \
        "charter_not_current"


def test_a_new_version_of_the_charter_ends_every_feed(town):
    mine = listener(town)
    heard = listen(town, town.operator, mine.key)
    town.configure('\nrules = { charter_version = "v4"; };\n')
    do(town.operator, reload=ctps_client.command.Reload())
    stops_at_once(town, mine, heard)


def test_the_last_day_of_a_charter_passes(stopped_town):
    town = stopped_town
    with_feeds(town)
    town.start(town.clock_env())
    of = partner(town)
    switch(town, of)
    person = contact(town, of, signed=False, charter_version="v3",
                     charter_day=town.today - 3 * 365)
    mine = Listener(town, of, person)
    heard = listen(town, town.operator, mine.key)
    town.move_clock(days=3)
    while heard.wait(15):
        heard.socket.recv_multipart()
    assert heard.lost or heard.denied


# --- a partner's machine ---

def test_a_machine_follows_its_partner_s_feed_and_does_nothing_else(town):
    mine, other = listener(town, "Un", machine=True), listener(town, "Deux")
    saisine = refer(town, mine)
    assert [event.topic for event in mine.hear("saisine.received")] == ["saisine.received"]
    name = audience(mine.partner)
    do(mine.client, cursor_set=dict(audience=name, position=mine.after))
    twin = Listener(town, mine.partner, person=mine.contact, name="secours", machine=True)
    assert do(twin.client, cursor_get=dict(audience=name)).cursor_answer.position == mine.after
    for foreign in (audience(other.partner), "plugins", "audit"):
        assert refused(mine.client, read_events=dict(audience=foreign))[0] == "not_allowed"
    for asked in (dict(saisine_list={}), dict(share_list={}), dict(meeting_list={}),
                  dict(decision_list={}), dict(today_get={}), dict(status_get={}),
                  dict(reference_list={})):
        assert refused(mine.client, **asked)[0] == "not_allowed", asked
    assert refused(mine.client, saisine_get=dict(id=saisine))[0] in ("not_allowed",
                                                                      "nominative_never")


def test_a_machine_is_out_once_nobody_answers_for_it(town):
    mine = listener(town, machine=True)
    colleague = contact(town, mine.partner, "Collègue")

    def leaves(who):
        do(town.operator, contact_set=dict(
            id=who, partner=mine.partner, last_name="Roux", charter_version="v3",
            charter_day=town.today, inactive=True))

    leaves(mine.contact)
    heard = listen(town, town.operator, mine.key)
    leaves(colleague)
    stops_at_once(town, mine, heard)
    assert refused(mine.client, read_events=dict(audience=audience(mine.partner)))[0] == \
        "charter_not_current"


def test_a_machine_s_revoked_key_is_out_at_once(town):
    mine = listener(town, machine=True)
    heard = listen(town, town.operator, mine.key)
    do(town.operator, key_revoke=dict(public_key=mine.key.public_bytes))
    stops_at_once(town, mine, heard)


def test_the_command_line_makes_a_machine_s_key(town, tmp_path):
    mine = listener(town, "CSC Pax")
    operator = str(town.dir / "keys" / "operator.key")
    made = town.ctps("key", "new", "--partner", "CSC Pax", "--out", str(tmp_path / "csc.key"),
                     "--as", operator).stdout
    assert f"partner {mine.partner}" in made
    assert f"partenaire {mine.partner}" in town.ctps("key", "list", "--as",
                                                             operator).stdout
    denied = town.ctps("saisine", "list", "--as", str(tmp_path / "csc.key"), check=False)
    assert denied.returncode == 77
    answer = town.ctps("policy", "explain", "events.read", "--partner", "CSC Pax", "--as",
                       operator).stdout
    assert "partner: a contact with a current charter" in answer


def test_a_colleague_hears_on_when_one_is_out(town):
    mine = listener(town)
    colleague = Listener(town, mine.partner, name="Collègue")
    do(town.operator, key_revoke=dict(public_key=mine.key.public_bytes))
    refer(town, mine)
    assert len(colleague.hear("saisine.received")) == 1


def test_rights_lost_since_leave_tombstones(town):
    mine = listener(town)
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    do(anna, situation_engage=dict(id=situation, partner=mine.partner))
    share(town, situation, mine.contact, expiry_day=town.today)
    decision = do(anna, decision_take=dict(situation=situation, verb="contacter",
                                           contact=mine.contact,
                                           due_day=town.today)).made[0].id
    close(anna, town, situation)
    assert [notice.tombstone for _, notice in mine.read()] == [False] * 3
    # A colleague reads on once the one it was for has left: nothing of what was his.
    colleague = Listener(town, mine.partner, name="Collègue")
    do(town.operator, contact_set=dict(
        id=mine.contact, partner=mine.partner, last_name="Roux", charter_version="v3",
        charter_day=town.today, inactive=True))
    found = {topic: notice for topic, notice in colleague.read()}
    assert found["information.shared"].tombstone and found["decision.taken"].tombstone
    assert not found["situation.closed"].tombstone
    do(town.client("helene"), situation_restrict=dict(id=situation, reason="contestation"))
    found = {topic: notice for topic, notice in colleague.read()}
    assert found["situation.closed"].tombstone
    for notice in found.values():
        assert {field.name for field, _ in notice.ListFields()} == {"kind", "tombstone"}
    assert decision


# --- gaps, cursors, restarts ---

def test_a_gap_is_repaired_and_nothing_comes_twice(town):
    mine = listener(town)
    for _ in range(5):
        refer(town, mine)
    page = mine.page(limit=2)
    assert len(page.events) == 2 and page.head.number > page.events[-1].header.number
    before = 0
    for event in mine.page().events:
        assert event.header.previous_number == before < event.header.number
        assert event.header.audience == audience(mine.partner)
        before = event.header.number
    assert page.head.number == before
    mine.after = page.events[-1].header.number
    numbers = []
    for event in mine.client.events(audience=audience(mine.partner), after=mine.after,
                                    timeout=2):
        numbers.append(event.number)
    assert len(numbers) == len(set(numbers)) == 3


@pytest.mark.parametrize("again", ["restart", "crash"])
def test_the_feed_goes_on_after_a_restart(town, again):
    mine = listener(town)
    refer(town, mine)
    mine.hear("saisine.received")
    getattr(town, again)()
    refer(town, mine)
    event, = mine.hear("saisine.received")
    assert event.header.previous_number == mine.page().events[0].header.number
    assert [feed.on for feed in do(town.client("helene"),
                                   feed_list=dict()).feed_answer.feeds] == [True]


def test_the_views_made_again_hold_the_same_feed(town):
    mine = listener(town)
    situation, *_ = open_situation(town.client("anna"), town)
    share(town, situation, mine.contact)
    refer(town, mine)
    before = mine.page()
    town.stop()
    town.ctps("store", "rebuild")
    town.start()
    assert list(mine.page().events) == list(before.events)
    assert mine.page().head.number == before.head.number


def test_what_was_told_is_kept_for_as_many_days_as_the_town_says(stopped_town):
    town, days = stopped_town, 30
    town.configure("rules = { feed_kept_days = 30; };\n")
    with_feeds(town)
    town.start(town.clock_env())
    mine, first_day = listener(town), town.today
    do(town.operator, agent_set=dict(
        id=town.agents["anna"], last_name="Anna", function="coordinateur", territories=["T1"],
        habilitation_act="arrêté 1", habilitation_from_day=first_day - 300,
        habilitation_to_day=first_day + 300))
    for _ in range(3):
        refer(town, mine)
    numbers = [event.header.number for event in mine.page().events]
    town.move_clock(days=days - 1.1)
    until(lambda: figures(town.operator)["clock.alarm"] == "yes", "no alarm")
    assert len(mine.page().events) == 3, "nothing goes while the clock is in doubt"
    do(town.operator, clock_confirm={})
    heard = listen(town, town.operator, mine.key)
    for later in (-0.2, 0.7, 1.6):  # past midnights, and no leap of a day
        assert later > 0 or len(mine.page().events) == 3
        town.move_clock(days=days + later)
        for _ in range(2):
            assert heard.wait(10) and heard.hear()[0] == b"heartbeat"  # it looked at the clock
    heard.close()
    until(lambda: len(mine.page().events) < 3, "still there")
    page = mine.page()
    # The newest stays: who has it has missed nothing, who has not sees that something is gone.
    event, = page.events
    assert (event.header.number, event.header.previous_number) == (numbers[2], numbers[1])
    assert page.head.number == numbers[2]
    refer(town, mine)
    assert [event.number for event in mine.hear("saisine.received")] == numbers[2:]
    assert mine.page(after=numbers[2]).events[0].header.previous_number == numbers[2]
    assert town.stop() == 0
    town.ctps("store", "check")


def test_a_cursor_for_each_contact(town):
    mine = listener(town)
    name = audience(mine.partner)
    do(mine.client, cursor_set=dict(audience=name, position=7))
    assert do(mine.client, cursor_get=dict(audience=name)).cursor_answer.position == 7
    colleague = Listener(town, mine.partner, name="Collègue")
    assert do(colleague.client, cursor_get=dict(audience=name)).cursor_answer.position == 0
    # How far a partner follows is nobody's alarm.
    assert not [figure for figure in town.figures() if figure.startswith("consumer.")]
    assert refused(mine.client, cursor_set=dict(audience="partner.1", position=7))[0] == \
        "not_allowed"


def test_over_tcp_each_feed_has_a_port_of_its_own(stopped_town):
    town = stopped_town
    with ctps_client.zmq.Context() as context, context.socket(ctps_client.zmq.PUB) as probe:
        first = probe.bind_to_random_port("tcp://127.0.0.1", 20000, 60000)
    with_feeds(town, f"tcp://127.0.0.1:{first}")
    town.start()
    one, two = listener(town, "Un"), listener(town, "Deux")
    one.key.events, two.key.events = (f"tcp://127.0.0.1:{first + at}" for at in (0, 1))
    for who in (one, two):
        refer(town, who)
        who.hear("saisine.received")
    # A place that became free goes to the next; the other keeps its own.
    switch(town, one.partner, on=False)
    third = partner(town, "Trois")
    switch(town, third)
    places = {feed.partner: list(feed.endpoints) for feed in do(
        town.client("helene"), feed_list=dict()).feed_answer.feeds}
    assert places == {one.partner: [], two.partner: [two.key.events],
                      third: [one.key.events]}


# --- the command line ---

def test_the_command_line_opens_shows_and_closes(town):
    of = partner(town, "CSC Pax")
    town.keys["helene"].write(town.dir / "helene.key")

    def run(*words, check=True):
        return town.ctps("--as", str(town.dir / "helene.key"), "partner", "feed", *words,
                         check=check, env={"LANG": "C.UTF-8"})

    run("on", "CSC Pax")
    shown = run("show", "CSC Pax").stdout
    assert audience(of) in shown and f"run/feed-{of}" in shown
    run("off", str(of))
    assert run("on", check=False).returncode == 64
    assert run("up", "CSC Pax", check=False).returncode == 64
    told = [(event.topic, event.notice.code) for event in town.client("follower").events(
        timeout=1) if event.topic == "partner.feed_switched"]
    assert told == [("partner.feed_switched", "on"), ("partner.feed_switched", "off")]
