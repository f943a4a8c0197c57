"""Over TCP, as an agent's laptop asks: the key file says where, and CURVE holds as everywhere."""
import json
import re

import pytest
import zmq

from acts import do, open_situation
from ctps_client import Connection, KeyFile
from postbox import free_port

UNAVAILABLE, USAGE = 69, 64


@pytest.fixture
def town(stopped_town):
    text = stopped_town.config.read_text()
    for socket, where in (("commands", "asks"), ("plugins", "hears")):
        setattr(stopped_town, where, f"tcp://127.0.0.1:{free_port()}")
        text = re.sub(rf'({socket} = \[ "[^"]*")', rf'\1, "{getattr(stopped_town, where)}"', text)
    stopped_town.config.write_text(text)
    stopped_town.start()
    return stopped_town


def key_new(town, *words, **how):
    return town.ctps("key", "new", "--out", town.dir / "laptop.key", "--as",
                     town.dir / "keys" / "operator.key", *words, **how)


def laptop(town, *words, **how):
    """The command line with that key and nothing else of the town's machine."""
    return town.ctps("--as", town.dir / "laptop.key", *words,
                     env={"CTPS_CONFIG": "", "LC_ALL": "C.UTF-8"}, **how)


def keys(town):
    return [key.public_key for key in do(town.operator, key_list={}).key_answer.keys]


def test_laptop_asks_over_tcp(town):
    reference = open_situation(town.client("anna"), town)[1]
    key_new(town, "--agent", str(town.agents["anna"]), "--commands", town.asks)
    assert f"commands = {town.asks}" in (town.dir / "laptop.key").read_text().replace('"', "")
    shown = json.loads(laptop(town, "situation", "list", "--json").stdout)
    assert [row["reference"] for row in shown] == [reference]
    # A key that is revoked is refused here as elsewhere.
    public = KeyFile.read(town.dir / "laptop.key").public_bytes
    do(town.operator, key_revoke={"public_key": public})
    refused = laptop(town, "situation", "list", check=False)
    assert refused.returncode != 0 and reference not in refused.stdout


def test_integration_hears_events_over_tcp(town):
    key_new(town, "--plugin", "follower", "--commands", town.asks, "--events", town.hears)
    open_situation(town.client("anna"), town)
    done = laptop(town, "events", "tail", "--from", "0", "--count", "2", "--json", timeout=30)
    heard = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(heard) == 2, done.stdout


def test_stranger_gets_no_answer_over_tcp(town):
    key = KeyFile.generate("nobody", town.operator.key.server.decode(), town.asks, town.hears)
    connection = Connection(zmq.Context.instance(), zmq.DEALER, key, town.asks)
    connection.socket.send(b"hello")
    assert not connection.wait(1.0)
    connection.close()


def test_address_that_is_none_is_refused_and_nothing_made(town):
    before = keys(town)
    done = key_new(town, "--agent", str(town.agents["anna"]), "--commands", "ctps.ville.example",
                   check=False)
    assert done.returncode == USAGE and "tcp://" in done.stderr
    assert not (town.dir / "laptop.key").exists()
    assert keys(town) == before
