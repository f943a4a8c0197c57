#!/usr/bin/python3
"""Rebuilds what a disk may hold after a power cut, from a log of tests/harness/iorec.

A walk over the log keeps two things: what was flushed, and the operations that were not yet,
in order. After each record (a prefix of the log) the disk may hold the flushed part and any of
the rest; the policies choose which:

  all        everything reached the disk (also what a killed process leaves: the page cache)
  flushed    only what was flushed
  one        flushed, and one single 512-byte sector group or one name operation more
  torn       the last write only in part (cut at 512 and at 4096 bytes), everything else before
             it: once with all, once with only what was flushed
  random     any subset by seed: sectors one by one, name operations in order within a folder

After a flush that failed the kernel may count the pages as clean: a later flush of the file does
not take them to the disk, only writing them again does.

Names follow the cautious reading of POSIX: a file that was created, renamed or removed is so
for sure only after fsync of its folder; a file's own fsync says nothing of its name. Within one
folder name operations reach the disk in order.

    for state in Replay(log).walk():
        for image in state.images(["flushed", "torn"], random.Random(1)):
            image.write_to(folder)

An acknowledgement is tied to the log by its length when the client had received it
(`log_length`): it must survive in every state whose `position` is at least that.
"""

import argparse
import os
import pathlib
import random
import shutil
import struct
from dataclasses import dataclass, field

PAGE = 4096
SECTOR = 512
ZERO_PAGE = bytes(PAGE)
HEADER = struct.Struct("<IBBHQQ")
MAGIC = 0x43524F49
(START, OPEN, CREATE, WRITE, SYNC, SYNC_DIR, SYNC_ALL, TRUNCATE, RENAME, UNLINK, MKDIR, RMDIR,
 CLOSE, KILL, FAULT, SEEN) = range(1, 17)
OP_NAMES = ("", "start", "open", "create", "write", "sync", "sync-dir", "sync-all", "truncate",
            "rename", "unlink", "mkdir", "rmdir", "close", "kill", "fault", "seen")
START_MARK = HEADER.pack(MAGIC, START, 0, 0, 0, 0)[:8]
FLAG_DSYNC, FLAG_FAILED = 1, 2
POLICIES = ("all", "flushed", "one", "torn", "random")


def log_length(path):
    """Bytes of the log now; 0 before it exists."""
    try:
        return os.path.getsize(path)
    except FileNotFoundError:
        return 0


@dataclass(frozen=True)
class Record:
    """One line of the log; `end` is the length of the log with it."""

    op: int
    flags: int
    path: str
    offset: int
    length: int
    data: bytes
    end: int

    def __str__(self):
        failed = " failed" if self.op in (SYNC, SYNC_DIR) and self.flags & FLAG_FAILED else ""
        return f"{OP_NAMES[self.op]} {self.path} {self.offset}+{self.length}{failed}"


def read_records(path):
    """Every record. One cut short (a process killed from outside while logging) gives what
    there is of it; the next process's START is looked for behind it."""
    data = pathlib.Path(path).read_bytes()
    at = 0
    while at + HEADER.size <= len(data):
        magic, op, flags, path_len, offset, length = HEADER.unpack_from(data, at)
        if magic != MAGIC:
            raise ValueError(f"{path}: no record at byte {at}")
        body = at + HEADER.size
        content = body + path_len
        end = content + (length if op in (WRITE, RENAME) else 0)
        if end > len(data) or (end < len(data) and data[end : end + 4] != START_MARK[:4]):
            cut = data.find(START_MARK, body)
            end = cut if cut >= 0 else len(data)
            if op != WRITE or content > end:
                at = end
                continue
            length = end - content
        name = data[body:content].decode("utf-8", "surrogateescape")
        yield Record(op, flags, name, offset, length, data[content:end], end)
        at = end


class Content:
    """Bytes of a file, sparse: pages that hold only zeros are not kept."""

    def __init__(self):
        self.size = 0
        self.pages = {}

    def copy(self):
        other = Content()
        other.size = self.size
        other.pages = dict(self.pages)
        return other

    def write(self, offset, data):
        self.size = max(self.size, offset + len(data))
        view = memoryview(data)
        while view:
            number, start = divmod(offset, PAGE)
            part = view[: PAGE - start]
            self._write_page(number, start, part)
            offset += len(part)
            view = view[len(part) :]

    def _write_page(self, number, start, part):
        old = self.pages.get(number)
        if old is None:
            if part == ZERO_PAGE[: len(part)]:
                return
            old = ZERO_PAGE
        page = b"".join((old[:start], part, old[start + len(part) :]))
        if page == ZERO_PAGE:
            self.pages.pop(number, None)
        else:
            self.pages[number] = page

    def truncate(self, size):
        if size < self.size:
            last, rest = divmod(size, PAGE)
            for number in [n for n in self.pages if n > last or (n == last and rest == 0)]:
                del self.pages[number]
            if rest and last in self.pages:
                self._write_page(last, rest, ZERO_PAGE[rest:])
        self.size = size

    def read(self, offset=0, length=None):
        length = self.size - offset if length is None else min(length, self.size - offset)
        first, last = offset // PAGE, (offset + max(length, 0) + PAGE - 1) // PAGE
        whole = b"".join(self.pages.get(n, ZERO_PAGE) for n in range(first, last))
        return whole[offset - first * PAGE :][: max(length, 0)]

    def write_to(self, path):
        numbers = sorted(self.pages)
        first = 0
        with open(path, "wb", buffering=0) as out:
            for i in range(1, len(numbers) + 1):
                if i == len(numbers) or numbers[i] != numbers[i - 1] + 1:
                    run = b"".join(self.pages[n] for n in numbers[first:i])
                    os.pwrite(out.fileno(), run, numbers[first] * PAGE)
                    first = i
            os.ftruncate(out.fileno(), self.size)

    @staticmethod
    def read_from(path):
        content = Content()
        content.write(0, pathlib.Path(path).read_bytes())
        return content


@dataclass
class DataOp:
    """A write or (data None) a truncation not yet flushed; `sure`: written through O_DSYNC;
    `lost`: a flush of it failed, so that no later flush takes it to the disk any more."""

    offset: int
    data: bytes
    sure: bool
    lost: bool = False
    sectors: list = field(default_factory=list)  # (offset, length) that change something

    def apply(self, content):
        if self.data is None:
            content.truncate(self.offset)
        else:
            content.write(self.offset, self.data)

    def apply_sector(self, content, sector):
        offset, length = sector
        start = offset - self.offset
        content.write(offset, self.data[start : start + length])

    def apply_head(self, content, length):
        content.write(self.offset, self.data[:length])

    def find_sectors(self, before):
        """Sector groups of the write that differ from zeros or from what stood there."""
        end = self.offset + len(self.data)
        offset = self.offset
        while offset < end:
            length = min(SECTOR - offset % SECTOR, end - offset)
            part = self.data[offset - self.offset :][:length]
            if part.count(0) != length or before.read(offset, length).strip(b"\0"):
                self.sectors.append((offset, length))
            offset += length


class File:
    """One inode: its content now, its flushed content, the operations in between."""

    def __init__(self, content=None):
        self.live = content or Content()
        self.flushed = self.live.copy()
        self.pending = []

    def write(self, offset, data, sure):
        op = DataOp(offset, data, sure)
        if len(data) < 1 << 20 or data.count(0) != len(data):
            op.find_sectors(self.live)
        op.apply(self.live)
        self._add(op)

    def truncate(self, size):
        op = DataOp(size, None, False)
        op.apply(self.live)
        self._add(op)

    def _add(self, op):
        if op.sure and not self.pending:
            op.apply(self.flushed)
        else:
            self.pending.append(op)

    def flush(self):
        for op in self.pending:
            if not op.lost:
                op.apply(self.flushed)
        self.pending = []

    def fail_flush(self):
        for op in self.pending:
            op.lost = True

    def build(self, choose=None):
        """Flushed content, the sure writes and what choose(op, content) applies of the rest."""
        content = self.flushed.copy()
        for op in self.pending:
            if op.sure:
                op.apply(content)
            elif choose:
                choose(op, content)
        return content


FOLDER = object()  # what a name of a folder stands for


@dataclass(frozen=True)
class NameOp:
    """`path` begins to stand for `target` (None: for nothing); a rename also empties `gone`."""

    path: str
    target: object
    gone: str = None

    @property
    def folder(self):
        return os.path.dirname(self.path)

    def apply(self, names):
        if self.gone is not None:
            prefix = self.gone + "/"
            for name in [n for n in names if n.startswith(prefix)]:
                names[self.path + "/" + name[len(prefix) :]] = names.pop(name)
            names.pop(self.gone, None)
        if self.target is None:
            names.pop(self.path, None)
        else:
            names[self.path] = self.target


_written = set()


def _empty(folder):
    """Nothing is ever removed from a folder that was not made by an image."""
    folder = os.path.realpath(folder)
    if folder in _written:
        shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, exist_ok=True)
    if os.listdir(folder):
        raise ValueError(f"{folder}: not empty, and no image of ours")
    _written.add(folder)


@dataclass
class Image:
    """One possible disk: names to Content (or FOLDER)."""

    label: str
    position: int
    tree: dict

    def write_to(self, folder):
        """Makes `folder` hold this image: a new or empty folder, or one that an earlier image
        was written to, which is emptied. A name whose folder did not survive is unreachable
        and left out."""
        _empty(folder)
        for name in sorted(self.tree):
            path = os.path.join(folder, name)
            if not os.path.isdir(os.path.dirname(path)):
                continue
            if self.tree[name] is FOLDER:
                os.mkdir(path, 0o700)
            else:
                self.tree[name].write_to(path)


class Replay:
    """State of the disk along a log. `base`: a folder that stood, flushed, before the log."""

    def __init__(self, log, base=None):
        self.records = read_records(log)
        self.live_names = {}
        self.position = 0
        self.record = None
        if base:
            self._load(base)
        self.flushed_names = dict(self.live_names)
        self.pending_names = []

    def _load(self, base):
        for path in sorted(pathlib.Path(base).rglob("*")):
            name = str(path.relative_to(base))
            self.live_names[name] = FOLDER if path.is_dir() else File(Content.read_from(path))

    def walk(self):
        """Yields itself after each record that changes what a disk may hold."""
        for record in self.records:
            self.position = record.end
            self.record = record
            if self._take(record):
                yield self

    def _take(self, record):
        file = self.live_names.get(record.path)
        if record.op in (WRITE, TRUNCATE, SYNC) and not isinstance(file, File):
            raise ValueError(f"{record}: no such file: give the folder the log began with as base")
        if record.op == WRITE:
            file.write(record.offset, record.data, bool(record.flags & FLAG_DSYNC))
        elif record.op == TRUNCATE:
            file.truncate(record.length)
        elif record.op == SYNC and record.flags & FLAG_FAILED:
            file.fail_flush()
        elif record.op == SYNC:
            file.flush()
        elif record.op == SYNC_DIR and not record.flags & FLAG_FAILED:
            self._flush_names(record.path)
        elif record.op == SYNC_ALL:
            self._flush_everything()
        elif record.op == SYNC_DIR:
            return True
        else:
            return self._take_name(record)
        return True

    def _take_name(self, record):
        if record.op == CREATE:
            op = NameOp(record.path, File())
        elif record.op == MKDIR:
            op = NameOp(record.path, FOLDER)
        elif record.op in (UNLINK, RMDIR):
            op = NameOp(record.path, None)
        elif record.op == RENAME:
            target = record.data.decode("utf-8", "surrogateescape")
            op = NameOp(target, self.live_names[record.path], record.path)
        else:
            return False
        op.apply(self.live_names)
        self.pending_names.append(op)
        return True

    def _flush_names(self, folder):
        rest = []
        for op in self.pending_names:
            if op.folder == folder:
                op.apply(self.flushed_names)
            else:
                rest.append(op)
        self.pending_names = rest

    def _flush_everything(self):
        for file in self._files():
            file.flush()
        self.flushed_names = dict(self.live_names)
        self.pending_names = []

    def _files(self):
        found = {id(f): f for names in (self.live_names, self.flushed_names)
                 for f in names.values() if isinstance(f, File)}
        return list(found.values())

    def _image(self, label, names, choose=None, only=None):
        """`choose` says what of a file's pending operations is applied; with `only`, of that
        file alone."""
        tree = {}
        for name, target in names.items():
            if target is FOLDER:
                tree[name] = FOLDER
            else:
                wanted = choose if only is None or target is only else None
                tree[name] = target.build(wanted)
        return Image(label, self.position, tree)

    def images(self, policies=POLICIES, rng=None, sample=8):
        """Possible disks at this point. `sample` caps how many sectors "one" tries and how many
        subsets "random" draws."""
        rng = rng or random.Random(self.position)
        for policy in policies:
            yield from getattr(self, "_images_" + policy)(rng, sample)

    def _images_all(self, _rng, _sample):
        tree = {n: t if t is FOLDER else t.live.copy() for n, t in self.live_names.items()}
        yield Image("all", self.position, tree)

    def _images_flushed(self, _rng, _sample):
        yield self._image("flushed", self.flushed_names)

    def _images_one(self, rng, sample):
        singles = [(file, op, sector) for file in self._files() for op in file.pending
                   if not op.sure for sector in op.sectors]
        if len(singles) > sample:
            singles = rng.sample(singles, sample)
        for file, op, sector in singles:
            def choose(candidate, content, op=op, sector=sector):
                if candidate is op:
                    op.apply_sector(content, sector)
            yield self._image(f"one sector {sector[0]}", self.flushed_names, choose, file)
        for op in self.pending_names:
            names = dict(self.flushed_names)
            op.apply(names)
            yield self._image(f"one name {op.path}", names)

    def _images_torn(self, _rng, _sample):
        record = self.record
        file = self.live_names.get(record.path)
        if record.op != WRITE or not file.pending or file.pending[-1].data is not record.data:
            return
        last = file.pending[-1]
        for unit in (SECTOR, PAGE):
            cuts = {length - length % unit for length in (record.length // 2, record.length - 1)}
            for cut in sorted(cuts - {0}):
                def keep_all(op, content, cut=cut):
                    op.apply_head(content, cut) if op is last else op.apply(content)

                def keep_flushed(op, content, cut=cut):
                    if op is last:
                        op.apply_head(content, cut)
                yield self._image(f"torn {cut} after all", self.live_names, keep_all)
                yield self._image(f"torn {cut}", self.flushed_names, keep_flushed, file)

    def _images_random(self, rng, sample):
        for number in range(sample):
            share = rng.random()

            def choose(op, content, share=share):
                if op.data is None or not op.sectors:
                    if rng.random() < share:
                        op.apply(content)
                    return
                for sector in op.sectors:
                    if rng.random() < share:
                        op.apply_sector(content, sector)
            yield self._image(f"random {number}", self._some_names(rng), choose)

    def _some_names(self, rng):
        """Name operations kept in order within each folder: a prefix per folder."""
        names = dict(self.flushed_names)
        left = {}
        for op in self.pending_names:
            left[op.folder] = left.get(op.folder, 0) + 1
        left = {folder: rng.randint(0, count) for folder, count in left.items()}
        for op in self.pending_names:
            if left[op.folder] > 0:
                left[op.folder] -= 1
                op.apply(names)
        return names


def main():
    parser = argparse.ArgumentParser(description="list a log, or rebuild one image of it")
    parser.add_argument("log")
    parser.add_argument("--base", help="folder that stood before the log")
    parser.add_argument("--position", type=int, help="length of the log at the power cut")
    parser.add_argument("--policy", choices=POLICIES, default="flushed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--to", help="folder to make")
    args = parser.parse_args()
    if not args.to:
        for record in read_records(args.log):
            print(record.end, record)
        return
    image = None
    replay = Replay(args.log, args.base)
    for state in replay.walk():
        if args.position is not None and state.position > args.position:
            break
        image = next(state.images([args.policy], random.Random(args.seed), 1), image)
    if image is None:
        raise SystemExit("no image: the log holds no such record")
    image.write_to(args.to)
    print(f"{image.label} at {image.position}")


if __name__ == "__main__":
    main()
