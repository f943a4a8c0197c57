"""Cases for the policy: generated from a seed, judged by the model and by the program."""
import itertools
import random
import re
import subprocess

import model_policy
import paths

KINDS = {"none": 0, "operator": 1, "agent": 2, "contact": 3, "plugin": 4, "system": 5, "partner": 6}
OBJECTS = ("none", "saisine", "situation", "territory", "meeting")
TODAY = 20776
NOW_US = TODAY * 86_400_000_000 + 36_000_000_000
HOUR_US = 3_600_000_000
TYPED_AGES_US = (-1, 0, 1, HOUR_US, 24 * HOUR_US - 1, 24 * HOUR_US, 24 * HOUR_US + 1,
                 720 * HOUR_US, -HOUR_US)
GLASS_AGES_US = (-HOUR_US, -1, 0, 1, HOUR_US, 3 * HOUR_US - 1, 3 * HOUR_US, 3 * HOUR_US + 1,
                 24 * HOUR_US)
SHARES = ("none", "given", "revoked")
SHARED_TO = (TODAY - 30, TODAY - 1, TODAY, TODAY, TODAY + 1, TODAY + 90)
CODES = ("T1", "T2", "T3", "T10")
WHO = [("agent", function) for function in
       ("coordinateur", "educateur", "responsable", "assistante", "dpo", "admin", "auditeur",
        "")] + [(kind, "") for kind in ("operator", "contact", "plugin", "partner",
                                      "system", "none")]
FUNCTION_OF = {"coordinator": "coordinateur", "educator": "educateur", "head": "responsable",
               "assistant": "assistante", "dpo": "dpo", "admin": "admin",
               "auditor": "auditeur"}


def probe():
    return paths.program("tests/harness/policy_probe")


def table_lines():
    """(index, who, action, scope, cell) of each cell of the program's table."""
    output = subprocess.run([probe(), "--lines"], capture_output=True, text=True, check=True)
    return [(int(index), *words) for index, *words in
            (line.split() for line in output.stdout.splitlines())]


def action_names():
    """The actions, from the header that names them: the model must know no fewer."""
    header = (paths.ROOT / "daemon/domain/action.h").read_text()
    return re.findall(r'X\([A-Z_]+, "([a-z_.]+)"\)', header)


def dates(rng, good):
    """A period that holds TODAY, often at its very edge; or one that just misses it."""
    if rng.random() < good:
        return TODAY - rng.choice((0, 0, 1, 200)), TODAY + rng.choice((0, 0, 1, 200))
    return rng.choice(((TODAY + 1, TODAY + 9), (TODAY - 9, TODAY - 1), (TODAY + 1, TODAY - 1)))


def holding(rng):
    first, last = dates(rng, 0.6)
    return model_policy.Territory(rng.choice(CODES), rng.random() < 0.5, first, last,
                                  rng.random() < 0.5)


def make(rng, kind, function, action, actions):
    habilitated_from, habilitated_to = dates(rng, 0.9)
    me = rng.choice((0, 1, 7, 2**40))
    partner = rng.choice((0, 3, 4))
    territories = [holding(rng) for _ in range(rng.choice((0, 1, 1, 2, 4)))]
    held = [territory.code for territory in territories]
    granted = {name for name in actions if rng.random() < 0.2}
    if rng.random() < 0.6:
        granted.add(action)
    return model_policy.Case(
        kind=kind, function=function, id=me, habilitated_from=habilitated_from,
        habilitated_to=habilitated_to,
        territories=territories,
        partner=partner, active=rng.random() < 0.9, charter=rng.random() < 0.85,
        granted=frozenset(granted), audience=rng.random() < 0.6, action=action,
        object=rng.choice(OBJECTS), territory=rng.choice(("", *CODES, *held, *held)),
        engaged=rng.random() < 0.5, charged=rng.random() < 0.5,
        typed_by=rng.choice((0, 1, me, me)),
        typed_us=NOW_US - rng.choice(TYPED_AGES_US),
        referrer=rng.choice((0, 3, 4, partner)), invited=rng.random() < 0.5, erased=rng.random() < 0.2,
        purpose=rng.random() < 0.6, share=rng.choice(SHARES + ("given",)),
        shared_to=rng.choice(SHARED_TO), glass=rng.random() < 0.4,
        glass_us=NOW_US - rng.choice(GLASS_AGES_US), today=TODAY, now_us=NOW_US,
        rights=rng.random() < 0.4, restricted=rng.random() < 0.2)


def generate(seed, count):
    """`count` cases: every who x action in turn, everything else drawn."""
    rng = random.Random(seed)
    actions = action_names()
    pairs = itertools.cycle(itertools.product(WHO, actions))
    for (kind, function), action in itertools.islice(pairs, count):
        yield make(rng, kind, function, action, actions)


def line_of(case):
    territories = ",".join(f"{t.code}:{t.delegated:d}:{t.first}:{t.last}:{t.engaged_only:d}"
                           for t in case.territories)
    words = (KINDS[case.kind], case.function or "-", case.id, case.habilitated_from,
             case.habilitated_to, territories or "-", case.partner, int(case.active),
             int(case.charter), ",".join(sorted(case.granted)) or "-", int(case.audience),
             case.action, OBJECTS.index(case.object), case.territory or "-",
             int(case.engaged), int(case.charged), case.typed_by, case.typed_us, case.referrer,
             int(case.invited), int(case.erased), int(case.purpose),
             SHARES.index(case.share), case.shared_to, int(case.glass), case.glass_us,
             case.today, case.now_us, int(case.rights), int(case.restricted))
    return " ".join(map(str, words))


def verdict_line(verdict):
    allowed, existence, reason, by_share = verdict
    return f"{allowed:d} {existence:d} {by_share:d} {reason}"


def ask(lines, *options):
    """What the program decides, one line per case."""
    done = subprocess.run([probe(), *options], input="".join(line + "\n" for line in lines),
                          capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def divergences(cases):
    """The cases on which program and model differ, with both answers."""
    lines = [line_of(case) for case in cases]
    expected = [verdict_line(model_policy.judge(case)) for case in cases]
    got = ask(lines)
    assert len(got) == len(cases), "the program did not answer each case"
    return [trio for trio in zip(lines, expected, got) if trio[1] != trio[2]]


def by_cell_owner(cases):
    """Lines and expected answers of the cases each (who, action) is about."""
    owners = {}
    for case in cases:
        owner = (case.kind if case.kind != "agent" else case.function, case.action)
        lines, expected = owners.setdefault(owner, ([], []))
        lines.append(line_of(case))
        expected.append(verdict_line(model_policy.judge(case)))
    return owners


def altered_cell_is_found(owners, line, *options):
    """Whether a case about the cell's who and action shows the alteration."""
    _, who, action, _, _ = line
    lines, expected = owners[(FUNCTION_OF.get(who, who), action)]
    return ask(lines, *options) != expected
