"""Files that are no plugin, or a hostile one: looked at in a sandboxed process of its own, never
waited for, and refused in one sentence."""
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile
import time

import paths
import peopled
import pytest

from acts import command, do, receive
from test_70_plugins import configure, is_ready, shown, wait_for

SLOW_S = 0.5
CC = ["gcc", "-shared", "-fPIC", "-I", str(paths.ROOT / "include")]


def place(tmp_path, name):
    """The hatcher under a name that says what it does when it is loaded."""
    os.chmod(tmp_path, 0o755)
    return shutil.copy(paths.program("tests/plugins/hatcher.so"), tmp_path / f"{name}.so")


def hatched(town, file, test, more='patience = "1 s";'):
    configure(town, "hatcher", file, more=more)
    town.start()
    return wait_for(town, test, "hatcher")


def is_failed(view):
    return view.state in ("failed", "throttled")


def is_sentence(text):
    return "\n" not in text and len(text) < 400 and text[-1] not in ".\n"


# --- hostile ones ---

@pytest.mark.parametrize("act", ["sleep", "loop"])
def test_one_that_does_not_come_back_is_ended_and_nobody_waits(stopped_town, tmp_path, act):
    town = stopped_town
    configure(town, "hatcher", place(tmp_path, act), more='patience = "2 s";')
    town.start()
    assert shown(town, "hatcher").state == "describing"
    anna, slowest = town.client("anna"), 0.0
    while shown(town, "hatcher").state == "describing":
        begun = time.monotonic()
        anna.request(command.Request(situation_list={"limit": 5}), 10)
        slowest = max(slowest, time.monotonic() - begun)
        time.sleep(0.02)
    assert slowest < SLOW_S
    view = shown(town, "hatcher")
    assert is_failed(view) and "did not say within 2000 ms what it is" in view.why
    assert is_sentence(view.why) and view.next_start_us


@pytest.mark.parametrize("act, said", [
    ("crash", "ended by signal"), ("exit", "ended with 0"), ("junk", "ended")])
def test_one_that_ends_is_said(stopped_town, tmp_path, act, said):
    view = hatched(stopped_town, place(tmp_path, act), is_failed)
    assert said in view.why and f"{act}.so" in view.why and is_sentence(view.why)
    receive(stopped_town.client("anna"), stopped_town)


@pytest.mark.parametrize("act", ["fork", "open", "write", "connect", "kill"])
def test_what_none_may_does_not_come_through(stopped_town, tmp_path, act):
    file = place(tmp_path, act)
    (tmp_path / f"{act}.so.secret").write_text("a key\n")
    view = hatched(stopped_town, file, is_ready)
    assert view.version in ("Operation not permitted", "Permission denied"), view.version
    assert not os.path.exists("/tmp/ctps-hatcher")
    assert f"plugin hatcher: {view.version}" in stopped_town.words(100)  # when it is run, too


def test_a_flood_of_words_is_held_back(stopped_town, tmp_path):
    hatched(stopped_town, place(tmp_path, "flood"), is_ready, 'patience = "10 s";')
    lines = stopped_town.words(100000).splitlines()
    assert 0 < sum("look at me" in line for line in lines) < 1000
    assert any("plugin hatcher:" in line and "lines too many, not kept" in line for line in lines)


# --- what is no plugin ---

def compiled(tmp_path, text, *words):
    source, out = tmp_path / "made.c", tmp_path / "made.so"
    source.write_text("#include <ctps/plugin.h>\n" + text)
    subprocess.run([*CC, *words, "-o", out, source], check=True)
    return out


def plain(**fields):
    rows = {"magic": "CTPS_PLUGIN_MAGIC", "abi_major": "1", "abi_minor": "0",
            "struct_len": "sizeof(struct ctps_plugin)", "name": '"hatcher"', "version": '"1"',
            "summary": '"Does nothing."', "start": "start", **fields}
    return ("static enum ctps_status start(struct ctps_host *h, const struct ctps_host_api *a,\n"
            "void **s, char *w, size_t l) { return CTPS_STATUS_OK; }\n"
            "CTPS_EXPORT const struct ctps_plugin ctps_plugin = {"
            + ", ".join(f".{key} = {value}" for key, value in rows.items()) + "};\n")


def absent(tmp_path):
    return tmp_path / "none.so"


def empty(tmp_path):
    (tmp_path / "empty.so").touch()
    return tmp_path / "empty.so"


def text(tmp_path):
    (tmp_path / "text.so").write_text("hello\n")
    return tmp_path / "text.so"


def folder(tmp_path):
    return tmp_path


def fifo(tmp_path):
    os.mkfifo(tmp_path / "fifo.so")
    return tmp_path / "fifo.so"


def patched(tmp_path, at, value):
    """A good one with one byte of its header changed."""
    file = place(tmp_path, "patched")
    with open(file, "r+b") as out:
        out.seek(at)
        out.write(bytes([value]))
    return file


def arm(tmp_path):
    return patched(tmp_path, 18, 183)


def narrow(tmp_path):
    return patched(tmp_path, 4, 1)


def cut(tmp_path):
    file = place(tmp_path, "cut")
    os.truncate(file, os.path.getsize(file) // 2)
    return file


def unlinked(tmp_path):
    (tmp_path / "made.c").write_text("int x;\n")
    subprocess.run(["gcc", "-c", "-o", tmp_path / "made.so", tmp_path / "made.c"], check=True)
    return tmp_path / "made.so"


def no_symbol(tmp_path):
    return compiled(tmp_path, "int x;\n")


def undefined(tmp_path):
    return compiled(tmp_path, "extern int nobody_has_it(void);\nint x(void)"
                              " { return nobody_has_it(); }\n" + plain())


def too_new(tmp_path):
    return compiled(tmp_path, plain(abi_minor="77"))


def too_old(tmp_path):
    return compiled(tmp_path, plain(abi_major="0"))


def no_magic(tmp_path):
    return compiled(tmp_path, plain(magic="1"))


def bad_option(tmp_path):
    return compiled(tmp_path, plain(
        options='(const struct ctps_option[]){{.name = "a b", .help = "?"}}', option_count="1"))


def other_name(tmp_path):
    return compiled(tmp_path, plain(name='"sitter"'))


@pytest.mark.parametrize("make, what, todo", [
    (absent, "there is no file", "put it there, or mend `file`"),
    (empty, "is no shared object", "give the .so"),
    (text, "is no shared object", "give the .so"),
    (folder, "is not a file", "name the .so itself"),
    (fifo, "is not a file", "name the .so itself"),
    (arm, "was built for another machine", "build it here"),
    (narrow, "was built for another machine", "build it here"),
    (cut, "is cut short", "copy it again"),
    (unlinked, "is not linked as a shared object", "link it with -shared"),
    (no_symbol, "exports no symbol ctps_plugin", "declare it as CTPS_EXPORT"),
    (undefined, "undefined symbol: nobody_has_it", "link it with the library"),
    (too_new, "written for version 1.77 of the plugin interface", "install a newer ctps"),
    (too_old, "written for version 0.0 of the plugin interface", "build it against this one"),
    (no_magic, "is not a plugin's (magic number 0x00000001)", "CTPS_PLUGIN_MAGIC"),
    (bad_option, "an option has no proper name", "[a-z][a-z0-9_.]*"),
    (other_name, 'calls itself "sitter"', "name its section so"),
])
def test_what_is_no_plugin_is_said_in_one_sentence(town_of_files, tmp_path, make, what, todo):
    """One daemon for all: each is a change of its configuration."""
    configure(town_of_files, "hatcher", make(tmp_path))
    do(town_of_files.operator, reload={})
    view = wait_for(town_of_files, lambda view: is_failed(view) and what in view.why, "hatcher")
    assert todo in view.why and is_sentence(view.why), view.why


@pytest.fixture(scope="module")
def town_of_files(original_town):
    with peopled.PeopledTown(original_town) as town:
        town.start()
        yield town


# --- what it leaves on the disk ---

def test_a_folder_that_takes_too_much_ends_the_plugin_until_there_is_room(stopped_town):
    town = stopped_town
    configure(town, "rogue", paths.program("tests/plugins/rogue.so"),
              more='state_max = "8 MiB";', options='behaviour = "files";')
    town.start()
    wait_for(town, is_ready, "rogue")
    receive(town.client("anna"), town)
    view = wait_for(town, is_failed, "rogue")
    assert "takes more than the 8 MiB of `state_max`" in view.why and is_sentence(view.why)
    assert view.state_max == 8 << 20 < view.state_bytes
    folder = town.data / "plugins" / "rogue"
    files = len(list(folder.iterdir()))
    # It is not let in again before there is room.
    do(town.operator, plugin_reload={"name": "rogue"})
    wait_for(town, lambda view: is_failed(view) and view.starts > 1, "rogue")
    assert len(list(folder.iterdir())) == files
    for file in folder.iterdir():
        file.unlink()
    configure(town, "rogue", paths.program("tests/plugins/rogue.so"), more='state_max = "8 MiB";')
    do(town.operator, reload={})
    view = wait_for(town, is_ready, "rogue")
    shown_text = town.ctps("plugin", "show", "rogue", "--as", str(town.dir / "keys/operator.key"))
    assert str(8 << 20) in shown_text.stdout


# --- who it runs as ---

def pid_of(parent, mode):
    children = f"/proc/{parent}/task/{parent}/children"
    for word in pathlib.Path(children).read_text().split():
        if mode in pathlib.Path(f"/proc/{word}/cmdline").read_text():
            return int(word)
    raise AssertionError(f"no {mode}")


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":", 1) for line in lines)


@pytest.fixture
def open_folder():
    """One that everybody may pass through."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ct-open"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def test_it_runs_as_the_user_its_section_names(stopped_town, open_folder):
    """Only root may change who a process is: anybody else is told so."""
    town, who = stopped_town, pwd.getpwnam("nobody")
    text = town.config.read_text()
    town.config.write_text(re.sub(r"^data = \{", f'data = {{ plugins_dir = "{open_folder}";', text,
                                  flags=re.M))
    file = shutil.copy(paths.program("plugins/example.so"), open_folder / "example.so")
    os.chmod(file, 0o644)
    configure(town, file=file, more='user = "nobody";')
    town.start()
    view = wait_for(town, lambda view: is_ready(view) or is_failed(view))
    plugin = status_of(pid_of(pid_of(town.process.pid, "--link"), "--plugin"))
    if os.geteuid() != 0:
        assert "it runs as ctpsd does, not as nobody" in town.words()
        assert plugin["Uid"].split() == 4 * [str(os.geteuid())]
        return
    assert f"uid {who.pw_uid}" in view.sandbox
    assert plugin["Uid"].split() == 4 * [str(who.pw_uid)]
    assert plugin["Gid"].split() == 4 * [str(who.pw_gid)]
    assert plugin["Groups"].split() == [] and int(plugin["CapEff"], 16) == 0
    assert plugin["NoNewPrivs"].strip() == "1" and plugin["Seccomp"].strip() == "2"
    assert (open_folder / "example").stat().st_uid == who.pw_uid
    # A file, then a folder, that this user may not reach.
    os.chmod(file, 0o600)
    do(town.operator, plugin_reload={"name": "example"})
    view = wait_for(town, lambda view: view.why)
    assert f"cannot be read by its user (uid {who.pw_uid})" in view.why and is_ready(view)
    os.chmod(file, 0o644)
    open_folder.chmod(0o700)
    do(town.operator, plugin_reload={"name": "example"})
    wait_for(town, lambda view: "cannot be read" in view.why or is_failed(view))


def test_a_folder_closed_to_its_user_is_said(stopped_town, open_folder):
    if os.geteuid() != 0:  # nobody to become: the same folder is its own
        return
    file = shutil.copy(paths.program("plugins/example.so"), open_folder / "example.so")
    os.chmod(file, 0o644)
    configure(stopped_town, file=file, more='user = "nobody";')
    stopped_town.start()
    view = wait_for(stopped_town, is_failed)
    assert "is closed to its user" in view.why and "data.plugins_dir" in view.why
    assert is_sentence(view.why)


# --- the program ctps-host itself ---

@pytest.mark.parametrize("mode, said", [
    (None, "No such file or directory"), (0o644, "Permission denied"), (0o755, "ended")])
def test_a_host_program_that_cannot_be_run_is_said(stopped_town, tmp_path, mode, said):
    town, host = stopped_town, tmp_path / "ctps-host"
    if mode:
        host.write_text("#!/bin/false\n")
        host.chmod(mode)
    town.config.write_text(f'programs = {{ host = "{host}"; }};\n{town.config.read_text()}')
    configure(town)
    town.start()
    view = wait_for(town, is_failed)
    assert said in view.why and is_sentence(view.why)
    if mode != 0o755:
        assert f"ctps-host cannot be run as {host}" in view.why
        assert "say in `programs.host` where it is" in view.why
    receive(town.client("anna"), town)


def test_one_section_twice_is_refused_with_its_place(stopped_town):
    configure(stopped_town)
    line = next(line for line in stopped_town.config.read_text().splitlines(True)
                if line.startswith("    example = "))
    stopped_town.config.write_text(stopped_town.config.read_text().replace(line, 2 * line))
    assert stopped_town.start(expect_ready=False) == 78
    assert re.search(r"ctpsd.conf:\d+: plugins.example is given twice, first in line \d+",
                     stopped_town.words())
