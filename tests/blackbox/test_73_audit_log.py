"""The plugin audit: every entry in a signed log, durable, resumed, and never forked."""
import base64
import hashlib
import os
import shutil
import signal

import pytest

import test_70_plugins as plugins
from acts import do, receive, refused


def configure(town, options=""):
    plugins.configure(town, name="audit", more='actions = [ "audit.hashes" ];',
                      options=f'origin = "audit.town.example"; interval = "20 ms"; {options}')
    text = town.config.read_text()
    town.config.write_text(text.replace('audit = { audiences = [ "plugins" ];', "audit = {"))


def head_of(town):
    return {figure.name: figure.value for figure in
            do(town.operator, status_get={}).status_answer.figures}["journal.entries"]


def incarnation_of(town):
    return {figure.name: figure.value for figure in
            do(town.operator, status_get={}).status_answer.figures}["journal.incarnation"]


def signed_for(town):
    """Waits until the log has everything; its size."""
    view = plugins.wait_for(town, lambda view: plugins.figures(view).get("log.lag") == 0
                            and plugins.figures(view)["log.size"] >= int(head_of(town)),
                            name="audit")
    return plugins.figures(view)["log.size"]


def base_of(town):
    return town.data / "plugins" / "audit"


def folder_of(town):
    """Where the log of the journal's incarnation stands."""
    return base_of(town) / (base_of(town) / "current").read_text().strip()


def checkpoint(town):
    """Origin, size and root as the file has them."""
    lines = (folder_of(town) / "checkpoint").read_text().split("\n")
    return lines[0], int(lines[1]), base64.b64decode(lines[2])


def entries(town):
    """Leaves of the log, from its bundles."""
    out, folder = [], folder_of(town) / "tile" / "entries"
    size = checkpoint(town)[1]
    for number in range(size // 256 + (size % 256 > 0)):
        width = min(256, size - 256 * number)
        path = folder / (f"{number:03}" if width == 256 else f"{number:03}.p/{width}")
        data = path.read_bytes()
        assert len(data) == 34 * width
        out += [data[34 * i + 2:34 * i + 34] for i in range(width)]
    return out


def root_of(leaves):
    """By the definition of RFC 6962, 2.1."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


@pytest.fixture
def town(stopped_town):
    configure(stopped_town)
    stopped_town.start()
    plugins.wait_for(stopped_town, plugins.is_ready, name="audit")
    return stopped_town


def test_log_holds_every_entry_under_its_root(town):
    receive(town.client("anna"), town)
    size = signed_for(town)
    origin, signed, root = checkpoint(town)
    assert origin == f"audit.town.example/{incarnation_of(town)}" and signed >= size == int(head_of(town))
    assert root == root_of(entries(town))


def test_key_is_for_the_plugin_alone(town):
    signed_for(town)
    mode = (base_of(town) / "seed").stat().st_mode & 0o777
    assert mode == 0o600
    assert (folder_of(town) / "vkey").read_text().startswith("audit.town.example/")


def test_log_goes_on_after_a_kill(town):
    signed_for(town)
    before = entries(town)
    os.kill(plugins.host_of(town), signal.SIGKILL)
    receive(town.client("anna"), town)
    plugins.wait_for(town, lambda view: view.starts == 2 and plugins.is_ready(view), name="audit")
    assert signed_for(town) > len(before)
    assert entries(town)[:len(before)] == before
    assert checkpoint(town)[2] == root_of(entries(town))


def test_checkpoint_is_signed_anew_when_idle(stopped_town):
    configure(stopped_town, options='refresh = "1 s";')
    stopped_town.start()
    plugins.wait_for(stopped_town, plugins.is_ready, name="audit")
    signed_for(stopped_town)
    first = plugins.figures(plugins.shown(stopped_town, "audit"))["log.checkpoint_s"]
    view = plugins.wait_for(stopped_town, lambda view: plugins.figures(view)["log.checkpoint_s"]
                            > first, name="audit")
    assert plugins.figures(view)["log.size"] == checkpoint(stopped_town)[1]


def test_journal_taken_back_is_said_and_signed_for_no_more(town):
    town.stop()
    shutil.copytree(town.data, town.dir / "earlier")
    town.start()
    receive(town.client("anna"), town)
    signed_for(town)
    before = (folder_of(town) / "checkpoint").read_bytes()
    town.stop()
    for name in ("journal", "views", "keyring"):
        if (town.dir / "earlier" / name).exists():
            shutil.rmtree(town.data / name)
            shutil.copytree(town.dir / "earlier" / name, town.data / name)
    shutil.rmtree(town.dir / "earlier")
    town.start()
    view = plugins.wait_for(town, lambda view: plugins.figures(view).get("alarm.forked") == 1,
                            name="audit")
    assert plugins.is_ready(view)
    assert "is not the one in the log" in town.words(50)
    assert (folder_of(town) / "checkpoint").read_bytes() == before


def test_log_that_lost_its_checkpoint_does_not_begin_again(town):
    signed_for(town)
    town.stop()
    (folder_of(town) / "checkpoint").unlink()
    town.start()
    view = plugins.wait_for(town, lambda view: view.state == "failed", name="audit")
    assert "the checkpoint cannot be read" in view.why


def test_log_with_tiles_altered_is_refused(town):
    signed_for(town)
    town.stop()
    folder = folder_of(town)
    size = checkpoint(town)[1]
    path, = folder.glob(f"tile/0/*.p/{size % 256}")
    data = bytearray(path.read_bytes())
    data[7] ^= 1
    path.write_bytes(data)
    town.start()
    view = plugins.wait_for(town, lambda view: view.state == "failed", name="audit")
    assert "not those of the checkpoint" in view.why


def test_hashes_are_for_the_plugin_that_was_granted_them(stopped_town):
    stopped_town.grant("other", ["status.read"])
    stopped_town.grant("auditor", ["audit.hashes"])
    stopped_town.start()
    other, granted = stopped_town.plugin("other"), stopped_town.plugin("auditor")
    for client in (other, stopped_town.client("anna"), stopped_town.client("helene")):
        assert refused(client, entry_hashes={})[0] in ("not_allowed", "capability_missing")
    head = do(granted, entry_hashes={"limit": 5}).entry_hashes_answer
    assert len(head.hashes) == 5 * 32
    rest = do(granted, entry_hashes={"after": 3, "limit": 2}).entry_hashes_answer
    assert rest.hashes == head.hashes[3 * 32:]
    assert do(granted, entry_hashes={"after": head.head + 9}).entry_hashes_answer.hashes == b""


def audit(town, *words, check=False):
    return town.ctps("audit", *words, check=check)


def test_command_verifies_and_finds_what_was_altered(town, tmp_path):
    receive(town.client("anna"), town)
    signed_for(town)
    kept, key = tmp_path / "kept", (folder_of(town) / "vkey").read_text().split("\n")[0]
    kept.write_text(audit(town, "checkpoint", str(folder_of(town)), check=True).stdout)
    receive(town.client("anna"), town)
    signed_for(town)
    town.stop()
    copy = shutil.copytree(folder_of(town), tmp_path / "copy")
    words = ["verify", str(copy), "--key", key, "--since", str(kept)]
    assert f" {checkpoint(town)[1]} écritures" in audit(town, *words, check=True).stdout
    path = next(path for path in (copy / "tile" / "entries").rglob("*") if path.is_file())
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    done = audit(town, *words)
    assert done.returncode == 65 and "hash 1 of tile 0 of level 0" in done.stderr
    (copy / "checkpoint").write_text("x\n1\n")
    assert audit(town, *words).returncode == 65
    assert audit(town, "verify", str(copy), "--key", "x").returncode == 64


def test_command_proves_an_entry_under_the_signed_root(town):
    receive(town.client("anna"), town)
    signed_for(town)
    town.stop()
    leaves, (_, size, root) = entries(town), checkpoint(town)
    for seq in (1, size // 2, size):
        proof = audit(town, "prove", str(folder_of(town)), str(seq), check=True).stdout
        head, note = proof.split("\n\n", 1)
        lines = head.split("\n")
        assert lines[:2] == ["c2sp.org/tlog-proof@v1", f"index {seq - 1}"]
        assert note == (folder_of(town) / "checkpoint").read_text()
        path = [base64.b64decode(line) for line in lines[2:]]
        assert climb(seq - 1, size, hashlib.sha256(b"\x00" + leaves[seq - 1]).digest(),
                     path) == root
    done = audit(town, "prove", str(folder_of(town)), str(size + 1))
    assert done.returncode == 65 and f"1 to {size}" in done.stderr


def climb(index, size, leaf, path):
    """The root a proof leads to, by the definition of RFC 6962, 2.1.1."""
    if size == 1:
        assert not path
        return leaf
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return hashlib.sha256(b"\x01" + climb(index, split, leaf, path[:-1]) + path[-1]).digest()
    return hashlib.sha256(b"\x01" + path[-1]
                          + climb(index - split, size - split, leaf, path[:-1])).digest()
