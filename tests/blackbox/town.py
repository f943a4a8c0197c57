"""A private installation for black-box tests: made, started, killed and asked from outside.

    with Town() as town:
        town.start()
        town.seed()
        agent = town.agent("A", territories=["T1"])
        agent.client.ask(saisine_receive=saisine("T1", text="..."))
        town.crash()          # kill -9, then start again
        town.client_of(agent.key).ask(...)

Nothing sleeps: the daemon says itself (sd_notify) that it is ready, and an end is waited for.
"""

import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import paths

sys.path.insert(0, str(paths.ROOT / "tools" / "clients" / "python"))

import ctps_client  # noqa: E402
from ctps_client import Client, KeyFile  # noqa: E402

START_S = 30.0
STOP_S = 20.0
IPC_PATH_MAX = 107

TERRITORIES = {"T1": ["Bourtzwiller", "Brustlein"], "T2": ["Coteaux"], "T3": ["Drouot"]}
LISTS = {
    "fonction": ["coordinateur", "responsable", "educateur", "elu"],
    "origine": ["habitant", "bailleur", "ecole"],
    "nature": ["individuelle", "collective"],
    "motif": ["vif", "incivilites"],
    "terme": ["court", "moyen", "long"],
    "etat": ["a_qualifier", "suivi", "veille", "bloquee", "close"],
    "cloture": ["resolue", "orientee"],
    "finalite": ["suivi", "demande"],
    "canal": ["telephone", "courriel"],
    "urgence": ["courante", "urgente"],
    "demarche": ["appel", "visite", "rendez_vous"],
    "evolution": ["stable", "mieux"],
    "refus_saisine": ["hors_champ"],
    "resultat": ["fait", "absent"],
    "type_partenaire": ["bailleur", "ecole"],
}


def today():
    return int(time.time() // 86400)


def person(last_name, first_name="Zoé", age=15, role="concerned", **identity):
    return {"identity": {"last_name": last_name, "first_name": first_name,
                         "birth_day": today() - 365 * age, **identity}, "role": role}


def saisine(territory="T1", text="", persons=(), **fields):
    """Fields of a SaisineReceive that passes."""
    return {"received_day": today(), "origin": "habitant", "territory": territory,
            "district": TERRITORIES[territory][0], "nature": "individuelle", "motives": ["vif"],
            "text": text, "persons": list(persons), **fields}


class TownError(Exception):
    """The daemon did not do what the test needs; its last words are in the text."""


@dataclass
class Agent:
    """A registered agent; `client` belongs to one thread."""

    id: int
    name: str
    key: KeyFile
    client: Client


class Town:
    """One installation in a folder of its own, and at most one daemon at a time.

    `folder`: an installation that stands already (an image); else one is made and removed.
    """

    def __init__(self, folder=None, name="Mulhouse", base=None):
        self.own = folder is None
        self.dir = pathlib.Path(folder or tempfile.mkdtemp(prefix="ct", dir=base))
        if len(str(self.dir / "run" / "commands")) > IPC_PATH_MAX:
            raise TownError(f"{self.dir}: too long a path for ipc sockets")
        self.config = self.dir / "ctpsd.conf"
        self.log = self.dir / "daemon.log"
        self.program = None  # words in place of ctpsd as it was built
        self.process = None
        self.clients = []
        self._operator = None
        if not self.config.exists():
            self.ctps("init", str(self.dir), "--town", name, "--regime", "alsace-moselle")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.kill()
        for client in self.clients:
            client.close()
        self.clients = []
        if self.own:
            shutil.rmtree(self.dir, ignore_errors=True)

    @property
    def data(self):
        return self.dir / "data"

    # --- the programs ---

    def ctps(self, *words, check=True, env=None, timeout=None):
        """Runs the command line; the CompletedProcess with text output."""
        done = subprocess.run([paths.program("tools/ctps/ctps"), *words], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False,
                              timeout=timeout,
                              env={**os.environ, "CTPS_CONFIG": str(self.config), **(env or {})})
        if check and done.returncode:
            raise TownError(f"ctps {' '.join(words)}: {done.returncode}: {done.stderr}")
        return done

    def recorder(self, log=None, **rules):
        """Environment that runs the daemon under iorec on its data folder; rules as KILL=…"""
        env = {"LD_PRELOAD": str(paths.program("tests/harness/iorec/libiorec.so").resolve()),
               "IOREC_ROOT": str(self.data)}
        if log:
            env["IOREC_LOG"] = str(log)
        env.update({"IOREC_" + name: str(value) for name, value in rules.items()})
        return env

    def start(self, env=None, expect_ready=True):
        """Starts the daemon and waits until it serves; with `expect_ready` False answers its
        exit status instead when it ends before."""
        assert self.process is None or self.process.poll() is not None
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            place = self.dir / "notify"
            place.unlink(missing_ok=True)
            ready.bind(str(place))
            place.chmod(0o666)  # the daemon may be another user's
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(
                    [*(self.program or [paths.program("daemon/ctpsd")]), "--config",
                     str(self.config)],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env={**os.environ, **(env or {}), "NOTIFY_SOCKET": str(place)})
            status = self._await_ready(ready)
        if status is not None and expect_ready:
            raise TownError(f"the daemon ended with {status} before it was ready:\n{self.words()}")
        return status

    def _await_ready(self, ready):
        """None when it is ready, else its exit status. A pidfd becomes readable at its end."""
        fd = os.pidfd_open(self.process.pid)
        try:
            poll = select.poll()
            poll.register(ready, select.POLLIN)
            poll.register(fd, select.POLLIN)
            deadline = time.monotonic() + START_S
            while (left := deadline - time.monotonic()) > 0:
                events = dict(poll.poll(left * 1000))
                if ready.fileno() in events and b"READY=1" in ready.recv(4096):
                    return None
                if fd in events:
                    return self.process.wait()
        finally:
            os.close(fd)
        self.kill()
        raise TownError(f"not ready within {START_S} s:\n{self.words()}")

    def words(self, count=20):
        """The last lines of the daemon's log."""
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-count:])

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wait(self, timeout=STOP_S):
        """Until the daemon ended by itself; its exit status."""
        return self.process.wait(timeout)

    def stop(self):
        """A clean stop; the exit status."""
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """kill -9, and wait until it is gone."""
        if self.is_running():
            self.process.kill()
        if self.process is not None:
            self.process.wait()

    def restart(self, env=None):
        status = self.stop()
        if status:
            raise TownError(f"the daemon ended with {status}:\n{self.words()}")
        return self.start(env)

    def crash(self, env=None):
        self.kill()
        return self.start(env)

    # --- who asks ---

    @property
    def operator(self):
        if self._operator is None:
            self._operator = self.client_of(KeyFile.read(self.dir / "keys" / "operator.key"))
        return self._operator

    def client_of(self, key):
        """A new client, closed with the town; one thread's."""
        client = Client(key)
        self.clients.append(client)
        return client

    def key_new(self, principal, label="test"):
        """A registered key. `principal`: fields of a Principal."""
        own = self.operator.key
        key = KeyFile.generate(label, own.server.decode(), own.commands, own.events)
        self.operator.ask(key_register={"public_key": key.public_bytes, "principal": principal,
                                        "label": label})
        return key

    def agent(self, name, territories=("T1",), function="coordinateur", days=300, **fields):
        made = self.operator.ask(agent_set={
            "last_name": name, "function": function, "territories": list(territories),
            "habilitation_act": "act", "habilitation_from_day": today() - days,
            "habilitation_to_day": today() + days, **fields}).made[0]
        key = self.key_new({"kind": ctps_client.common.PRINCIPAL_AGENT, "id": made.id}, name)
        return Agent(made.id, name, key, self.client_of(key))

    def follower(self):
        """A key of the plugin the sample configuration grants the audience "plugins"."""
        return self.key_new({"kind": ctps_client.common.PRINCIPAL_PLUGIN, "name": "follower"},
                            "follower")

    def seed(self, territories=("T1", "T2", "T3")):
        """Lists and territories."""
        for name, codes in LISTS.items():
            for code in codes:
                self.operator.ask(list_value_set={"list": name, "code": code, "label_fr": code})
        for code in territories:
            self.operator.ask(territory_set={"code": code, "name": code,
                                             "districts": TERRITORIES[code]})

    def figures(self):
        """The status, as {name: value}."""
        answer = self.operator.ask(status_get=ctps_client.command.StatusGet()).status_answer
        return {figure.name: figure.value for figure in answer.figures}
