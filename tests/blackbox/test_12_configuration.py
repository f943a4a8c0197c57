"""Configuration: errors that name the place, reload without a stop."""
import re
import subprocess

import pytest
from town import ctps_client

import paths
from acts import do, figures, open_situation, refused
from test_10_keys import drain_until_out, listen

EX_CONFIG = 78


def check(town):
    return subprocess.run([paths.program("daemon/ctpsd"), "--check", town.config], text=True,
                          capture_output=True, check=False)


def line_of(town, text):
    return town.config.read_text().splitlines().index(text) + 1


def test_sample_configuration_is_in_order(stopped_town):
    assert check(stopped_town).returncode == 0


def test_unknown_key_names_file_line_and_the_nearest(stopped_town):
    town = stopped_town
    town.configure("rules = {\n  retention_month = 2;\n};\n")
    done = check(town)
    assert done.returncode == EX_CONFIG
    place = f"{town.config}:{line_of(town, '  retention_month = 2;')}"
    assert place in done.stderr and "retention_months" in done.stderr


def test_daemon_does_not_start_on_an_unknown_key(stopped_town):
    stopped_town.configure("bux = { };\n")
    assert stopped_town.start(expect_ready=False) == EX_CONFIG
    assert "bux" in stopped_town.words()


@pytest.mark.parametrize("text", [
    "rules = { announce_days = 14; };", "rules = { silent_days = 0; };",
    "rules = { review_months_long = 0; };", "rules = { announce_run_days = 1; };",
    "rules = { retention_months = 37; };", 'rules = { retention_months = "three"; };',
    "rules = {", 'bus = { commands = [ ]; };'])
def test_value_that_cannot_be_is_refused(stopped_town, text):
    kept = stopped_town.config.read_text()
    if text.startswith("bus"):
        kept = kept.replace("\nbus = {", "\nignored = {")
    stopped_town.config.write_text(kept + text + "\n")
    done = check(stopped_town)
    assert done.returncode == EX_CONFIG and str(stopped_town.config) in done.stderr


def test_sample_says_each_term_with_its_default():
    """As domain.md sets them; the sample is made from the rows the daemon reads."""
    done = subprocess.run([paths.program("daemon/ctpsd"), "--sample"], text=True,
                          capture_output=True, check=True)
    said = dict(re.findall(r"(\w+) = (\d+);", done.stdout))
    assert {name: said[name] for name in (
        "answer_working_days", "silent_days", "inform_days", "review_months_short",
        "review_months_medium", "review_months_long", "minutes_working_days", "charter_years",
        "expiring_days", "announce_days")} == dict(
            answer_working_days="5", silent_days="45", inform_days="15",
            review_months_short="1", review_months_medium="3", review_months_long="6",
            minutes_working_days="5", charter_years="3", expiring_days="30",
            announce_days="15")


def test_grant_of_an_unknown_action_is_refused(stopped_town):
    stopped_town.grant("courrier", ["situation.lists"])
    done = check(stopped_town)
    assert done.returncode == EX_CONFIG and "situation.lists" in done.stderr


def test_missing_root_key_is_said(stopped_town):
    (stopped_town.dir / "keys" / "root.key").unlink()
    assert stopped_town.start(expect_ready=False) not in (0, None)
    assert "root" in stopped_town.words()


def test_root_key_others_may_read_is_refused(stopped_town):
    (stopped_town.dir / "keys" / "root.key").chmod(0o644)
    assert stopped_town.start(expect_ready=False) not in (0, None)
    assert "root" in stopped_town.words()


def test_another_root_key_opens_nothing(stopped_town):
    key = stopped_town.dir / "keys" / "root.key"
    key.chmod(0o600)
    raw = bytearray(key.read_bytes())
    for at, byte in enumerate(raw):
        if chr(byte) in "0123456789":
            raw[at] = ord("1") if byte != ord("1") else ord("2")
            break
    else:
        raw[0] ^= 1
    key.write_bytes(raw)
    assert stopped_town.start(expect_ready=False) not in (0, None)


def test_reload_takes_a_new_grant(stopped_town):
    town = stopped_town
    town.start()
    plugin = town.plugin("courrier")
    assert refused(plugin, situation_list=dict())[0] == "capability_missing"
    town.grant("courrier", ["situation.list"])
    do(town.operator, reload=dict())
    open_situation(town.client("anna"), town)
    assert len(do(plugin, situation_list=dict()).situation_answer.situations) == 1


def test_reload_by_signal_puts_a_subscriber_without_grant_out(town):
    heard = listen(town, town.operator, town.keys["follower"])
    town.config.write_text(town.config.read_text().replace(
        'audiences = [ "plugins" ]', "audiences = [ ]"))
    town.process.send_signal(1)
    drain_until_out(heard)
    heard.close()
    with pytest.raises(ctps_client.Refused) as caught:
        next(town.client("follower").events(timeout=5))
    assert caught.value.reply.refusal.name == "capability_missing"


def test_reload_of_a_wrong_file_keeps_what_was(town):
    town.configure("bux = { };\n")
    do(town.operator, reload=dict())
    assert do(town.client("follower"), read_events=dict(audience="plugins"))
    assert "kept as it was" in town.words() and "bux" in town.words()


def test_reload_is_for_those_who_run_the_service(town):
    assert refused(town.client("anna"), reload=dict())[0] == "not_allowed"
    do(town.client("admin"), reload=dict())
    figures(town.client("admin"))
