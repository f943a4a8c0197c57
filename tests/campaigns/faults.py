"""A town on a disk and in a memory that fail: what R4 runs, and how it judges.

A Ground is one installation, kept as a copy. A Trial puts one scenario's beginning on it and
runs the scenario again and again, each time with another call failing.
"""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time

import frame  # noqa: F401  puts the tests' folders on the path

import ioreplay
import paths
from promised import Promise, differs
from town import Town, ctps_client, today

answer, command, common = ctps_client.answer, ctps_client.command, ctps_client.common

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
NEVER = 10**9
ANSWER_S, LOOK_S, ENDING_S, OFFLINE_S, AGAIN_S = 0.5, 0.05, 10.0, 30.0, 20.0
# The last: asked to stop when it was ending by itself.
STOPPED, START_AGAIN, ASKED, DAMAGED = 0, 75, -signal.SIGTERM, 65
LMDB_FILES = (".keys", "data.mdb")
# Libraries that end the process when they get no memory, and how: libzmq by its assertions
# (libstdc++ is asked by it alone), libconfig by reading through NULL or by its scanner's exit.
DIE_OF_HUNGER = {"libzmq.so": [-signal.SIGABRT], "libstdc++.so": [-signal.SIGABRT],
                 "ld-linux": [-signal.SIGABRT],  # room for a thread, which libzmq wants
                 "libpgm": [-signal.SIGABRT, -signal.SIGSEGV],  # libzmq's, in its name services
                 "libconfig.so": [-signal.SIGSEGV, 2]}
MORE_LISTS = {"fonction": ["dpo"], "base_legale": ["L132-5"], "finalite": ["droits"]}


class Ended(Exception):
    """The scenario cannot go on: no answer, or a refusal for want of memory."""


def copy(source, target):
    subprocess.run(["cp", "-a", "--sparse=always", source, target], check=True)


def replace(source, target):
    shutil.rmtree(target)
    copy(source, target)


class Ground:
    """A town with people; everything beside its own folder is ours."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="r4", dir=MEMORY))
        (self.folder / "t").mkdir()
        self.town = Town(self.folder / "t")
        self.town.log = self.folder / "daemon.log"
        self.grant(["effect.record"])
        self.town.start()
        self.town.seed()
        for name, codes in MORE_LISTS.items():
            for code in codes:
                self.town.operator.ask(list_value_set={"list": name, "code": code,
                                                       "label_fr": code})
        self._people()
        self.town.stop()
        self.clear_sockets()
        copy(self.town.dir, self.folder / "original")

    def grant(self, actions):
        """What the plugin "follower" may do besides following."""
        words = ", ".join(f'"{action}"' for action in ["events.read", "status.read", *actions])
        head, tail = self.town.config.read_text().split("actions = [", 1)
        self.town.config.write_text(f'{head}actions = [ {words} ]{tail.split("]", 1)[1]}')

    def _people(self):
        town = self.town
        self.lead = town.agent("A", ["T1"])
        self.anna = self.lead.client
        self.head = town.agent("H", [], function="responsable").client
        self.dpo = town.agent("D", [], function="dpo").client
        self.follower = town.client_of(town.follower())
        partner = town.operator.ask(partner_set={
            "name": "Collège", "family": "institutionnel", "kind": "ecole"}).made[0].id
        self.contact_id = town.operator.ask(contact_set={
            "partner": partner, "last_name": "Keller", "charter_version": "v3",
            "charter_day": today()}).made[0].id
        self.contact = town.client_of(town.key_new(
            {"kind": common.PRINCIPAL_CONTACT, "id": self.contact_id}, "keller"))

    def clear_sockets(self):
        for path in [self.town.dir / "notify", *(self.town.dir / "run").iterdir()]:
            path.unlink(missing_ok=True)

    def close(self):
        self.town.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Trial:
    """One scenario on a ground."""

    def __init__(self, ground, scenario, seed):
        self.ground, self.scenario, self.town = ground, scenario, ground.town
        self.rng = random.Random(f"{seed}/{scenario.name}")
        self.log, self.kept = ground.folder / "log", ground.folder / "kept"
        self.gate = ground.folder / "gate"
        self.promises, self.texts, self.wrong, self.connections = [], [], [], {}
        self.town.kill()
        replace(ground.folder / "original", self.town.dir)
        scenario.prepare(self)
        self.town.kill()
        self.hang_up()
        ground.clear_sockets()
        self.before = list(self.promises), list(self.texts)
        shutil.rmtree(self.kept, ignore_errors=True)
        copy(self.town.dir, self.kept)

    # --- asking ---

    def ask(self, client, token="", **fields):
        """The reply of one request, sent again once when it was not answered; a thing done is a
        promise. Raises Ended when the scenario cannot go on."""
        body = command.Request(id=self.rng.randbytes(16), **fields).SerializeToString()
        for _ in range(2):
            reply = self.exchange(client, body)
            if reply is not None:
                return self.note(client, body, token, reply)
            if not self.town.is_running():
                break
        raise Ended

    def pour(self, client, count, **fields):
        """So many requests at once, of which nothing is promised."""
        connection = self.connect(client)
        for _ in range(count):
            connection.socket.send(command.Request(
                id=self.rng.randbytes(16), **fields).SerializeToString())
        for _ in range(count):
            reply = answer.Reply.FromString(connection.socket.recv())
            assert reply.status == answer.REPLY_DONE, reply
        connection.close()

    @staticmethod
    def connect(client):
        return ctps_client.Connection(client.context, ctps_client.zmq.DEALER, client.key,
                                      client.key.commands)

    def exchange(self, client, body):
        """The reply, or None: as soon as the daemon has ended."""
        if client not in self.connections:
            self.connections[client] = self.connect(client)
        connection = self.connections[client]
        connection.socket.send(body)
        deadline = time.monotonic() + ANSWER_S
        while not connection.lost and time.monotonic() < deadline and self.town.is_running():
            if connection.wait(LOOK_S):
                return answer.Reply.FromString(connection.socket.recv())
        self.connections.pop(client).close()  # a late answer is not the next request's
        return None

    def hang_up(self):
        for connection in self.connections.values():
            connection.close()
        self.connections = {}
        for client in self.town.clients:
            client.hang_up()

    def note(self, client, body, token, reply):
        if reply.status == answer.REPLY_BUSY:
            raise Ended
        if reply.status == answer.REPLY_REFUSED:
            if reply.refusal.name != "unavailable":
                self.wrong.append(f"refused: {reply.refusal.name} {reply.refusal.field}")
            raise Ended
        if reply.seq and reply.status == answer.REPLY_DONE:
            promise = Promise(body, reply, 0, 0, client.key.public_bytes, token=token)
            self.promises.append(promise)
            if token:
                self.texts.append((client, promise))
        return reply

    # --- one run ---

    def run(self, rules):
        """What is wrong of one run; `met` says on what a call failed, None when none did, `seen`
        how many calls each rule counted in a program that ended well."""
        try:
            return self.run_once(rules)
        except Exception as error:  # whatever broke is a failure of this run
            return [f"{type(error).__name__}: {str(error)[:300]}"]

    def run_once(self, rules):
        self.town.kill()
        self.hang_up()
        replace(self.kept, self.town.dir)
        self.log.unlink(missing_ok=True)
        self.promises, self.texts = map(list, self.before)
        self.rules, self.wrong, self.met, self.status = rules, [], None, None
        self.gate.write_bytes(bytes([self.scenario.from_start]) + bytes(7))
        env = {**self.recorder(), "IOREC_LOG": str(self.log), "IOREC_FAIL": rules,
               "IOREC_GATE": str(self.gate)}
        if self.scenario.offline:
            self.run_offline(env)
        else:
            self.run_daemon(env)
        self.look_at_log()
        return self.judge()

    def recorder(self, **rules):
        return {"LD_PRELOAD": str(paths.program("tests/harness/iorec/libiorec.so").resolve()),
                "IOREC_ROOT": str(self.town.dir),
                **{"IOREC_" + name: str(value) for name, value in rules.items()}}

    def run_offline(self, env):
        try:
            done = self.town.ctps(*self.scenario.words(self), check=False, env=env,
                                  timeout=OFFLINE_S)
            self.status, self.said = done.returncode, done.stdout + done.stderr
        except subprocess.TimeoutExpired:
            self.status, self.said = "silent", ""

    def run_daemon(self, env):
        self.status = self.town.start(env, expect_ready=False)
        if self.status is not None:
            return
        with open(self.gate, "r+b") as gate:
            gate.write(b"\1")
        try:
            self.scenario.work(self)
        except Ended:
            pass
        self.hang_up()
        if self.town.is_running():
            self.town.process.send_signal(signal.SIGTERM)
        try:
            self.status = self.town.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self.town.kill()
            self.status = "silent"

    def look_at_log(self):
        self.met, self.seen = None, {}
        if not self.log.exists():
            return  # ended before the recorder was ready
        for record in ioreplay.read_records(self.log):
            if record.op == ioreplay.FAULT:
                self.met = record.path
            if record.op == ioreplay.SEEN:
                self.seen[record.path] = record.offset

    def ended_by_library(self):
        """Whether a library ended the process for want of memory: the last refused was its."""
        return self.met is not None and any(
            self.met.startswith(name) and self.status in ends
            for name, ends in DIE_OF_HUNGER.items())

    def is_short_header(self):
        """liblmdb takes a header read in part for that of no file of its own."""
        return self.status == DAMAGED and "SHORT" in self.rules and \
            self.met is not None and self.met.endswith(LMDB_FILES)

    # --- what must hold ---

    def judge(self):
        wrong = list(self.wrong)
        if self.ended_by_library() or self.is_short_header():
            pass
        elif self.scenario.offline:
            if self.status not in self.scenario.may_end:
                wrong.append(f"ended with {self.status}: {self.said}")
        elif self.status not in (STOPPED, START_AGAIN, ASKED):
            wrong.append(f"ended with {self.status}: {self.town.words(2)}")
        env = self.cut() if self.scenario.can_cut and self.rng.random() < 0.5 else {}
        self.ground.clear_sockets()
        return wrong + self.scenario.judge(self, env)

    def cut(self):
        """Puts what a power cut would have left in place of the disk; environment after it."""
        state = None
        for state in ioreplay.Replay(self.log, self.kept).walk():
            pass
        if state is None:
            return {}
        folder = self.ground.folder / "cut"
        next(state.images(["flushed"])).write_to(folder)
        replace(folder, self.town.dir)
        for path in self.town.dir.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        boot = self.ground.folder / "boot"
        boot.write_text("another-boot\n")
        return self.recorder(BOOT=boot)

    def judge_town(self, env):
        """Starts, finds every promise kept, stops, and is whole."""
        if (status := self.town.start(env, expect_ready=False)) is not None:
            return [f"then the start ended with {status}: {self.town.words(2)}"]
        wrong = self.ask_again() + self.scenario.check(self)
        if (status := self.town.stop()) != 0:
            wrong.append(f"then it stopped with {status}: {self.town.words(2)}")
        done = self.town.ctps("store", "check", check=False)
        if done.returncode:
            wrong.append(f"store check: {done.stderr.strip()}")
        return wrong

    @staticmethod
    def serves(folder, env):
        """What is wrong with a new installation."""
        with Town(folder) as town:
            if (status := town.start(env, expect_ready=False)) is not None:
                return [f"then the start ended with {status}: {town.words(2)}"]
            town.figures()
            wrong = [] if town.stop() == 0 else ["then it did not stop well"]
            done = town.ctps("store", "check", check=False)
            return wrong + ([f"store check: {done.stderr}"] if done.returncode else [])

    def ask_again(self):
        wrong = []
        clients = {client.key.public_bytes: client for client in self.town.clients}
        for promise in self.promises:
            reply = answer.Reply.FromString(
                clients[promise.public].exchange(promise.body, AGAIN_S))
            if why := differs(promise, reply):
                wrong.append(f"answer {why}")
        for client, promise in self.texts:
            reply = client.request(command.Request(
                saisine_get={"id": promise.reply.made[0].id, "nominative": True}))
            shown = reply.saisine_answer.saisines
            if not shown or shown[0].text != promise.token:
                wrong.append(f"saisine {promise.reply.made[0].id} lost its text")
        return wrong
