"""Logs as anybody could write them, and the real ctps-witness they are shown to."""
import http.client
import os
import pathlib
import re
import subprocess

BUILD = pathlib.Path(os.environ.get("CTPS_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build/dev"))
PROGRAM = BUILD / "tools" / "witness" / "ctps-witness"
WRITE = BUILD / "tests" / "harness" / "audit_write"
ASK = BUILD / "tests" / "harness" / "audit_ask"
SIZE_TYPE = "text/x.tlog.size"


def log_write(folder, entries, seed=3, origin="audit.town.example"):
    """A signed log of these entries (32 bytes each) in a new folder."""
    folder.mkdir()
    subprocess.run([WRITE, folder, str(seed), origin], check=True, text=True,
                   input="".join(entry.hex() + "\n" for entry in entries))
    return folder


def vkey_of(folder):
    """What verifiers of the log in a folder are given."""
    return (folder / "vkey").read_text().split("\n")[0]


def asks(folder, old):
    """The request of the log in a folder, believing that `old` entries were cosigned."""
    return subprocess.run([ASK, folder, str(old)], check=True, capture_output=True).stdout


class Witness:
    """One ctps-witness with a folder of its own; served while used as a context."""

    def __init__(self, folder, name="witness.example"):
        self.folder, self.process, self.address = pathlib.Path(folder), None, None
        self.program = [PROGRAM]  # what serves
        self.vkey = self.run("init", str(folder), name).stdout.strip()

    @staticmethod
    def run(*words, check=True):
        return subprocess.run([PROGRAM, *words], check=check, capture_output=True, text=True)

    def add(self, vkey):
        self.run("add", str(self.folder), vkey)

    def checkpoint(self, origin):
        """What it cosigned last of a log, while it is stopped."""
        return self.run("checkpoint", str(self.folder), origin).stdout

    def start(self, address="127.0.0.1:0"):
        self.process = subprocess.Popen([*self.program, "serve", self.folder, address],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.address = re.fullmatch(r"listening on (\S+)\n", line).group(1)
        return self

    def stop(self, kill=False):
        """What it said on its error stream."""
        if self.process is None:
            return ""
        (self.process.kill if kill else self.process.terminate)()
        _, said = self.process.communicate()
        self.process = None
        return said

    def restart(self):
        self.stop()
        return self.start(self.address)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def ask(self, body, path="/add-checkpoint", method="POST"):
        """Status, content type and body of its answer."""
        connection = http.client.HTTPConnection(self.address, timeout=10)
        connection.request(method, path, body)
        answer = connection.getresponse()
        found = answer.status, answer.getheader("Content-Type"), answer.read().decode()
        connection.close()
        return found
