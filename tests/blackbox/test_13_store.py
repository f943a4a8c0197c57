"""The store: a clean stop, one owner, backup and restore."""
import concurrent.futures
import os
import subprocess
import threading

import pytest
from town import ctps_client

import paths
from acts import DONE, command, do, figures, open_situation, receive, refused, sheet, show
from test_05_situation_end import close, erase
from test_10_keys import revoke


def test_clean_stop_loses_nothing(town):
    """Four clients send until the daemon stops; what was acknowledged is there afterwards."""
    enough = threading.Event()

    def send(key):
        acked = []
        client = town.client_of(key)
        while not town_is_stopping.is_set():
            request = command.Request(id=os.urandom(16), saisine_receive=sheet(town))
            try:
                reply = client.request(request, timeout=3)
            except ctps_client.CtpsError:
                break
            if reply.status == DONE:
                acked.append((request, reply))
            if len(acked) == 20:
                enough.set()
        return acked

    town_is_stopping = threading.Event()
    keys = [town.key_new(dict(kind=2, id=town.agents["anna"])) for _ in range(4)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(send, key) for key in keys]
        assert enough.wait(30)
        status = town.stop()
        town_is_stopping.set()
        acked = [pair for run in runs for pair in run.result()]
    assert status == 0 and len(acked) >= 20
    town.start()
    for request, first in acked:
        again = town.client("anna").request(request)
        assert again.repeated_answer and list(again.made) == list(first.made)
    assert figures(town.operator)["views.rebuilt_at_start"] == "no"
    assert figures(town.operator)["views.replayed_at_start"] == "0"


def test_second_daemon_on_the_same_store_is_refused(town):
    other = subprocess.run([paths.program("daemon/ctpsd"), "--config", town.config], text=True,
                           capture_output=True, timeout=30, check=False)
    assert other.returncode == 75 and "another process holds the store" in other.stderr
    receive(town.client("anna"), town)


def test_offline_work_on_a_running_store_is_refused(town):
    done = town.ctps("store", "check", check=False)
    assert done.returncode not in (0, 70)
    receive(town.client("anna"), town)


def test_check_of_a_stopped_store_finds_it_whole(town):
    situation, *_ = open_situation(town.client("anna"), town)
    close(town.client("anna"), town, situation)
    erase(town, situation)
    assert town.stop() == 0
    town.ctps("store", "check")


def test_check_after_a_kill_finds_it_whole(town):
    receive(town.client("anna"), town)
    town.kill()
    town.ctps("store", "check")


def test_views_thrown_away_are_rebuilt(town):
    situation, *_ = open_situation(town.client("anna"), town)
    assert town.stop() == 0
    for path in (town.data / "views").iterdir():
        path.unlink()
    town.start()
    assert show(town.client("anna"), id=situation, nominative=True).title == "Suivi"
    assert figures(town.operator)["views.rebuilt_at_start"] == "yes"


def test_rebuild_on_order_changes_no_answer(town):
    situation, *_ = open_situation(town.client("anna"), town)
    before = show(town.client("anna"), id=situation, nominative=True)
    assert town.stop() == 0
    town.ctps("store", "rebuild")
    town.start()
    assert show(town.client("anna"), id=situation, nominative=True) == before


def backup(town, name="b1", **more):
    return do(town.operator, backup=dict(name=name, **more)).backup_answer


def test_backup_is_made_while_serving(town):
    receive(town.client("anna"), town)
    made = backup(town)
    assert made.seq == int(figures(town.operator)["journal.entries"]) and made.size_len > 0
    assert made.path == str(town.dir / "backups" / "b1")


def test_backup_of_the_store_has_no_keyring(town):
    made = backup(town)
    names = [name for _, folders, files in os.walk(made.path) for name in folders + files]
    assert names and not any("epoch" in name or "key" in name for name in names)


def test_backup_refusals(town):
    backup(town)
    assert refused(town.operator, backup=dict(name="b1"))[0] == "exists"
    for name in ("../b2", ".b2", ""):
        assert refused(town.operator, backup=dict(name=name))[0] in ("field_range", "malformed")
    for name in ("anna", "helene"):
        assert refused(town.client(name), backup=dict(name="b2"))[0] == "not_allowed"


def restore(town, made):
    assert town.stop() == 0
    town.ctps("store", "restore", made.path)
    town.start()


def test_restore_goes_back_to_the_backup_under_a_new_incarnation(town):
    anna = town.client("anna")
    kept, *_ = open_situation(anna, town, title="Avant")
    made, old = backup(town), figures(town.operator)["journal.incarnation"]
    gone, *_ = open_situation(anna, town, title="Après")
    restore(town, made)
    assert show(anna, id=kept, nominative=True).title == "Avant"
    assert refused(anna, situation_get=dict(id=gone))[0] == "absent"
    assert figures(town.operator)["journal.incarnation"] != old


def test_follower_is_told_of_a_restore(town):
    follower = town.client("follower")
    first = do(follower, read_events=dict(audience="plugins")).events_answer.events[0]
    made = backup(town)
    restore(town, made)
    with pytest.raises(ctps_client.Restored):
        next(follower.events(after=first.header.number, incarnation=first.header.incarnation,
                             timeout=5))


def test_key_revoked_since_the_backup_stays_revoked(town):
    made = backup(town)
    revoke(town, "bruno")
    restore(town, made)
    with pytest.raises(ctps_client.Denied):
        do(town.client("bruno"), situation_list=dict())
    receive(town.client("anna"), town)


def test_erased_since_the_backup_stays_erased(town):
    anna = town.client("anna")
    situation, *_ = open_situation(anna, town)
    other, *_ = open_situation(anna, town, title="Reste")
    made = backup(town)
    close(anna, town, situation)
    erase(town, situation)
    restore(town, made)
    assert refused(anna, situation_get=dict(id=situation, nominative=True))[0] == "erased"
    assert [view.id for view in do(
        anna, name_search=dict(name="Durand Léa")).search_answer.situations] == [other]
    assert show(anna, id=other, nominative=True).title == "Reste"


def test_merged_attached_or_sealed_again_since_the_backup_is_marked(town):
    """They were erased with another one, whose name alone stands in the ledger."""
    anna = town.client("anna")
    a, b, c, d = (receive(anna, town) for _ in range(4))
    older, younger, rekeyed = (
        do(anna, saisine_accept=dict(id=id, title="Avant")).made[0].id for id in (a, b, d))
    made = backup(town)
    do(anna, duplicate_decide=dict(a=a, b=b, outcome="merge"))
    do(anna, saisine_accept=dict(id=c, attach_to=older))
    do(anna, situation_rekey=dict(id=rekeyed, reason="droits"))
    close(anna, town, older)
    erase(town, older)
    restore(town, made)
    for id in (older, younger, rekeyed):
        assert refused(anna, situation_get=dict(id=id, nominative=True))[0] == "erased"
        assert show(anna, id=id).erased and show(anna, id=id).status == "effacee"
    assert not show(anna, id=younger).merged_into
    for id in (a, b, c):
        assert refused(anna, saisine_get=dict(id=id, nominative=True))[0] == "erased"
    assert refused(anna, saisine_accept=dict(id=c))[0] == "erased"
    assert town.stop() == 0
    town.ctps("store", "check")


def test_what_comes_after_a_restore_takes_new_keys(town):
    anna = town.client("anna")
    made = backup(town)
    open_situation(anna, town, title="Perdue")
    restore(town, made)
    situation, *_ = open_situation(anna, town, title="Nouvelle")
    assert show(anna, id=situation, nominative=True).title == "Nouvelle"
    assert town.stop() == 0
    town.ctps("store", "check")


@pytest.mark.parametrize("place", ["middle", "last batch"])
def test_damaged_backup_is_refused_and_the_store_untouched(town, place):
    kept, *_ = open_situation(town.client("anna"), town)
    made = backup(town)
    assert town.stop() == 0
    segment = max((town.dir / "backups" / "b1" / "journal").iterdir(),
                  key=lambda path: path.stat().st_size)
    raw = bytearray(segment.read_bytes())
    raw[made.size_len // 2 if place == "middle" else len(raw) - 200] ^= 1
    segment.write_bytes(raw)
    assert town.ctps("store", "restore", made.path, check=False).returncode != 0
    town.start()
    assert show(town.client("anna"), id=kept, nominative=True).title == "Suivi"
