"""Model of the policy, written from confidentiality.md and the prose of docs/policy.md.

It shares nothing with the daemon: each function of an agent is a set of predicates, there is
no table. `judge(case)` answers (allowed, existence_only, name of the refusal or "-", allowed
by a share: what it gives and nothing else).
"""
from dataclasses import dataclass, field

NOMINATIVE = frozenset({"saisine.read", "situation.read", "name.search", "meeting.read",
                        "rights.read", "rights.extract", "break_glass.read",
                        "decision.read", "minutes.read"})
RIGHTS_WORK = frozenset({"rights.open", "rights.list", "rights.read", "rights.answer",
                         "rights.extract", "erasure.certificate"})
SPARED_BY_RESTRICTION = RIGHTS_WORK | {
    "saisine.list", "situation.existence", "situation.list", "duplicate.list",
    "situation.restrict", "share.list", "share.revoke", "decision.list"}
SAISINE_WORK = frozenset({"saisine.receive", "saisine.decide", "saisine.list"})
SITUATION_WORK = frozenset({
    "situation.existence", "situation.list", "situation.status", "situation.entry",
    "situation.review", "situation.close", "duplicate.list", "duplicate.decide"})
SITUATION_WORK |= {"situation.person", "situation.engage", "situation.link",
                   "situation.update", "situation.assign", "situation.inform",
                   "situation.transfer", "situation.reopen", "situation.correct"}
MEETING_WORK = frozenset({"meeting.schedule", "meeting.manage"})
MEETINGS = MEETING_WORK | {"meeting.list", "meeting.read"}
SHARING = frozenset({"share.inside", "share.outside", "share.revoke", "share.acknowledge"})
WATCHING = frozenset({"share.list", "break_glass.list", "audit.read"})
CONTENTS = (NOMINATIVE | SAISINE_WORK | SITUATION_WORK | MEETINGS | RIGHTS_WORK
            | SHARING | WATCHING | {"break_glass.use"}
            | {"situation.restrict", "situation.rekey"}
            | {"saisine.count", "situation.erase", "import.run", "import.list", "events.read"})
# What is done about decisions, agendas and minutes, texts apart.
TASK_WORK = frozenset({"decision.take", "decision.complete", "decision.list",
                       "meeting.propose", "meeting.pack", "minutes.write",
                       "minutes.validate", "minutes.distribute"})
OF_THE_CHARGED = frozenset({"decision.complete", "decision.list", "minutes.validate"})
OF_THE_INVITED = frozenset({"meeting.pack", "minutes.read"})
CONTENTS |= TASK_WORK
COMMON_KNOWLEDGE = frozenset({"reference.read", "directory.read"})
CONTROL = COMMON_KNOWLEDGE | {"delegation.list", "status.read", "policy.explain",
                              "effect.list", "plugin.list"}
RUNNING = frozenset({"instance.set", "effect.list", "plugin.list", "plugin.reload",
                     "dead_letter.manage",
                     "reference.read", "directory.read", "reference.set", "town.set",
                     "key.list", "status.read", "policy.explain", "backup.make",
                     "config.reload"})
CONTROL |= {"register.read", "feed.list"}
TODAY = frozenset({"today.read"})  # everybody who follows something
CONTENTS |= TODAY
RUNNING |= {"register.read", "feed.list", "webhook.set"}
NEVER_FOR_PLUGINS = NOMINATIVE | TODAY | {
    "instance.set", "dead_letter.manage", "plugin.list", "plugin.reload",
    "situation.correct",
    "duplicate.decide",
    "key.manage", "key.list", "agent.set", "town.set", "delegation.manage", "situation.erase",
    "config.reload", "clock.confirm", "policy.explain", "backup.make"} | {
    "situation.restrict", "situation.rekey"} | RIGHTS_WORK - {"rights.list"}
NEVER_FOR_PLUGINS |= SHARING | {"break_glass.use", "break_glass.list", "audit.read"}
GLASS_US = 3 * 3600 * 1_000_000
BEING_TOLD = frozenset({"notification.receive"})  # whoever is in force, whatever the function
NEVER_FOR_PLUGINS |= BEING_TOLD
NEVER_FOR_PLUGINS |= {"meeting.pack", "minutes.validate", "feed.set", "feed.list", "webhook.set"}
DAY_US = 24 * 3600 * 1_000_000


@dataclass
class Territory:
    code: str
    delegated: bool = False
    first: int = 0
    last: int = 0
    engaged_only: bool = False


@dataclass
class Case:
    kind: str = "agent"
    function: str = ""
    id: int = 0
    habilitated_from: int = 0
    habilitated_to: int = 0
    territories: list = field(default_factory=list)
    partner: int = 0
    active: bool = False
    charter: bool = False
    granted: frozenset = frozenset()
    audience: bool = False
    action: str = ""
    object: str = "none"
    territory: str = ""
    engaged: bool = False
    charged: bool = False
    typed_by: int = 0
    typed_us: int = 0
    referrer: int = 0
    invited: bool = False
    erased: bool = False
    purpose: bool = False
    share: str = "none"  # none | given | revoked
    shared_to: int = 0
    glass: bool = False
    glass_us: int = 0
    today: int = 0
    now_us: int = 0
    rights: bool = False
    restricted: bool = False


def yes():
    return True, False, "-", False


def no(reason, existence=False):
    return False, existence, reason, False


def by_share(case, without):
    """While a share holds; `without`: the answer when there never was one."""
    if case.share == "revoked":
        return no("share_revoked")
    if case.share == "none":
        return without
    return (True, False, "-", True) if case.today <= case.shared_to else no("share_expired")


def glass_is_open(case):
    return case.glass and 0 <= case.now_us - case.glass_us < GLASS_US


def plain_no(case):
    return no("nominative_never" if case.action in NOMINATIVE else "not_allowed")


def lent_or_own(case):
    """The reader's holdings of the object's territory that count today."""
    if not case.territory:
        return []
    return [t for t in case.territories if t.code == case.territory
            and (not t.delegated or t.first <= case.today <= t.last)]


def somewhere_else(case, tells_existence):
    return no("other_territory", tells_existence and case.object == "situation")


def charged_only(case):
    return yes() if case.charged else no("not_charged")


def decisions_and_minutes(case, holdings, is_coordinator):
    """Coordinators and educators; None when the action is about something else."""
    action = case.action
    if action not in TASK_WORK | {"decision.read", "minutes.read"}:
        return None
    if holdings:
        if action == "minutes.validate" and not is_coordinator:
            return charged_only(case)
        if action == "decision.read" and not is_coordinator:
            return engaged_or_free(case, holdings)
        return yes()
    if not case.territory and action not in ("decision.complete", "minutes.validate"):
        return yes()
    if action in OF_THE_CHARGED:
        return charged_only(case)
    if action in OF_THE_INVITED:
        return invited_only(case)
    return somewhere_else(case, action == "decision.take" and bool(case.territory))


def engaged_or_free(case, holdings):
    limited = any(t.engaged_only for t in holdings)
    return yes() if case.engaged or not limited else no("not_engaged")


def field_worker(case, holdings):
    """What coordinators and educators share; None when it is left to the caller."""
    action = case.action
    if action in COMMON_KNOWLEDGE or action in ("delegation.list", "saisine.count"):
        return yes()
    if action == "name.search":
        if not case.territory:
            return yes()
        return None if holdings else somewhere_else(case, True)
    if action in RIGHTS_WORK:
        return None if holdings else somewhere_else(case, False)
    if action in ("saisine.receive", "saisine.decide", "saisine.list", "saisine.read"):
        return None if holdings else somewhere_else(case, False)
    if action == "share.acknowledge":
        return by_share(case, no("not_shared")) if case.territory else somewhere_else(case, False)
    if action == "break_glass.use":
        if not case.territory:
            return somewhere_else(case, False)
        return plain_no(case) if holdings else yes()
    if action == "situation.read" and case.territory and not holdings:
        if glass_is_open(case):
            return yes()
        return by_share(case, somewhere_else(case, True))
    if action.startswith("share."):
        if holdings:
            return None
        if action == "share.list" and case.territory:
            return by_share(case, somewhere_else(case, True))
        return somewhere_else(case, bool(case.territory))
    if action == "situation.existence":
        return yes() if case.territory else somewhere_else(case, False)
    if action.startswith("situation.") or action in ("duplicate.list", "duplicate.decide"):
        if holdings:
            return None
        return somewhere_else(case, bool(case.territory))
    if action in MEETINGS:
        if holdings or not case.territory:
            return yes()
        if action in MEETING_WORK:
            return no("other_territory")
        return invited_only(case)
    return plain_no(case)


def invited_only(case):
    return yes() if case.invited else no("not_invited")


def coordinator(case):
    holdings = lent_or_own(case)
    shared = decisions_and_minutes(case, holdings, True) or field_worker(case, holdings)
    if shared is not None:
        return shared
    return plain_no(case) if case.action == "situation.erase" else yes()


def educator(case):
    holdings = lent_or_own(case)
    shared = decisions_and_minutes(case, holdings, False) or field_worker(case, holdings)
    if shared is not None:
        return shared
    if case.action in ("situation.erase", "situation.close", "situation.transfer",
                       "situation.assign", "situation.restrict",
                       "situation.rekey", "rights.read", "rights.answer", "rights.extract",
                       "share.outside"):
        return plain_no(case)
    if case.action in NOMINATIVE | {"share.inside"} and not case.engaged and any(t.engaged_only for t in holdings):
        found_by_name = case.action == "name.search" and case.object == "situation"
        return no("not_engaged", found_by_name)
    return yes()


def head(case):
    if case.action in NOMINATIVE:
        return yes() if case.purpose else no("purpose_missing")
    if case.action == "share.acknowledge":
        return by_share(case, no("not_shared"))
    if case.action in WATCHING:
        return plain_no(case) if case.action == "audit.read" else yes()
    facts = {"saisine.list", "situation.existence", "situation.list", "duplicate.list",
             "duplicate.decide", "saisine.count"}
    rule = {"situation.erase", "situation.assign", "agent.set", "reference.set", "delegation.manage", "import.run",
            "import.list", "instance.set", "meeting.list"} | MEETING_WORK
    rule |= {"situation.restrict", "situation.rekey", "erasure.certificate", "rights.open",
             "rights.list", "rights.answer", "feed.set"}
    rule |= TASK_WORK
    return yes() if case.action in facts | rule | CONTROL else plain_no(case)


def assistant(case):
    if case.action in ("saisine.read", "saisine.list"):
        if not case.id or case.typed_by != case.id:
            return plain_no(case)
        return yes() if 0 <= case.now_us - case.typed_us < DAY_US else no("typed_long_ago")
    if case.action == "decision.complete":
        return charged_only(case)
    allowed = COMMON_KNOWLEDGE | {"saisine.receive", "situation.existence", "reference.set",
                                  "delegation.list", "effect.list",
                                  "meeting.list"} | MEETING_WORK
    allowed |= {"register.read", "feed.list"}
    allowed |= {"decision.list", "meeting.propose", "meeting.pack", "minutes.distribute"}
    return yes() if case.action in allowed else plain_no(case)


def protection_officer(case):
    if case.action in ("rights.list", "erasure.certificate"):
        return yes()
    return controller(case)


def controller(case):
    controlled = CONTROL | WATCHING | {"audit.hashes"}
    return yes() if case.action in controlled else plain_no(case)


def admin(case):
    return yes() if case.action in RUNNING else plain_no(case)


AGENTS = {"coordinateur": coordinator, "educateur": educator, "responsable": head,
          "assistante": assistant, "dpo": protection_officer, "auditeur": controller, "admin": admin}


def agent(case):
    if not case.habilitated_from <= case.today <= case.habilitated_to:
        return no("habilitation_missing")
    if case.function not in AGENTS:
        return no("not_allowed")
    if case.action in BEING_TOLD:
        return yes()
    if case.action in TODAY:
        return plain_no(case) if case.function in ("admin", "auditeur") else yes()
    return AGENTS[case.function](case)


def operator(case):
    if case.action in CONTENTS:
        return no("operator_no_contents")
    at_the_machine = RUNNING | {"key.manage", "agent.set", "clock.confirm", "audit.hashes"}
    return yes() if case.action in at_the_machine else plain_no(case)


def contact(case):
    if not case.active:
        return no("contact_inactive")
    if not case.charter:
        return no("charter_not_current")
    if case.action in TODAY | BEING_TOLD:
        return yes()
    if case.action == "meeting.list":
        return invited_only(case)
    if case.action in ("situation.read", "share.acknowledge", "share.list"):
        return by_share(case, no("not_shared"))
    if case.action in OF_THE_INVITED:
        return invited_only(case)
    if case.action in OF_THE_CHARGED - {"minutes.validate"}:
        return charged_only(case)
    if case.action == "events.read" and case.audience:
        return yes()
    mine = case.partner and case.partner == case.referrer
    return yes() if case.action == "saisine.list" and mine else plain_no(case)


def plugin(case):
    if case.action in NEVER_FOR_PLUGINS:
        return plain_no(case)
    if case.action not in case.granted:
        return no("capability_missing")
    if case.action == "events.read" and not case.audience:
        return no("capability_missing")
    return yes()


def partner(case):
    """A partner's machine: its own feed, while somebody there answers for it."""
    if not case.charter:
        return no("charter_not_current")
    return yes() if case.action == "events.read" and case.audience else plain_no(case)


KINDS = {"agent": agent, "operator": operator, "contact": contact, "plugin": plugin,
         "partner": partner}


def judge(case):
    if case.kind not in KINDS:
        return no("not_allowed")
    allowed, existence, reason, shared = KINDS[case.kind](case)
    if case.erased and case.action in NOMINATIVE:
        if allowed:
            return no("erased")
        if case.action == "name.search":
            existence = False
    if allowed and case.restricted and case.object in ("saisine", "situation"):
        in_charge = case.kind == "agent" and case.function in ("coordinateur", "responsable")
        for_the_person = in_charge and case.rights and case.action in NOMINATIVE
        if case.action not in SPARED_BY_RESTRICTION and not for_the_person:
            return no("restricted", case.action == "name.search" and case.object == "situation")
    return allowed, existence, reason, shared
