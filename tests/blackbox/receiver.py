"""A receiver of webhooks: a real HTTPS server with an authority of its own, which verifies each
signature by the words of Standard Webhooks and behaves as a test wants."""
import base64
import hashlib
import hmac
import json
import socket
import ssl
import subprocess
import threading
import time

SUBJECT = "/CN=receiver.test"


def certificates(folder, host="localhost"):
    """(file of the authority, file of key and certificate for `host`), made with openssl."""
    folder.mkdir(exist_ok=True)
    authority, key = folder / "authority.pem", folder / "authority.key"
    server, request = folder / f"{host}.key", folder / f"{host}.csr"
    certificate, names = folder / f"{host}.crt", folder / f"{host}.ext"

    def openssl(*words):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    if not authority.exists():
        openssl("req", "-x509", *curve, "-keyout", key, "-out", authority, "-days", 3650,
                "-subj", "/CN=authority of the tests")
    openssl("req", *curve, "-keyout", server, "-out", request, "-subj", SUBJECT)
    names.write_text(f"subjectAltName = DNS:{host}\n")
    openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", key, "-CAcreateserial",
            "-out", certificate, "-days", 3650, "-extfile", names)
    both = folder / f"{host}.pem"
    both.write_text(server.read_text() + certificate.read_text())
    return authority, both


def is_signed(secret, headers, body):
    """Whether one of the signatures is `secret`'s ("whsec_…"): nothing of the daemon's is used."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(),
                         body])
    wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(f"v1,{wanted}", given)
               for given in headers["webhook-signature"].split())


class Message:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body
        self.at = time.time()

    @property
    def id(self):
        return self.headers["webhook-id"]

    @property
    def json(self):
        return json.loads(self.body)


def answer(status, body=b"", **headers):
    lines = [f"HTTP/1.1 {status} x", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Receiver:
    """`behave(message, connection)` answers the bytes to send, or None when it did all itself.
    Messages are kept in the order they came."""

    def __init__(self, pem=None, behave=None):
        self.behave = behave or (lambda message, connection: answer(204))
        self.messages, self.came = [], threading.Condition()
        self.context = None
        if pem:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(pem)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        self.closing = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closing = True
        self.listener.close()

    def url(self, path="/hook", host="localhost"):
        return f"http{'s' if self.context else ''}://{host}:{self.port}{path}"

    def wait(self, count, timeout=20):
        """The messages, once there are `count`."""
        with self.came:
            if not self.came.wait_for(lambda: len(self.messages) >= count, timeout):
                raise AssertionError(f"{len(self.messages)} of {count} messages: "
                                     f"{[message.body for message in self.messages]}")
            return list(self.messages)

    def _accept(self):
        while not self.closing:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.settimeout(20)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            message = self._read(connection)
            with self.came:
                self.messages.append(message)
                self.came.notify_all()
            reply = self.behave(message, connection)
            if reply is not None:
                connection.sendall(reply)
        except (OSError, ValueError):
            pass
        finally:
            connection.close()

    @staticmethod
    def _read(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(4096)
            if not more:
                raise ValueError("cut")
            data += more
        head, body = data.split(b"\r\n\r\n", 1)
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in
                   (line.partition(":") for line in lines)}
        while len(body) < int(headers["content-length"]):
            body += connection.recv(4096)
        return Message(first.split()[1], headers, body)
