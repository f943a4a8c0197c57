"""The recorder and the rebuilder of disks: what they promise, each with a case that would fail."""

import os
import pathlib
import random
import struct
import subprocess
import time

import pytest

import ioreplay

BUILD = pathlib.Path(os.environ.get("CTPS_BUILD", "build/dev")) / "tests/harness/iorec"


class Probe:
    """Runs iorec_probe below the recorder in a folder of its own."""

    def __init__(self, folder):
        self.root = folder / "root"
        self.root.mkdir()
        self.log = folder / "log"

    def run(self, *words, **variables):
        env = dict(os.environ, LD_PRELOAD=str((BUILD / "libiorec.so").resolve()),
                   IOREC_ROOT=str(self.root), IOREC_LOG=str(self.log), ASAN_OPTIONS="")
        env.update({"IOREC_" + name: str(value) for name, value in variables.items()})
        done = subprocess.run([(BUILD / "iorec_probe").resolve(), *words], cwd=self.root, env=env,
                              stdout=subprocess.PIPE, text=True, check=False)
        self.status = done.returncode
        return done.stdout.splitlines()

    def ops(self):
        return [str(r) for r in ioreplay.read_records(self.log) 
                if r.op not in (ioreplay.START, ioreplay.FAULT, ioreplay.SEEN)]

    def last(self, *policies, seed=1, sample=8):
        """Images at the end of the log: label -> {name: bytes}."""
        state = None
        for state in ioreplay.Replay(self.log).walk():
            pass
        return {image.label: read_tree(image)
                for image in state.images(policies, random.Random(seed), sample)}


def read_tree(image):
    return {name: None if content is ioreplay.FOLDER else content.read()
            for name, content in image.tree.items()}


def read_folder(folder):
    return {str(p.relative_to(folder)): None if p.is_dir() else p.read_bytes()
            for p in sorted(folder.rglob("*"))}


@pytest.fixture
def probe(tmp_path):
    return Probe(tmp_path)


MUCH = ("mkdir:d", "create:d/a", "write:0:5000:x", "write:100:700:y", "fdatasync", "syncdir:d",
        "size:3000", "parts:2900:900:z", "close", "append:b", "push:10:p", "push:600:q",
        "rename:d/a:c", "create:gone", "push:5:g", "unlink:gone", "rename:d:e")


def test_record_every_call_is_logged_in_order(probe):
    probe.run("create:a", "write:3:4:x", "push:2:y", "fdatasync", "syncdir:.", "size:1",
              "rename:a:b", "unlink:b", "mkdir:d", "close")
    assert probe.ops() == [
        "create a 0+0", "write a 3+4", "write a 0+2", "sync a 0+0", "open  0+0", "sync-dir  0+0",
        "close  0+0", "truncate a 0+1", "rename a 0+1", "unlink b 0+0", "mkdir d 0+0"]


def test_record_outside_the_root_is_not_logged(probe, tmp_path):
    probe.run(f"create:{tmp_path}/outside", "push:5:x", "fsync")
    assert probe.ops() == []
    assert (tmp_path / "outside").read_bytes() == b"xxxxx"


def test_replay_all_equals_the_folder(probe, tmp_path):
    probe.run(*MUCH)
    state = None
    for state in ioreplay.Replay(probe.log).walk():
        pass
    image = next(state.images(["all"]))
    image.write_to(tmp_path / "image")
    assert read_folder(tmp_path / "image") == read_folder(probe.root)
    assert set(read_folder(probe.root)) == {"b", "c", "e"}


def test_replay_all_equals_the_folder_after_every_call(probe, tmp_path):
    """Each prefix: the same words cut short must leave the folder the image shows."""
    probe.run(*MUCH)
    images = [read_tree(next(s.images(["all"]))) for s in ioreplay.Replay(probe.log).walk()]
    for count in range(len(MUCH)):
        shorter = tmp_path / str(count)
        shorter.mkdir()
        other = Probe(shorter)
        other.run(*MUCH[: count + 1])
        assert read_folder(other.root) in images


def test_replay_flushed_loses_what_was_not_flushed(probe):
    probe.run("create:a", "write:0:4:x", "fdatasync", "syncdir:.", "write:2:4:y")
    assert probe.last("flushed") == {"flushed": {"a": b"xxxx"}}
    assert probe.last("all") == {"all": {"a": b"xxyyyy"}}


def test_replay_flush_after_a_failed_one_loses_what_was_not_written_again(probe):
    probe.run("create:a", "fdatasync", "syncdir:.", "write:0:4:x", "fdatasync", "fdatasync",
              FAIL="fdatasync:2:EIO")
    assert probe.last("flushed", "all") == {"flushed": {"a": b""}, "all": {"a": b"xxxx"}}


def test_replay_flush_after_a_failed_one_keeps_what_was_written_again(probe):
    probe.run("create:a", "fdatasync", "syncdir:.", "write:0:4:x", "fdatasync", "write:0:4:x",
              "fdatasync", FAIL="fdatasync:2:EIO")
    assert probe.last("flushed") == {"flushed": {"a": b"xxxx"}}


def test_fail_drop_loses_only_the_call_it_counts(probe):
    probe.run("create:a", "write:0:2:x", "write:2:2:y", "close", FAIL="write:2:DROP")
    assert (probe.root / "a").read_bytes() == b"xx"


def test_replay_flushed_loses_a_name_without_flush_of_its_folder(probe):
    probe.run("create:a", "write:0:4:x", "fsync")
    assert probe.last("flushed") == {"flushed": {}}


def test_replay_flushed_keeps_old_name_until_flush_of_the_folder(probe):
    probe.run("create:a", "write:0:1:x", "fsync", "syncdir:.", "rename:a:b")
    assert probe.last("flushed") == {"flushed": {"a": b"x"}}
    probe.run("syncdir:.")
    assert probe.last("flushed") == {"flushed": {"b": b"x"}}


def test_replay_dsync_write_is_flushed_alone(probe):
    probe.run("create:a", "syncdir:.", "write:0:4:x", "dsync:a", "write:2:1:y")
    assert probe.last("flushed") == {"flushed": {"a": b"\0\0y"}}
    assert probe.last("all") == {"all": {"a": b"xxyx"}}


def test_replay_one_adds_each_sector_alone(probe):
    probe.run("create:a", "size:1536", "fsync", "syncdir:.", "write:0:1536:x")
    found = probe.last("one")
    x, o = b"x" * 512, bytes(512)
    assert sorted(t["a"] for t in found.values()) == sorted([x + o + o, o + x + o, o + o + x])


def test_replay_torn_cuts_the_last_write(probe):
    probe.run("create:a", "size:9000", "fsync", "syncdir:.", "write:8500:100:k", "write:0:6000:x")
    found = probe.last("torn")
    assert found["torn 4096"]["a"] == b"x" * 4096 + bytes(9000 - 4096)
    assert found["torn 4096 after all"]["a"][8500:8600] == b"k" * 100
    assert found["torn 5632"]["a"].count(b"x") == 5632


def test_replay_random_is_the_same_for_a_seed_and_varies(probe):
    probe.run("create:a", "size:16384", "fsync", "syncdir:.", "write:0:16384:x", "create:b")
    first = probe.last("random", seed=7)
    assert first == probe.last("random", seed=7)
    assert first != probe.last("random", seed=8)
    assert {bool("b" in tree) for tree in first.values()} == {True, False}
    for tree in first.values():
        assert all(tree["a"][i : i + 512] in (bytes(512), b"x" * 512) for i in range(0, 16384, 512))


def test_replay_base_is_kept_when_nothing_is_flushed(probe, tmp_path):
    (probe.root / "a").write_bytes(b"before")
    base = tmp_path / "base"
    base.mkdir()
    (base / "a").write_bytes(b"before")
    probe.run("open:a", "write:0:3:x")
    with pytest.raises(ValueError):
        list(ioreplay.Replay(probe.log).walk())
    state = list(ioreplay.Replay(probe.log, base).walk())[-1]
    trees = [read_tree(image) for image in state.images(["flushed", "all"])]
    assert trees == [{"a": b"before"}, {"a": b"xxxore"}]


def test_replay_goes_on_over_a_restart(probe):
    probe.run("create:a", "write:0:2:x", "fsync", "syncdir:.")
    probe.run("open:a", "write:2:2:y", "fsync")
    assert probe.last("flushed") == {"flushed": {"a": b"xxyy"}}


def test_replay_passes_over_a_record_cut_by_a_kill(probe):
    probe.run("create:a", "write:0:100:x")
    with open(probe.log, "r+b") as log:
        log.truncate(os.path.getsize(probe.log) - 40)
    probe.run("open:a", "write:60:2:y")
    assert probe.last("all")["all"]["a"] == b"x" * 60 + b"yy"


def test_fail_hits_the_call_named_and_no_other(probe):
    words = ["create:a", "write:0:1:x", "fdatasync", "write:1:1:x", "fdatasync", "fdatasync"]
    assert probe.run(*words, FAIL="fdatasync:2:EIO") == [
        "create 0", "write 1", "fdatasync 0", "write 1", "fdatasync EIO", "fdatasync 0"]
    assert probe.ops().count("sync a 0+0") == 2


def test_fail_from_a_call_on_hits_all_later_ones(probe):
    assert probe.run("create:a", "push:1:x", "push:1:x", "push:1:x", FAIL="write:2+:ENOSPC") == [
        "create 0", "push 1", "push ENOSPC", "push ENOSPC"]


def test_fail_with_glob_leaves_other_files_alone(probe):
    assert probe.run("create:a.seg", "push:1:x", "create:b", "push:1:x",
                     FAIL="write:1:EIO:*.seg") == ["create 0", "push EIO", "create 0", "push 1"]


def test_fail_short_writes_half(probe):
    assert probe.run("create:a", "write:0:10:x", FAIL="write:1:SHORT")[1] == "write 5"
    assert (probe.root / "a").read_bytes() == b"xxxxx"


@pytest.mark.parametrize("verb,rule,answer", [
    ("create:a", "open:1:EMFILE", "create EMFILE"), ("mkdir:d", "mkdir:1:ENOSPC", "mkdir ENOSPC"),
    ("rename:x:y", "rename:1:EIO", "rename EIO"), ("unlink:x", "unlink:1:EIO", "unlink EIO")])
def test_fail_reaches_calls_on_names(probe, verb, rule, answer):
    (probe.root / "x").write_bytes(b"")
    assert probe.run(verb, FAIL=rule) == [answer]
    assert read_folder(probe.root) == {"x": b""}


@pytest.mark.parametrize("rule", ["write:1", "writ:1:EIO", "write:0:EIO", "write:1:EWHAT"])
def test_fail_not_understood_ends_the_program(probe, rule):
    probe.run("create:a", FAIL=rule)
    assert probe.status == 99


def test_fail_short_reads_half(probe):
    assert probe.run("create:a", "write:0:10:x", "read:0:10", "read:0:10",
                     FAIL="read:1:SHORT")[2:] == ["read 5", "read 10"]


def test_fail_interrupted_flush_loses_nothing_when_done_again(probe):
    probe.run("create:a", "fdatasync", "syncdir:.", "write:0:4:x", "fdatasync", "fdatasync",
              FAIL="fdatasync:2:EINTR")
    assert probe.last("flushed") == {"flushed": {"a": b"xxxx"}}


def test_fail_of_memory_hits_the_program_named_and_no_file(probe):
    words = ["create:a", "alloc:10", "alloc:10", "alloc:10", "write:0:1:x"]
    assert probe.run(*words, FAIL="alloc:2:ENOMEM:iorec_probe")[1:] == [
        "alloc 0", "alloc ENOMEM", "alloc 0", "write 1"]
    assert probe.run(*words, FAIL="alloc:2+:ENOMEM:iorec_probe")[2:4] == ["alloc ENOMEM"] * 2
    assert probe.run(*words, FAIL="any:6:EIO")[1:4] == ["alloc 0"] * 3


def test_gate_shut_counts_nothing(probe, tmp_path):
    gate = tmp_path / "gate"
    words = ["create:a", "write:0:1:x", "alloc:1"]
    for byte, wanted in ((b"\0", ["create 0", "write 1", "alloc 0"]),
                         (b"\1", ["create EIO", "write EBADF", "alloc ENOMEM"])):
        gate.write_bytes(byte + bytes(7))
        (probe.root / "a").unlink(missing_ok=True)
        assert probe.run(*words, GATE=gate,
                         FAIL="open:1:EIO,alloc:1+:ENOMEM:iorec_probe") == wanted


def test_seen_tells_how_many_calls_a_rule_counted(probe):
    probe.run("create:a", "write:0:1:x", "write:0:1:x", FAIL="write:9:EIO,fsync:1:EIO")
    assert {r.path: r.offset for r in ioreplay.read_records(probe.log)
            if r.op == ioreplay.SEEN} == {"write:9:EIO": 2, "fsync:1:EIO": 0}


@pytest.mark.parametrize("rule,content,phase", [
    ("write:2:before", b"x", 1), ("write:2:after", b"xy", 2),
    ("fdatasync:2:before", b"xy", 3), ("fdatasync:2:after", b"xy", 4)])
def test_kill_ends_at_the_place_named(probe, tmp_path, rule, content, phase):
    words = ["create:a.seg", "push:1:x", "fdatasync", "push:1:y", "fdatasync", "push:1:z"]
    probe.run(*words, KILL=rule, PHASE=f"{tmp_path}/phase:*.seg")
    assert probe.status == -9
    assert (probe.root / "a.seg").read_bytes() == content
    assert struct.unpack("<QQQ", (tmp_path / "phase").read_bytes())[0] == phase
    last = list(ioreplay.read_records(probe.log))[-1]
    assert (last.op, last.offset) == (ioreplay.KILL, phase)


def test_phase_counts_writes_and_flushes_of_the_glob(probe, tmp_path):
    probe.run("create:a.seg", "push:1:x", "push:1:x", "fsync", "create:b", "push:1:x",
              PHASE=f"{tmp_path}/phase:*.seg")
    assert struct.unpack("<QQQ", (tmp_path / "phase").read_bytes()) == (4, 2, 1)


def test_drop_answers_success_and_flushes_nothing(probe):
    words = ["create:a", "syncdir:.", "write:0:1:x", "fdatasync"]
    assert probe.run(*words, DROP="fdatasync")[-1] == "fdatasync 0"
    assert probe.last("flushed") == {"flushed": {"a": b""}}


def test_drop_control_flush_kept_without_the_rule(probe):
    probe.run("create:a", "syncdir:.", "write:0:1:x", "fdatasync")
    assert probe.last("flushed") == {"flushed": {"a": b"x"}}


@pytest.mark.parametrize("shift_us", [0, 86_400_000_000 * 365, -3_600_000_001])
def test_clock_is_shifted_by_the_file(probe, tmp_path, shift_us):
    clock = tmp_path / "clock"
    clock.write_bytes(struct.pack("<q", shift_us))
    before = time.time_ns() // 1000
    shown = int(probe.run("clock", CLOCK=clock)[0])
    after = time.time_ns() // 1000
    assert before <= shown - shift_us <= after


def test_boot_id_is_the_file_given(probe, tmp_path):
    (tmp_path / "boot").write_text("another-boot\n", encoding="utf-8")
    assert probe.run("boot", BOOT=tmp_path / "boot")[0] == "another-boot"
    assert probe.run("boot")[0] != "another-boot"
