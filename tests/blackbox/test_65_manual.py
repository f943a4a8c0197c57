"""The manual and the completion are made from the command table, and hold together."""
import csv
import re
import shlex
import subprocess

import pytest

import paths

BUILD = paths.program("tools/ctps/ctps").parent
MAN = BUILD / "man"


def help_of(*words):
    return subprocess.run([paths.program("tools/ctps/ctps"), *words], capture_output=True,
                          text=True, check=True).stdout


def commands():
    """(noun, verb) of every command, from `ctps help`."""
    part = help_of("help").split("Commandes\n")[1].split("\n\n")[0]
    return [tuple((line[2:].split("  ")[0].split() + [""])[:2]) for line in part.splitlines()]


COMMANDS = commands()
NOUNS = sorted({noun for noun, _ in COMMANDS})


def test_help_names_every_command():
    assert len(COMMANDS) > 60 and ("tracking-table", "") in COMMANDS


@pytest.mark.parametrize("noun, verb", COMMANDS)
def test_help_of_each_command_begins_with_an_example(noun, verb):
    words = [noun, verb] if verb else [noun]
    lines = help_of("help", *words).splitlines()
    assert lines[0] == "Exemple"
    assert lines[1].startswith("  ctps " + " ".join(words))


@pytest.mark.parametrize("folder", ["man1", "fr/man1"])
def test_a_page_per_noun(folder):
    pages = {path.name for path in (MAN / folder).glob("*.1")}
    assert pages == {"ctps.1"} | {f"ctps-{noun}.1" for noun in NOUNS}


def lint(path):
    """What man says of a page; and its text."""
    done = subprocess.run(["man", "-l", "--warnings=w", "-Tutf8", "-P", "cat", str(path)],
                          capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "100",
                               "MANROFFOPT": ""})
    return done.returncode, done.stderr, re.sub("\x1b\\[[0-9;]*m|.\b", "", done.stdout)


def pages():
    return sorted(str(path.relative_to(MAN)) for path in MAN.glob("**/*.[158]"))


@pytest.mark.parametrize("name", pages())
def test_pages_are_without_warnings(name):
    status, said, text = lint(MAN / name)
    assert status == 0 and said == "", said
    assert "ctps" in text


def test_a_broken_page_would_be_seen(tmp_path):
    (tmp_path / "x.1").write_text(".TH X 1\n.SH NAME\nx \\- y\n.nosuchmacro z\n")
    assert lint(tmp_path / "x.1")[1]


def test_pages_hold_the_commands_and_options():
    text = lint(MAN / "man1/ctps-situation.1")[2]
    assert "situation close" in text and "--motive CODE" in text
    assert "démarche" in lint(MAN / "fr/man1/ctps-situation.1")[2]
    conf = lint(MAN / "man5/ctpsd.conf.5")[2]
    assert "data.dir" in conf or "dir" in conf
    assert "--check" in lint(MAN / "man8/ctpsd.8")[2]


def complete(*words):
    """What bash offers for the last word."""
    script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ctps; ' \
             'printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "--norc", "-uc", script, "bash",
                           str(BUILD / "completion/ctps"), "ctps", *words],
                          capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_completion_of_nouns_and_verbs():
    assert set(NOUNS) <= set(complete(""))
    assert complete("situ") == ["situation"]
    assert {"list", "show", "close"} <= set(complete("situation", ""))
    assert complete("situation", "clo") == ["close"]
    assert complete("help", "situ") == ["situation"]
    assert complete("help", "situation", "clo") == ["close"]


def test_completion_of_options_and_values():
    assert "--motive" in complete("situation", "close", "T1-2026-0001", "--")
    assert complete("situation", "close", "X", "--mot") == ["--motive"]
    assert "--json" in complete("situation", "list", "--")
    assert "--json" in complete("--j")
    assert set(complete("contact", "add", "--notify", "")) == {"each", "digest", "none"}
    assert complete("contact", "add", "--notify", "di") == ["digest"]
    assert complete("--timeout", "5", "situation", "clo") == ["close"]
    assert complete("situation", "close", "X", "--motive", "") == []


def test_completion_of_file_names(tmp_path):
    (tmp_path / "page.html").touch()
    assert complete("register", "charters", "--output", str(tmp_path / "pa")) == \
        [str(tmp_path / "page.html")]


@pytest.mark.parametrize("noun", NOUNS)
def test_completion_knows_each_verb(noun):
    verbs = {verb for name, verb in COMMANDS if name == noun and verb}
    assert verbs <= set(complete(noun, ""))


def test_installed_where_man_and_bash_look(tmp_path):
    subprocess.run(["cmake", "--install", str(BUILD.parent.parent), "--prefix", str(tmp_path)],
                   capture_output=True, check=True)
    for name in ("share/man/man1/ctps.1", "share/man/man1/ctps-situation.1",
                 "share/man/fr/man1/ctps.1", "share/man/man8/ctpsd.8",
                 "share/man/man5/ctpsd.conf.5", "share/bash-completion/completions/ctps"):
        assert (tmp_path / name).exists(), name


GLOBALS = ("--as", "--json")


def shipped_lists():
    """{list: codes} of the example town, whose values the manual speaks of."""
    lists = {}
    path = paths.ROOT / "tools/example/mulhouse/listes.csv"
    for row in csv.reader(path.read_text("cp1252").splitlines(), delimiter=";"):
        lists.setdefault(row[0], set()).add(row[1])
    return lists


def options_of(text):
    """{--option: (value word, list it names)} of a command's help."""
    return {option: (value, (re.search("liste? ([a-z_]+)", help) or ["", ""])[1])
            for option, value, help in re.findall(r"^  (--[a-z-]+) ?(\S*)  +(.*)$", text, re.M)}


def faults_of(example, options, lists):
    words = shlex.split(example)
    for at, word in enumerate(words):
        if not word.startswith("--") or word in GLOBALS:
            continue
        if word not in options:
            yield f"{word} is unknown"
            continue
        value, of = options[word]
        if value.startswith("CODE") and of in lists and words[at + 1] not in lists[of]:
            yield f"{words[at + 1]} is not in list {of}"


def test_examples_would_be_taken():
    lists, faults, seen = shipped_lists(), [], 0
    for noun, verb in COMMANDS:
        text = help_of("help", *filter(None, (noun, verb)))
        options = options_of(text)
        seen += sum(1 for value, of in options.values() if of in lists)
        faults += [(noun, verb, fault)
                   for fault in faults_of(text.splitlines()[1], options, lists)]
    assert not faults and seen > 30


def test_a_wrong_example_would_be_seen():
    options, lists = {"--motive": ("CODE", "motif")}, {"motif": {"errance"}}
    assert list(faults_of("ctps x --motive nulle_part", options, lists))
    assert list(faults_of("ctps x --motif errance", options, lists))
    assert not list(faults_of("ctps x --motive errance", options, lists))
