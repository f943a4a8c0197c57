"""The rest of a year's work: meetings, decisions, shares, a leave, transfers, rights.

Each function plans or does one thing on the plan's store; what the rules refuse is counted by
the refusal's name and goes into the digest of what happened like everything else.
"""
import sheets

LEAVE = (sheets.day(2026, 7, 20), sheets.day(2026, 8, 7), "T3", "T2")
TRANSFERS = ((sheets.day(2026, 5, 11), "T1", "T2"), (sheets.day(2026, 9, 15), "T5", "T6"))
REQUESTS = ((sheets.day(2026, 4, 2), "access"), (sheets.day(2026, 6, 9), "rectification"),
            (sheets.day(2026, 10, 5), "erasure"))
CLOSED_TO_PARTNERS = {"concertation", "gap"}
NOMINATIVE = {"suivi", "concertation"}


def plan_all(plan):
    for row in sheets.rows("reunions-2026.csv"):
        plan_meeting(plan, row)
    for first in range(sheets.day(2026, 1, 5), sheets.day(2026, 12, 28), 7):
        plan.at(first, decide_duplicates, plan)
    for month in range(2, 12):
        plan.at(sheets.day(2026, month, 17), share, plan)
    plan.at(LEAVE[0] - 14, lend, plan)
    for day, source, target in TRANSFERS:
        plan.at(day, transfer, plan, source, target)
    for day, kind in REQUESTS:
        plan.at(day, rights_request, plan, kind)
    plan.at(sheets.day(2026, 8, 20), break_glass, plan)


def open_rows(plan, territory=None):
    """Sheets still followed, in the order of their numbers."""
    return [row for number, row in sorted(plan.followed.items())
            if territory in (None, plan.situations[number][1])]


# --- duplicates ---

def decide_duplicates(plan):
    """What the machine proposed, decided by the coordinator: the same, linked, or not."""
    for pair in plan.duplicates().duplicates:
        territory = (pair.reference_a or pair.reference_b).split("-")[-3]
        who = plan.acting(territory)
        for outcome in plan.rng.choice((("merge", "link"), ("link",), ("different",))):
            if plan.tried(who, duplicate_decide={"a": pair.a, "b": pair.b, "outcome": outcome}):
                break


# --- meetings ---

def instance_of(plan, row):
    return plan.lists.code("instance", row["Instance"])


def plan_meeting(plan, row):
    day = sheets.day_of(row["Date"])
    plan.at(day - 10, schedule, plan, row, day)


def invited(plan, row):
    """Agents of the territory, and one contact of each partner there whose charter is signed."""
    territory, kind = row["Territoire"], instance_of(plan, row)
    agents = sorted(plan.agents[name] for name, where in plan.working.items()
                    if not territory or territory in where)
    if kind in CLOSED_TO_PARTNERS:
        return agents, []
    return agents, [contact for contact, where, signed in plan.people
                    if signed and signed <= plan.store.day and (not where or territory in where)]


def minutes_of(text):
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def chair_of(plan, row):
    """Who holds it today: the one who scheduled it may be back from lending a hand."""
    return plan.acting(row["Territoire"]) if row["Territoire"] else plan.responsable


def schedule(plan, row, day):
    territory, chair = row["Territoire"], chair_of(plan, row)
    agents, contacts = invited(plan, row)
    fields = {"instance": instance_of(plan, row), "territory": territory, "title": row["Instance"],
              "day": day, "minute": minutes_of(row["Heure"] or "09:00"),
              "duration_min": 60 * int(row["Durée"].rstrip("h") or 2), "place": row["Lieu"],
              "chair": plan.agents[chair], "agents": agents, "contacts": contacts[:12]}
    reply = plan.tried(chair, meeting_schedule=fields)
    if not reply:
        fields["contacts"] = []
        reply = plan.tried(chair, meeting_schedule=fields)
    if reply:
        plan.at(day, hold, plan, row, reply.made[0].id, fields)


def hold(plan, row, meeting, fields):
    kind, chair = fields["instance"], chair_of(plan, row)
    proposed = plan.tried(chair, agenda_accept={"meeting": meeting, "all": True})
    present = [agent for agent in fields["agents"] if plan.rng.random() < 0.9]
    come = [contact for contact in fields["contacts"] if plan.rng.random() < 0.8]
    held = plan.tried(chair, meeting_hold={
        "id": meeting, "present_agents": present,
        "excused_agents": [agent for agent in fields["agents"] if agent not in present],
        "present_contacts": come,
        "absent_contacts": [contact for contact in fields["contacts"] if contact not in come]})
    if not held:
        return
    if kind in NOMINATIVE and proposed:
        decide(plan, row["Territoire"], meeting, chair, present)
    plan.tried(chair, minutes_draft={"meeting": meeting, "text": f"Réunion du {plan.store.day}."})
    plan.at(plan.store.day + 2, validate, plan, row, meeting)


def validate(plan, row, meeting):
    if plan.tried(plan.responsable, minutes_validate={"meeting": meeting}):
        plan.at(plan.store.day + 1, distribute, plan, row, meeting)


def distribute(plan, row, meeting):
    plan.tried(chair_of(plan, row), minutes_distribute={"meeting": meeting})


# --- decisions ---

def decide(plan, territory, meeting, chair, present):
    """A task on a situation of the territory, done in time more often than not."""
    rows = open_rows(plan, territory)
    if not rows or not present:
        return
    row = plan.rng.choice(rows)
    made = plan.tried(chair, decision_take={
        "meeting": meeting, "situation": plan.situations[row["N° fiche"]][0],
        "verb": plan.rng.choice(("rencontrer", "contacter", "orienter", "verifier")),
        "text": f"voir {row['Nom'] or 'les habitants'}", "agent": plan.rng.choice(present),
        "due_day": plan.store.day + 14})
    if made:
        plan.at(plan.store.day + plan.rng.randrange(5, 25), complete, plan, made.made[0].id, chair)


def complete(plan, decision, who):
    plan.tried(who, decision_complete={
        "id": decision, "result": "realisee" if plan.rng.random() < 0.8 else "non_faite"})


# --- shares ---

def share(plan):
    """One situation told to one professional for two months; seen, and once taken back."""
    rows = open_rows(plan)
    able = [contact for contact, _, signed in plan.people if signed and signed <= plan.store.day]
    if not rows or not able:
        return
    row, contact = plan.rng.choice(rows), plan.rng.choice(able)
    situation, territory = plan.situations[row["N° fiche"]]
    who = plan.acting(territory)
    plan.tried(who, situation_engage={"id": situation, "contact": contact})
    made = plan.tried(who, share_record={
        "situation": situation, "identity": True, "summary": True, "contacts": [contact],
        "legal_base": "L132-5", "purpose": "coordination", "expiry_day": plan.store.day + 60})
    if not made:
        return
    reader = plan.key_of_contact(contact)
    plan.tried(reader, situation_get={"id": situation, "nominative": True})
    plan.tried(reader, share_acknowledge={"id": made.made[0].id})
    if plan.rng.random() < 0.3:
        plan.at(plan.store.day + 9, unshare, plan, who, made.made[0].id)


def unshare(plan, who, number):
    plan.tried(who, share_revoke={"id": number})


# --- a leave, transfers, rights ---

def lend(plan):
    first, last, territory, other = LEAVE
    plan.ask(plan.responsable, delegation_grant={
        "territory": territory, "to_agent": plan.agents[plan.coordinator[other]],
        "from_day": first, "to_day": last})
    plan.substitutes[territory] = (first, last, plan.coordinator[other])


def transfer(plan, source, target):
    for row in open_rows(plan, source):
        number = row["N° fiche"]
        if plan.tried(plan.acting(source), situation_transfer={
                "id": plan.situations[number][0], "territory": target,
                "district": plan.districts[target][0], "text": "a déménagé"}):
            plan.situations[number] = (plan.situations[number][0], target)
            row["Référent"] = plan.coordinator[target]
            return
    raise AssertionError(f"nothing could be transferred from {source}")


def rights_request(plan, kind):
    row = next(row for row in open_rows(plan) if row["Nom"])
    situation, territory = plan.situations[row["N° fiche"]]
    who = plan.acting(territory)
    request = plan.ask(who, rights_open={
        "kind": kind, "received_day": plan.store.day, "territory": territory,
        "situations": [situation], "name": f"{row['Prénom']} {row['Nom']}",
        "text": "demande écrite"}).made[0].id
    if kind == "access":
        shown = plan.ask(who, purpose="droits", situation_get={
            "id": situation, "nominative": True}).situation_answer.situations[0]
        plan.ask(who, purpose="droits", rights_extract={
            "id": request, "situation": situation, "person": shown.persons[0].id})
    plan.at(plan.store.day + 12, rights_answer, plan, who, request)


def rights_answer(plan, who, request):
    plan.ask(who, rights_answer={"id": request, "outcome": "granted"})


def break_glass(plan):
    row = open_rows(plan, "T4")[0]
    situation, _ = plan.situations[row["N° fiche"]]
    who = plan.coordinator["T5"]
    plan.ask(who, break_glass_use={"situation": situation, "reason": "mise à l’abri ce soir"})
    plan.ask(who, situation_get={"id": situation, "nominative": True})
