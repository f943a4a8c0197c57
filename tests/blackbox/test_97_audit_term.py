"""The trail's term: a month's key is destroyed, what it sealed is gone, and the log still stands."""
import datetime
import json

import pytest

import test_70_plugins as plugins
import test_73_audit_log as audit_log
from acts import do, open_situation, refused
from test_52_share_command import ctps
from test_96_audit_behind import until

EX_OK = 0


@pytest.fixture
def town(stopped_town):
    """A running town with a clock that moves and a signed log; one reading of today."""
    town = stopped_town
    audit_log.configure(town)
    town.start(town.clock_env())
    plugins.wait_for(town, plugins.is_ready, name="audit")
    town.situation, town.reference, _ = open_situation(town.client("anna"), town, title="Titre")
    town.seq = do(town.client("anna"), situation_get=dict(
        id=town.situation, nominative=True)).seq
    town.first_day = town.today
    return town


def move(town, days):
    """To that day; an operator has looked at the clock."""
    town.move_clock(days=days)
    until(lambda: figures(town)["clock.alarm"] == "yes", "no alarm")
    do(town.operator, clock_confirm={})


def figures(town):
    return {figure.name: figure.value for figure in
            do(town.operator, status_get={}).status_answer.figures}


def months(town, last):
    """Agents stay habilitated as long as the clock goes."""
    for name, (function, territories) in (("diane", ("dpo", [])), ("anna", ("coordinateur", ["T1"]))):
        do(town.operator, agent_set=dict(
            id=town.agents[name], last_name=name, function=function, territories=territories,
            habilitation_act="arrêté 1", habilitation_from_day=town.first_day - 300,
            habilitation_to_day=town.first_day + last))


def who(town):
    return do(town.client("diane"), audit_who=dict(
        situation=town.situation, from_day=town.first_day - 1,
        to_day=town.first_day + 1)).audit_answer


def readings(answer):
    return [row.seq for row in answer.entries if row.action == "situation.get"]


def test_month_past_its_term_can_no_longer_be_read_and_says_so(town):
    months(town, 2000)
    assert readings(who(town)) == [town.seq]
    move(town, 365)
    assert readings(who(town)) == [town.seq], "its month has not ended twelve months ago"
    move(town, 398)
    until(lambda: not readings(who(town)), "still there")
    answer = who(town)
    gap, = answer.gaps
    assert gap.count == answer.unreadable > 0
    assert gap.first_seq <= town.seq <= gap.last_seq
    table = ctps(town, "diane", "audit", "who", "--situation", town.reference, "--from",
                 iso(town.first_day - 1), "--to", iso(town.first_day + 1))
    assert "illisible" in table.stdout and f"{gap.count} écritures" in table.stdout
    assert f"{gap.count} entrées ne sont plus lisibles" in table.stderr
    whole = json.loads(ctps(town, "diane", "audit", "who", "--situation", town.reference,
                            "--from", iso(town.first_day - 1), "--to", iso(town.first_day + 1),
                            "--json").stdout)
    assert whole["unreadable"] == gap.count and whole["gaps"]


def iso(day):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(day)).isoformat()


def test_log_and_proofs_stand_without_the_key(town):
    months(town, 2000)
    audit_log.signed_for(town)
    folder = str(audit_log.base_of(town))
    kept = town.dir / "kept"
    kept.write_text(town.ctps("audit", "checkpoint", folder).stdout)
    move(town, 398)
    until(lambda: not readings(who(town)), "still there")
    audit_log.signed_for(town)
    done = town.ctps("audit", "verify", folder, "--since", str(kept), "--journal",
                     str(town.data / "journal"))
    assert done.returncode == EX_OK
    assert town.ctps("audit", "prove", folder, str(town.seq)).stdout.startswith(
        "c2sp.org/tlog-proof@v1\n")
    town.stop()
    assert town.ctps("store", "check", env=town.clock_env()).returncode == EX_OK


def test_nothing_ends_while_there_is_a_clock_alarm(town):
    months(town, 2000)
    town.move_clock(days=398)
    until(lambda: figures(town)["clock.alarm"] == "yes", "no alarm")
    assert readings(who(town)) == [town.seq]


def test_longer_wants_a_justification_and_holds(town):
    months(town, 3000)

    def wish(**fields):
        return dict(town_set=dict(name="Mulhouse", zone="Europe/Paris",
                                  holiday_regime="alsace-moselle", **fields))

    assert refused(town.operator, **wish(audit_months=5)) == ("audit_term", "audit_months")
    assert refused(town.operator, **wish(audit_months=13)) == ("audit_term", "audit_justification")
    assert refused(town.operator, **wish(audit_months=37, audit_justification="x"))[0] in (
        "audit_term", "field_range", "malformed")
    do(town.operator, **wish(audit_months=36, audit_justification="délibération 12-3"))
    move(town, 398)
    do(town.operator, status_get={})
    assert readings(who(town)) == [town.seq]
    move(town, 1000)
    assert readings(who(town)) == [town.seq]
    move(town, 37 * 31)
    until(lambda: not readings(who(town)), "still there")
