"""The command line from a proposal to printed packs and minutes."""
import stat

import pytest

from acts import do
from meetings import contact, partner, put, schedule
from test_40_decision import take
from test_43_pack import NAME, TEXT, secret


@pytest.fixture
def anna(town):
    return town.client("anna")


@pytest.fixture
def ctps(town):
    key = town.dir / "keys" / "anna.key"
    town.keys["anna"].write(key)

    def run(*words):
        return town.ctps(*[str(word) for word in words], "--as", str(key), check=False)
    return run


def test_proposal_is_shown_and_accepted(town, anna, ctps):
    situation = secret(anna, town)
    take(town, situation, meeting=schedule(anna, town, days=0), due_day=town.today)
    meeting = schedule(anna, town)
    shown = ctps("meeting", "propose", meeting)
    assert shown.returncode == 0 and "décision en retard" in shown.stdout, shown
    done = ctps("meeting", "accept", meeting, "--everything")
    assert done.returncode == 0, done
    assert "décision en retard" not in ctps("meeting", "propose", meeting).stdout


def test_packs_are_printed_for_each_and_differ_by_right(town, anna, ctps):
    situation = secret(anna, town)
    who = contact(town, partner(town), "Roux", email="roux@bailleur.example")
    meeting = schedule(anna, town, agents=[town.agents["anna"]], contacts=[who])
    put(anna, meeting, situation=situation, by_name=True, text="<à dire>")
    pages = {}
    for name in ("anna", "roux@bailleur.example"):
        path = town.dir / f"{len(pages)}.html"
        done = ctps("meeting", "pack", meeting, "--for", name, "--output", path)
        assert done.returncode == 0, done
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        pages[name] = path.read_text()
    mine, his = pages.values()
    assert NAME in mine and TEXT in mine and "&lt;à dire&gt;" in mine
    assert NAME not in his and TEXT not in his and "à dire" not in his
    assert "T1-" in mine and "T1-" in his and "Roux" in his
    assert ctps("meeting", "pack", meeting, "--for", "personne").returncode == 66


def test_minutes_from_draft_to_page(town, anna, ctps):
    situation = secret(anna, town)
    meeting = schedule(anna, town, days=0, agents=[town.agents["anna"]])
    item = put(anna, meeting, situation=situation, by_name=True)
    do(anna, meeting_hold=dict(id=meeting, present_agents=[town.agents["anna"]]))
    for words in (("draft", meeting, "--text", "général", "--item", item, "--said", "le point"),
                  ("validate", meeting), ("distribute", meeting)):
        done = ctps("minutes", *words)
        assert done.returncode == 0, done
    assert ctps("minutes", "draft", meeting, "--text", "non").returncode == 77
    assert "diffusé" in ctps("minutes", "list").stdout
    path = town.dir / "cr.html"
    assert ctps("minutes", "show", meeting, "--output", path).returncode == 0
    page = path.read_text()
    assert "général" in page and "le point" in page and "Compte rendu" in page
