"""What scripts rely on: exit statuses, JSON, and events as they come."""

import json
import os
import stat
import subprocess

import pytest

import paths
from town import Town


@pytest.fixture(scope="module")
def seeded():
    with Town() as town:
        town.start()
        town.seed()
        town.coordinator = town.agent("Durand", territories=["T1"], email="durand@mulhouse.example")
        yield town


def operator(town):
    return str(town.dir / "keys/operator.key")


def run(town, *words, key=None):
    return town.ctps(*words, "--as", key or operator(town), check=False)


@pytest.mark.parametrize("words, status", [
    (("status",), 0),
    (("stauts",), 64),
    (("agent", "lsit"), 64),
    (("situation", "close", "1", "--day", "31/02/2026", "--motive", "resolue"), 64),
    (("situation", "close", "1", "--day", "20/11/2026", "--motive", "nulle_part"), 65),
    (("agent", "set", "personne@nulle.part", "--email", "x"), 66),
    (("situation", "list"), 77),
])
def test_exit_status_says_why(seeded, words, status):
    done = run(seeded, *words)
    assert done.returncode == status, done.stderr
    assert status == 0 or done.stderr.startswith("ctps: ")


def test_without_a_daemon_69(seeded, tmp_path):
    key = tmp_path / "gone.key"
    text = (seeded.dir / "keys/operator.key").read_text()
    key.write_text(text.replace(str(seeded.dir), str(tmp_path)))
    key.chmod(0o600)
    done = run(seeded, "status", "--timeout", "1", key=str(key))
    assert done.returncode == 69


def test_without_a_key_file_78(seeded, tmp_path):
    assert run(seeded, "status", key=str(tmp_path / "none")).returncode == 78


def test_refusal_is_said_in_french_or_english_with_its_rule(seeded):
    french = run(seeded, "situation", "list")
    english = run(seeded, "situation", "list", "--lang", "en")
    assert "L’opérateur local" in french.stderr and "règle" in french.stderr
    assert "The local operator" in english.stderr and "rule" in english.stderr


def test_new_key_is_private_and_never_over_another(seeded, tmp_path):
    path = tmp_path / "durand.key"
    words = ("key", "new", "--agent", "durand@mulhouse.example", "--out", str(path))
    assert run(seeded, *words).returncode == 0
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    before = path.read_bytes()
    assert run(seeded, *words).returncode == 73
    assert path.read_bytes() == before
    assert run(seeded, "situation", "list", key=str(path)).returncode == 0


def test_revoked_key_is_refused_at_once(seeded, tmp_path):
    path = tmp_path / "lost.key"
    run(seeded, "key", "new", "--agent", "durand@mulhouse.example", "--out", str(path))
    public = next(line.split("= ")[1] for line in path.read_text().splitlines() if line.startswith("public"))
    assert run(seeded, "situation", "list", key=str(path)).returncode == 0
    assert run(seeded, "key", "revoke", public, "--yes").returncode == 0
    assert run(seeded, "situation", "list", key=str(path)).returncode == 77


def test_lists_filter_and_write_json(seeded):
    agents = json.loads(run(seeded, "agent", "list", "--territory", "T1", "--json").stdout)
    assert [agent["last_name"] for agent in agents] == ["Durand"]
    assert json.loads(run(seeded, "agent", "list", "--territory", "T2", "--json").stdout) == []


def test_a_changed_agent_keeps_the_rest(seeded):
    before = json.loads(run(seeded, "agent", "list", "--json").stdout)[0]
    assert run(seeded, "agent", "set", "Durand", "--email", "eve@mulhouse.example").returncode == 0
    after = json.loads(run(seeded, "agent", "list", "--json").stdout)[0]
    assert after["email"] == "eve@mulhouse.example"
    assert after["habilitation_to_day"] == before["habilitation_to_day"]
    assert run(seeded, "agent", "set", "Durand", "--email", before["email"]).returncode == 0


def test_events_tail_tells_past_then_new_ones(seeded, tmp_path):
    key = tmp_path / "follower.key"
    assert run(seeded, "key", "new", "--plugin", "follower", "--out", str(key)).returncode == 0
    past = run(seeded, "events", "tail", "--from", "0", "--count", "3", "--json", key=str(key))
    events = [json.loads(line) for line in past.stdout.splitlines()]
    assert [event["header"]["previous_number"] for event in events[1:]] == \
        [event["header"]["number"] for event in events[:-1]]
    newest = events[-1]["header"]["number"]
    with subprocess.Popen([paths.program("tools/ctps/ctps"), "events", "tail", "--from", str(newest), "--topic",
                           "territory.", "--json", "--as", str(key)], stdout=subprocess.PIPE, text=True) as tail:
        known = sum(1 for _ in range(3) if json.loads(tail.stdout.readline())["header"]["topic"] == "territory.set")
        run(seeded, "territory", "set", "T1", "--population", "15400")
        event = json.loads(tail.stdout.readline())
        tail.terminate()
    assert known == 3
    assert event["notice"]["territory"] == "T1"


def test_policy_is_shown_and_explained(seeded):
    rows = json.loads(run(seeded, "policy", "show", "--json").stdout)
    assert {"who": "coordinator", "action": "situation.read", "scope": "own", "cell": "always"} in rows
    own = json.loads(run(seeded, "policy", "explain", "situation.read", "--agent", "Durand",
                         "--territory", "T1", "--json").stdout)
    other = json.loads(run(seeded, "policy", "explain", "situation.read", "--agent", "Durand",
                           "--territory", "T2", "--json").stdout)
    assert own["allowed"] is True and other["allowed"] is False


@pytest.mark.parametrize("words, said", [
    (("situation", "status", "1", "veille"), "--until"),
    (("saisine", "receive", "--received", "01/01/2099"), "--received"),
    (("saisine", "receive", "--text", "x" * 501), "--text : 501 caractères, 500 au plus"),
    (("saisine", "receive", "--place", b"Caf\xe9"), "--place : ce n’est pas de l’UTF-8"),
])
def test_what_is_wrong_is_said_as_it_was_typed(seeded, words, said):
    coordinator = seeded.coordinator
    key = seeded.dir / "durand.key"
    if not key.exists():
        coordinator.key.write(key)
    given = dict(received="01/01/2026", origin="habitant", territory="T1",
                 district="Bourtzwiller", nature="individuelle", motive="vif")
    if words[0] == "saisine":
        words += tuple(word for name, value in given.items() if f"--{name}" not in words
                       for word in (f"--{name}", value))
    else:
        made = coordinator.client.ask(saisine_receive=dict(
            received_day=20000, origin="habitant", territory="T1", district="Bourtzwiller",
            nature="individuelle", motives=["vif"])).made[0]
        id = coordinator.client.ask(saisine_accept=dict(id=made.id)).made[-1].id
        words = words[:2] + (str(id),) + words[3:]
    done = run(seeded, *words, key=str(key))
    assert done.returncode == 65 and said in done.stderr, done.stderr
    assert "règle : –" not in done.stderr


def test_unknown_zone_of_the_configuration_is_refused_at_start(stopped_town):
    conf = stopped_town.dir / "ctpsd.conf"
    conf.write_text(conf.read_text().replace("Europe/Paris", "Europe/Pariss"))
    done = subprocess.run([paths.program("daemon/ctpsd"), "--config", str(conf)],
                          capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 78 and "Europe/Pariss" in done.stderr


def test_transmission_is_read_and_shown_by_the_town_s_clock(seeded):
    coordinator = seeded.coordinator
    key = seeded.dir / "durand.key"
    if not key.exists():
        coordinator.key.write(key)
    seeded.operator.ask(list_value_set=dict(list="demarche", code="transmission_pcd", label_fr="t"))
    made = coordinator.client.ask(saisine_receive=dict(
        received_day=20000, origin="habitant", territory="T1", district="Bourtzwiller",
        nature="individuelle", motives=["vif"])).made[0]
    id = str(coordinator.client.ask(saisine_accept=dict(id=made.id)).made[-1].id)
    done = run(seeded, "situation", "entry", id, "--kind", "transmission_pcd", "--day",
               "10/01/2026", "--transmitted", "2026-01-10T14:30", "--mayor-informed", "yes",
               key=str(key))
    assert done.returncode == 0, done.stderr
    shown = run(seeded, "situation", "show", id, "--names", "--json", key=str(key)).stdout
    assert json.loads(shown)["entries"][0]["transmitted_us"].startswith("2026-01-10T13:30")
    assert "10/01/2026 14:30" in run(seeded, "situation", "show", id, "--names",
                                     key=str(key)).stdout
