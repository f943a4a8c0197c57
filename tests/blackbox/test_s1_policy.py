"""S1: nobody reads what they may not, as judged by a model that shares no code.

CTPS_S1_CASES sets how many cases (50,000), CTPS_S1_SEED the first seed (1).
"""
import os

import policy_cases
import paths

CASES = int(os.environ.get("CTPS_S1_CASES", "50000"))
SEED = int(os.environ.get("CTPS_S1_SEED", "1"))
CHUNK = 50_000


def cell_cases():
    """Enough that each cell of each action is met, however many actions there are."""
    return 1500 * len(policy_cases.action_names())


def chunks():
    for number, start in enumerate(range(0, CASES, CHUNK)):
        yield list(policy_cases.generate(SEED + number, min(CHUNK, CASES - start)))


def test_policy_generated_cases_agree_with_the_model(capsys):
    differing, judged, allowed = [], 0, 0
    for cases in chunks():
        judged += len(cases)
        allowed += sum(policy_cases.model_policy.judge(case)[0] for case in cases)
        differing += policy_cases.divergences(cases)
    with capsys.disabled():
        print(f"\nS1: {judged} decisions ({allowed} allowed), {len(differing)} divergences, "
              f"seed {SEED}")
    assert judged == CASES
    assert 0.1 < allowed / judged < 0.9, "the cases must try both sides"
    assert not differing, differing[:5]


def test_policy_each_cell_inverted_is_found(capsys):
    owners = policy_cases.by_cell_owner(policy_cases.generate(SEED, cell_cases()))
    table = policy_cases.table_lines()
    missed = [line for line in table
              if not policy_cases.altered_cell_is_found(owners, line, "--invert", str(line[0]))]
    with capsys.disabled():
        print(f"\nS1: {len(table) - len(missed)} of {len(table)} inverted cells found")
    assert len(table) == 15 * len(policy_cases.action_names())
    assert not missed, missed


def test_policy_no_cell_inverted_is_quiet():
    owners = policy_cases.by_cell_owner(policy_cases.generate(SEED, cell_cases()))
    for lines, expected in owners.values():
        assert policy_cases.ask(lines) == expected


def test_policy_page_shows_the_program_s_table():
    page = (paths.ROOT / "docs/policy.md").read_text()
    printed = policy_cases.subprocess.run([policy_cases.probe(), "--table"], check=True,
                                          capture_output=True, text=True).stdout
    shown = page.split("## The table\n\n", 1)[1]
    assert shown == printed, "docs/policy.md: put `policy_probe --table` under “The table”"
