"""Webhooks: sent signed, to whom they concern, again until they arrive, and to nobody else."""
import base64
import json
import os
import time

import pytest

from acts import do, open_situation, receive, refused
from feeds import listener, with_feeds
from meetings import contact, partner
from receiver import Receiver, answer, certificates, is_signed
from test_70_plugins import configure, is_ready, wait_for

SECRET = bytes(range(32))
WHSEC = "whsec_" + base64.b64encode(SECRET).decode()
ACTIONS = ["effect.record", "notification.prepare", "webhook.deliver"]


@pytest.fixture(scope="session")
def pems(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pems")
    return certificates(folder), certificates(folder, "elsewhere.test")[1]


def plug(town, authority, connect=("*:1",), actions=ACTIONS, options=""):
    """notify's section of the configuration: fast retries, webhooks on."""
    def words(items):
        return "[ " + ", ".join(f'"{item}"' for item in items) + " ]"

    configure(town, "notify", more=f"actions = {words(actions)}; connect = {words(connect)};",
              options=f'webhooks = true; ca = "{authority}"; retry_first = "50 ms"; '
                      f'retry_max = "200 ms"; webhook_timeout = "1 s"; {options}')


class Site:
    """A town whose plugin may reach one receiver."""

    def __init__(self, town, pems, behave=None, secure=True, start=True, **plugged):
        (authority, pem), _ = pems
        self.town = town
        self.receiver = Receiver(pem if secure else None, behave)
        with_feeds(town)
        plug(town, authority, [f"localhost:{self.receiver.port}"], **plugged)
        if start:
            town.start()
            wait_for(town, is_ready, "notify")

    def hook(self, of=0, by=None, secret=SECRET, **fields):
        by = by or ("helene" if of else "admin")
        return do(self.town.client(by), webhook_new=dict(
            url=self.receiver.url(), partner=of, secret=secret, **fields)).made[0].id

    def shown(self, **fields):
        return {view.id: view for view in do(
            self.town.client("admin"), webhook_list=dict(**fields)).webhook_answer.webhooks}

    def effects(self, kind="", count=1, timeout=20):
        """What became of deliveries, the newest first, once there are `count`."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            found = [effect for effect in do(self.town.operator, effect_find=dict(
                kind=kind, limit=100)).effect_answer.effects if effect.code == "webhook"]
            if len(found) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{found}\n{self.town.words()}")


@pytest.fixture
def site(stopped_town, pems):
    def make(behave=None, **more):
        sites.append(Site(stopped_town, pems, behave, **more))
        return sites[-1]

    sites = []
    yield make
    for one in sites:
        one.receiver.__exit__()


def refer(town, of):
    return receive(town.client("anna"), town, referrer_partner=of, origin="terrain")


# --- what is sent ---

def test_a_partner_is_sent_what_its_feed_says(site):
    here = site()
    mine, other = listener(here.town, "Un"), listener(here.town, "Deux")
    here.hook(mine.partner)
    refer(here.town, other.partner)
    saisine = refer(here.town, mine.partner)
    message, = here.receiver.wait(1)
    assert is_signed(WHSEC, message.headers, message.body)
    assert not is_signed("whsec_" + base64.b64encode(bytes(32)).decode(), message.headers,
                         message.body)
    assert abs(int(message.headers["webhook-timestamp"]) - message.at) < 5
    assert message.headers["content-type"] == "application/json"
    assert message.json["type"] == "saisine.received"
    (_, notice), = mine.read()
    assert message.json["data"] == {
        "kind": "saisine", "id": saisine, "reference": notice.reference, "code": "received",
        "day": time.strftime("%Y-%m-%d", time.gmtime(here.town.today * 86400))}
    effect, = here.effects("notification.sent")
    assert (effect.outcome, effect.object) == ("sent", saisine)


def test_without_a_feed_on_the_bus_too(site):
    here = site()
    of = partner(here.town)
    contact(here.town, of)
    here.hook(of)
    refer(here.town, of)
    assert here.receiver.wait(1)[0].json["type"] == "saisine.received"


def test_the_towns_own_systems_hear_the_topics_they_want(site):
    here = site()
    here.hook(topics=["situation.*", "saisine.accepted"])
    open_situation(here.town.client("anna"), here.town)
    messages = here.receiver.wait(2)
    assert sorted(message.json["type"] for message in messages) == [
        "saisine.accepted", "situation.opened"]
    here.effects("notification.sent", 2)
    # What became of a message makes no message: it would never end.
    here.hook(topics=["notification.*"])
    receive(here.town.client("anna"), here.town)
    assert len(here.receiver.messages) == 2
    raw = b"".join(message.body for message in messages)
    assert b"Durand" not in raw and b"errance" not in raw


def test_two_secrets_sign_while_they_overlap(site):
    here = site()
    hook = here.hook()
    fresh = bytes(reversed(SECRET))
    do(here.town.client("admin"), webhook_rotate=dict(id=hook, secret=fresh))
    message = here.receiver.wait(1)[0]
    both = [WHSEC, "whsec_" + base64.b64encode(fresh).decode()]
    assert [is_signed(secret, message.headers, message.body) for secret in both] == [True, True]
    do(here.town.client("admin"), webhook_rotate=dict(id=hook, secret=bytes(32),
                                                      overlap_hours=0))
    message = here.receiver.wait(2)[1]
    assert [is_signed(secret, message.headers, message.body) for secret in both] == [False] * 2


# --- what goes wrong ---

def test_the_same_id_on_each_try(site):
    tries = iter([503, 500, 404, 429, 302])

    def behave(message, connection):
        return answer(next(tries, 204), location="http://127.0.0.1:1/stolen")

    here = site(behave)
    here.hook(topics=["saisine.received"])
    receive(here.town.client("anna"), here.town)
    messages = here.receiver.wait(6)
    assert len({message.id for message in messages}) == 1
    assert len({message.body for message in messages}) == 1
    assert all(is_signed(WHSEC, message.headers, message.body) for message in messages)
    effect, = here.effects("notification.sent")
    assert effect.tries == 6 and len(here.receiver.messages) == 6


def test_410_switches_it_off_and_says_so(site):
    here = site(lambda message, connection: answer(410))
    hook = here.hook(topics=["saisine.received"])
    receive(here.town.client("anna"), here.town)
    effect, = here.effects("notification.failed")
    assert effect.cause == "gone"
    assert here.shown()[hook].state == "gone"
    receive(here.town.client("anna"), here.town)
    switched = [event for event in here.town.client("follower").events(timeout=1)
                if event.topic == "webhook.switched"]
    assert [(event.notice.id, event.notice.code) for event in switched] == [(hook, "gone")]
    assert len(here.receiver.messages) == 1


def drip(message, connection):
    """A slow loris: a byte now and then, and no end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
    for _ in range(100):
        time.sleep(0.1)
        connection.sendall(b"y")


def test_a_receiver_that_drips_is_left_and_harms_no_other(site, pems):
    here = site(drip)
    hook = here.hook(topics=["saisine.received"])
    with Receiver(pems[0][1]) as quick:
        configure_more(here, quick)
        do(here.town.client("admin"), webhook_new=dict(
            url=quick.url(), secret=SECRET, topics=["saisine.received"]))
        receive(here.town.client("anna"), here.town)
        quick.wait(1, timeout=10)
        here.receiver.wait(2)  # it was given up, and tried again
    waiting = {effect.key: effect for effect in here.effects("notification.queued")}
    effect, = (effect for key, effect in waiting.items() if key.endswith(f"w{hook}"))
    assert effect.cause == "timeout"


def configure_more(here, other):
    """Also grants the way to another receiver."""
    text = here.town.config.read_text()
    here.town.config.write_text(text.replace(
        f'"localhost:{here.receiver.port}"',
        f'"localhost:{here.receiver.port}", "localhost:{other.port}"'))
    here.town.restart()
    wait_for(here.town, is_ready, "notify")


def test_an_answer_without_end_is_delivered_and_not_read(site):
    sent = []

    def behave(message, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(4096):  # a gibibyte, if somebody took it
            connection.sendall(bytes(1 << 18))
            sent.append(1)

    here = site(behave)
    here.hook(topics=["saisine.received"])
    receive(here.town.client("anna"), here.town)
    effect, = here.effects("notification.sent")
    assert effect.tries == 1 and len(sent) < 256


def test_a_redirect_is_not_followed(site):
    with Receiver() as elsewhere:
        here = site(lambda message, connection: answer(307, location=elsewhere.url()))
        here.hook(topics=["saisine.received"])
        receive(here.town.client("anna"), here.town)
        here.receiver.wait(2)
        assert elsewhere.connections == 0
        assert here.effects("notification.queued")[0].cause == "http_307"


@pytest.mark.parametrize("wrong", ["name", "authority"])
def test_a_wrong_certificate_gets_nothing(site, pems, wrong, tmp_path):
    here = site()
    pem = pems[1] if wrong == "name" else certificates(tmp_path / "other")[1]
    with Receiver(pem) as false:
        configure_more(here, false)
        do(here.town.client("admin"), webhook_new=dict(
            url=false.url(), secret=SECRET, topics=["saisine.received"]))
        receive(here.town.client("anna"), here.town)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and not any(
                effect.cause == "certificate"
                for effect in here.effects("notification.queued", 0)):
            time.sleep(0.05)
        assert here.effects("notification.queued")[0].cause == "certificate"
        assert not false.messages


def test_private_addresses_only_by_name(site, pems):
    """"*:PORT" is any host of the internet, never this machine or its network."""
    here = site(start=False)
    (authority, _), _ = pems
    plug(here.town, authority, [f"*:{here.receiver.port}"])
    here.town.start()
    wait_for(here.town, is_ready, "notify")
    here.hook(topics=["saisine.received"])
    receive(here.town.client("anna"), here.town)
    deadline = time.monotonic() + 10
    while not any(effect.cause for effect in here.effects("notification.queued")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert here.effects("notification.queued")[0].cause in ("no_connection", "not_granted")
    assert here.receiver.connections == 0


def test_rights_are_checked_when_sending(site):
    state = dict(status=503)
    here = site(lambda message, connection: answer(state["status"]))
    mine = listener(here.town)
    here.hook(mine.partner)
    refer(here.town, mine.partner)
    here.receiver.wait(1)
    do(here.town.operator, contact_set=dict(
        id=mine.contact, partner=mine.partner, last_name="Roux", charter_version="v2",
        charter_day=here.town.today))
    effect, = here.effects("notification.skipped")
    assert effect.cause == "lost"
    state["status"] = 204
    refer(here.town, mine.partner)
    here.effects("notification.skipped", 2)
    assert all(message.json["data"]["code"] == "received" for message in here.receiver.messages)


def test_nothing_is_lost_when_the_plugin_ends_meanwhile(site):
    state = dict(status=503)
    here = site(lambda message, connection: answer(state["status"]))
    here.hook(topics=["saisine.received"])
    made = {receive(here.town.client("anna"), here.town) for _ in range(5)}
    here.receiver.wait(1)
    here.town.crash()
    state["status"] = 204
    here.effects("notification.sent", 5)
    sent = here.receiver.messages
    assert {message.json["data"]["id"] for message in sent} == made
    ids = {}
    for message in sent:
        ids.setdefault(message.json["data"]["id"], set()).add(message.id)
    assert all(len(one) == 1 for one in ids.values())


# --- the registry ---

def test_who_may_make_one(town):
    of = partner(town)
    fields = dict(url="https://receiver.example/x", secret=SECRET)
    for name in ("anna", "emile", "chloe", "diane", "audrey", "admin"):
        assert refused(town.client(name), webhook_new=dict(fields, partner=of))[0] == "not_allowed"
    for name in ("anna", "emile", "chloe", "diane", "audrey", "helene"):
        assert refused(town.client(name), webhook_new=fields)[0] == "not_allowed"
    hook = do(town.client("helene"), webhook_new=dict(fields, partner=of)).made[0].id
    for name, request in (("webhook_switch", dict(on=False)), ("webhook_revoke", {}),
                          ("webhook_rotate", dict(secret=SECRET))):
        assert refused(town.client("admin"), **{name: dict(request, id=hook)})[0] == "not_allowed"
    for name in ("helene", "admin"):
        for request in (dict(webhook_take=dict(id=hook, number=1)),
                        dict(webhook_due=dict(number=1)), dict(webhook_gone=dict(id=hook))):
            assert refused(town.client(name), **request)[0] == "not_allowed"
    assert refused(town.client("follower"), webhook_take=dict(id=hook, number=1))[0] == \
        "capability_missing"


def test_addresses_that_will_not_do(town):
    admin = town.client("admin")
    for url in ("http://receiver.example/", "ftp://receiver.example/", "https://", "receiver",
                "https://user:word@receiver.example/", "https://receiver.example/#part",
                "https://receiver.example:0/", "https://receiver.example:99999/",
                "https://rec eiver.example/", "https://réceveur.example/", "https:///x",
                "http://127.0.0.1.evil.example/", "http://localhost@evil.example/",
                "https://[::1/", "https://a\\b.example/"):
        assert refused(admin, webhook_new=dict(url=url, secret=SECRET))[0] in (
            "webhook_url", "field_range", "malformed"), url
    for url in ("https://receiver.example", "https://receiver.example:8443/a?b=c",
                "http://127.0.0.1:8000/", "http://[::1]/x", "https://[2001:db8::1]:8443/"):
        do(admin, webhook_new=dict(url=url, secret=SECRET))
    url = "https://receiver.example/"
    assert refused(admin, webhook_new=dict(url=url))[1] == "secret"
    assert refused(admin, webhook_new=dict(url=url, secret=bytes(23)))[0] == "malformed"
    assert refused(town.client("helene"), webhook_new=dict(
        url=url, secret=SECRET, partner=7)) == ("partner_unknown", "partner")


def test_states_and_what_they_refuse(town):
    admin = town.client("admin")
    hook = do(admin, webhook_new=dict(url="https://receiver.example/",
                                      secret=SECRET)).made[0].id
    assert refused(admin, webhook_switch=dict(id=hook, on=True)) == ("state_wrong", "on")
    do(admin, webhook_switch=dict(id=hook, on=False))
    view, = do(admin, webhook_list=dict()).webhook_answer.webhooks
    assert (view.state, view.url) == ("off", "https://receiver.example/")
    do(admin, webhook_revoke=dict(id=hook))
    assert not do(admin, webhook_list=dict()).webhook_answer.webhooks
    view, = do(admin, webhook_list=dict(with_revoked=True)).webhook_answer.webhooks
    assert view.state == "revoked"
    for request in (dict(webhook_switch=dict(id=hook, on=True)), dict(webhook_revoke=dict(id=hook)),
                    dict(webhook_rotate=dict(id=hook, secret=SECRET))):
        assert refused(admin, **request) == ("webhook_revoked", "id")
    assert refused(admin, webhook_revoke=dict(id=7)) == ("absent", "id")


def test_the_secret_is_nowhere_in_the_clear(site):
    here = site()
    secret = os.urandom(32)
    hook = here.hook(secret=secret, topics=["saisine.received"])
    receive(here.town.client("anna"), here.town)
    here.receiver.wait(1)
    do(here.town.client("admin"), webhook_revoke=dict(id=hook))
    here.town.stop()
    forms = (secret, secret.hex().encode(), base64.b64encode(secret))
    files = [path for path in here.town.dir.rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        data = path.read_bytes()
        assert not any(form in data for form in forms), path


def test_the_command_line_shows_the_secret_once(town):
    town.keys["admin"].write(town.dir / "admin.key")

    def run(*words, check=True):
        return town.ctps("--as", str(town.dir / "admin.key"), "webhook", *words, check=check,
                         env={"LANG": "C.UTF-8"}).stdout

    made = json.loads(run("new", "https://receiver.example/x", "--events", "situation.*",
                          "--events", "saisine.received", "--json"))
    assert len(base64.b64decode(made["secret"].removeprefix("whsec_"))) == 32
    hook = str(made["id"])
    listed = run("list")
    assert "https://receiver.example/x" in listed and made["secret"] not in listed
    again = run("rotate", hook, "--overlap", "1")
    assert "whsec_" in again and made["secret"] not in again
    run("disable", hook)
    assert json.loads(run("list", "--json"))[0]["state"] == "off"
    run("enable", hook)
    run("revoke", hook, "--yes")
    assert "receiver" not in run("list")
