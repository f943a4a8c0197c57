"""Habilitations, charters and posts: refused by name, kept for ever, told on the bus."""
import json

import pytest

from acts import CONTACT, do, refused
from test_10_keys import listen
from town import ctps_client


def register(town, who="helene", **fields):
    return list(do(town.client(who), habilitation_register=fields)
                .habilitation_answer.habilitations)


def charters(town, who="helene", **fields):
    return list(do(town.client(who), charter_register=fields).charter_answer.charters)


def new_contact(town, **fields):
    partner = do(town.client("helene"), partner_set=dict(
        name="CSC", family="terrain", kind="bailleur", territories=["T1"])).made[0].id
    return do(town.client("helene"), contact_set=dict(
        partner=partner, last_name="Bouazza", first_name="Lucas", **fields)).made[0].id


def next_event(heard, topic):
    """The next event of that topic an outside subscriber hears, as it was sent."""
    while heard.wait(10):
        got, event = heard.hear()
        if got == topic.encode():
            return event
    raise AssertionError(f"no {topic}")


def test_withdrawn_at_once_and_kept_in_the_register(town):
    emile = town.agents["emile"]
    do(town.client("emile"), reference_list=dict(kind=8))
    do(town.client("helene"), habilitation_withdraw=dict(
        agent=emile, day=town.today, act="ARR-9"))
    assert refused(town.client("emile"), reference_list=dict(kind=8))[0] == \
        "habilitation_missing"
    row, = register(town, agent=emile)
    assert (row.withdrawn_day, row.withdrawn_act, row.current) == (town.today, "ARR-9", False)
    assert row.to_day == town.today - 1
    do(town.client("helene"), habilitation_grant=dict(
        agent=emile, act="ARR-10", from_day=town.today, to_day=town.today + 20))
    do(town.client("emile"), reference_list=dict(kind=8))
    assert [(row.act, row.current, row.expiring) for row in register(town, agent=emile)] == [
        ("act", False, False), ("ARR-10", True, True)]
    town.crash()
    assert [row.act for row in register(town, agent=emile, current_only=True)] == ["ARR-10"]


def test_a_renewal_granted_ahead_locks_nobody_out(town):
    anna = town.agents["anna"]
    do(town.client("helene"), habilitation_grant=dict(
        agent=anna, act="ARR-11", from_day=town.today + 200, to_day=town.today + 600))
    do(town.client("anna"), reference_list=dict(kind=8))


def test_agent_set_with_other_dates_stands_in_the_register(town):
    before = len(register(town))
    bruno = dict(id=town.agents["bruno"], last_name="bruno", function="coordinateur",
                 territories=["T2"], habilitation_act="ARR-12",
                 habilitation_from_day=town.today, habilitation_to_day=town.today + 9)
    do(town.client("helene"), agent_set=bruno)
    do(town.client("helene"), agent_set=dict(bruno, email="b@mulhouse.example"))
    rows = register(town, agent=town.agents["bruno"])
    assert len(register(town)) == before + 1
    assert [(row.replaced, row.current) for row in rows] == [(True, False), (False, True)]


@pytest.mark.parametrize("fields, refusal", [
    (dict(act="x", from_day=10, to_day=9), ("date_order", "to_day")),
    (dict(from_day=10, to_day=19), ("field_missing", "act")),
    (dict(act="x", to_day=19), ("field_missing", "from_day")),
])
def test_grants_refused(town, fields, refusal):
    assert refused(town.client("helene"), habilitation_grant=dict(
        agent=town.agents["anna"], **fields)) == refusal


def test_refused_by_name(town):
    helene, anna = town.client("helene"), town.agents["anna"]
    assert refused(helene, habilitation_grant=dict(agent=99, act="x", from_day=1, to_day=2)) == \
        ("agent_unknown", "agent")
    assert refused(helene, habilitation_withdraw=dict(
        agent=anna, act="x", day=town.today + 4000)) == ("habilitation_not_held", "day")
    assert refused(helene, charter_sign=dict(contact=99, day=town.today)) == \
        ("absent", "contact")
    contact = new_contact(town)
    assert refused(helene, charter_sign=dict(contact=contact, day=town.today + 1)) == \
        ("date_future", "day")


@pytest.mark.parametrize("who, may", [
    ("helene", True), ("chloe", True), ("diane", True), ("audrey", True), ("admin", True),
    ("anna", False), ("emile", False)])
def test_who_reads_the_registers(town, who, may):
    if may:
        assert register(town, who)
        charters(town, who)
    else:
        assert refused(town.client(who), habilitation_register={})[0] == "not_allowed"
        assert refused(town.client(who), charter_register={})[0] == "not_allowed"


@pytest.mark.parametrize("who", ["anna", "chloe", "diane", "admin", "audrey"])
def test_who_may_not_habilitate(town, who):
    assert refused(town.client(who), habilitation_grant=dict(
        agent=town.agents["anna"], act="x", from_day=1, to_day=2))[0] == "not_allowed"
    assert refused(town.client(who), habilitation_withdraw=dict(
        agent=town.agents["helene"], act="x", day=town.today))[0] == "not_allowed"


def test_charter_history_and_what_counts(town):
    contact = new_contact(town)
    assert charters(town, contact=contact) == []
    key = town.key_new({"kind": CONTACT, "id": contact}, "lucas")
    lucas = town.client_of(key)
    assert refused(lucas, saisine_list={})[0] == "charter_not_current"
    do(town.client("chloe"), charter_sign=dict(contact=contact, version="v0",
                                               day=town.today - 900))
    assert refused(lucas, saisine_list={})[0] == "charter_not_current"
    do(town.client("chloe"), charter_sign=dict(contact=contact, day=town.today - 1))
    do(lucas, saisine_list={})
    rows = charters(town, contact=contact)
    assert [(row.version == "v0", row.current) for row in rows] == [(True, False), (False, True)]
    town.crash()
    assert [row.day for row in charters(town, contact=contact, current_only=True)] == \
        [town.today - 1]


def test_contact_set_with_a_signature_stands_in_the_register(town):
    contact = new_contact(town, charter_version="v1", charter_day=town.today - 2)
    assert [row.day for row in charters(town, contact=contact)] == [town.today - 2]


def test_people_events_reach_the_wire_without_names(town):
    """agent.*, partner.*, charter.signed, habilitation.*, settings.changed: command to wire."""
    helene = town.client("helene")
    heard = listen(town, town.operator, town.keys["follower"])
    made = do(helene, agent_set=dict(
        last_name="CANARI", function="educateur", territories=["T1"], habilitation_act="CANARI",
        habilitation_from_day=town.today, habilitation_to_day=town.today + 5)).made[0].id
    raw = next_event(heard, "agent.set") + next_event(heard, "habilitation.granted")
    do(helene, habilitation_withdraw=dict(agent=made, day=town.today, act="CANARI"))
    raw += next_event(heard, "habilitation.withdrawn")
    partner = do(helene, partner_set=dict(name="CANARI", family="terrain",
                                          kind="bailleur")).made[0].id
    raw += next_event(heard, "partner.set")
    contact = do(helene, contact_set=dict(partner=partner, last_name="CANARI")).made[0].id
    raw += next_event(heard, "contact.set")
    do(helene, charter_sign=dict(contact=contact, version="CANARI", day=town.today))
    signed = next_event(heard, "charter.signed")
    notice = ctps_client.notice.EventRecord.FromString(signed).notice
    assert (notice.other, notice.day) == (contact, town.today)
    do(town.client("admin"), town_set=dict(name="CANARI"))
    raw += next_event(heard, "settings.changed")
    heard.close()
    assert b"CANARI" not in raw + signed


def posts(town, who="anna", **fields):
    return do(town.client(who), agent_posts=fields).posts_answer


def staff(town, name, function, *shares):
    """An agent with posts of (share, funder)."""
    do(town.client("helene"), agent_set=dict(
        last_name=name, function=function, habilitation_act="a",
        habilitation_from_day=town.today, habilitation_to_day=town.today,
        posts=[dict(fte_centi=share, funder=funder, from_day=town.today)
               for share, funder in shares]))


def test_posts_of_the_reference_year(town):
    for i in range(6):
        staff(town, f"c{i}", "coordinateur", (100, "ville"))
    staff(town, "e1", "educateur", (100, "departement"))
    staff(town, "e2", "educateur", (60, "departement"), (40, "ville"))
    staff(town, "e3", "educateur", (50, "departement"))
    staff(town, "h", "responsable", (30, "ville"))
    staff(town, "a", "assistante", (40, "ville"))
    answer = posts(town)
    assert (answer.agent_count, answer.fte_centi) == (11, 920)
    field = [row for row in answer.functions if row.function in ("coordinateur", "educateur")]
    assert (sum(row.agent_count for row in field), sum(row.fte_centi for row in field)) == \
        (9, 850)
    assert {row.funder: row.fte_centi for row in answer.funders} == \
        {"ville": 710, "departement": 210}
    assert posts(town, day=town.today - 1).fte_centi == 0


def test_posts_refused(town):
    assert refused(town.client("helene"), agent_set=dict(
        last_name="x", function="educateur", habilitation_act="a",
        habilitation_from_day=1, habilitation_to_day=2,
        posts=[dict(fte_centi=60, funder="ville", from_day=1),
               dict(fte_centi=60, funder="ville", from_day=2)])) == ("field_range", "fte_centi")


def test_territory_team_is_derived(town):
    def teams():
        answer = do(town.client("anna"), reference_list=dict(kind=8)).reference_answer
        return {row.code: (row.team, row.districts_unusual) for row in answer.territories}

    assert teams() == {"T1": ("binome", False), "T2": ("monome", False)}
    do(town.client("helene"), territory_set=dict(code="T9", name="T9", team="binome"))
    assert teams()["T9"] == ("none", True)
    do(town.client("helene"), habilitation_withdraw=dict(
        agent=town.agents["emile"], day=town.today, act="x"))
    assert teams()["T1"] == ("monome", False)


def ctps(town, who, *words, check=True):
    """The command line in the name of one of the town's people."""
    path = town.dir / f"{who}.key"
    if not path.exists():
        town.keys[who].write(path)
    return town.ctps(*words, "--as", str(path), check=check)


def test_registers_on_the_command_line(town):
    done = ctps(town, "helene", "register", "habilitations", "--current")
    assert "anna" in done.stdout and "Acte" in done.stdout
    ctps(town, "helene", "habilitation", "grant", "emile", "--act", "ARR-1", "--from",
         "01/01/2030", "--until", "31/12/2030")
    rows = json.loads(ctps(town, "helene", "register", "habilitations", "--agent", "emile",
                           "--json").stdout)
    assert [row["act"] for row in rows] == ["act", "ARR-1"]
    ctps(town, "helene", "agent", "post", "emile", "--share", "0,5", "--funder", "ville",
         "--from", "01/01/2020")
    ctps(town, "helene", "agent", "post", "emile", "--share", "0,25", "--funder", "departement",
         "--from", "01/01/2020")
    answer = json.loads(ctps(town, "helene", "agent", "posts", "--json").stdout)
    assert answer["fte_centi"] == 75
    ctps(town, "helene", "agent", "post", "emile", "--share", "1", "--funder", "ville",
         "--from", "01/01/2020", "--afresh")
    assert json.loads(ctps(town, "helene", "agent", "posts", "--json").stdout)["fte_centi"] == 100
    assert "1,00" in ctps(town, "helene", "agent", "posts").stdout
    assert "binôme" in ctps(town, "helene", "territory", "list").stdout


def contact_row(town, who="helene", **words):
    rows = json.loads(ctps(town, who, "contact", "list", "--with-inactive", "--json").stdout)
    return rows[-1]


def test_contact_is_changed_and_leaves_on_the_command_line(town):
    who = str(new_contact(town, email="lucas@csc.example", phone="0389", charter_version="v3",
                          charter_day=town.today - 3))
    ctps(town, "helene", "contact", "set", "lucas@csc.example", "--notify", "digest",
         "--phone", "0390")
    row = contact_row(town)
    assert (row["phone"], row["notify"], row["last_name"], row["charter_version"]) == (
        "0390", "digest", "Bouazza", "v3")
    ctps(town, "helene", "contact", "set", who, "--inactive", "yes")
    assert ctps(town, "helene", "contact", "list").stdout == "aucun contact\n"
    assert contact_row(town)["inactive"]
    ctps(town, "helene", "contact", "set", who, "--inactive", "no")
    assert "Bouazza" in ctps(town, "helene", "contact", "list").stdout
    gone = ctps(town, "helene", "contact", "set", "personne@csc.example", "--phone", "1",
                check=False)
    assert gone.returncode == 66


def test_partner_is_changed_on_the_command_line(town):
    new_contact(town)
    ctps(town, "helene", "partner", "set", "CSC", "--territories", "T1,T2", "--name", "CSC Pax")
    row, = json.loads(ctps(town, "helene", "partner", "list", "--json").stdout)
    assert (row["name"], row["territories"], row["family"]) == ("CSC Pax", ["T1", "T2"],
                                                               "terrain")
    ctps(town, "helene", "partner", "set", "CSC Pax", "--everywhere")
    row, = json.loads(ctps(town, "helene", "partner", "list", "--json").stdout)
    assert row["territories"] == []


@pytest.mark.parametrize("who", ["diane", "chloe", "audrey", "admin", "helene"])
def test_territory_is_lent_only_to_who_can_follow_there(town, who):
    assert refused(town.client("helene"), delegation_grant=dict(
        territory="T1", to_agent=town.agents[who], from_day=town.today,
        to_day=town.today + 3)) == ("delegate_function", "to_agent")


def test_town_s_zone_is_the_configuration_s(town):
    zone = dict(name="Mulhouse", zone="America/Cayenne", holiday_regime="metropole")
    assert refused(town.operator, town_set=zone) == ("zone_configured", "zone")
    do(town.operator, town_set=dict(zone, zone="Europe/Paris"))


def test_good_friday_is_a_holiday_in_alsace_moselle_only(town):
    fields = dict(name="Lyon", holiday_regime="metropole", good_friday=True)
    assert refused(town.operator, town_set=fields) == ("good_friday_elsewhere", "good_friday")
    do(town.operator, town_set=dict(fields, holiday_regime="alsace-moselle"))
