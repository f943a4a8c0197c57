#!/usr/bin/python3
"""Makes an archive of a small town as this version writes it, and of what it answers:
`tests/golden/town-NUMBER.tar.xz`, which every later version must open and answer alike
(tests/blackbox/test_18_upgrade.py). One is made, and kept for ever, before a release.

usage: CTPS_BUILD=BUILD tests/golden/make.py FILE
"""
import io
import json
import pathlib
import sys
import tarfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))

import golden  # noqa: E402
import peopled  # noqa: E402
from acts import do, receive  # noqa: E402
from test_44_minutes import Met  # noqa: E402

FOLDERS = ["data/journal", "data/keyring", "data/ledger"]
TEXTS = ["ctpsd.conf", "keys/operator.key", "keys/root.key", "keys/server.key"]


def live(town):
    """A little of everything that leaves a trace."""
    anna, bruno, helene = (town.client(name) for name in ("anna", "bruno", "helene"))
    met = Met(town, anna).distributed()
    day = town.today
    do(anna, situation_add_entry=dict(id=met.situation, kind="contact", day=day, text="Éàü"))
    do(anna, situation_review=dict(id=met.situation, day=day, evolution="stable",
                                   next_review_day=day + 30))
    do(anna, situation_engage=dict(id=met.situation, contact=met.contact))
    share = do(anna, share_record=dict(
        situation=met.situation, identity=True, contacts=[met.contact], legal_base="L132-5",
        purpose="suivi", expiry_day=day + 9)).made[0].id
    do(anna, share_revoke=dict(id=share))
    do(anna, decision_take=dict(situation=met.situation, verb="contacter", text="Appeler",
                                agent=town.agents["emile"], due_day=day + 7))
    do(bruno, break_glass_use=dict(situation=met.situation, reason="fugue"))
    do(helene, delegation_grant=dict(territory="T1", to_agent=town.agents["bruno"],
                                     from_day=day, to_day=day + 5))
    do(anna, rights_open=dict(kind="access", received_day=day, territory="T1", name="Durand"))
    declined, first, second, third = (receive(anna, town) for _ in range(4))
    do(anna, saisine_decline=dict(id=declined, motive="hors_champ"))
    ids = [do(anna, saisine_accept=dict(id=id, title="Suivi")).made[0].id
           for id in (first, second, third)]
    do(anna, duplicate_decide=dict(a=first, b=second, outcome="merge"))
    do(helene, situation_restrict=dict(id=ids[2], reason="contestation"))
    do(town.operator, list_value_set=dict(list="motif", code="nouveau", label_fr="Nouveau"))
    return [*ids, met.situation], met.id


def put_text(archive, name, text):
    data = text.encode()
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    archive.addfile(info, io.BytesIO(data))


def anonymous(info):
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    return info


def main():
    with peopled.make_original() as town:
        town.start()
        situations, meeting = live(town)
        kept = {"made_us": time.time_ns() // 1000, "agents": town.agents,
                "asked": golden.questions(town, situations, meeting)}
        kept["answers"] = golden.answers(town, kept["asked"])
        town.stop()
        keys = {name: golden.key_fields(key) for name, key in town.keys.items()}
        with tarfile.open(sys.argv[1], "w:xz") as archive:
            for name in FOLDERS:
                archive.add(town.dir / name, name, filter=anonymous)
            for name in TEXTS:
                text = (town.dir / name).read_text()
                put_text(archive, name, text.replace(str(town.dir), "@DIR@"))
            put_text(archive, "kept.json", json.dumps({**kept, "keys": keys}, indent=1))


if __name__ == "__main__":
    main()
