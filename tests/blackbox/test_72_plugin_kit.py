"""The kit as somebody outside has it: installed, a plugin made, built and tested without a
daemon; and recordings, made by a running one, that hold it to what it did."""
import json
import os
import shutil
import subprocess

import paths
import pytest

from acts import do, receive
from test_70_plugins import configure, figures, is_ready, wait_for


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """What `cmake --install` gives."""
    folder = tmp_path_factory.mktemp("prefix")
    subprocess.run(["cmake", "--install", paths.build_dir(), "--prefix", folder], check=True,
                   capture_output=True)
    return folder


def kit(prefix, *words, cwd, check=True):
    pkgconfig = next(prefix.glob("lib*/**/ctps.pc")).parent
    done = subprocess.run([str(word) for word in words], cwd=cwd, text=True, check=False,
                          capture_output=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, "PKG_CONFIG_PATH": str(pkgconfig)})
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def variable(prefix, name):
    return kit(prefix, "pkg-config", f"--variable={name}", "ctps", cwd=prefix).stdout.strip()


def test_installed_prefix_has_the_kit(prefix):
    for path in ("include/ctps/plugin.h", "include/ctps/client.h", "include/ctps/notice.pb-c.h",
                 "include/ctps/command.pb-c.h", "share/ctps/schemas/ctps/notice.proto",
                 "libexec/ctps/ctps-host", "bin/ctps"):
        assert (prefix / path).is_file(), path
    assert "protobuf-c" in kit(prefix, "pkg-config", "--libs", "ctps", cwd=prefix).stdout
    assert os.path.samefile(variable(prefix, "host"), prefix / "libexec/ctps/ctps-host")


@pytest.mark.parametrize("name", ["hello", "two-words"])
def test_new_plugin_builds_and_passes_its_test_offline(prefix, tmp_path, name):
    kit(prefix, prefix / "bin/ctps", "plugin", "new", name, cwd=tmp_path)
    kit(prefix, "make", "-C", name, "check", cwd=tmp_path)
    source = tmp_path / name / f"{name}.c"
    text = source.read_text()
    assert f'.name = "{name}"' in text and "example" not in text
    source.write_text(text.replace("++self->received", "self->received += 2"))
    broken = kit(prefix, "make", "-C", name, "check", cwd=tmp_path, check=False)
    assert broken.returncode != 0
    assert f"{name}.record:7: expected" in broken.stderr
    assert '"value":2' in broken.stderr


def test_new_plugin_never_overwrites(prefix, tmp_path):
    kit(prefix, prefix / "bin/ctps", "plugin", "new", "hello", "here", cwd=tmp_path)
    (tmp_path / "here/hello.c").write_text("mine")
    again = kit(prefix, prefix / "bin/ctps", "plugin", "new", "hello", "here", cwd=tmp_path,
                check=False)
    assert again.returncode == 73 and (tmp_path / "here/hello.c").read_text() == "mine"
    bad = kit(prefix, prefix / "bin/ctps", "plugin", "new", "No Name", cwd=tmp_path, check=False)
    assert bad.returncode == 64


# --- replaying ---

def replay(record, plugin="plugins/example.so"):
    return subprocess.run([paths.program("daemon/ctps-host"), "--replay", record,
                           paths.program(plugin)], text=True, capture_output=True, check=False)


START = ('{"start": {"options": [{"name": "urgency", "items": ["urgente"]}, '
         '{"name": "quiet", "number": 1000}]}}\n')
EVENT = '{"event": {"header": {"topic": "saisine.received"}, "notice": {"code": "courante"}}}\n'
METRIC = '{"metric": {"name": "saisines.received", "value": 1}}\n'
DONE = '{"verdict": "done"}\n'


def test_the_example_does_what_its_recording_says():
    done = replay(paths.ROOT / "plugins/example/example.record")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text, said", [
    (START + EVENT + METRIC, "it says more than the recording"),
    (START + METRIC, "it says nothing where this is expected"),
    (START + EVENT + METRIC.replace("1", "2") + DONE, "expected"),
    (START + EVENT + METRIC + DONE.replace("done", "retry"), "expected"),
    (START + '{"reply": {"status": 0}}\n', "an answer to nothing it asked"),
    (START + '{"event": {"heather": {}}}\n', "heather: no such field"),
    (EVENT, "a recording begins with start"),
    ("", "no start in it"),
    ("{", "expected"),
])
def test_replay_fails_where_the_plugin_does_otherwise(tmp_path, text, said):
    record = tmp_path / "r"
    record.write_text(text)
    done = replay(record)
    assert done.returncode == 65 and said in done.stderr, done.stderr


def test_recording_of_a_running_plugin_replays(stopped_town, tmp_path):
    town = stopped_town
    record = tmp_path / "made.record"
    configure(town, more=f'record = "{record}";', options='quiet = "10 ms";')
    town.start()
    wait_for(town, is_ready)
    receive(town.client("anna"), town, urgency="urgente")
    wait_for(town, lambda _: "1 urgent saisines came in" in town.words(50))
    receive(town.client("anna"), town, urgency="courante")
    wait_for(town, lambda view: figures(view).get("saisines.received") == 2)
    town.stop()
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert record.stat().st_mode & 0o777 == 0o600
    assert sum("event" in line for line in lines) >= 2 and any("log" in line for line in lines)
    done = replay(record)
    assert done.returncode == 0, done.stderr
    changed = record.read_text().replace("1 urgent saisines", "2 urgent saisines")
    record.write_text(changed)
    assert replay(record).returncode == 65


def test_what_may_see_names_is_not_recorded(stopped_town, tmp_path):
    configure(stopped_town, more=f'record = "{tmp_path}/r"; actions = [ "saisine.list" ];')
    stopped_town.start()
    view = wait_for(stopped_town, lambda view: view.state == "failed")
    assert "saisine.list" in view.why and not (tmp_path / "r").exists()


def test_requests_and_replies_are_recorded_and_replayed(stopped_town, tmp_path):
    town = stopped_town
    record = tmp_path / "asker.record"
    configure(town, "asker", paths.program("tests/plugins/asker.so"),
              more=f'record = "{record}"; actions = [ "effect.record" ];')
    town.start()
    wait_for(town, is_ready, "asker")
    receive(town.client("anna"), town)
    wait_for(town, lambda _: do(town.operator, effect_find={}).effect_answer.effects, "asker")
    town.stop()
    done = replay(record, "tests/plugins/asker.so")
    assert done.returncode == 0, done.stderr
    text = record.read_text()
    assert '"effect_record"' in text and '"status":"done"' in text
    record.write_text(text.replace('"status":"done"', '"status":"busy"'))
    done = replay(record, "tests/plugins/asker.so")
    assert done.returncode == 65 and 'says {"verdict":"retry"}' in done.stderr, done.stderr


def test_new_plugin_is_seen_in_the_list_of_a_running_daemon(prefix, stopped_town, tmp_path):
    town = stopped_town
    town.start()
    kit(prefix, prefix / "bin/ctps", "plugin", "new", "hello", cwd=tmp_path)
    kit(prefix, "make", "-C", "hello", cwd=tmp_path)
    configure(town, "hello", tmp_path / "hello/hello.so")
    do(town.operator, reload={})
    wait_for(town, is_ready, "hello")
    operator = str(town.dir / "keys" / "operator.key")
    assert "hello" in town.ctps("plugin", "list", "--as", operator).stdout
    receive(town.client("anna"), town)
    wait_for(town, lambda view: figures(view).get("saisines.received") == 1, "hello")
