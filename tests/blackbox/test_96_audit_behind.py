"""When the signed log does not follow: alarms, and names that are opened for nobody meanwhile."""
import os
import signal
import time

import pytest

import test_70_plugins as plugins
import test_73_audit_log as audit_log
from acts import do, open_situation, receive, refused

LIMIT_S = 1


def rules(town, text):
    town.configure("audit = { " + text + " };\n")


def look(town, by="anna", **more):
    return dict(situation_get=dict(id=town.situation, nominative=True), **more)


def figures(town):
    return {figure.name: figure for figure in
            do(town.operator, status_get={}).status_answer.figures}


def until(test, what, timeout=15):
    """Asks again and again until the test holds."""
    deadline = time.monotonic() + timeout
    while not test():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)  # between two looks


def is_refused(town):
    reply = town.client("anna").request(plugins.do.__globals__["command"].Request(**look(town)))
    return reply.refusal.name == "audit_behind"


def hosts(town):
    """Pids of the daemon's children."""
    children = f"/proc/{town.process.pid}/task/{town.process.pid}/children"
    return [int(word) for word in open(children, encoding="ascii").read().split()]


def plugin_process(town):
    """The process that runs the plugin's code: the child of its host."""
    host = plugins.host_of(town)
    children = f"/proc/{host}/task/{host}/children"
    return int(open(children, encoding="ascii").read().split()[0])


@pytest.fixture
def town(stopped_town):
    """A situation there is, and rules by which names wait for the log; not started."""
    audit_log.configure(stopped_town)
    rules(stopped_town, f'refuse_reads_after = "{LIMIT_S} s"; alarm_after = "1 s";')
    stopped_town.start()
    plugins.wait_for(stopped_town, plugins.is_ready, name="audit")
    stopped_town.situation, _, _ = open_situation(stopped_town.client("anna"), stopped_town)
    return stopped_town


def test_names_are_read_while_the_log_follows(town):
    audit_log.signed_for(town)
    for _ in range(30):
        assert do(town.client("anna"), **look(town)).situation_answer.situations[0].persons
        time.sleep(0.05)  # longer than the limit in all
    assert figures(town)["audit.reads_refused"].value == "no"
    assert not figures(town)["audit.lag"].alarm


def alarms(town, who):
    return [item.code for item in do(town.client(who), today_get={}).today_answer.items
            if item.kind == "audit_log_alarm"]


def test_head_and_dpo_are_told_of_a_log_that_does_not_follow(town):
    audit_log.signed_for(town)
    assert alarms(town, "helene") == alarms(town, "diane") == []
    stopped = plugin_process(town)
    os.kill(stopped, signal.SIGSTOP)
    try:
        receive(town.client("anna"), town)
        until(lambda: alarms(town, "diane") == ["log_behind"], "the DPO was not told")
        assert alarms(town, "helene") == ["log_behind"]
        assert alarms(town, "anna") == alarms(town, "chloe") == []
    finally:
        os.kill(stopped, signal.SIGCONT)
    until(lambda: alarms(town, "diane") == [], "the alarm stays")


def test_names_wait_for_a_plugin_that_was_killed(town):
    """Whenever it is there again it is killed, until it was away for too long."""
    audit_log.signed_for(town)

    def kill_it():
        for pid in hosts(town):
            os.kill(pid, signal.SIGKILL)
        return is_refused(town) and "alarm: the audit log is behind" in town.words(200)

    until(kill_it, "never refused, or not said")
    name, detail = refused(town.client("anna"), **look(town))
    assert name == "audit_behind" and detail.endswith(" s")
    seen = figures(town)
    assert seen["audit.reads_refused"].value == "yes" and seen["audit.reads_refused"].alarm
    assert seen["audit.behind"].alarm
    # What shows no names goes on, and so does what the controllers look at.
    assert do(town.client("anna"), situation_get=dict(id=town.situation)).situation_answer
    do(town.client("anna"), situation_add_entry=dict(
        id=town.situation, kind="contact", day=town.today, text="vu"))
    trail = do(town.client("diane"), audit_who=dict(
        situation=town.situation, from_day=town.today, to_day=town.today)).audit_answer
    assert "audit_behind" in {row.result for row in trail.entries}
    until(lambda: not is_refused(town), "still refused")
    until(lambda: "the audit log has caught up" in town.words(200), "not said")


def test_names_wait_for_a_plugin_that_is_stuck(town):
    audit_log.signed_for(town)
    process = plugin_process(town)
    os.kill(process, signal.SIGSTOP)
    until(lambda: is_refused(town), "never refused")
    os.kill(process, signal.SIGCONT)
    until(lambda: not is_refused(town), "still refused")


def test_without_a_plugin_names_wait_once_the_start_is_long_ago(stopped_town):
    rules(stopped_town, f'refuse_reads_after = "{LIMIT_S} s";')
    stopped_town.start()
    stopped_town.situation, _, _ = open_situation(stopped_town.client("anna"), stopped_town)
    until(lambda: is_refused(stopped_town), "never refused")


def test_word_of_another_plugin_counts_for_nothing(stopped_town):
    stopped_town.grant("other", ["audit.hashes"])
    rules(stopped_town, f'refuse_reads_after = "{LIMIT_S} s";')
    stopped_town.start()
    stopped_town.situation, _, _ = open_situation(stopped_town.client("anna"), stopped_town)
    other = stopped_town.plugin("other")

    def lies():
        head = do(other, entry_hashes={}).entry_hashes_answer.head
        do(other, entry_hashes=dict(signed_count=head))
        return is_refused(stopped_town)

    until(lies, "believed")


def test_off_unless_the_town_wants_it(stopped_town):
    audit_log.configure(stopped_town)
    rules(stopped_town, 'alarm_after = "1 s";')
    stopped_town.start()
    plugins.wait_for(stopped_town, plugins.is_ready, name="audit")
    stopped_town.situation, _, _ = open_situation(stopped_town.client("anna"), stopped_town)
    os.kill(plugin_process(stopped_town), signal.SIGSTOP)
    until(lambda: figures(stopped_town)["audit.behind"].alarm, "no alarm")
    assert do(stopped_town.client("anna"), **look(stopped_town))


def test_log_far_behind_is_an_alarm(stopped_town):
    audit_log.configure(stopped_town)
    rules(stopped_town, "alarm_entries = 3;")
    stopped_town.start()
    plugins.wait_for(stopped_town, plugins.is_ready, name="audit")
    audit_log.signed_for(stopped_town)
    until(lambda: not figures(stopped_town)["audit.lag"].alarm, "an alarm for nothing")
    process = plugin_process(stopped_town)
    os.kill(process, signal.SIGSTOP)
    for _ in range(4):
        open_situation(stopped_town.client("anna"), stopped_town)
    assert figures(stopped_town)["audit.lag"].alarm
    os.kill(process, signal.SIGCONT)
    until(lambda: not figures(stopped_town)["audit.lag"].alarm, "still an alarm")
