"""How long until ctpsd answers again: after a stop, a kill and a power loss."""

import signal
import statistics
import time

import town


def resident_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        found = dict(line.split(":", 1) for line in status)
    return int(found["VmRSS"].split()[0]), int(found["VmHWM"].split()[0])


def figure(connection, name):
    figures = connection.ask(status_get={}).status_answer.figures
    return next((row.value for row in figures if row.name == name), "?")


def wait_index(folder):
    key = town.ctps_client.KeyFile.read(folder / "keys/operator.key")
    operator = town.Connection(key, f"ipc://{folder}/run/commands")
    while figure(operator, "index.complete") != "yes":
        time.sleep(0.1)


def once(daemon, folder, situation):
    """Seconds to "ready" and to the first answer of a coordinator; then what it is like."""
    key = town.ctps_client.KeyFile.read(folder / "keys/operator.key")
    public, secret = (folder / "keys/clients").read_text().split()[:2]
    own = town.ctps_client.KeyFile(principal="agent", public=public, secret=secret,
                                   server=key.server.decode(), commands=key.commands)
    begin = time.monotonic()
    daemon.start()
    ready = time.monotonic() - begin
    endpoint = f"ipc://{folder}/run/commands"
    town.Connection(own, endpoint).ask(situation_get=dict(id=situation))
    answered = time.monotonic() - begin
    time.sleep(2)  # the idle work of a start is part of what a quiet daemon holds
    operator = town.Connection(key, endpoint)
    resident, peak = resident_kib(daemon.process)
    return dict(ready_s=ready, answer_s=answered, rss_kib=resident, peak_kib=peak,
                replayed=int(figure(operator, "views.replayed_at_start")))


def run(build, made, folder, rounds):
    copy = town.copy(made, folder / "ctpsd")
    daemon = town.Daemon(build, copy)
    situation = int((copy / "situations").read_text().split()[0])
    once(daemon, copy, situation)
    print("| start after | first answer s | ready s | rss KiB | peak KiB | entries replayed |")
    print("|---|---|---|---|---|---|")
    for name in ("stop", "kill", "power loss"):
        found = []
        for _ in range(rounds):
            daemon.stop(signal.SIGTERM if name == "stop" else signal.SIGKILL)
            if name == "power loss":
                # What was not flushed is gone: no view is believed without its marker.
                (copy / "data/views/marker").unlink()
            found.append(once(daemon, copy, situation))
        row = {field: statistics.median(each[field] for each in found) for field in found[0]}
        print(f"| {name} | {row['answer_s']:.3f} | {row['ready_s']:.3f} | "
              f"{row['rss_kib']:,.0f} | {row['peak_kib']:,.0f} | {row['replayed']:,.0f} |")
    daemon.stop()
