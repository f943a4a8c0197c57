"""A town to measure: an installation with so many situations, made once through the bus and kept.

The daemon is the real one, with its default configuration but for what one key may send: the
clients here are closed loops, not people.
"""

import datetime
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import zmq
from zmq.utils import z85

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients/python"))
import ctps_client  # noqa: E402

VERSION = 1  # of what is made below: another one is made anew
TERRITORIES = [f"B{number:02}" for number in range(1, 17)]  # as in workload_ctpsd.c
COORDINATORS = 64
WINDOW = 512  # rows on their way
CONFIG = """
data = {{ dir = "{dir}/data"; }};
keys = {{ root = "{dir}/keys/root.key"; server = "{dir}/keys/server.key"; }};
bus = {{
    commands = [ "ipc://{dir}/run/commands" ];
    plugins = [ "ipc://{dir}/run/plugins" ];
    rate_per_key = 1000000;
    burst_per_key = 1000000;
    waiting_per_key = 4096;
}};
plugins = {{ bench = {{ audiences = [ "plugins" ]; actions = [ "events.read", "status.read" ]; }}; }};
"""
LISTS = {
    "fonction": ["coordinateur", "responsable"], "origine": ["habitant"],
    "nature": ["individuelle"], "motif": ["incivilites"], "etat": ["suivi"], "terme": ["moyen"],
    "evolution": ["stable"], "demarche": ["entretien"], "canal": ["telephone"],
    "urgence": ["courante"],
}


class Daemon:
    """ctpsd on the installation in `folder`."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder

    def start(self):
        """Answers when the daemon says it is ready."""
        config = self.folder / "ctpsd.conf"
        config.write_text(CONFIG.format(dir=self.folder))
        config.chmod(0o600)
        log = self.folder / "ctpsd.log"
        with log.open("w") as said:
            self.process = subprocess.Popen([self.build / "daemon/ctpsd", "--config", config],
                                            stderr=said)
        while "ready" not in log.read_text():
            if self.process.poll() is not None:
                raise SystemExit("bench: ctpsd did not start: " + log.read_text())
            time.sleep(0.002)

    def stop(self, number=signal.SIGTERM):
        """A daemon that ended by itself, or not as it was asked to, fails the measurement."""
        alive = self.process.poll() is None
        self.process.send_signal(number)
        code = self.process.wait(60)
        if not alive or code not in (0, -number):
            raise SystemExit(f"bench: ctpsd ended with {code}: "
                             + (self.folder / "ctpsd.log").read_text())


class Connection:
    """A DEALER that may have many requests on their way."""

    def __init__(self, key, endpoint):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.sndhwm = self.socket.rcvhwm = 0
        self.socket.curve_publickey, self.socket.curve_secretkey = key.public, key.secret
        self.socket.curve_serverkey = key.server
        self.socket.connect(endpoint)
        self.sent = 0

    def send(self, **command):
        self.sent += 1
        request = ctps_client.command.Request(id=self.sent.to_bytes(16, "little"), **command)
        self.socket.send(request.SerializeToString())

    def take(self):
        if not self.socket.poll(20000):
            raise SystemExit("bench: ctpsd does not answer")
        reply = ctps_client.answer.Reply.FromString(self.socket.recv())
        if reply.status not in (1, 2):
            raise SystemExit(f"bench: refused: {reply.refusal.name} {reply.refusal.text_en}")
        return reply

    def ask(self, **command):
        self.send(**command)
        return self.take()


def key_register(operator, key, principal):
    operator.ask(key_register=dict(public_key=z85.decode(key.public), principal=principal,
                                   label="bench"))


def people_make(operator, key, today, folder):
    """The head's key and his id; the coordinators' and subscribers' keys are written."""
    head = None
    pairs = []
    for number in range(COORDINATORS + 1):
        agent = operator.ask(agent_set=dict(
            last_name=f"Agent{number}", function="coordinateur" if number else "responsable",
            territories=TERRITORIES if number else [], habilitation_act="2026-1",
            habilitation_from_day=today - 30, habilitation_to_day=today + 330)).made[0].id
        own = ctps_client.KeyFile.generate("agent", key.server.decode(), key.commands)
        key_register(operator, own, dict(kind=2, id=agent))
        if number:
            pairs.append(own)
        else:
            head, lead = own, agent
    (folder / "keys/clients").write_text("".join(
        f"{own.public.decode()} {own.secret.decode()}\n" for own in pairs))
    lines = []
    for _ in range(3):
        own = ctps_client.KeyFile.generate("plugin:bench", key.server.decode(), key.commands)
        key_register(operator, own, dict(kind=4, name="bench"))
        lines.append(f"{own.public.decode()} {own.secret.decode()}\n")
    (folder / "keys/subscribers").write_text("".join(lines))
    return head, lead + 0


def row_of(number, import_id, today, lead, chance):
    def name():
        return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=9)).capitalize()

    received = today - chance.randrange(1, 60)
    return dict(
        import_id=import_id, number=str(number), status="suivi", term="moyen", lead_agent=lead,
        saisine=dict(
            received_day=received, channel="telephone", origin="habitant",
            territory=TERRITORIES[number % len(TERRITORIES)], district=f"Centre {TERRITORIES[number % len(TERRITORIES)]}",
            nature="individuelle", motives=["incivilites"], urgency="courante",
            text="Signalement d'un habitant, repris du tableau de suivi. " * 2,
            persons=[dict(identity=dict(last_name=name(), first_name=name(),
                                        birth_day=today - 365 * chance.randrange(9, 60)))]))


def rows_import(head, count, today, lead):
    """Ids of the situations made. An import holds 100,000 rows at most."""
    chance = random.Random(1)
    ids = []
    for begin in range(0, count, 100000):
        end = min(count, begin + 100000)
        import_id = head.ask(import_begin=dict(
            source=f"bench-{begin}", file_digest=bytes(32), row_count=end - begin)).made[0].id
        for number in range(begin, end):
            head.send(import_row=row_of(number, import_id, today, lead, chance))
            if number - begin >= WINDOW:
                ids.append(situation_of(head.take()))
        ids += [situation_of(head.take()) for _ in range(min(WINDOW, end - begin))]
        head.ask(import_end=dict(import_id=import_id))
    return ids


def situation_of(reply):
    return next(made.id for made in reply.made if made.kind == 2)


def fill(folder, count):
    today = (datetime.date.today() - datetime.date(1970, 1, 1)).days
    key = ctps_client.KeyFile.read(folder / "keys/operator.key")
    operator = Connection(key, key.commands)
    for name, codes in LISTS.items():
        for code in codes:
            operator.ask(list_value_set=dict(list=name, code=code, label_fr=code))
    for code in TERRITORIES:
        operator.ask(territory_set=dict(code=code, name=code, districts=[f"Centre {code}"]))
    head, lead = people_make(operator, key, today, folder)
    ids = rows_import(Connection(head, key.commands), count, today, lead)
    (folder / "situations").write_text("".join(f"{number}\n" for number in ids))


def make(build, cache, count):
    """The prepared installation of `count` situations: <cache>/<count>."""
    folder = pathlib.Path(cache).resolve() / str(count)
    if (folder / f"made-{VERSION}").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([build / "tools/ctps/ctps", "init", folder, "--town", "Banc"],
                   stdout=subprocess.DEVNULL, check=True)
    daemon = Daemon(build, folder)
    daemon.start()
    try:
        fill(folder, count)
    finally:
        daemon.stop()
    (folder / f"made-{VERSION}").touch()
    return folder


def copy(made, folder):
    """A copy to be worn out by a measurement."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made, folder, ignore=shutil.ignore_patterns("run"))
    (folder / "run").mkdir(mode=0o700)
    subprocess.run(["sync", "-f", folder], check=True)
    return folder
