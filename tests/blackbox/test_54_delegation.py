"""A territory lent for a leave: both days included, ended early at once, told on the bus."""
from acts import do, open_situation, refused, show
from test_50_share import heard


def lend(town, first, last):
    return do(town.client("helene"), delegation_grant=dict(
        territory="T1", to_agent=town.agents["bruno"], from_day=town.today + first,
        to_day=town.today + last)).made[0].id


def test_opens_from_its_first_to_its_last_day(stopped_town):
    town = stopped_town
    town.start(town.clock_env())
    situation, _, _ = open_situation(town.client("anna"), town, title="Titre")
    bruno = town.client("bruno")
    lend(town, 1, 2)
    for days, opens in ((0, False), (1, True), (2, True), (3, False)):
        town.move_clock(days=days)
        view = show(bruno, id=situation, nominative=True)
        assert view.existence_only != opens and (view.title == "Titre") == opens
    # She who is away keeps her own.
    assert show(town.client("anna"), id=situation, nominative=True).title == "Titre"


def test_lets_everything_of_the_territory_be_done_until_it_is_ended(town):
    situation, _, _ = open_situation(town.client("anna"), town)
    bruno = town.client("bruno")
    status = dict(situation_set_status=dict(id=situation, status="suivi"))
    assert refused(bruno, **status)[0] == "other_territory"
    lent = lend(town, 0, 9)
    assert refused(bruno, break_glass_use=dict(situation=situation, reason="x"))[0] == \
        "not_allowed"  # it is open to him anyhow
    do(town.client("helene"), delegation_end=dict(id=lent))
    assert refused(bruno, **status)[0] == "other_territory"
    assert refused(town.client("helene"), delegation_end=dict(id=lent)) == ("state_wrong", "id")
    lend(town, 0, 0)
    do(bruno, **status)


def test_is_told_on_the_bus(town):
    start = do(town.client("follower"), read_events=dict(
        audience="plugins", after=2**64 - 1)).events_answer.head.number
    lent = lend(town, 0, 5)
    do(town.client("helene"), delegation_end=dict(id=lent))
    granted, ended = [event.notice for event in heard(town, "delegation.ended", start)
                      if event.topic.startswith("delegation.")]
    assert (granted.id, granted.territory, granted.agent, granted.day) == (
        lent, "T1", town.agents["bruno"], town.today)
    assert ended.id == lent
