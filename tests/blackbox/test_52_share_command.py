"""Sharing, breaking the glass and reading the trail from the command line."""
import datetime
import json

import pytest

from acts import open_situation
from test_50_share import contact


@pytest.fixture
def town(town):
    town.situation, town.reference, _ = open_situation(
        town.client("anna"), town, title="Titre", text="texte")
    return town


def ctps(town, who, *words, check=True):
    path = town.dir / f"{who}.key"
    if not path.exists():
        town.keys[who].write(path)
    return town.ctps(*words, "--as", str(path), check=check)


def test_record_list_and_revoke(town):
    keller, _ = contact(town)
    ctps(town, "anna", "share", "record", town.reference, "--summary", "--contact", str(keller),
         "--agent", str(town.agents["bruno"]), "--base", "L132-5", "--purpose", "suivi",
         "--why", "préparer le groupe", "--until", day(town, 30))
    row, = json.loads(ctps(town, "anna", "share", "list", "--situation", town.reference,
                           "--names", "--json").stdout)
    assert row["reference"] == town.reference and row["purpose_text"] == "préparer le groupe"
    assert "L132-5" in ctps(town, "anna", "share", "list").stdout
    shown = ctps(town, "bruno", "situation", "show", town.reference, "--names").stdout
    assert "Titre" in shown and "Durand" not in shown
    ctps(town, "bruno", "share", "acknowledge", str(row["id"]))
    ctps(town, "anna", "share", "revoke", str(row["id"]))
    done = ctps(town, "bruno", "share", "acknowledge", str(row["id"]), check=False)
    assert done.returncode == 77 and "révoqué" in done.stderr


def day(town, more):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(town.today + more)).isoformat()


def test_break_the_glass_and_read_the_trail(town):
    asked = ("break-glass", "use", town.reference, "--reason", "enfant en danger")
    assert ctps(town, "bruno", *asked, check=False).returncode == 64  # nobody to confirm
    ctps(town, "bruno", *asked, "--yes")
    shown = ctps(town, "bruno", "situation", "show", town.reference, "--names").stdout
    assert "Titre" in shown and "Durand" in shown
    assert town.reference in ctps(town, "diane", "break-glass", "list").stdout
    assert "danger" not in ctps(town, "diane", "break-glass", "list", "--names").stdout
    assert "danger" in ctps(town, "helene", "break-glass", "list", "--names", "--for",
                            "supervision").stdout
    trail = ("audit", "who", "--situation", town.reference, "--from", day(town, -1), "--to",
             day(town, 1))
    text = ctps(town, "diane", *trail).stdout
    assert "bris de glace" in text and "situation lue" in text and "Durand" not in text
    rows = json.loads(ctps(town, "diane", *trail, "--json").stdout)["entries"]
    assert [row["action"] for row in rows][:2] == ["break_glass.used", "situation.get"]
    assert ctps(town, "anna", *trail, check=False).returncode == 77
