"""The Go program that checks logs with golang.org/x/mod/sumdb."""
import functools
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOCODE = "/usr/share/gocode"  # Debian's Go sources


@functools.lru_cache(maxsize=None)
def verifier():
    """Built from Debian's packages alone; what was compiled once for a build is kept with it."""
    build = pathlib.Path(os.environ["CTPS_BUILD"])
    program = build / "sumdb_verify"
    subprocess.run(
        ["go", "build", "-o", program, ROOT / "tests" / "harness" / "sumdb" / "verify.go"],
        check=True, env=dict(os.environ, GO111MODULE="off", GOPATH=GOCODE, GOFLAGS="",
                             GOCACHE=os.environ.get("GOCACHE", str(build / "gocache"))))
    return program
