"""Plugins: started, sandboxed, told of events, replaced, and never in anybody's way."""
import os
import re
import shutil
import signal
import threading
import time

import paths
import pytest

from acts import command, do, receive, refused

PLUGINS = "plugins"


def configure(town, name="example", file=None, more="", options="", audience="plugins"):
    """Puts a plugin's section into the configuration, in place of an earlier one."""
    file = file or paths.program(f"plugins/{name}.so")
    section = (f'    {name} = {{ audiences = [ "{audience}" ]; file = "{file}"; {more} '
               f'options = {{ {options} }}; }};\n')
    text = town.config.read_text()
    text = re.sub(rf"^    {name} = .*\n", "", text, flags=re.M)
    assert "plugins = {\n" in text
    town.config.write_text(text.replace("plugins = {\n", "plugins = {\n" + section, 1))


def shown(town, name="example"):
    """The plugin as the operator sees it; None when there is none of that name."""
    views = do(town.operator, plugin_list={}).plugin_answer.plugins
    if name not in [view.name for view in views]:
        return None
    return do(town.operator, plugin_list={"name": name}).plugin_answer.plugins[0]


def wait_for(town, test, name="example", timeout=20):
    """Until `test(view)` holds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        view = shown(town, name)
        if view is not None and test(view):
            return view
        time.sleep(0.02)  # between two looks: a key may ask so often and no more
    raise AssertionError(f"{name}: {view}\n{town.words()}")


def figures(view):
    return {figure.name: figure.value for figure in view.figures}


def is_ready(view):
    return view.state == "ready"


@pytest.fixture
def town(stopped_town):
    configure(stopped_town, options='quiet = "10 ms";')
    stopped_town.start()
    wait_for(stopped_town, is_ready)
    return stopped_town


def test_plugin_is_ready_in_its_sandbox(town):
    view = shown(town)
    assert "seccomp" in view.sandbox and "landlock" in view.sandbox
    assert view.starts == 1 and view.version == "1"
    assert [option.name for option in view.options] == ["urgency", "quiet"]


def test_plugin_sees_events_and_tells_figures_and_words(town):
    receive(town.client("anna"), town, urgency="urgente")
    view = wait_for(town, lambda view: figures(view).get("saisines.received") == 1)
    assert view.state == "ready"
    wait_for(town, lambda _: "plugin example: 1 urgent saisines came in" in town.words(50))


def test_plugin_shows_how_far_it_is_behind(town):
    receive(town.client("anna"), town)
    view = wait_for(town, lambda view: figures(view).get("saisines.received") == 1)
    wait_for(town, lambda view: view.HasField("lag") and view.lag == 0)
    os.kill(only_child(host_of(town)), signal.SIGSTOP)
    receive(town.client("anna"), town)
    wait_for(town, lambda view: view.lag > 0)
    assert "Entrées de retard" in town.ctps(
        "plugin", "show", "example", "--as", str(town.dir / "keys/operator.key")).stdout


def test_plugin_killed_is_started_again_and_misses_nothing(town):
    receive(town.client("anna"), town)
    wait_for(town, lambda view: figures(view).get("saisines.received") == 1)
    os.kill(host_of(town), signal.SIGKILL)
    receive(town.client("anna"), town)
    view = wait_for(town, lambda view: view.starts == 2 and is_ready(view))
    wait_for(town, lambda view: figures(view).get("saisines.received", 0) >= 1)
    assert view.starts == 2


def only_child(parent):
    children = f"/proc/{parent}/task/{parent}/children"
    pids = [int(word) for word in open(children, encoding="ascii").read().split()]
    assert len(pids) == 1, pids
    return pids[0]


def host_of(town):
    """Pid of the ctps-host that is the daemon's child."""
    return only_child(town.process.pid)


def test_plugin_options_changed_by_reload_without_a_new_start(town):
    configure(town, options='quiet = "10 ms"; urgency = "courante";')
    do(town.operator, reload={})
    receive(town.client("anna"), town, urgency="courante")
    wait_for(town, lambda _: "1 urgent saisines came in" in town.words(50))
    assert shown(town).starts == 1


def test_plugin_replaced_while_running(town, tmp_path):
    do(town.operator, plugin_reload={"name": "example"})
    view = wait_for(town, lambda view: view.starts == 2 and is_ready(view))
    assert view.state == "ready"
    for asked in ("plugin_reload", "plugin_list"):
        assert refused(town.operator, **{asked: {"name": "nobody"}}) == (
            "plugin_unknown", "example")
    assert refused(town.operator, plugin_reload={}) == ("field_missing", "name")


def test_reload_is_answered_once_it_is_over(town):
    view, = do(town.operator, plugin_reload={"name": "example"}).plugin_answer.plugins
    assert (view.state, view.starts, view.why) == ("ready", 2, "")


def test_reload_asked_again_by_its_id_is_the_same_reload(town):
    """As whoever lost the answer does."""
    request = command.Request(plugin_reload={"name": "example"})
    for _ in range(3):  # the first time gives it an id
        view, = town.operator.request(request).plugin_answer.plugins
        assert (view.state, view.starts) == ("ready", 2)
    view, = do(town.operator, plugin_reload={"name": "example"}).plugin_answer.plugins
    assert view.starts == 3


def test_reload_that_takes_long_holds_up_nobody_and_says_how_it_ended(town):
    """The client asks again after a second, over another connection: that one is answered."""
    configure(town, "rogue", paths.program("tests/plugins/rogue.so"), more='patience = "2 s";',
              options='behaviour = "start_sleep";')
    do(town.operator, reload={})
    waiting, answers = town.client_of(town.operator.key), []
    thread = threading.Thread(target=lambda: answers.append(
        do(waiting, plugin_reload={"name": "rogue"}).plugin_answer.plugins[0]))
    thread.start()
    answered = 0
    while thread.is_alive():
        begun = time.monotonic()
        shown(town)
        assert time.monotonic() - begun < 1
        answered += 1
        time.sleep(0.02)
    thread.join()
    view, = answers
    assert answered > 20 and view.state == "failed" and view.starts == 1, (answered, view)
    assert "not ready in 2000 ms" in view.why


@pytest.mark.parametrize("options, said", [
    ('quiett = "1 s";', 'unknown option "quiett" (did you mean "quiet"?)'),
    ('quiet = "1 ms";', "quiet: found"),
    ("urgency = 3;", "urgency: found"),
])
def test_plugin_with_bad_options_does_not_start_and_says_why(stopped_town, options, said):
    configure(stopped_town, options=options)
    stopped_town.start()
    view = wait_for(stopped_town, lambda view: view.state == "failed")
    assert said in view.why and "ctpsd.conf:" in view.why
    receive(stopped_town.client("anna"), stopped_town)


def test_plugin_file_that_is_no_plugin_is_said(stopped_town, tmp_path):
    other = tmp_path / "other.so"
    shutil.copy(paths.program("tools/libctps/libctps.so"), other)
    configure(stopped_town, file=other)
    stopped_town.start()
    view = wait_for(stopped_town, lambda view: view.state == "failed")
    assert "exports no symbol ctps_plugin" in view.why


def test_plugin_named_otherwise_is_refused(stopped_town):
    configure(stopped_town, name="sample", file=paths.program("plugins/example.so"))
    stopped_town.start()
    view = wait_for(stopped_town, lambda view: view.state == "failed", name="sample")
    assert 'calls itself "example"' in view.why


def test_plugin_not_granted_its_audience_is_refused(stopped_town):
    configure(stopped_town)
    text = stopped_town.config.read_text()
    stopped_town.config.write_text(text.replace(
        'example = { audiences = [ "plugins" ];', "example = { "))
    stopped_town.start()
    view = wait_for(stopped_town, lambda view: view.state == "failed")
    assert 'audience "plugins", which its section does not grant' in view.why


def test_stop_ends_the_plugin(town):
    pid = host_of(town)
    assert town.stop() == 0
    assert not os.path.exists(f"/proc/{pid}")


def test_agents_may_not_list_or_reload(town):
    assert refused(town.client("anna"), plugin_list={})[0] == "not_allowed"
    assert refused(town.client("anna"), plugin_reload={"name": "example"})[0] == "not_allowed"


def hear_audit(town):
    """The daemon publishes the events of audience audit."""
    text = town.config.read_text()
    if "audit = [" not in text:
        place = f"ipc://{town.dir}/run/audit"
        text = re.sub(r"^bus = \{\n", f'bus = {{\n  audit = [ "{place}" ];\n', text, flags=re.M)
        town.config.write_text(text)


def test_plugin_hears_audience_audit_when_granted(stopped_town):
    configure(stopped_town, "watcher", paths.program("tests/plugins/watcher.so"),
              audience="audit")
    hear_audit(stopped_town)
    stopped_town.start()
    wait_for(stopped_town, is_ready, "watcher")
    assert refused(stopped_town.client("anna"), plugin_list={})[0] == "not_allowed"
    wait_for(stopped_town, lambda view: "access.denied" in figures(view), "watcher")


def test_plugin_attempts_what_none_may_and_nothing_comes_through(stopped_town):
    configure(stopped_town, "escaper", paths.program("tests/plugins/escaper.so"))
    stopped_town.start()
    view = wait_for(stopped_town, lambda view: figures(view).get("over"), "escaper")
    seen = figures(view)
    assert seen["attempts"] >= 60
    assert seen["through"] == 0, stopped_town.words(100)
    assert seen["works"] == 1
