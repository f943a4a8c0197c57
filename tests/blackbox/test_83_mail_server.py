"""A mail server towns use (Postfix, private to this test) between notify and a postbox: what
it makes of our mails, over STARTTLS."""
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

import meetings
from acts import do
from notified import address, contact, convene, invitation, settled, start
from postbox import Postbox, certificates, free_port

MAIN = """compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
maillog_file = {dir}/queue/log
maillog_file_prefixes = /var/tmp, /tmp
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{onward}
smtpd_relay_restrictions = permit_mynetworks, reject
relay_domains = ville.example
relay_recipient_maps = texthash:{dir}/known
relay_transport = smtp
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
alias_maps =
alias_database =
"""
MASTER = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


def postfix(folder, verb):
    """Postfix starts and stops as root only."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    done = subprocess.run([*as_root, "postfix", "-c", str(folder), verb], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def server():
    """(port, postbox, certificate of the authority): a running Postfix that passes all on."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pf"))
    folder.chmod(0o755)
    port = free_port()
    ca, cert, key = certificates(folder)
    for name in ("queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    with Postbox() as box:
        (folder / "main.cf").write_text(MAIN.format(dir=folder, onward=box.port, cert=cert,
                                                    key=key))
        (folder / "known").write_text("anna@ville.example x\n")
        (folder / "master.cf").write_text(MASTER.format(port=port))
        postfix(folder, "start")
        try:
            yield port, box, ca
        finally:
            postfix(folder, "stop")
            shutil.rmtree(folder, ignore_errors=True)


def test_invitation_passes_a_real_server_unharmed(stopped_town, server):
    port, box, ca = server
    town = stopped_town
    start(town, port, server="localhost", security="starttls", more=f'ca = "{ca}";')
    address(town, "anna")
    roux = contact(town, first_name="Zoé")
    meeting = convene(town, contacts=[roux], place="Salle Doller, 2ᵉ étage")
    do(town.client("anna"), meeting_reschedule=dict(id=meeting, day=town.today + 9))
    states = settled(town, 4)
    assert {state for _, state, _ in states} <= {"sent", "skipped"}
    sent = sum(state == "sent" for _, state, _ in states)
    mails = box.wait(sent)
    last = [m for m in mails if m.recipient.startswith("roux")][-1]
    method, event, begins, _ = invitation(last)
    assert method == "REQUEST" and str(event["LOCATION"]) == "Salle Doller, 2ᵉ étage"
    assert meetings.iso(town.today + 9) == begins.date().isoformat()
    assert "with ESMTPS" in last.message["Received"]
    assert all(len(line) <= 998 for line in last.data.splitlines())


def test_recipient_a_real_server_does_not_know_is_given_up(stopped_town, server):
    port, _, ca = server
    town = stopped_town
    start(town, port, server="localhost", security="starttls", more=f'ca = "{ca}";')
    gone = contact(town, email="nobody@ville.example")
    convene(town, agents=[], contacts=[gone])
    assert ("meeting.scheduled", "failed", "smtp.550.rcpt") in settled(town, 1)
