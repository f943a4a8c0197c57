#!/usr/bin/python3
"""Example of an outside client: who am I talking to, then every event as it happens.

    ./follow.py KEYFILE [FROM-NUMBER]
"""

import sys

from ctps_client import Client, CtpsError, command


def main(keyfile, after="0"):
    with Client(keyfile) as client:
        status = client.ask(status_get=command.StatusGet()).status_answer
        for figure in status.figures:
            print(f"{figure.name} = {figure.value} {figure.unit}".rstrip())
        for event in client.events("plugins", after=int(after)):
            what = event.notice
            print(event.number, event.topic, what.territory, what.reference, what.code, flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except CtpsError as error:
        sys.exit(f"follow: {error}")
    except KeyboardInterrupt:
        pass
