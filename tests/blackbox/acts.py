"""What the black-box tests do over and over, in one line each."""
from town import ctps_client

answer, command = ctps_client.answer, ctps_client.command

DONE, ANSWERED, REFUSED, BUSY, CHECKED = (
    answer.REPLY_DONE, answer.REPLY_ANSWERED, answer.REPLY_REFUSED, answer.REPLY_BUSY,
    answer.REPLY_CHECKED)
OPERATOR, AGENT, CONTACT, PLUGIN, PARTNER = 1, 2, 3, 4, 6
DAY_US = 86400 * 1_000_000


def do(client, timeout=10.0, **fields):
    """One request; it must be done or answered."""
    reply = client.request(command.Request(**fields), timeout)
    assert reply.status in (DONE, ANSWERED, CHECKED), reply
    return reply


def refused(client, **fields):
    """One request that must be refused: the refusal's (name, field)."""
    reply = client.request(command.Request(**fields))
    assert reply.status == REFUSED, reply
    assert reply.refusal.rule and reply.refusal.text_fr and reply.refusal.text_en, reply
    return reply.refusal.name, reply.refusal.field


def person(last="Durand", first="Léa", **fields):
    identity = dict(last_name=last, first_name=first)
    for name in ("birth_day", "address", "phone", "representatives"):
        if name in fields:
            identity[name] = fields.pop(name)
    return dict(identity=identity, **fields)


def sheet(town, **changes):
    """A saisine that lacks nothing, with `changes`; a field set to None is left out."""
    fields = dict(received_day=town.today, origin="habitant", territory="T1",
                  district="Bourtzwiller", nature="individuelle", motives=["errance"],
                  channel="telephone", text="vu au pied de l’immeuble", persons=[person()])
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not None}


def receive(client, town, **changes):
    """The id of a new saisine."""
    return do(client, saisine_receive=sheet(town, **changes)).made[0].id


def open_situation(client, town, title="Suivi", term=None, lead_agent=None, **changes):
    """(id, reference) of a new situation, and its saisine's id."""
    saisine = receive(client, town, **changes)
    accept = dict(id=saisine, title=title)
    if term:
        accept["term"] = term
    if lead_agent:
        accept["lead_agent"] = lead_agent
    made = do(client, saisine_accept=accept).made[0]
    return made.id, made.reference, saisine


def close(client, town, situation):
    do(client, situation_close=dict(id=situation, day=town.today, motive="resolue"))


def new_partner(town, name="Bailleur du parc", kind="bailleur", territories=("T1",)):
    """The id of a new partner."""
    return do(town.operator, partner_set=dict(name=name, family="institutionnel", kind=kind,
                                              territories=list(territories))).made[0].id


def block(client, town, situation, what="bail"):
    """The id of the partner it waits for from now on."""
    partner = new_partner(town)
    do(client, situation_set_status=dict(id=situation, status="bloquee", blocked_what=what,
                                         blocked_by=partner))
    return partner


def show(client, nominative=False, purpose=None, **which):
    """One situation as the client may see it."""
    fields = dict(situation_get=dict(nominative=nominative, **which))
    if purpose:
        fields["purpose"] = purpose
    return do(client, **fields).situation_answer.situations[0]


def backup(town, name, keyring=False):
    """The folder of a new backup. One asked for twice, because the first answer was lost with
    its connection, is there all the same."""
    reply = town.operator.request(command.Request(backup=dict(name=name, keyring=keyring)))
    assert reply.status == DONE or reply.refusal.name == "exists", reply
    return town.dir / ("keyring-backups" if keyring else "backups") / name


def figures(client):
    """The status as {name: value}."""
    status = do(client, status_get=command.StatusGet()).status_answer
    return {figure.name: figure.value for figure in status.figures}
