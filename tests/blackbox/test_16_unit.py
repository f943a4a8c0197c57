"""The systemd units that ship: what they forbid leaves the daemon, and the sandbox of its
plugins, all they need. Where no systemd runs, tests/harness/as_unit.py holds the daemon to it."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import pytest

import notified
import paths
import reminded
from acts import backup, do, open_situation, show
from test_70_plugins import configure, is_ready, wait_for

sys.path.insert(0, str(paths.ROOT / "tests" / "harness"))

import witnesses  # noqa: E402

UID = 64123  # nobody's
SECTIONS = {  # grants, options
    "audit": ('actions = [ "audit.hashes" ];', 'origin = "audit.ville.example";'),
    "example": ("", ""),
    "reminders": (reminded.MORE, ""),
}
AS_UNIT = paths.ROOT / "tests" / "harness" / "as_unit.py"


@pytest.fixture(scope="module")
def prefix():
    """What `cmake --install` gives, where any user may pass."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cu"))
    folder.chmod(0o755)
    subprocess.run(["cmake", "--install", paths.build_dir(), "--prefix", folder], check=True,
                   capture_output=True)
    yield folder
    shutil.rmtree(folder)


def unit_of(prefix, name="ctpsd"):
    return prefix / "lib" / "systemd" / "system" / f"{name}.service"


def own(folder):
    """The unit's user owns all of it."""
    if os.geteuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, UID, UID, follow_symlinks=False)


def as_unit(unit, program):
    return [sys.executable, AS_UNIT, "--uid", str(UID), unit, program]


def hand_over(town):
    """The installation to the unit's user, its root key to the service manager."""
    credentials = town.dir / "credentials"
    credentials.mkdir()
    (town.dir / "keys" / "root.key").rename(credentials / "root.key")
    town.config.write_text(re.sub(r"^ *root = .*\n", "", town.config.read_text(), flags=re.M))
    own(town.dir)


def use_installed(town, prefix):
    """Plugins and their templates from the prefix, not from where they were built."""
    plugins = next(prefix.glob("lib*/**/plugins"))
    text = re.sub(r'file = "[^"]*/(\w+\.so)"', rf'file = "{plugins}/\1"', town.config.read_text())
    town.config.write_text(text.replace(str(notified.TEMPLATES), f"{prefix}/share/ctps/notify"))


@pytest.fixture
def town(stopped_town, prefix, box):
    for name, (grants, options) in SECTIONS.items():
        configure(stopped_town, name, more=grants, options=options)
    notified.set_up(stopped_town, box.port)
    use_installed(stopped_town, prefix)
    hand_over(stopped_town)
    stopped_town.program = as_unit(unit_of(prefix), prefix / "bin" / "ctpsd")
    return stopped_town


def start(town):
    # A process that is not dumpable cannot be searched for leaks.
    town.start({"ASAN_OPTIONS": "detect_leaks=0",
                "CREDENTIALS_DIRECTORY": str(town.dir / "credentials")})


def sandbox_of(town, name):
    return wait_for(town, is_ready, name).sandbox


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def complaints(town):
    return [line for line in town.words(500).splitlines()
            if re.search(r"^<?error|not permitted|denied|could not|cannot", line)]


def test_unit_leaves_the_daemon_what_it_needs(town):
    start(town)
    status = status_of(town.process.pid)
    assert status["Seccomp"] == "2" and status["NoNewPrivs"] == "1"
    assert int(status["CapEff"], 16) == 0
    if os.geteuid() == 0:
        assert int(status["CapBnd"], 16) == 0 and status["Uid"].split() == 4 * [str(UID)]
    anna = town.client("anna")
    situation = open_situation(anna, town)[0]
    assert show(anna, nominative=True, id=situation).title
    backup(town, "one")
    backup(town, "two", keyring=True)
    town.process.send_signal(signal.SIGHUP)
    do(town.operator, plugin_reload={"name": "example"})
    wait_for(town, lambda view: is_ready(view) and view.starts == 2)
    assert town.stop() == 0
    assert complaints(town) == []


def test_unit_leaves_the_sandbox_whole(town):
    start(town)
    for name in (*SECTIONS, "notify"):
        assert re.search(r"seccomp, landlock [1-9]", sandbox_of(town, name)), name
    assert complaints(town) == []


def test_unit_lets_mails_out(town, box):
    start(town)
    wait_for(town, is_ready, "notify")
    notified.address(town, "anna")
    notified.convene(town)
    assert [mail.recipient for mail in box.wait(1)] == ["anna@ville.example"]
    assert complaints(town) == []


def test_control_unit_that_forbids_landlock_is_noticed(town, prefix, tmp_path):
    text = unit_of(prefix).read_text()
    unit = tmp_path / "ctpsd.service"
    unit.write_text(text.replace("SystemCallFilter=landlock_create_ruleset ", "SystemCallFilter="))
    town.program[town.program.index(unit_of(prefix))] = unit
    start(town)
    assert "no landlock" in sandbox_of(town, "example")


def test_daemon_tells_the_watchdog_it_lives(town):
    start(town)
    place = town.dir / "notify"
    place.unlink()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(place))
        place.chmod(0o666)
        heard.settimeout(10)
        assert b"WATCHDOG=1" in heard.recv(4096)


def test_witness_serves_under_its_unit(prefix, tmp_path):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cw", dir=prefix))
    witness = witnesses.Witness(folder / "w")
    log = witnesses.log_write(tmp_path / "log", [bytes(32)])
    witness.add(witnesses.vkey_of(log))
    own(folder)
    witness.program = as_unit(unit_of(prefix, "ctps-witness"), prefix / "bin" / "ctps-witness")
    with witness:
        assert witness.ask(witnesses.asks(log, 0))[0] == 200
        assert status_of(witness.process.pid)["Seccomp"] == "2"


@pytest.mark.parametrize("name", ["ctpsd", "ctps-witness"])
def test_unit_is_closed_and_well_formed(prefix, name):
    unit = unit_of(prefix, name)
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager",
                           "--threshold=20", unit], text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    # Its program stands under another prefix here: said, and nothing else.
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], text=True,
                          capture_output=True, check=False)
    wrong = [line for line in done.stderr.splitlines() if f"{name}.service" in line]
    assert [line for line in wrong if "is not executable" not in line] == []


def test_control_unit_with_a_wrong_line_is_noticed(prefix, tmp_path):
    text = unit_of(prefix).read_text()
    unit = tmp_path / "ctpsd.service"
    unit.write_text(text.replace("MemorySwapMax=0", "MemorySwapMost=0"))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], text=True,
                          capture_output=True, check=False)
    assert "MemorySwapMost" in done.stderr
