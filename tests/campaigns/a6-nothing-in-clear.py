#!/usr/bin/python3
"""A6: nothing personal in clear at rest or on the bus.

A town is filled with canaries in every nominative field, through every path that takes one
(requests, refused requests, junk, an import, searches), decided, read, closed and partly erased;
killed, restarted, backed up; what happens is told by mail. Then every file of the installation, what
the daemon wrote, its figures, every published frame and every mail are searched for each canary in 21 dresses. A run is one dress
of one canary in one place. No core may be left by SIGABRT.

--short     1 town
--long      100 towns
--control   each dress of each canary is planted in each kind of place: all must be found
"""
import os
import pathlib
import resource
import shutil
import signal
import tempfile
import threading

import frame

import canaries
import peopled
from acts import backup, block, command, do, figures, receive, refused, sheet
from notified import address, contact, convene, start
from postbox import Postbox
from town import ctps_client

FIELDS = """last first address phone representatives text place referrer title decline blocked
    entry absent closing purpose search observation importlast motive junk retired
    meeting agenda decision sharing glass""".split()
MAILS = 6  # at least: two convocations, a decision, a share, glass broken twice


class Listener(threading.Thread):
    """Every frame of the PUB socket, as bytes."""

    def __init__(self, town):
        super().__init__(daemon=True)
        self.key, self.frames, self.done = town.keys["follower"], [], False
        self.ready = threading.Event()

    def run(self):
        context = ctps_client.zmq.Context()
        heard = ctps_client.Connection(context, ctps_client.zmq.SUB, self.key, self.key.events)
        while not self.done:
            if heard.wait(0.2):
                self.frames += heard.socket.recv_multipart()
                self.ready.set()
        heard.close()
        context.destroy(linger=0)


def fill(town, words):
    """Every nominative field, through every path."""
    anna, helene = town.client("anna"), town.client("helene")
    who = dict(identity=dict(last_name=words["last"], first_name=words["first"],
                             birth_day=town.today - 5500, address=words["address"],
                             phone=words["phone"], representatives=words["representatives"]),
               role="concerned", sex="F")
    nominative = dict(text=words["text"], place=words["place"], referrer=words["referrer"],
                      persons=[who])
    kept = []
    for _ in range(4):
        saisine = receive(anna, town, **nominative)
        made = do(anna, saisine_accept=dict(id=saisine, title=words["title"])).made[0]
        block(anna, town, made.id, words["blocked"])
        do(anna, situation_add_entry=dict(
            id=made.id, kind="rappel_ordre", day=town.today, text=words["entry"],
            representatives_absent_why=words["absent"]))
        kept.append(made.id)
    do(anna, saisine_decline=dict(id=receive(anna, town, **nominative), motive="hors_champ",
                                  text=words["decline"]))
    for situation in kept[:2]:
        do(anna, situation_close=dict(id=situation, day=town.today, motive="resolue",
                                      text=words["closing"]))
    do(anna, name_search=dict(name=words["search"]))
    do(town.client("bruno"), name_search=dict(name=f"{words['first']} {words['last']}"))
    do(helene, purpose="supervision", purpose_text=words["purpose"],
       situation_get=dict(id=kept[0], nominative=True))
    refused(anna, saisine_receive=sheet(town, motives=[words["motive"]], **nominative))
    refused(town.client("chloe"), name_search=dict(name=words["search"]))
    anna.exchange(command.Request(saisine_receive=sheet(town, text=words["junk"]))
                  .SerializeToString())
    anna.exchange(words["junk"].encode() * 3)
    took = do(helene, import_begin=dict(source="tableau", file_digest=bytes(32),
                                        row_count=1)).made[0].id
    row = sheet(town, persons=[dict(identity=dict(last_name=words["importlast"]),
                                    role="concerned")])
    do(helene, import_row=dict(import_id=took, number="1", saisine=row, term="court",
                               status="suivi", lead_agent=town.agents["anna"],
                               observation=words["observation"]))
    do(helene, import_end=dict(import_id=took))
    return kept


def tell(town, box, words, situation):
    """What is told by mail, with a canary in each text that goes with it; the mails, as they came
    and decoded."""
    anna = town.client("anna")
    for name in ("anna", "emile", "helene", "diane"):
        address(town, name, notify="each")
    roux = contact(town)
    meeting = convene(town, ["anna", "emile"], [roux], title=words["meeting"])
    do(anna, meeting_agenda_add=dict(id=meeting, situation=situation, by_name=True,
                                     text=words["agenda"]))
    do(anna, decision_take=dict(situation=situation, verb="contacter", text=words["decision"],
                                agent=town.agents["emile"], due_day=town.today + 7))
    do(anna, share_record=dict(situation=situation, identity=True, contacts=[roux],
                               legal_base="L132-5", purpose="suivi",
                               purpose_text=words["sharing"], expiry_day=town.today + 9))
    do(town.client("bruno"), break_glass_use=dict(situation=situation, reason=words["glass"]))
    mails = box.wait(MAILS)
    return b"".join(mail.data + str(mail.message["Subject"]).encode() + b"".join(
        part.encode() if isinstance(part, str) else part for part in mail.parts().values())
        for mail in mails)


def abort_leaves_no_core(town):
    """None, or what was wrong."""
    limits = pathlib.Path(f"/proc/{town.process.pid}/limits").read_text()
    core = [line for line in limits.splitlines() if line.startswith("Max core file size")][0]
    os.kill(town.process.pid, signal.SIGABRT)
    _, status = os.waitpid(town.process.pid, 0)
    town.process.returncode = -os.WTERMSIG(status)
    if core.split()[4:6] != ["0", "0"] or os.WCOREDUMP(status):
        return f"core allowed: {core}, dumped {os.WCOREDUMP(status)}"
    return None


def live(seed, words):
    """A town that lived through everything, stopped; the frames heard; what was wrong."""
    town, wrong, box = peopled.make_original(), [], Postbox()
    try:
        box.__enter__()
        town.configure('rules = { erase_interval = "0 s"; };\n')
        start(town, box.port)
        listener = Listener(town)
        listener.start()
        assert listener.ready.wait(20)
        kept = fill(town, words)
        mails = tell(town, box, words, kept[2])
        backup(town, "before")
        said = [str(figures(town.operator)).encode(), mails]
        do(town.client("helene"), situation_erase=dict(id=kept[0], reason="droits"))
        for event in town.client("follower").events(timeout=20):
            if event.topic == "erasure.done":
                break
        said.append(b"".join(listener.frames))
        assert len(listener.frames) > 20, "the listener heard too little to say anything"
        wrong += filter(None, [abort_leaves_no_core(town)])
        listener.done = True
        listener.join()
        town.start()
        do(town.client("anna"), situation_get=dict(id=kept[1], nominative=True))
        backup(town, "after")
        backup(town, "keys", keyring=True)
        said.append(str(figures(town.operator)).encode())
        town.kill()
        done = town.ctps("store", "check")
        said.append((done.stdout + done.stderr).encode())
    except BaseException:
        town.close()
        raise
    finally:
        box.__exit__()
    return town, said, wrong


def drawn(seed):
    rng = canaries.rng_of(seed)
    return {name: canaries.word(rng, name) for name in FIELDS}


def play(seed):
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
    words = drawn(seed)
    needles = canaries.Needles.of_words(words.values())
    town, said, wrong = live(seed, words)
    with town:
        found = needles.in_folder(town.dir)
        for place, data in enumerate(said):
            found += [(f"said {place}", name) for name in needles.in_bytes(data)]
        places = sum(path.is_file() for path in town.dir.rglob("*")) + len(said)
    for where, name in found[:20]:
        print(f"{name} in {where}")
    for line in wrong:
        print(line)
    return places * len(needles.forms) + 1, len(found) + len(wrong)


def control(seed):
    """A file per dress, the log, a frame: planted and looked for in the same way."""
    words = drawn(seed)
    needles = canaries.Needles.of_words(words.values())
    planted = 0
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ct"))
    try:
        rng = canaries.rng_of(seed)
        for number, (name, raw) in enumerate(needles.forms.items()):
            around = rng.randbytes(5000)
            data = around[:2000] + raw + around[2000:]
            (folder / f"{number}.mdb").write_bytes(data)
            if not any(found == name for _, found in needles.in_folder(folder)):
                raise AssertionError(f"{name} planted in a file and not found")
            if name not in needles.in_bytes(b"frame" + raw):
                raise AssertionError(f"{name} planted in a frame and not found")
            (folder / f"{number}.mdb").unlink()
            planted += 2
    finally:
        shutil.rmtree(folder)
    return planted, planted


if __name__ == "__main__":
    frame.run(play, 1, 100, control)
