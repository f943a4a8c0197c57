"""A store under a clock of ours: the engine in one process, asked as its clients ask it."""
import hashlib
import importlib
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))

import paths  # noqa: E402
from acts import ANSWERED, DONE, answer, command  # noqa: E402
from town import ctps_client  # noqa: E402

event = importlib.import_module("ctps.event_pb2")
DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
# Sealed under keys, or drawn at random: what two runs cannot have in common.
DRAWN = {"incarnation", "request_digest", "query_digest", "public_key", "digest", "box"}


class Refused(Exception):
    def __init__(self, reply, fields):
        super().__init__(f"{reply.refusal.name} ({reply.refusal.field}): {fields}")
        self.name, self.field = reply.refusal.name, reply.refusal.field


class Store:
    """One store in a folder of its own. `day` is the civil day, morning at the town."""

    def __init__(self, seed, day):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ctyear"))
        self.rng, self.keys, self.requests = random.Random(seed), {}, 0
        subprocess.run([paths.program("tools/ctps/ctps"), "init", str(self.dir), "--town", "x"],
                       check=True, capture_output=True)
        shutil.rmtree(self.dir / "data")
        self.data = self.dir / "data"
        self.process = subprocess.Popen(
            [paths.program("tests/harness/store_probe"), str(self.dir / "keys" / "root.key")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.set_day(day)
        self.say(f"create {self.data} {self.key('operator').hex()}")
        self.say(f"open {self.data} same")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.dir)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline().rstrip("\n")
        if not said.startswith("ok"):
            raise RuntimeError(f"{line[:60]}: {said}")
        return said[3:]

    def set_day(self, day, hour=8):
        self.day = day
        self.say(f"clock {day * DAY_US + hour * HOUR_US}")

    @staticmethod
    def key(name):
        """Public key of somebody: no secret is needed where there is no wire."""
        return hashlib.sha256(name.encode()).digest()

    def ask(self, who, **fields):
        """The reply to one request of `who`; Refused when it says no."""
        body = command.Request(id=self.rng.randbytes(16), **fields).SerializeToString()
        self.say(f"ask {self.key(who).hex()} {body.hex()}")
        reply = answer.Reply.FromString(bytes.fromhex(self.say("turn")))
        self.requests += 1
        if reply.status not in (DONE, ANSWERED):
            raise Refused(reply, fields)
        return reply

    def made(self, who, **fields):
        """The id of the first thing a command made."""
        return self.ask(who, **fields).made[0].id

    def night(self):
        """What the daemon does by itself, until nothing is left to do that day."""
        self.say("tick")
        self.say("tick")

    def restart(self, how="rough"):
        self.say(f"close {how}")
        self.say(f"open {self.data} same")

    def check(self):
        """Entries of the journal, once views and a rebuild were found equal."""
        self.say("close clean")
        said = self.say(f"check {self.data} same")
        self.say(f"open {self.data} same")
        entries, views = said.split()
        assert views == "trusted", said
        return int(entries)

    # --- decoded entries ---

    def decoded(self):
        """Each entry of the journal as text, boxes opened; without what is drawn at random."""
        for raw in self.say("entries").split():
            yield self._words(event.Entry.FromString(bytes.fromhex(raw)))

    def _words(self, message):
        if message.DESCRIPTOR.name == "Sealed":
            return f"<{message.slot}:{self.say(f'unseal {message.slot} {message.box.hex()}')}>"
        parts = []
        for field, value in message.ListFields():
            if field.name in DRAWN or message.DESCRIPTOR.name == "Entry" and \
                    field.name == "audit":
                continue
            values = value if field.label == field.LABEL_REPEATED else [value]
            shown = [self._words(one) if field.message_type else repr(one) for one in values]
            parts.append(f"{field.name}={','.join(shown)}")
        return f"{message.DESCRIPTOR.name}({' '.join(parts)})"

    def digest(self):
        total = hashlib.blake2b(digest_size=16)
        count = 0
        for words in self.decoded():
            total.update(words.encode() + b"\n")
            count += 1
        return total.hexdigest(), count
