"""A town that takes over the example's files with the command line, as a town would do it."""

import json
import subprocess

import paths
from town import Town

EXAMPLE = paths.ROOT / "tools/example/mulhouse"
HEAD = "adem.haddad@mulhouse.example"
COORDINATOR = "oceane.fischer@mulhouse.example"
NEIGHBOUR = "noemie.keller@mulhouse.example"


class ImportTown(Town):
    """A town with the example's reference data, near today, and a key for whoever is named."""

    def __init__(self):
        super().__init__()
        self.files = self.dir / "files"
        subprocess.run([paths.ROOT / "tools/example/shift", EXAMPLE, self.files], check=True,
                       stdout=subprocess.DEVNULL)
        self.start()
        self.ctps("import", *(str(self.files / f"{name}.csv") for name in ("listes", "territoires", "agents")),
                  "--as", self.operator_key)

    @property
    def operator_key(self):
        return str(self.dir / "keys/operator.key")

    def key_of(self, email):
        path = self.dir / f"{email}.key"
        if not path.exists():
            self.ctps("key", "new", "--agent", email, "--out", str(path), "--as", self.operator_key)
        return str(path)

    def run(self, *words, who=HEAD):
        return self.ctps(*words, "--as", self.key_of(who), check=False)

    def json(self, *words, who=HEAD):
        return json.loads(self.run(*words, "--json", who=who).stdout)

    def table_of(self, answer):
        return next(file for file in answer["files"] if file["kind"] == "tableau-de-suivi")
