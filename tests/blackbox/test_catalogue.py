"""The French catalogue knows every message of the command line, and the build uses it."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
CLI = ROOT / "tools/ctps"
BUILD = pathlib.Path(os.environ.get("CTPS_BUILD", ROOT / "build/dev"))


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True, **options)


def messages_of_sources(folder):
    sources = sorted(str(p) for p in CLI.glob("*.[ch]"))
    run("xgettext", "--from-code=UTF-8", "-k_", "-kN_", "-kngettext:1,2", "-o", folder / "ctps.pot", *sources)
    return folder / "ctps.pot"


def statistics(catalogue):
    env = dict(os.environ, LC_ALL="C")
    return run("msgfmt", "--check-format", "--statistics", "-o", "/dev/null", catalogue, env=env).stderr.splitlines()[-1]


def test_french_knows_every_message(tmp_path):
    pot = messages_of_sources(tmp_path)
    run("msgmerge", "--quiet", "--no-fuzzy-matching", "-o", tmp_path / "fr.po", CLI / "po/fr.po", pot)
    line = statistics(tmp_path / "fr.po")
    assert "untranslated" not in line and "fuzzy" not in line, line
    assert int(line.split()[0]) > 300


def test_a_missing_translation_would_be_seen(tmp_path):
    pot = messages_of_sources(tmp_path)
    with open(pot, "a", encoding="utf-8") as file:
        file.write('\nmsgid "a message nobody translated"\nmsgstr ""\n')
    run("msgmerge", "--quiet", "--no-fuzzy-matching", "-o", tmp_path / "fr.po", CLI / "po/fr.po", pot)
    assert "1 untranslated" in statistics(tmp_path / "fr.po")


def help_in(**variables):
    env = {"PATH": os.environ["PATH"], **variables}
    return run(BUILD / "tools/ctps/ctps", "help", env=env).stdout


def test_default_language_is_french():
    assert help_in().startswith("Exemple")
    assert help_in(LANG="C.UTF-8").startswith("Exemple")
    assert help_in(LANG="de_DE.UTF-8").startswith("Exemple")


def test_english_is_chosen_by_environment_or_option():
    assert help_in(LANG="en_GB.UTF-8").startswith("Example")
    assert run(BUILD / "tools/ctps/ctps", "--lang", "en", "help").stdout.startswith("Example")
    assert run(BUILD / "tools/ctps/ctps", "help", "status", "--lang=fr",
               env={"PATH": os.environ["PATH"], "LANG": "en_GB.UTF-8"}).stdout.startswith("Exemple")
