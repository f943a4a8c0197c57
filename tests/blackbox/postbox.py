"""A mail server that keeps what it gets, and a proxy in front of it that cuts and delays.

    with Postbox() as box:
        … notify sends to box.port …
        mail = box.wait(1)[0]        # Received: sender, recipient, message (email.message)
"""
import email
import email.policy
import socket
import subprocess
import threading
import time
from dataclasses import dataclass

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

import ssl

USER, PASSWORD = "ctps", "correct horse"


@dataclass
class Received:
    sender: str
    recipient: str
    data: bytes
    secure: bool

    @property
    def message(self):
        return email.message_from_bytes(self.data, policy=email.policy.default)

    @property
    def id(self):
        return self.message["Message-ID"]

    def parts(self):
        """{content type: text or bytes} of the leaves."""
        return {part.get_content_type(): part.get_content() for part in self.message.walk()
                if not part.is_multipart()}


class _Handler:
    def __init__(self, box):
        self.box = box

    async def handle_MAIL(self, _server, _session, envelope, address, _options):
        said = self.box.said("MAIL")
        if said is None:
            envelope.mail_from = address
        return said or "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        said = self.box.said("RCPT", address)
        if said is None:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(self, _server, session, envelope):
        said = self.box.said("DATA")
        if said is None:
            self.box.keep([Received(envelope.mail_from, address, envelope.original_content,
                                    session.ssl is not None or self.box.security == "tls")
                           for address in envelope.rcpt_tos])
        return said or "250 kept"


class Postbox:
    """`security`: none, starttls or tls. `certificate`: (cert, key) files for the latter two.
    `answers`: {(step, address or None): [replies to give instead, in turn]}."""

    def __init__(self, security="none", certificate=None, auth=False, port=0):
        self.received, self.answers = [], {}
        self.signed_in, self.security = 0, security
        self._changed = threading.Condition()
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
        port = port or free_port()
        self.controller = Controller(
            _Handler(self), hostname="127.0.0.1", port=port,
            ssl_context=context if security == "tls" else None,
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            authenticator=self._authenticate if auth else None, auth_required=auth,
            auth_require_tls=security == "starttls", decode_data=False)
        self.port = port

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()

    def _authenticate(self, _server, _session, _envelope, _mechanism, data):
        right = data.login == USER.encode() and data.password == PASSWORD.encode()
        self.signed_in += right
        return AuthResult(success=right)

    def answer(self, step, *replies, address=None):
        """Gives these replies instead of taking the mail, one after the other."""
        self.answers[step, address] = list(replies)

    def said(self, step, address=None):
        for key in ((step, address), (step, None)):
            if self.answers.get(key):
                return self.answers[key].pop(0)
        return None

    def keep(self, mails):
        with self._changed:
            self.received += mails
            self._changed.notify_all()

    def wait(self, count, timeout=20, to=None):
        """Once `count` mails (to that address) came: all of them."""
        def found():
            return [mail for mail in self.received if to in (None, mail.recipient)]
        with self._changed:
            enough = self._changed.wait_for(lambda: len(found()) >= count, timeout)
            assert enough, f"{len(found())} of {count} mails came"
            return found()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificates(folder):
    """(ca, cert, key): a certificate for localhost signed by a CA of its own."""
    ca, cakey, cert, key = (str(folder / name)
                            for name in ("ca.pem", "ca.key", "cert.pem", "cert.key"))
    _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", cakey, "-out", ca,
             "-days", "2", "-subj", "/CN=test CA")
    _openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", f"{cert}.req",
             "-subj", "/CN=localhost")
    names = folder / "names"
    names.write_text("subjectAltName=DNS:localhost\n")
    _openssl("x509", "-req", "-in", f"{cert}.req", "-CA", ca, "-CAkey", cakey,
             "-CAcreateserial", "-days", "2", "-out", cert, "-extfile", str(names))
    return ca, cert, key


def _openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Proxy:
    """Between notify and the server: follows the conversation line by line and, at the step
    it is told, cuts. Steps are what the client says: EHLO, MAIL, RCPT, DATA, BODY (the mail
    itself), DOT (its end), QUIT; and GREETING before anything. `how`: before the server hears
    it; after it answered and before the client hears that; or stall: the answer comes too late.
    `mangle`: a mail tried again gets another Message-ID."""

    STALL_S = 1.5

    def __init__(self, server_port, mangle=False):
        self.server_port, self.cuts, self.seen = server_port, [], []
        self.mangle, self.ids = mangle, set()
        self.down = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()

    def cut(self, step, how):
        """Once."""
        self.cuts.append((step, how))

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.down:
                client.close()
                continue
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _is_cut(self, step, how):
        if (step, how) in self.cuts:
            self.cuts.remove((step, how))
            self.seen.append((step, how))
            return True
        return False

    def _talk(self, client):
        try:
            with client, socket.create_connection(("127.0.0.1", self.server_port)) as server:
                self._steps(client.makefile("rwb"), server.makefile("rwb"))
        except OSError:
            pass

    def _reply(self, server):
        lines = b""
        while True:
            line = server.readline()
            lines += line
            if len(line) < 4 or line[3:4] != b"-":
                return lines

    def _answer(self, step, client, server):
        """Passes the server's reply on; False when it is cut there."""
        reply = self._reply(server)
        if self._is_cut(step, "stall"):
            time.sleep(self.STALL_S)
        if not reply or self._is_cut(step, "after"):
            return False
        client.write(reply)
        client.flush()
        return reply

    def _steps(self, client, server):
        if self._is_cut("GREETING", "before") or not self._answer("GREETING", client, server):
            return
        while line := client.readline():
            step = line.split()[0].decode("ascii", "replace").upper()
            if self._is_cut(step, "before"):
                return
            server.write(line)
            server.flush()
            reply = self._answer(step, client, server)
            if not reply or step == "QUIT":
                return
            if step == "DATA" and reply.startswith(b"354") and \
                    not self._body(client, server):
                return

    def _body(self, client, server):
        count = 0
        while (line := client.readline()) and line != b".\r\n":
            count += 1
            if count == 3 and self._is_cut("BODY", "before"):
                return False
            if self.mangle and line.startswith(b"Message-ID: <"):
                while line in self.ids:
                    line = line.replace(b"<", b"<again.")
                self.ids.add(line)
            server.write(line)
        if self._is_cut("DOT", "before") or not line:
            return False
        server.write(line)
        server.flush()
        return self._answer("DOT", client, server)
