"""The witness: cosigns what only grew, refuses by name everything else, and remembers."""
import base64
import hashlib
import random
import socket
import subprocess
import sys

import paths
import pytest

sys.path.insert(0, str(paths.ROOT / "tests" / "harness"))
import witnesses  # noqa: E402

rng = random.Random(90)
ENTRIES = [rng.randbytes(32) for _ in range(40)]


@pytest.fixture
def witness(tmp_path):
    """A running witness that knows the log of audit_write."""
    known = witnesses.log_write(tmp_path / "known", ENTRIES[:1])
    made = witnesses.Witness(tmp_path / "witness")
    made.add(witnesses.vkey_of(known))
    with made:
        yield made


def asked(witness, tmp_path, entries, old, **log):
    folder = tmp_path / f"log{rng.random()}"
    return witness.ask(witnesses.asks(witnesses.log_write(folder, entries, **log), old))


# --- the protocol ---

def test_growth_is_cosigned_with_a_time(witness, tmp_path):
    status, _, lines = asked(witness, tmp_path, ENTRIES[:7], 0)
    assert status == 200
    mark, name, signature = lines.rstrip("\n").split(" ")
    assert (mark, name) == ("—", "witness.example")
    data = base64.b64decode(signature)
    assert data[:4].hex() == witness.vkey.split("+")[1] and len(data) == 4 + 8 + 64
    assert asked(witness, tmp_path, ENTRIES[:7], 7)[0] == 200
    assert asked(witness, tmp_path, ENTRIES[:30], 7)[0] == 200


def test_another_size_than_the_last_is_told_the_last(witness, tmp_path):
    asked(witness, tmp_path, ENTRIES[:7], 0)
    assert asked(witness, tmp_path, ENTRIES[:9], 0) == (409, witnesses.SIZE_TYPE, "7\n")
    assert asked(witness, tmp_path, ENTRIES[:9], 5) == (409, witnesses.SIZE_TYPE, "7\n")


def test_log_taken_back_is_refused(witness, tmp_path):
    asked(witness, tmp_path, ENTRIES[:20], 0)
    assert asked(witness, tmp_path, ENTRIES[:9], 9) == (409, witnesses.SIZE_TYPE, "20\n")
    assert "refused: shrinking: audit.town.example" in witness.stop()


def test_fork_signed_by_the_log_is_refused_and_kept(witness, tmp_path):
    asked(witness, tmp_path, ENTRIES[:20], 0)
    forked = ENTRIES[:11] + [bytes(32)] + ENTRIES[12:]
    assert asked(witness, tmp_path, forked[:20], 20)[::2] == (409, "forked\n")
    assert asked(witness, tmp_path, forked, 20)[::2] == (422, "bad_proof\n")
    kept, = (witness.folder / "logs").glob("*/refused")
    assert kept.read_text().startswith("old 20\n")
    assert asked(witness, tmp_path, ENTRIES, 20)[0] == 200


def test_unknown_origin_and_wrong_key_are_refused(witness, tmp_path):
    assert asked(witness, tmp_path, ENTRIES, 0, origin="x")[::2] == (404, "unknown_origin\n")
    assert asked(witness, tmp_path, ENTRIES, 0, seed=4)[::2] == (403, "bad_signature\n")


def test_request_that_is_none_is_refused(witness, tmp_path):
    good = witnesses.asks(witnesses.log_write(tmp_path / "log", ENTRIES), 0)
    for body in (b"", b"x", good[:-70], b"old 1\n" + good, b"old 41" + good[5:],
                 good.replace(b"\n", b"\r\n"), good + b"\0"):
        assert witness.ask(body)[0] in (400, 403), body
    assert witness.ask(b"x" * 40000)[0] == 413
    assert witness.ask(good, path="/")[0] == 404
    assert witness.ask(None, method="GET")[0] == 405
    assert witness.ask(good)[0] == 200


@pytest.mark.parametrize("text", [
    b"POST /add-checkpoint HTTP/1.1\nHost: w\nContent-Length: 0\n\n",
    b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nold 1",
    b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length : 5\r\n\r\nold 1",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
    b"A" * 5000,
], ids=["bare-lf", "chunked", "two-lengths", "space-colon", "tls", "long"])
def test_message_that_two_readers_read_differently_ends_the_connection(witness, text):
    host, port = witness.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        sock.sendall(text)
        answer = b""
        while part := sock.recv(4096):
            answer += part
    assert answer.startswith(b"HTTP/1.1 400 ") and b"Connection: close" in answer


def test_many_silent_connections_do_not_keep_others_out_for_long(witness, tmp_path):
    host, port = witness.address.split(":")
    silent = [socket.create_connection((host, int(port)), timeout=20) for _ in range(80)]
    # Those over the limit are closed at once, the others at their deadline.
    assert all(sock.recv(1) == b"" for sock in silent)
    assert asked(witness, tmp_path, ENTRIES, 0)[0] == 200


# --- what it remembers ---

def test_killed_witness_has_not_forgotten(witness, tmp_path):
    asked(witness, tmp_path, ENTRIES[:20], 0)
    witness.stop(kill=True)
    witness.start()
    assert asked(witness, tmp_path, ENTRIES[:9], 0) == (409, witnesses.SIZE_TYPE, "20\n")
    witness.stop()
    assert witness.checkpoint("audit.town.example").startswith("audit.town.example\n20\n")


def test_witness_that_lost_what_it_cosigned_does_not_start(witness, tmp_path):
    asked(witness, tmp_path, ENTRIES[:20], 0)
    witness.stop()
    seen, = (witness.folder / "logs").glob("*/seen")
    seen.unlink()
    done = witness.run("serve", str(witness.folder), "127.0.0.1:0", check=False)
    assert done.returncode == 65 and "is lost" in done.stderr
    seen.write_text("none, or so\n")
    done = witness.run("serve", str(witness.folder), "127.0.0.1:0", check=False)
    assert done.returncode == 65 and "not a checkpoint of it" in done.stderr


def test_log_known_before_is_not_added_anew(witness, tmp_path):
    asked(witness, tmp_path, ENTRIES[:20], 0)
    witness.stop()
    vkey, = (witness.folder / "logs").glob("*/vkey")
    text = vkey.read_text().strip()
    done = witness.run("add", str(witness.folder), text, check=False)
    assert done.returncode == 65 and "known already" in done.stderr
    vkey.unlink()
    done = witness.run("add", str(witness.folder), text, check=False)
    assert done.returncode == 65 and "was known before" in done.stderr


def test_two_processes_do_not_share_a_memory(witness):
    done = witness.run("serve", str(witness.folder), "127.0.0.1:0", check=False)
    assert done.returncode == 65 and "in use" in done.stderr


def test_log_is_added_while_it_serves(witness, tmp_path):
    """From the next request on; what went before is not touched, and is looked at meanwhile."""
    asked(witness, tmp_path, ENTRIES[:20], 0)
    other = witnesses.log_write(tmp_path / "other", ENTRIES[:3], seed=9, origin="audit.other.example")
    body = witnesses.asks(other, 0)
    assert witness.ask(body)[::2] == (404, "unknown_origin\n")
    witness.add(witnesses.vkey_of(other))
    assert witness.ask(body)[0] == 200
    assert asked(witness, tmp_path, ENTRIES[:9], 9) == (409, witnesses.SIZE_TYPE, "20\n")
    listed = witness.run("list", str(witness.folder)).stdout
    assert sorted(listed.splitlines()) == ["audit.other.example 3", "audit.town.example 20"]
    assert witness.checkpoint("audit.other.example").startswith("audit.other.example\n3\n")
    done = witness.run("add", str(witness.folder), witnesses.vkey_of(other), check=False)
    assert done.returncode == 65 and "known already" in done.stderr
    witness.restart()
    assert witness.ask(body) == (409, witnesses.SIZE_TYPE, "3\n")


def test_log_half_added_is_unknown_until_it_is_added(witness, tmp_path):
    """Its key comes last; a memory lost meanwhile is noticed, not begun anew."""
    other = witnesses.log_write(tmp_path / "other", ENTRIES[:3], seed=9, origin="audit.other.example")
    body = witnesses.asks(other, 0)
    folder = witness.folder / "logs" / hashlib.sha256(b"audit.other.example").hexdigest()
    folder.mkdir()
    (folder / "seen").write_text("none\n")
    assert witness.ask(body)[0] == 404
    witness.add(witnesses.vkey_of(other))
    (folder / "seen").unlink()
    assert witness.ask(body)[0] == 500
    assert "is lost" in witness.stop()


def test_help_names_every_verb():
    done = subprocess.run([witnesses.PROGRAM, "--help"], capture_output=True, text=True, check=True)
    for verb in ("init", "add", "list", "checkpoint", "serve"):
        assert f"ctps-witness {verb} " in done.stdout
    assert subprocess.run([witnesses.PROGRAM], capture_output=True, check=False).returncode == 64
