"""Frames of the journal as anybody can read and write them (docs/formats.md); no key needed."""
import hashlib
import struct

HEADER = struct.Struct("<8sHHI16sQQ32sII8s")
MAGIC = b"\x89CTPSJ\r\n"


def _hash(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def split(data):
    """[(header as a list of fields, sealed body)] of a segment, the genesis frame first."""
    found, at = [], 0
    while data[at:at + 8] == MAGIC:
        fields = list(HEADER.unpack_from(data, at))
        end = at + HEADER.size + fields[8]
        found.append((fields, data[at + HEADER.size:end]))
        at = (end + 63) // 64 * 64
    return found


def join(frames):
    """The segment these frames make when each is chained anew to the one before: what somebody
    writes who wants it to look whole."""
    out, before = b"", None
    for seq, (fields, body) in enumerate(frames):
        fields = list(fields)
        if before is not None:
            fields[5], fields[7] = seq, before
        if seq > 0:
            fields[6], fields[9] = batch + 1, 0
        batch, fields[8] = fields[6], len(body)
        head = HEADER.pack(*fields)[:88]
        frame = head + _hash(head)[:8] + body
        before = _hash(frame)
        out += frame + bytes(-len(frame) % 64)
    return out


def end_of(data):
    """Where the frames of a segment end."""
    at = 0
    while data[at:at + 8] == MAGIC:
        at = (at + HEADER.size + HEADER.unpack_from(data, at)[8] + 63) // 64 * 64
    return at
