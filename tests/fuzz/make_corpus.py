#!/usr/bin/python3
"""Writes the seeds of the message fuzzers: corpus/{request,entry,reply,record,link_*}/.

Every command, event and answer once, each of its fields filled with a value its kind allows;
and, of requests, one refused for each reason there is. Same schemas, same files.

usage: tests/fuzz/make_corpus.py [FOLDER]    (default: tests/fuzz/corpus)
"""

import importlib
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SCHEMAS = HERE.parents[1] / "schemas"
EXACT_LEN = {"id": 16, "incarnation": 16, "public_key": 32, "file_digest": 32}


def load_schemas(folder):
    """The generated module of each schema, by stem."""
    files = sorted(str(path) for path in (SCHEMAS / "ctps").glob("*.proto"))
    subprocess.run(["protoc", "-I", SCHEMAS, f"--python_out={folder}", *files], check=True)
    sys.path.insert(0, folder)
    stems = [pathlib.Path(path).stem for path in files]
    return {stem: importlib.import_module(f"ctps.{stem}_pb2") for stem in stems}


def value_of(field):
    if field.type == field.TYPE_STRING:
        return "F" if field.name == "sex" else "t1"
    if field.type == field.TYPE_BYTES:
        return b"\x5a" * EXACT_LEN.get(field.name, 24)
    if field.type == field.TYPE_ENUM:
        return field.enum_type.values[-1].number
    return 20777 if field.type == field.TYPE_SINT32 else 1


def fill(message):
    """Fills every field but those of a oneof; two values of repeated ones."""
    for field in message.DESCRIPTOR.fields:
        if not field.containing_oneof:
            fill_field(message, field)
    return message


def fill_field(message, field):
    repeated = field.label == field.LABEL_REPEATED
    target = getattr(message, field.name)
    for _ in range(2 if repeated else 1):
        if field.message_type:
            part = target.add() if repeated else target
            part.SetInParent()
            fill(part)
        elif repeated:
            target.append(value_of(field))
        else:
            setattr(message, field.name, value_of(field))


def one_each(make, oneof):
    """One message per member of `oneof`: (name of the member, bytes)."""
    for field in make().DESCRIPTOR.oneofs_by_name[oneof].fields:
        message = make()
        fill_field(message, field)
        yield field.name, message.SerializeToString(deterministic=True)


def requests(schemas):
    request = schemas["command"].Request
    yield from one_each(request, "command")
    head = fill(request())
    head.purpose_text = "déjà vu\n\t— Müller"
    yield "head", head.SerializeToString()
    crowd = request()
    for _ in range(17):
        crowd.saisine_receive.persons.add().identity.last_name = "Müller"
    yield "seventeen_persons", crowd.SerializeToString()
    yield "not_utf8", b"\x12\x02\xc0\x80"
    yield "nul", b"\x12\x03a\x00b"
    yield "unknown_field", b"\xf2\x01\x03\x9a\x06\x00"
    yield "unknown_enum", b"\xaa\x06\x02\x08\x63"
    yield "negative_enum", b"\xaa\x06\x0b\x08" + b"\xff" * 9 + b"\x01"
    yield "twice", b"\x20\x01\x20\x00"
    yield "two_commands", b"\xf2\x01\x00\xfa\x01\x00"
    yield "group", b"\x23\x24"
    yield "long_varint", b"\x20" + b"\x80" * 9 + b"\x01"
    yield "length_past_end", b"\x12\xff\xff\xff\x7fa"
    yield "empty", b""


def entries(schemas):
    event_of = dict(one_each(schemas["event"].Event, "body"))
    for name, body in event_of.items():
        yield name, b"\x08\x01" + b"\x32" + length(body) + body
    entry = fill(schemas["event"].Entry())
    yield "entry", entry.SerializeToString(deterministic=True)
    yield "later", entry.SerializeToString(deterministic=True) + b"\xa2\x1f\x03\x00\xff\x01\xa8\x1f\x07"
    yield "packed", b"\x32\x08\x12\x06\x1a\x04\x01\x02\x80\x01"
    yield "made", b"\x3a\x00" * 200


def replies(schemas):
    yield from one_each(schemas["answer"].Reply, "answer")
    yield "head", fill(schemas["answer"].Reply()).SerializeToString(deterministic=True)


def pieces(*parts, state=1, kind=2):
    """As fuzz_link.h takes them: kind 2 a frame, 3 with a descriptor, 4 and 5 plain bytes."""
    return bytes([8, state]) + b"".join(bytes([kind << 3 | 2]) + length(part) + part
                                        for part in parts)


def links(schemas):
    """(name, bytes) for each frame, alone and behind what comes before it in life."""
    link = schemas["link"]
    frames = dict(one_each(link.LinkFrame, "body"))
    listener = link.LinkFrame(connected={}).SerializeToString()
    start = [frames["start"], listener]
    for state in range(6):
        yield f"ready{state}", pieces(link.LinkFrame(state={"phase": 1}).SerializeToString(),
                                      state=state)
    for name, frame in frames.items():
        yield name, pieces(frame)
        yield f"started_{name}", pieces(*start, frame, frame)
        yield f"with_fd_{name}", pieces(*start, frame, kind=3)
    described = fill(link.PluginDescription())
    described.ClearField("why")
    described.name = "t1"
    yield "described", pieces(link.LinkFrame(description=described).SerializeToString())
    event = fill(link.LinkEvent())
    life = [link.LinkFrame(event=event), link.LinkFrame(reply={"ticket": 1, "reply": b"x"}),
            link.LinkFrame(connected={"ticket": 2, "status": 0}), link.LinkFrame(drain={})]
    asked = link.LinkFrame(connect={"host": "mail"})
    yield "asked", pieces(asked.SerializeToString())
    yield "life", pieces(*start, *(frame.SerializeToString() for frame in life))
    yield "life_fd", pieces(*start, *(frame.SerializeToString() for frame in life), kind=3)
    yield "raw", pieces(b"\0\0\0\x02\x12", b"\0\0\0\0", b"\xff\xff\xff\xff", kind=4)
    yield "raw_fd", pieces(b"\0\0\0", b"\x02\x12\0", b"\0", kind=5)


def lines(schemas):
    """Lines of the recording in plugins/example, one by one, and some of each kind."""
    example = SCHEMAS.parent / "plugins" / "example" / "example.record"
    for number, line in enumerate(example.read_bytes().splitlines()):
        if line.startswith(b"{"):
            yield f"example{number:02}", line
    yield "request", b'{"request": {"request": {"effect_record": {"key": "a"}}}}'
    yield "reply", b'{"reply": {"status": 0, "reply": {"status": "done"}}}'
    yield "secret", b'{"start": {"options": [{"name": "a", "secret": "AAAA"}]}}'
    yield "connect", b'{"connect": {"host": "a.example", "port": 587}}'
    yield "verdict", b'{"verdict": "poison"}'
    yield "two", b'{"drain": {}, "clock": {}}'
    yield "deep", b"[" * 3000


def length(body):
    size, out = len(body), b""
    while size >= 128:
        out += bytes([size % 128 | 128])
        size //= 128
    return out + bytes([size])


def write(folder, seeds):
    folder.mkdir(parents=True, exist_ok=True)
    written = {folder / name: data for name, data in seeds}
    for path, data in written.items():
        path.write_bytes(data)
    total = sum(len(data) for data in written.values())
    print(f"{folder.name}: {len(written)} seeds, {total} bytes")


def main():
    corpus = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "corpus"
    with tempfile.TemporaryDirectory() as folder:
        schemas = load_schemas(folder)
        write(corpus / "request", requests(schemas))
        write(corpus / "entry", entries(schemas))
        write(corpus / "reply", replies(schemas))
        write(corpus / "record", lines(schemas))
        for reader in ("core", "host", "plugin"):
            write(corpus / f"link_{reader}", links(schemas))


if __name__ == "__main__":
    main()
