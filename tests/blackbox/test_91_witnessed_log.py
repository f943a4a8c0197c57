"""The plugin audit and its witnesses: what a town's own machine cannot show, somebody else can."""
import re
import shutil
import sys

import paths
import pytest

import test_70_plugins as plugins
import test_73_audit_log as audit_log
from acts import do, receive

sys.path.insert(0, str(paths.ROOT / "tests" / "harness"))
import witnesses  # noqa: E402


def configure(town, witness, options=""):
    """The plugin audit, asking this witness."""
    plugins.configure(town, name="audit",
                      more=f'actions = [ "audit.hashes" ]; connect = [ "{witness.address}" ];',
                      options='origin = "audit.town.example"; interval = "20 ms"; witnesses = '
                              f'[ "http://{witness.address} {witness.vkey}" ]; {options}')
    text = town.config.read_text()
    town.config.write_text(text.replace('audit = { audiences = [ "plugins" ];', "audit = {"))


def figure_wait(town, **wanted):
    """Until the plugin's figures are these (a dot written as two underscores)."""
    names = {name.replace("__", "."): value for name, value in wanted.items()}
    return plugins.wait_for(town, lambda view: names.items() <= plugins.figures(view).items(),
                            name="audit")


@pytest.fixture
def seen_town(stopped_town, tmp_path):
    """A running town whose log is cosigned; (town, witness)."""
    witness = witnesses.Witness(tmp_path / "witness").start()
    configure(stopped_town, witness)
    stopped_town.start()
    figure_wait(stopped_town, alarm__witness_refused=1)
    assert "unknown_origin" in stopped_town.words(50)
    row, = [item for item in do(stopped_town.client("diane"), today_get={}).today_answer.items
            if item.kind == "audit_log_alarm"]
    assert row.code == "witness_refused" and not row.late
    introduce(stopped_town, witness)
    yield stopped_town, witness
    witness.stop()


def introduce(town, witness):
    """Somebody who runs the witness decides that it knows this log."""
    witness.add(witnesses.vkey_of(audit_log.folder_of(town)))
    audit_log.signed_for(town)
    figure_wait(town, alarm__witness_refused=0, witness__cosigned=1)


def verify(town, witness, *words, folder=None):
    return town.ctps("audit", "verify", str(folder or audit_log.base_of(town)),
                     "--witness", witness.vkey, *words, check=False)


def test_checkpoints_are_cosigned_as_the_log_grows(seen_town):
    town, witness = seen_town
    receive(town.client("anna"), town)
    audit_log.signed_for(town)
    figure_wait(town, witness__cosigned=1, witness__lag=0)
    done = verify(town, witness, "--within", "1")
    assert done.returncode == 0, done.stderr
    size = audit_log.checkpoint(town)[1]
    assert re.search(rf"witness.example : a cosigné {size} écritures", done.stdout)
    other = witnesses.Witness(witness.folder.parent / "other", "other.example")
    done = verify(town, other)
    assert done.returncode == 65 and "other.example has not cosigned it" in done.stderr
    own = witnesses.vkey_of(audit_log.folder_of(town))
    done = town.ctps("audit", "verify", str(audit_log.base_of(town)), "--witness", own, check=False)
    assert done.returncode == 64 and "témoin" in done.stderr


def test_witness_that_is_away_is_caught_up_with(seen_town):
    town, witness = seen_town
    witness.stop()
    for _ in range(3):
        receive(town.client("anna"), town)
    audit_log.signed_for(town)
    figure_wait(town, alarm__witness_silent=1, witness__cosigned=0)
    done = verify(town, witness)
    assert done.returncode == 0, done.stderr  # what it cosigned before is how this one begins
    witness.start(witness.address)
    figure_wait(town, alarm__witness_silent=0, witness__cosigned=1, witness__lag=0)


def test_everything_taken_back_is_caught_by_the_witness_alone(seen_town, tmp_path):
    town, witness = seen_town
    town.stop()
    shutil.copytree(town.data, tmp_path / "earlier")
    town.start()
    for _ in range(3):
        receive(town.client("anna"), town)
    audit_log.signed_for(town)
    figure_wait(town, witness__cosigned=1)
    town.stop()
    shutil.rmtree(town.data)
    shutil.copytree(tmp_path / "earlier", town.data)
    # Nothing on this machine contradicts it…
    done = verify(town, witness, "--journal", str(town.data / "journal"))
    assert done.returncode == 0, done.stderr
    # …but what the witness remembers does, when it is asked by hand…
    witness.stop()
    kept = tmp_path / "kept"
    kept.write_text(witness.checkpoint(audit_log.checkpoint(town)[0]))
    done = verify(town, witness, "--since", str(kept))
    assert done.returncode == 65 and "shorter than it was" in done.stderr
    # …and by itself, when the log goes on.
    witness.start(witness.address)
    town.start()
    figure_wait(town, alarm__witness_refused=1)
    assert "refuses: shrinking" in town.words(50)


def test_history_made_anew_is_refused_once_it_is_long_enough(seen_town, tmp_path):
    town, witness = seen_town
    town.stop()
    shutil.copytree(town.data, tmp_path / "earlier")
    town.start()
    receive(town.client("anna"), town)
    audit_log.signed_for(town)
    figure_wait(town, witness__cosigned=1)
    town.stop()
    shutil.rmtree(town.data)
    shutil.copytree(tmp_path / "earlier", town.data)
    witness.stop()
    town.start()
    for _ in range(6):
        receive(town.client("anna"), town, text="autre histoire")
    audit_log.signed_for(town)
    witness.start(witness.address)
    figure_wait(town, alarm__witness_refused=1)
    assert "refuses: bad_proof" in town.words(50)


def test_restored_backup_is_another_log_that_somebody_must_vouch_for(seen_town):
    town, witness = seen_town
    before = audit_log.folder_of(town)
    made = do(town.operator, backup={"name": "b1"}).backup_answer.path
    town.stop()
    town.ctps("store", "restore", made)
    town.start()
    figure_wait(town, alarm__witness_refused=1)
    after = audit_log.folder_of(town)
    assert after != before and (before / "checkpoint").exists()
    assert "another one begins" in town.words(80)
    assert witnesses.vkey_of(after) != witnesses.vkey_of(before)
    introduce(town, witness)
    assert verify(town, witness).returncode == 0
    assert verify(town, witness, folder=before).returncode == 0


def test_option_that_names_no_witness_is_said(stopped_town, tmp_path):
    witness = witnesses.Witness(tmp_path / "witness")
    witness.address = "https://example"
    configure(stopped_town, witness)
    text = stopped_town.config.read_text()
    stopped_town.config.write_text(text.replace('connect = [ "https://example" ];', ""))
    stopped_town.start()
    view = plugins.wait_for(stopped_town, lambda view: view.state == "failed", name="audit")
    assert "http://HOST:PORT" in view.why


# --- held against the journal ---

def test_log_is_held_against_the_journals_files_without_any_key(seen_town, tmp_path):
    town, witness = seen_town
    journal = str(town.data / "journal")
    done = verify(town, witness, "--journal", journal)
    assert done.returncode == 0 and "le journal contient les mêmes écritures" in done.stdout
    town.stop()
    copy = shutil.copytree(town.data / "journal", tmp_path / "journal")
    segment, = copy.glob("*.seg")
    data = bytearray(segment.read_bytes())
    data[700] ^= 1
    segment.write_bytes(data)
    done = verify(town, witness, "--journal", str(copy))
    assert done.returncode == 65, done.stdout


def test_log_is_held_against_the_running_daemon(seen_town):
    town, witness = seen_town
    key = town.dir / "audrey.key"
    town.keys["audrey"].write(key)
    done = verify(town, witness, "--online", "--as", str(key))
    assert done.returncode == 0, done.stderr
    assert "le journal contient les mêmes écritures" in done.stdout
    key = town.dir / "anna.key"
    town.keys["anna"].write(key)
    assert verify(town, witness, "--online", "--as", str(key)).returncode == 77


def test_refusal_of_a_witness_is_an_alarm_of_the_status(seen_town):
    town, witness = seen_town

    def alarmed():
        return {figure.name for figure in do(town.operator, status_get={}).status_answer.figures
                if figure.alarm}

    assert not alarmed()
    witness.stop()
    shutil.rmtree(witness.folder / "logs")
    witness.start(witness.address)
    receive(town.client("anna"), town)
    figure_wait(town, alarm__witness_refused=1)
    assert alarmed() == {"plugin.audit.witness_refused"}
