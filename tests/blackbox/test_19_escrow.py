"""The sheet of paper that holds the root key: a drill, a key lost, a paper lost."""
import re
import stat
import subprocess

import pytest

import paths
from acts import open_situation, show
from town import Town

DATA, EXISTS, NO_INPUT = 65, 73, 66
LINE = re.compile(r"^ *([1-5]): +(.*)$", re.M)


def escrow(town, *words, typed=""):
    return subprocess.run([paths.program("tools/ctps/ctps"), "escrow", *words, "--lang", "en"],
                          input=typed, text=True, capture_output=True, check=False,
                          env={"CTPS_CONFIG": str(town.config)})


@pytest.fixture
def sheet(town):
    done = escrow(town, "print")
    assert done.returncode == 0 and len(LINE.findall(done.stdout)) == 5
    return done.stdout


def lines_of(sheet):
    """As somebody types them again, each behind its number."""
    return [f"{number}: {text}" for number, text in LINE.findall(sheet)]


def test_drill_says_the_sheet_holds_the_key_in_use(town, sheet):
    """While the daemon runs; the whole sheet, or its lines as somebody types them."""
    for typed in (sheet, "\n".join(lines_of(sheet)),
                  "\n".join(lines_of(sheet)).upper().replace(" ", "").replace("0", "O")):
        done = escrow(town, "check", typed=typed)
        assert (done.returncode, done.stderr) == (0, "") and "root key in use" in done.stdout


def test_line_mistyped_is_named(town, sheet):
    lines = lines_of(sheet)
    lines[2] = "3: " + ("1" if lines[2][3] == "0" else "0") + lines[2][4:]
    done = escrow(town, "check", typed="\n".join(lines))
    assert done.returncode == DATA and "line 3" in done.stderr
    assert lines[2][3:7] not in done.stderr


def test_sheet_of_another_town_is_told_apart(town):
    with Town() as other:
        done = escrow(town, "check", typed=escrow(other, "print").stdout)
    assert done.returncode == DATA and "another root key" in done.stderr


@pytest.mark.parametrize("typed", ["", "x" * 20000, "1: 0000\n"])
def test_what_is_no_sheet_is_refused(town, typed):
    assert escrow(town, "check", typed=typed).returncode == DATA


def test_lost_key_comes_back_from_its_sheet(town, sheet):
    situation = open_situation(town.client("anna"), town)[0]
    title = show(town.client("anna"), nominative=True, id=situation).title
    assert town.stop() == 0
    key = town.dir / "keys" / "root.key"
    was = key.read_text()
    key.unlink()
    assert escrow(town, "check", typed=sheet).returncode == NO_INPUT
    done = escrow(town, "restore", str(key), typed="\n".join(lines_of(sheet)))
    assert done.returncode == 0, done.stderr
    assert key.read_text() == was and stat.S_IMODE(key.stat().st_mode) == 0o400
    town.start()
    assert show(town.client("anna"), nominative=True, id=situation).title == title
    # Never over one that is there.
    done = escrow(town, "restore", str(key), typed=sheet)
    assert done.returncode == EXISTS and key.read_text() == was
