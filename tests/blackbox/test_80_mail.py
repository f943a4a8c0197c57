"""Mail: the plugin notify in its sandbox."""
from test_70_plugins import configure, is_ready, wait_for

GRANTS = 'actions = [ "effect.record", "notification.prepare" ];'


def test_notify_is_ready_in_its_sandbox(stopped_town):
    configure(stopped_town, "notify", more=GRANTS)
    stopped_town.start()
    view = wait_for(stopped_town, is_ready, "notify")
    assert "seccomp" in view.sandbox
