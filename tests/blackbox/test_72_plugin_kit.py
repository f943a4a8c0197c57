"""The kit as somebody outside has it: installed, a plugin made, built and tested without a
daemon; and recordings, made by a running one, that hold it to what it did."""
import json
import os
import pathlib
import re
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
                 "libexec/ctps/ctps-host", "bin/ctps", "bin/ctpsd", "share/doc/ctps/plugin-guide.md"):
        assert (prefix / path).is_file(), path
    assert "protobuf-c" in kit(prefix, "pkg-config", "--libs", "ctps", cwd=prefix).stdout
    assert os.path.samefile(variable(prefix, "host"), prefix / "libexec/ctps/ctps-host")


def test_installed_page_names_each_topic(prefix):
    page = (prefix / "share/doc/ctps/events.md").read_text()
    rows = (paths.ROOT / "daemon/domain/event_list.h").read_text()
    topics = re.findall(r'"([a-z_]+\.[a-z_.]+)"', rows)
    assert len(topics) > 60 and [topic for topic in topics if f"| `{topic}` |" not in page] == []
    assert "| `saisine.received` | OBJECT_SAISINE | id, reference, territory, code, day |" in page


def test_links_of_the_installed_pages_lead_somewhere(prefix):
    folder = prefix / "share/doc/ctps"
    links = [(page, link) for page in folder.rglob("*.md")
             for link in re.findall(r"\]\(([^)#]+)", page.read_text()) if "://" not in link]
    assert len(links) > 20
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []
    assert not (folder / "roadmap.md").exists()


def test_installed_daemon_finds_the_installed_host(prefix, stopped_town, monkeypatch):
    program = paths.program
    monkeypatch.setattr(paths, "program", lambda path: (
        prefix / "bin/ctpsd" if path == "daemon/ctpsd" else program(path)))
    configure(stopped_town)
    stopped_town.start()
    wait_for(stopped_town, is_ready)
    hosts = f"/proc/{stopped_town.process.pid}/task/{stopped_town.process.pid}/children"
    host = pathlib.Path(hosts).read_text().split()[0]
    assert os.path.samefile(f"/proc/{host}/exe", prefix / "libexec/ctps/ctps-host")


def test_what_is_due_at_once_comes_due_in_a_replay(prefix, tmp_path):
    kit(prefix, prefix / "bin/ctps", "plugin", "new", "hello", cwd=tmp_path)
    source, record = tmp_path / "hello/hello.c", tmp_path / "hello/hello.record"
    source.write_text(source.read_text().replace(
        "    *ret_self = self;", "    self->timer = api->timer_add(host, 0, say, self);\n"
                                "    *ret_self = self;"))
    start = record.read_text().splitlines()[2]
    record.write_text(f'{start}\n{{"log": {{"level": 2, "line": "0 urgent saisines came in"}}}}\n')
    done = kit(prefix, "make", "-C", "hello", "check", cwd=tmp_path)
    assert "hello.record: 2 lines, and it said just that" in done.stdout


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


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_new_plugin_builds_without_a_warning(prefix, tmp_path, compiler):
    kit(prefix, prefix / "bin/ctps", "plugin", "new", "hello", cwd=tmp_path)
    kit(prefix, "make", "-C", "hello", "check", f"CC={compiler}",
        "CFLAGS=-O2 -Wall -Wextra -Wpedantic -Werror", cwd=tmp_path)


@pytest.mark.parametrize("header", ["client.h", "plugin.h"])
def test_public_header_stands_alone_and_each_function_is_explained(prefix, tmp_path, header):
    source = tmp_path / "alone.c"
    source.write_text(f"#include <ctps/{header}>\nint unused;\n")
    flags = kit(prefix, "pkg-config", "--cflags", "ctps", cwd=tmp_path).stdout.split()
    for compiler in ("gcc", "clang"):
        kit(prefix, compiler, "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *flags,
            "-c", source, cwd=tmp_path)
    lines = (prefix / "include/ctps" / header).read_text().splitlines()
    bare = [line for above, line in zip(lines, lines[1:])
            if re.match(r"CTPS_API (?!__)|    [a-z].* \(\*[a-z_]+\)\(|typedef void ctps_", line)
            and not above.endswith("*/")]
    assert len(lines) > 100 and bare == []


def test_library_exports_what_the_headers_declare_and_nothing_else(prefix):
    def exported(file):
        done = subprocess.run(["nm", "-D", "--defined-only", file], check=True, text=True,
                              capture_output=True)
        names = {line.split()[-1] for line in done.stdout.splitlines()}
        return {name for name in names if not name.startswith("__odr_asan")}  # of the dev build

    headers = "".join(path.read_text() for path in (prefix / "include/ctps").glob("*.h"))
    functions = set(re.findall(r"^CTPS_API [^;(]*?\b(ctps_\w+)\(", headers, flags=re.M))
    symbols = exported(next(prefix.glob("lib*/**/libctps.so")))
    assert {name for name in symbols if not name.startswith("ctps__")} == functions
    messages = set(re.findall(r"\bctps__\w+", headers))
    assert {name for name in symbols - functions if name not in messages} == set()
    assert exported(paths.program("plugins/example.so")) == {"ctps_plugin"}


def test_describe_shows_a_plugin_to_people(tmp_path):
    def described(file):
        return subprocess.run([paths.program("daemon/ctps-host"), "--describe", file], text=True,
                              capture_output=True, check=False)

    done = described(paths.program("plugins/example.so"))
    assert done.returncode == 0 and json.loads(done.stdout)["name"] == "example"
    (tmp_path / "text.so").write_text("hello\n")
    done = described(tmp_path / "text.so")
    assert done.returncode == 65 and "is no shared object" in done.stderr and not done.stdout
    crash = shutil.copy(paths.program("tests/plugins/hatcher.so"), tmp_path / "exit.so")
    done = described(crash)
    assert done.returncode == 65 and "while it was loaded" in done.stderr


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
    (START + '{"drain": {}}\n' + EVENT, "it is told nothing behind drain but the time"),
])
def test_replay_fails_where_the_plugin_does_otherwise(tmp_path, text, said):
    record = tmp_path / "r"
    record.write_text(text)
    done = replay(record)
    assert done.returncode == 65 and said in done.stderr, done.stderr


def test_words_that_crossed_the_drain_are_its_own(tmp_path):
    """A plugin that judges its last event while it is told to end, as a recording has it."""
    record = tmp_path / "r"
    clock = '{"clock": {"now_us": "2035-01-01T00:00:00Z"}}\n'
    record.write_text(START + EVENT + METRIC + '{"drain": {}}\n' + clock + DONE)
    done = replay(record)
    assert done.returncode == 0, done.stderr


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
    # The effect is on disk before the plugin has its answer: it is done once nothing waits.
    wait_for(town, lambda view: view.lag == 0 and do(
        town.operator, effect_find={}).effect_answer.effects, "asker")
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
