"""Mail: who is told what, over a real conversation with a server, and what is never said."""
import os
import shutil
import stat

import pytest

import meetings
import test_44_minutes
from acts import close, do, receive, refused
from notified import (TEMPLATES, address, contact, convene, effects, holds_nothing, mailed,
                      set_up, settled, start, states, to_morning)
from postbox import PASSWORD, USER, Postbox, Proxy, certificates
from test_70_plugins import is_ready, wait_for


@pytest.fixture
def town(stopped_town, box):
    return mailed(stopped_town, box)


def test_convocation_is_a_mail_with_its_invitation(town, box):
    roux = contact(town, first_name="Léo", language="en")
    meeting = convene(town, contacts=[roux], place="Salle Doller", title="Titre")
    mails = {mail.recipient: mail for mail in box.wait(2)}
    assert set(mails) == {"anna@ville.example", "roux@bailleur.example"}
    shown = meetings.get(town.client("anna"), meeting)
    for mail in mails.values():
        parts = mail.parts()
        assert list(parts) == ["text/plain", "text/calendar", "application/ics"]
        assert shown.reference in mail.message["Subject"]
        assert "Salle Doller" in parts["text/plain"] and "T1" in parts["text/plain"]
        assert mail.message["Auto-Submitted"] == "auto-generated"
        assert mail.sender == "ctps@ville.example"
    assert "14 h 00" in mails["anna@ville.example"].parts()["text/plain"]
    assert "from 14:00 to 16:00" in mails["roux@bailleur.example"].parts()["text/plain"]
    assert "anna" not in str(mails["roux@bailleur.example"].data).lower()
    assert settled(town, 2) == [("meeting.scheduled", "sent", "")] * 2
    holds_nothing(box.received)
    assert os.listdir(town.data / "plugins/notify") == ["since"]


def test_each_event_is_told_to_those_it_concerns(town, box):
    anna = town.client("anna")
    for name, choice in (("helene", "each"), ("diane", "each"), ("emile", "each"),
                         ("anna", "each")):
        address(town, name, notify=choice)
    partner = meetings.partner(town)
    roux = contact(town, of=partner)
    contact(town, "Autre")
    saisine = receive(anna, town, origin="terrain", referrer_partner=partner)
    situation = do(anna, saisine_accept=dict(id=saisine, title="Titre")).made[0].id
    do(anna, situation_engage=dict(id=situation, contact=roux))
    share = do(anna, share_record=dict(situation=situation, identity=True, contacts=[roux],
                                       legal_base="L132-5", purpose="suivi",
                                       expiry_day=town.today + 9)).made[0].id
    box.wait(2, to="roux@bailleur.example")
    do(anna, share_revoke=dict(id=share))
    do(anna, decision_take=dict(situation=situation, verb="contacter", text="Titre",
                                agent=town.agents["emile"], due_day=town.today + 7))
    do(town.client("bruno"), break_glass_use=dict(situation=situation, reason="Titre"))
    close(anna, town, situation)
    told = {(mail.recipient.split("@")[0], str(mail.message["Subject"]).split(":")[0].strip())
            for mail in box.wait(7)}
    reference = meetings_reference(town, situation)
    assert told == {
        ("roux", f"Accusé de réception de votre saisine {number_of(anna, saisine)}"),
        ("roux", "Une information vous est partagée"),
        ("roux", "Partage retiré"),
        ("emile", "Une décision vous est confiée"),
        ("helene", "Accès d’urgence utilisé"),
        ("diane", "Accès d’urgence utilisé"),
        ("roux", f"Situation {reference} close"),
    }
    settled(town, 7)
    holds_nothing(box.received)


def meetings_reference(town, situation):
    return do(town.client("anna"), situation_get=dict(
        id=situation)).situation_answer.situations[0].reference


def number_of(client, saisine):
    return do(client, saisine_get=dict(id=saisine)).saisine_answer.saisines[0].number


def test_minutes_are_told_to_whom_they_went(town, box):
    to_morning(town, 1)  # the meeting has not begun: who comes is convened
    address(town, "emile", notify="each")
    test_44_minutes.Met(town, town.client("anna")).distributed()
    told = [mail for mail in box.wait(3) if "Compte rendu" in str(mail.message["Subject"])]
    assert [mail.recipient for mail in told] == ["emile@ville.example"]
    holds_nothing(box.received)
    waiting = effects(town, waiting=True)
    assert [e.key.split(":")[:2] for e in waiting] == [["item", "meeting.minutes_distributed"]] * 2


def test_choice_and_missing_address_are_heeded(town, box):
    none = contact(town, "Rien", notify="none")
    gone = contact(town, "Sans", email="")
    convene(town, contacts=[none, gone])
    assert sorted(settled(town, 3)) == [
        ("meeting.scheduled", "sent", ""), ("meeting.scheduled", "skipped", "no_email"),
        ("meeting.scheduled", "skipped", "not_chosen")]
    assert [mail.recipient for mail in box.received] == ["anna@ville.example"]
    assert refused(town.operator, contact_set=dict(
        partner=meetings.partner(town), last_name="X", notify="often")) == (
            "field_range", "notify")


@pytest.mark.parametrize("lost, cause", [
    (dict(inactive=True), "contact_inactive"),
    (dict(charter_version="v1"), "charter_not_current"),
])
def test_right_lost_between_event_and_sending_is_a_mail_not_sent(
        stopped_town, box, lost, cause):
    town = stopped_town
    with Proxy(box.port) as proxy:
        proxy.down = True
        start(town, proxy.port)
        partner = meetings.partner(town)
        roux = contact(town, of=partner)
        convene(town, agents=[], contacts=[roux])
        wait_for(town, lambda _: effects(town, waiting=True), "notify")
        fields = dict(id=roux, partner=partner, last_name="Roux", notify="each",
                      email="roux@bailleur.example", charter_version="v3",
                      charter_day=town.today - 30)
        do(town.operator, contact_set=dict(fields, **lost))
        assert settled(town, 1) == [("meeting.scheduled", "skipped", cause)]
    assert not box.received


def test_uninvited_person_is_told_and_those_invited_later_are(town, box):
    address(town, "emile")
    anna = town.client("anna")
    meeting = convene(town, agents=["anna", "emile"])
    box.wait(2)
    do(anna, meeting_uninvite=dict(id=meeting, agents=[town.agents["emile"]]))
    called_off = box.wait(2, to="emile@ville.example")[1]
    assert "METHOD:CANCEL" in called_off.parts()["text/calendar"]
    do(anna, meeting_invite=dict(id=meeting, agents=[town.agents["emile"]]))
    again = box.wait(3, to="emile@ville.example")[2]
    assert "METHOD:REQUEST" in again.parts()["text/calendar"]
    settled(town, 4)
    assert len(box.wait(1, to="anna@ville.example")) == 1


def test_refused_for_good_is_told_to_the_assistant(town, box):
    address(town, "chloe", notify="each")
    box.answer("RCPT", "550 no such user", address="anna@ville.example")
    convene(town)
    mail, = box.wait(1, to="chloe@ville.example")
    assert "Message non remis" in str(mail.message["Subject"])
    assert settled(town, 2) == [("meeting.scheduled", "failed", "smtp.550.rcpt"),
                                ("notification.failed", "sent", "")]
    items = do(town.client("chloe"), today_get={}).today_answer.items
    assert [(item.kind, item.code) for item in items
            if item.kind == "notification_failed"] == [("notification_failed", "smtp.550.rcpt")]
    shown = town.ctps("notification", "list", "--kind", "notification.failed", "--as",
                      str(town.dir / "keys/operator.key")).stdout
    assert "smtp.550.rcpt" in shown


def test_refused_for_now_is_tried_again_under_the_same_id(town, box):
    box.answer("RCPT", "450 later", "451 later")
    box.answer("DATA", "452 full")
    convene(town)
    box.wait(1)
    assert settled(town, 1) == [("meeting.scheduled", "sent", "")]
    effect, = effects(town)
    assert effect.tries == 4
    assert box.received[0].id == f"<ctps.{effect.id}.{effect.queued_us}@ville.example>"


def test_server_that_is_away_is_waited_for_and_shown(stopped_town, box):
    town = stopped_town
    with Proxy(box.port) as proxy:
        proxy.down = True
        start(town, proxy.port)
        address(town, "anna")
        convene(town)
        wait_for(town, lambda _: [e.cause for e in effects(town, waiting=True)] ==
                 ["cut.greeting"], "notify")
        shown = town.ctps("notification", "list", "--waiting", "--as",
                          str(town.dir / "keys/operator.key")).stdout
        assert "cut.greeting" in shown
        town.restart(town.clock_env())  # what waits is in the journal
        wait_for(town, is_ready, "notify")
        proxy.down = False
        assert settled(town, 1) == [("meeting.scheduled", "sent", "")]
    assert len(box.received) == 1


# --- the connection ---

@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("papers")
    folder.chmod(0o755)
    return certificates(folder)


def secret(tmp_path):
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    file.chmod(stat.S_IRUSR)
    return f'user = "{USER}"; password = "{file}";'


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_over_tls_with_a_password(stopped_town, tmp_path, papers, security):
    town, (ca, cert, key) = stopped_town, papers
    with Postbox(security, (cert, key), auth=True) as box:
        start(town, box.port, server="localhost", security=security,
              more=f'ca = "{ca}"; {secret(tmp_path)}')
        address(town, "anna")
        convene(town)
        assert box.wait(1)[0].secure and box.signed_in
    assert PASSWORD not in town.log.read_text()


def test_server_nobody_vouches_for_gets_nothing(stopped_town, papers):
    town, (_, cert, key) = stopped_town, papers
    with Postbox("starttls", (cert, key)) as box:
        start(town, box.port, server="localhost", security="starttls")
        address(town, "anna")
        convene(town)
        wait_for(town, lambda _: [e.cause for e in effects(town, waiting=True)] ==
                 ["tls.starttls"], "notify")
        assert not box.received


# --- words ---

def words(tmp_path, name, text):
    folder = tmp_path / "words"
    shutil.copytree(TEMPLATES / "fr", folder / "fr")
    (folder / "fr" / f"{name}.txt").write_text(text)
    for path in (tmp_path, folder, folder / "fr"):
        path.chmod(0o755)
    return folder


def test_words_are_the_towns(stopped_town, box, tmp_path):
    folder = words(tmp_path, "convocation",
                   "# les nôtres\nSubject: Venez à {place}\nLine: {reference}\n\nÀ {time}.\n")
    set_up(stopped_town, box.port)
    text = stopped_town.config.read_text()
    stopped_town.config.write_text(text.replace(str(TEMPLATES), str(folder)))
    stopped_town.start(stopped_town.clock_env())
    wait_for(stopped_town, is_ready, "notify")
    address(stopped_town, "anna")
    convene(stopped_town, place="Mairie")
    mail, = box.wait(1)
    assert mail.message["Subject"] == "Venez à Mairie"
    assert mail.parts()["text/plain"].strip() == "À 14 h 00."


def reconfigured(town, original, old, new, said):
    """The plugin refuses to start, saying so, once its section says `new` for `old`."""
    assert old in original
    town.config.write_text(original.replace(old, new))
    do(town.operator, reload={})
    wait_for(town, lambda view: view.state in ("failed", "throttled") and said in view.why,
             "notify")


def test_words_and_options_with_a_fault_refuse_the_start_by_name(stopped_town, box, tmp_path):
    folder = words(tmp_path, "convocation", "")
    start(stopped_town, box.port)
    original = stopped_town.config.read_text()
    for text, said in [
            ("Subject: {nom}\nLine: x\n\nx\n", "convocation.txt:1: unknown placeholder {nom}"),
            ("Subject: x\nLine: x\n\nbonjour\n{reference\n", "convocation.txt:5: a brace"),
            ("Subject: x\n\nx\n", "convocation.txt:4: Subject:, Line:"),
            ("Objet: x\n", "convocation.txt:1: Subject: or Line:")]:
        (folder / "fr/convocation.txt").write_text(text)
        # Another way to say the same folder: a section that did not change is not read again.
        reconfigured(stopped_town, original, str(TEMPLATES), str(folder) + "/" * len(said), said)
    for more, said in [
            ('language = "de";', "language: fr or en"), ('digest_at = "25:00";', "digest_at:"),
            ('reply_to = "nobody";', "reply_to: an address"), ('user = "x";', "user: no password")]:
        reconfigured(stopped_town, original, "retry_first", f"{more} retry_first", said)


# --- what is not told ---

def test_what_happened_before_it_was_there_is_told_to_nobody(stopped_town, box):
    town = stopped_town
    town.start(town.clock_env())
    address(town, "anna")
    convene(town)
    assert town.stop() == 0
    start(town, box.port)
    convene(town)
    assert settled(town, 1) == [("meeting.scheduled", "sent", "")]
    assert len(effects(town)) == 1


def test_failure_to_tell_an_assistant_is_not_told_to_assistants(town, box):
    address(town, "chloe", notify="each")
    box.answer("RCPT", "550 no", address="anna@ville.example")
    box.answer("RCPT", *["550 no"] * 9, address="chloe@ville.example")
    convene(town)
    states = settled(town, 2)
    assert [state[:2] for state in states] == [("meeting.scheduled", "failed"),
                                               ("notification.failed", "failed")]
    wait_for(town, lambda view: view.lag == 0, "notify")
    assert len(effects(town)) == 2
