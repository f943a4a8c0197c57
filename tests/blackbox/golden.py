"""Towns an earlier version wrote (tests/golden), what they were asked then and what they said."""
import json
import pathlib
import tarfile
import tempfile
import time

from google.protobuf.json_format import MessageToDict

from acts import DAY_US
from ctps_client import KeyFile, command
from peopled import PeopledTown

MINUTE_US = 60 * 1_000_000
KINDS = (5, 6, 7, 8, 12)  # ObjectKind: agents, partners, contacts, territories, values of lists
KEY_FIELDS = ("principal", "public", "secret", "server")


def key_fields(key):
    texts = {name: getattr(key, name) for name in KEY_FIELDS}
    return {name: text.decode() if isinstance(text, bytes) else text
            for name, text in texts.items()}


def questions(town, situations, meeting):
    """[who asks, fields of the request], all of which may be asked again."""
    every = [
        ["follower", {"read_events": {"audience": "plugins", "limit": 200}}],
        ["helene", {"situation_list": {"with_closed": True}}],
        ["anna", {"saisine_list": {"limit": 50}}],
        ["anna", {"duplicate_list": {"limit": 50}}],
        ["anna", {"decision_list": {"limit": 50}}],
        ["anna", {"share_list": {"limit": 50}}],
        ["anna", {"rights_list": {"limit": 50}}],
        ["helene", {"delegation_list": {}}],
        ["anna", {"meeting_list": {"limit": 50}}],
        ["anna", {"minutes_get": {"meeting": meeting}}],
        ["anna", {"tracking_table_get": {"territory": "T1"}}],
        ["helene", {"habilitation_register": {}}],
        ["operator", {"key_list": {"with_revoked": True}}],
    ]
    every += [["helene", {"reference_list": {"kind": kind}}] for kind in KINDS]
    for situation in situations:
        every.append(["anna", {"situation_get": {"id": situation, "nominative": True}}])
    return every


def answer(client, fields):
    """Without what differs each time: the request's id, the audit entry's number, the head."""
    reply = client.request(command.Request(**fields))
    said = MessageToDict(reply, preserving_proto_field_name=True)
    for varying in ("id", "seq"):
        said.pop(varying, None)
    said.get("events_answer", {}).pop("head", None)
    return said


def answers(town, asked):
    return [answer(town.operator if who == "operator" else town.client(who), fields)
            for who, fields in asked]


def lacks(expected, actual, path=""):
    """Where `actual` does not say what `expected` says; what it says besides is news."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return [f"{path}: {expected!r} became {actual!r}"]
        return [line for name in expected
                for line in lacks(expected[name], actual.get(name), f"{path}/{name}")]
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) < len(expected):
            return [f"{path}: {expected!r} became {actual!r}"]
        return [line for at, item in enumerate(expected)
                for line in lacks(item, actual[at], f"{path}/{at}")]
    return [] if expected == actual else [f"{path}: {expected!r} became {actual!r}"]


class GoldenTown(PeopledTown):
    """The town of an archive, its clock where it was then; not started."""

    def __init__(self, file):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="cg"))
        with tarfile.open(file) as archive:
            archive.extractall(folder)
        for path in (folder / "ctpsd.conf", folder / "keys" / "operator.key"):
            path.write_text(path.read_text().replace("@DIR@", str(folder)))
        (folder / "run").mkdir(mode=0o700)
        super().__init__(folder=folder)
        self.kept = json.loads((folder / "kept.json").read_text())
        self.agents = self.kept["agents"]
        self.keys = {name: self._moved(KeyFile(commands="", **fields))
                     for name, fields in self.kept["keys"].items()}

    def start_then(self):
        """Starts a minute after its last act."""
        env = self.clock_env()
        self.move_clock((self.kept["made_us"] + MINUTE_US - time.time_ns() // 1000) / DAY_US)
        self.start(env)
