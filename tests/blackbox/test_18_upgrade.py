"""What earlier versions wrote is opened, and says what it said (tests/golden)."""
import copy

import pytest

import golden
import paths
from acts import do, figures

ARCHIVES = sorted((paths.ROOT / "tests" / "golden").glob("town-*.tar.xz"))


@pytest.fixture(params=ARCHIVES, ids=lambda path: path.name.split(".")[0])
def old(request):
    with golden.GoldenTown(request.param) as town:
        yield town


def test_there_is_an_earlier_version():
    assert ARCHIVES


def test_what_an_earlier_version_wrote_is_read_alike(old):
    old.start_then()
    asked, said = old.kept["asked"], old.kept["answers"]
    for question, then, now in zip(asked, said, golden.answers(old, asked), strict=True):
        assert golden.lacks(then, now) == [], question
    # And goes on: written to, stopped, whole.
    do(old.client("anna"), situation_add_entry=dict(
        id=asked[-1][1]["situation_get"]["id"], kind="contact", day=old.today, text="Suite"))
    assert old.stop() == 0
    assert old.ctps("store", "check", check=False).returncode == 0


def test_control_an_answer_that_changed_is_found(old):
    old.start_then()
    then = copy.deepcopy(old.kept["answers"][-1])
    then["situation_answer"]["situations"][0]["title"] += "!"
    now = golden.answers(old, old.kept["asked"][-1:])[0]
    assert len(golden.lacks(then, now)) == 1


def test_views_of_an_earlier_version_are_made_anew(old):
    old.start_then()
    assert figures(old.operator)["views.rebuilt_at_start"] == "yes"
