"""The short pieces of work R4 runs while calls fail, and what must be true after each.

`prepare` leaves the disk a scenario begins on; `work` asks; `check` looks, in a daemon started
again, for what the answers to `work` promised beyond being remembered.
"""
import os
import shutil
import time

import frame  # noqa: F401

from faults import command, common, ctps_client
from town import person, saisine, today

BLOCK_IDLE = 2192    # free keys below which the daemon adds a block: ENGINE_SLOTS_IDLE
SEGMENT_LEN = 16 << 20
WAITS = 40           # of 50 ms: the daemon destroys keys once a second
ENTRY_LEN = 1024     # room for a step of 500 characters in the journal
DAMAGED_AT = 9000    # in the journal of some entries
INDEX_TURNS = 100    # of 20 ms: then every name is in the index


class Scenario:
    """Of the running daemon, unless `offline`: then `words` are those of a `ctps` command."""

    name = ""
    offline = False
    can_cut = True
    from_start = False   # calls count from the program's start, not from when it is ready
    glob = ""            # of the files whose calls count; of memory, all

    def prepare(self, trial):
        pass

    def work(self, trial):
        pass

    def check(self, trial):
        return []

    def judge(self, trial, env):
        return trial.judge_town(env)


def receive(trial, count=1, **fields):
    for _ in range(count):
        token = "text " + trial.rng.randbytes(6).hex()
        reply = trial.ask(trial.ground.anna, token,
                          saisine_receive=saisine("T1", token, **fields))
    return reply.made[0].id


def wait_for(trial, name, test):
    """Until a figure of the status is as wanted: two seconds at most."""
    for _ in range(WAITS):
        status = trial.ask(trial.town.operator, status_get={}).status_answer
        if any(test(int(figure.value)) for figure in status.figures if figure.name == name):
            break
        time.sleep(0.05)


def open_situation(trial, **fields):
    made = receive(trial, persons=[person("Durand")])
    return trial.ask(trial.ground.anna, saisine_accept={
        "id": made, "title": "t", **fields}).made[0].id


def close(trial, situation):
    trial.ask(trial.ground.anna, situation_close={
        "id": situation, "day": today(), "motive": "resolue"})


def erased(trial, situation):
    return trial.ground.anna.request(command.Request(
        situation_get={"id": situation})).situation_answer.situations[0].erased


class Start(Scenario):
    """A start after a kill: the journal written again, the views caught up."""

    name, from_start = "start", True

    def prepare(self, trial):
        trial.town.start()
        receive(trial, 4)

    def work(self, trial):
        receive(trial)


class RebuildAtStart(Start):
    """A start that throws the views away."""

    name = "views lost"

    def prepare(self, trial):
        super().prepare(trial)
        trial.town.stop()
        for path in (trial.town.data / "views").iterdir():
            path.unlink()


class Write(Scenario):
    """Ordinary work."""

    name = "write"

    def prepare(self, trial):
        trial.town.start()

    def work(self, trial):
        situation = open_situation(trial)
        anna = trial.ground.anna
        receive(trial, 3)
        trial.ask(anna, situation_add_entry={
            "id": situation, "kind": "appel", "day": today(), "text": "entry"})
        trial.ask(anna, situation_set_status={
            "id": situation, "status": "veille", "watch_until_day": today() + 30})


class Again(Scenario):
    """A request sent again is answered as before, and not done twice."""

    name = "again"

    def prepare(self, trial):
        trial.town.start()
        receive(trial, 3)

    def work(self, trial):
        for promise in trial.before[0]:
            reply = trial.exchange(trial.ground.anna, promise.body)
            if reply is None or reply.refusal.name == "unavailable":
                return
            trial.note(trial.ground.anna, promise.body, promise.token, reply)
            if not reply.repeated_answer:
                trial.wrong.append("done twice")


class Read(Scenario):
    """Names and texts are read: whoever got them stands in the trail."""

    name = "read"

    def prepare(self, trial):
        trial.town.start()
        trial.situation = open_situation(trial)

    def work(self, trial):
        trial.read = []
        for client, purpose in ((trial.ground.anna, {}), (trial.ground.head,
                                                         {"purpose": "suivi"})):
            for _ in range(2):
                reply = trial.ask(client, situation_get={
                    "id": trial.situation, "nominative": True}, **purpose)
                shown = reply.situation_answer.situations[0]
                if shown.title != "t" or not shown.persons:
                    trial.wrong.append("answered without what it holds")
                trial.read.append(reply.seq)
        for _ in range(INDEX_TURNS):
            reply = trial.ask(trial.ground.anna, name_search={"name": "Durand Zoé"})
            found = reply.search_answer
            if found.situations:
                trial.read.append(reply.seq)
            if found.index_complete:
                break
            time.sleep(0.02)
        if not found.situations:
            trial.wrong.append("the name was not found")

    def check(self, trial):
        trail = trial.ground.dpo.ask(audit_who={
            "situation": trial.situation, "from_day": today() - 1, "to_day": today() + 1})
        known = {view.seq for view in trail.audit_answer.entries}
        return [f"the reading {seq} left no trace" for seq in getattr(trial, "read", [])
                if seq not in known]


class Erasure(Scenario):
    """An erasure is ordered and the daemon died at once: the next start must do it."""

    name, from_start = "erasure", True

    def prepare(self, trial):
        trial.town.start()
        trial.situation = open_situation(trial)
        close(trial, trial.situation)
        trial.ask(trial.ground.head,
                  situation_erase={"id": trial.situation, "reason": "suivi"})
        trial.promises, trial.texts = [], []

    def work(self, trial):
        receive(trial)

    def check(self, trial):
        return [] if erased(trial, trial.situation) else ["the situation is not erased"]


class Rekey(Scenario):
    """A person is dropped from a situation: its keys are made anew, the old ones destroyed."""

    name = "rekey"

    def prepare(self, trial):
        config = trial.town.config
        config.write_text(config.read_text() + 'rules = { erase_interval = "0 s"; };\n')
        trial.town.start()
        trial.situation = open_situation(trial)
        trial.promises, trial.texts = [], []

    def work(self, trial):
        trial.ask(trial.ground.anna,
                  situation_rekey={"id": trial.situation, "reason": "droits"})
        wait_for(trial, "ledger.erased", lambda count: count > 0)
        receive(trial)

    def check(self, trial):
        shown = trial.ground.anna.request(command.Request(situation_get={
            "id": trial.situation, "nominative": True})).situation_answer.situations
        return [] if shown and shown[0].title == "t" else ["what was kept cannot be read"]


class Keys(Scenario):
    """So few free keys that a block is added."""

    name, glob = "keys", ":data/keyring/*"

    def prepare(self, trial):
        trial.town.start()
        while int(trial.town.figures()["keyring.free"]) > BLOCK_IDLE + 6:
            receive(trial, 5)
        trial.promises, trial.texts = [], []

    def work(self, trial):
        receive(trial, 20)
        wait_for(trial, "keyring.free", lambda free: free > BLOCK_IDLE)


class Segment(Scenario):
    """The journal's segment is full and the next one begins."""

    name, glob = "segment", ":data/journal/*"

    def prepare(self, trial):
        config = trial.town.config
        config.write_text(config.read_text().replace(
            "bus = {", "bus = {\n    rate_per_key = 1000000;\n    burst_per_key = 1000000;"))
        trial.town.start()
        self.situation = open_situation(trial)
        trial.promises, trial.texts = [], []
        while (room := SEGMENT_LEN - self.used(trial)) > 4 * ENTRY_LEN:
            trial.pour(trial.ground.anna, min(64, room // ENTRY_LEN - 2), **self.entry())

    def entry(self):
        return {"situation_add_entry": {"id": self.situation, "kind": "appel", "day": today(),
                                        "text": "x" * 500}}

    @staticmethod
    def used(trial):
        return int(trial.town.figures()["journal.used"])

    def work(self, trial):
        for _ in range(8):
            trial.ask(trial.ground.anna, **self.entry())

    def check(self, trial):
        segments = int(trial.town.figures()["journal.segments"])
        return ["no second segment"] if len(trial.promises) == 8 and segments < 2 else []


class Backup(Scenario):
    """The journal and the keyring are copied while the daemon serves."""

    name = "backup"

    def prepare(self, trial):
        trial.town.start()
        receive(trial, 3)

    def work(self, trial):
        trial.made = []
        for keyring in (True, False):
            trial.ask(trial.town.operator, backup={"name": "b", "keyring": keyring})
            trial.made.append(keyring)
        receive(trial)

    def judge(self, trial, env):
        wrong = trial.judge_town(env)
        if True in trial.made:
            if not (trial.town.dir / "keyring-backups" / "b").is_dir():
                return wrong + ["the backup of the keyring is not there"]
            shutil.rmtree(trial.town.data / "keyring")
            shutil.copytree(trial.town.dir / "keyring-backups" / "b",
                            trial.town.data / "keyring")
        if False in trial.made:
            trial.promises, trial.texts = map(list, trial.before)
            done = trial.town.ctps("store", "restore",
                                   str(trial.town.dir / "backups" / "b"), check=False)
            if done.returncode:
                return wrong + [f"the backup: {done.stderr.strip()}"]
            wrong += [f"restored: {line}" for line in trial.judge_town({})]
        return wrong


class Import(Scenario):
    """A small table is taken over, and taken back."""

    name = "import"

    def prepare(self, trial):
        trial.town.start()

    def work(self, trial):
        head = trial.ground.head
        trial.undone = False
        made = trial.ask(head, import_begin={"source": "t.csv", "row_count": 3}).made[0].id
        for number in range(3):
            trial.ask(head, import_row={
                "import_id": made, "number": str(number), "status": "suivi",
                "saisine": saisine("T1", persons=[person(f"N{number}")]),
                "next_review_day": today() + 30, "lead_agent": trial.ground.lead.id})
        trial.ask(head, import_end={"import_id": made})
        while "undo_more" in trial.ask(head, import_undo={"import_id": made}).warnings:
            pass
        trial.undone = True

    def check(self, trial):
        left = trial.ground.head.ask(situation_list={"with_closed": True}).situation_answer
        return ["what was taken back is there"] if trial.undone and left.situations else []


class Merge(Scenario):
    """Two saisines become one, the situation is shared, the share acknowledged and read."""

    name = "merge"

    def prepare(self, trial):
        trial.town.start()

    def work(self, trial):
        anna, contact = trial.ground.anna, trial.ground.contact
        a, b = (receive(trial, persons=[person("Durand")]) for _ in range(2))
        made = [trial.ask(anna, saisine_accept={"id": id, "title": "t"}).made[0].id
                for id in (a, b)]
        trial.ask(anna, duplicate_decide={"a": a, "b": b, "outcome": "merge"})
        share = trial.ask(anna, share_record={
            "situation": made[0], "identity": True, "contacts": [trial.ground.contact_id],
            "legal_base": "L132-5", "purpose": "suivi", "purpose_text": "groupe",
            "expiry_day": today() + 30}).made[0].id
        trial.ask(contact, share_acknowledge={"id": share})
        shown = trial.ask(contact, situation_get={
            "id": made[0], "nominative": True}).situation_answer.situations
        if not shown or not shown[0].persons:
            trial.wrong.append("what is shared was not shown")


class Effect(Scenario):
    """What a plugin did is recorded once, and its cursor moved."""

    name = "effect"

    def prepare(self, trial):
        trial.town.start()
        receive(trial, 2)

    def work(self, trial):
        follower, trial.recorded = trial.ground.follower, []
        events = trial.ask(follower, read_events={"audience": "plugins"}).events_answer.events
        for number in (event.header.number for event in events[-2:]):
            trial.ask(follower, effect_record={
                "key": str(number), "kind": "reminder.due", "source": number,
                "outcome": "on_time", "day": today()})
            trial.recorded.append(str(number))
            trial.ask(follower, cursor_set={"audience": "plugins", "position": number})

    def check(self, trial):
        found = [effect.key for effect in trial.town.operator.ask(
            effect_find={"limit": 100}).effect_answer.effects]
        return [f"effect {key} is there {found.count(key)} times"
                for key in getattr(trial, "recorded", []) if found.count(key) != 1]


class Reload(Scenario):
    """The configuration is read again, with a grant less, then with it again."""

    name = "reload"

    def prepare(self, trial):
        trial.town.start()

    def work(self, trial):
        trial.ground.grant([])
        trial.ask(trial.town.operator, reload={})
        receive(trial)
        trial.ground.grant(["effect.record"])
        trial.ask(trial.town.operator, reload={})
        receive(trial)


# --- without a daemon ---

class Offline(Scenario):
    """Damage (65) may be told only of what is damaged."""

    offline = from_start = True
    may_end = (0, os.EX_SOFTWARE, os.EX_IOERR, os.EX_TEMPFAIL)

    def words(self, trial):
        raise NotImplementedError


class Init(Offline):
    """A new installation: exit 0 means that it serves."""

    name, glob = "init", ":new*"

    def words(self, trial):
        return ["init", str(trial.town.dir / "new"), "--town", "Mulhouse"]

    def judge(self, trial, env):
        if trial.status != 0:
            return []
        if "root key" not in trial.said.lower() and "racine" not in trial.said.lower():
            return [f"exit 0 without the sheet: {trial.said[:80]!r}"]
        return trial.serves(trial.town.dir / "new", env)


class Stopped(Offline):
    """Of a store that was killed at work."""

    def prepare(self, trial):
        trial.town.start()
        trial.situation = open_situation(trial)
        receive(trial, 3)
        trial.town.kill()


class StoreRebuild(Stopped):
    """The views are made anew."""

    name = "store rebuild"

    def words(self, trial):
        return ["store", "rebuild"]


class StoreCheck(Stopped):
    """A damaged store must never be called whole, whatever fails meanwhile."""

    name, can_cut, may_end = "store check", False, (*Offline.may_end, os.EX_DATAERR)

    def prepare(self, trial):
        super().prepare(trial)
        segment = next((trial.town.data / "journal").glob("*.seg"))
        with open(segment, "r+b") as file:
            file.seek(DAMAGED_AT)
            byte = file.read(1)[0]
            file.seek(DAMAGED_AT)
            file.write(bytes([byte ^ 1]))

    def words(self, trial):
        return ["store", "check"]

    def judge(self, trial, env):
        return ["a damaged store was called whole"] if trial.status == 0 else []


class StoreRestore(Offline):
    """A backup is taken for this store's. What was erased since must not come back, also where
    it had another owner in the backup, nor may a key revoked since be let in."""

    name = "store restore"

    def prepare(self, trial):
        config = trial.town.config
        config.write_text(config.read_text() + 'rules = { erase_interval = "0 s"; };\n')
        trial.town.start()
        anna, operator = trial.ground.anna, trial.town.operator
        a, b = (receive(trial, persons=[person("Durand")]) for _ in range(2))
        trial.gone = [trial.ask(anna, saisine_accept={"id": id, "title": "t"}).made[0].id
                      for id in (a, b)]
        promises, texts = list(trial.promises), trial.texts[:0]
        operator.ask(backup={"name": "b"})
        trial.ask(anna, duplicate_decide={"a": a, "b": b, "outcome": "merge"})
        close(trial, trial.gone[0])
        trial.ask(trial.ground.head, situation_erase={"id": trial.gone[0], "reason": "suivi"})
        while int(trial.town.figures()["ledger.erased"]) < 1:
            receive(trial)
        lost = trial.town.key_new({"kind": common.PRINCIPAL_AGENT, "id": trial.ground.lead.id})
        operator.ask(key_revoke={"public_key": lost.public_bytes})
        trial.lost = trial.town.client_of(lost)
        trial.promises, trial.texts = promises, texts
        trial.town.stop()

    def words(self, trial):
        return ["store", "restore", str(trial.town.dir / "backups" / "b")]

    def judge(self, trial, env):
        if trial.status != 0:  # then it can be done again
            done = trial.town.ctps(*self.words(trial), check=False, env=env)
            if done.returncode:
                return [f"restored again: {done.stderr.strip()}"]
        return trial.judge_town(env)

    def check(self, trial):
        wrong = [f"situation {id} came back" for id in trial.gone if not erased(trial, id)]
        try:
            trial.lost.request(command.Request(situation_list={}), timeout=2)
            wrong.append("the revoked key is admitted")
        except ctps_client.Denied:
            pass
        return wrong


ALL = [Start(), RebuildAtStart(), Write(), Again(), Read(), Erasure(), Rekey(), Keys(), Segment(),
       Backup(), Import(), Merge(), Effect(), Reload(), Init(), StoreRebuild(), StoreCheck(),
       StoreRestore()]
