"""A town with people in it: closed lists, two territories and an agent of each function.

It is made once, stopped, and copied for each test that asks for one (see conftest.py).
"""
import copy
import datetime
import os
import pathlib
import shutil
import tempfile
import zoneinfo

import paths
from town import Town

DAY_US = 86400 * 1_000_000
PARIS = zoneinfo.ZoneInfo("Europe/Paris")
LISTS = {
    "fonction": "coordinateur educateur responsable assistante dpo admin auditeur",
    "origine": "habitant institutionnel terrain auto",
    "nature": "individuelle familiale collective",
    "motif": "errance incivilites violences vif nuisances_sonores",
    "canal": "telephone courriel inconnu",
    "urgence": "courante prioritaire urgente",
    "terme": "court moyen long",
    "etat": "a_qualifier suivi veille bloquee close effacee",
    "evolution": "amelioration stable degradation inconnue",
    "cloture": "resolue judiciaire demenagement",
    "demarche": "contact entretien rappel_ordre transmission_pcd orientation autre",
    "resultat": "realisee partielle impossible non_faite",
    "decision": "contacter rencontrer signaler",
    "finalite": "suivi supervision droits",
    "base_legale": "L132-5 L132-13 L121-6-2 interne",
    "refus_saisine": "hors_champ doublon",
    "type_partenaire": "justice education bailleur",
    "financeur": "ville departement",
}
TERRITORIES = {"T1": ["Bourtzwiller", "Brustlein"], "T2": ["Coteaux"]}
PEOPLE = {
    "anna": ("coordinateur", ["T1"]),
    "bruno": ("coordinateur", ["T2"]),
    "chloe": ("assistante", []),
    "diane": ("dpo", []),
    "emile": ("educateur", ["T1"]),
    "helene": ("responsable", []),
    "admin": ("admin", []),
    "audrey": ("auditeur", []),
}


def today(offset_us=0):
    """The civil day of the town, as days since 1970, by a clock that is so far off."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(microseconds=offset_us)
    return (now.astimezone(PARIS).date() - datetime.date(1970, 1, 1)).days


class PeopledTown(Town):
    """`original`: a stopped PeopledTown to copy, instead of making one. `folder`: an installation
    that stands already, and is this town's from now on."""

    def __init__(self, original=None, folder=None):
        super().__init__(self._copy_files(original) if original else folder)
        self.own = True
        self.agents, self.keys = {}, {}
        self._named = {}
        self._clock = None
        if original:
            self.agents = dict(original.agents)
            self.keys = {name: self._moved(key) for name, key in original.keys.items()}

    @staticmethod
    def _copy_files(original):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="ct"))
        shutil.copytree(original.dir, folder, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("notify", "daemon.log", "commands",
                                                      "plugins", "audit"))
        for path in [folder / "ctpsd.conf", folder / "keys" / "operator.key"]:
            path.write_text(path.read_text().replace(str(original.dir), str(folder)))
        return folder

    def _moved(self, key):
        moved = copy.copy(key)
        moved.commands = f"ipc://{self.dir}/run/commands"
        moved.events = f"ipc://{self.dir}/run/plugins"
        return moved

    def close(self):
        """Also when a failed test left sockets open."""
        for client in self.clients:
            client.context.destroy(linger=0)
        self.clients = []
        super().close()

    def people(self):
        """Fills a new installation; the daemon runs."""
        for name, codes in LISTS.items():
            for code in codes.split():
                self.operator.ask(list_value_set=dict(list=name, code=code, label_fr=code))
        for code, districts in TERRITORIES.items():
            self.operator.ask(territory_set=dict(code=code, name=code, districts=districts))
        for name, (function, territories) in PEOPLE.items():
            made = self.agent(name, territories, function)
            self.agents[name], self.keys[name] = made.id, made.key
        self.keys["follower"] = self.follower()

    @property
    def today(self):
        return today(self._offset_us() if self._clock else 0)

    def client(self, name):
        """The one client of a person (or of the plugin "follower") of this town."""
        if name not in self._named:
            self._named[name] = self.client_of(self.keys[name])
        return self._named[name]

    # --- a clock of its own ---

    def _offset_us(self):
        return int.from_bytes(self._clock.read_bytes(), "little", signed=True)

    def clock_env(self, **more):
        """Environment under which the daemon's clock is moved by move_clock()."""
        if not self._clock:
            self._clock = self.dir / "clock"
            self._clock.write_bytes(bytes(8))
        return {"LD_PRELOAD": str(paths.program("tests/harness/iorec/libiorec.so").resolve()),
                "IOREC_CLOCK": str(self._clock),
                "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""),
                **more}

    def move_clock(self, days=0.0):
        """Sets the daemon's wall clock `days` away from the real one, at once."""
        with open(self._clock, "r+b") as file:
            file.write(int(days * DAY_US).to_bytes(8, "little", signed=True))

    # --- configuration ---

    def configure(self, text):
        """Appends to the configuration file."""
        with open(self.config, "a", encoding="utf-8") as file:
            file.write(text)

    def grant(self, name, actions, audiences=()):
        """Replaces the `plugins` of the configuration by the follower and one more."""
        def words(items):
            return "[ " + ", ".join(f'"{item}"' for item in items) + " ]"

        kept = self.config.read_text().split("\nplugins = {")[0]
        self.config.write_text(f"""{kept}
plugins = {{
  follower = {{ audiences = {words(["plugins"])}; actions = {words(
      ["events.read", "status.read"])}; }};
  {name} = {{ audiences = {words(audiences)}; actions = {words(actions)}; }};
}};
""")

    def plugin(self, name):
        """A registered key of plugin `name`, and a client with it."""
        return self.client_of(self.key_new({"kind": 4, "name": name}, name))


def make_original():
    town = PeopledTown()
    try:
        town.start()
        town.people()
        for client in town.clients:
            client.close()
        town.clients, town._named, town._operator = [], {}, None
        assert town.stop() == 0
    except BaseException:
        town.close()
        raise
    return town

