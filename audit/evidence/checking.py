"""Checking an evidence file by itself: no database, no settings, memory that doesn't grow with the file.

Two questions are kept apart. Is the file, to the last bit, the one that was signed? And does the chain in it hold? A
file that was made of a broken chain is as it was signed, and its chain doesn't hold.
"""

import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from audit import chain
from audit.evidence import container, manifest
from audit.evidence.container import CHECKPOINTS, MANIFEST, PUBLIC_KEY, RECORDS, SIGNATURE
from audit.evidence.lines import read_record
from audit.evidence.manifest import Manifest
from audit.integrity import checkpoints, signing

BLOCK = 1 << 20
LONGEST_LINE = 1 << 24  # read as JSON, a line can take thirty times its size in memory


class FileFault(NamedTuple):
    """What is wrong: in which file, at which record or checkpoint (by its record's number; None: the file itself)."""

    file: str
    number: int | None
    fault: str

    def __str__(self) -> str:
        place = f"{self.file}, record {self.number}" if self.number is not None else self.file
        return f"{place}: {self.fault}"


@dataclass(frozen=True)
class FileCheck:
    """`head`: the last record up to which the chain holds. `other_keys`: who else signed checkpoints (public keys)."""

    manifest: Manifest | None
    records: int
    head: chain.Head | None
    first_break: FileFault | None
    as_signed: bool
    other_keys: frozenset[str] = frozenset()

    @property
    def ok(self) -> bool:
        return self.first_break is None


class NotEvidence(Exception):
    """The file doesn't begin as an evidence file does."""


class _Found(Exception):
    def __init__(self, file: str, number: int | None, fault: str) -> None:
        self.finding = FileFault(file, number, fault)


def check_file(path: Path, trusted: str = "") -> FileCheck:
    """OSError for a file that can't be read, NotEvidence for another kind of file. `trusted`: see `check`."""
    with path.open("rb") as file:
        return check_stream(file, trusted)


def check_stream(file: BinaryIO, trusted: str = "") -> FileCheck:
    """What is first found wrong with a seekable evidence file. NotEvidence for another kind of file.

    `trusted`: the public key that it must be signed with, or that key's fingerprint; 64 hex digits.
    """
    size = file.seek(0, io.SEEK_END)
    body = _manifest_body(file)
    try:
        told = manifest.parse_manifest(body)
        parts = _parts(file, size, told, len(body))
    except ValueError as fault:
        return FileCheck(None, 0, None, FileFault(MANIFEST, None, str(fault)), as_signed=False)
    except _Found as found:
        return FileCheck(None, 0, None, found.finding, as_signed=False)
    signed = _signature_fault(body, told, parts)
    walk = _Walk(told, parts)
    broken = walk.fault()
    changed = _container_fault(file, told, parts)
    first = signed or _key_fault(told, trusted) or broken or changed or _stated(told)
    return FileCheck(told, parts[RECORDS].line_ends, walk.last, first, not (signed or changed), walk.marks.other_keys)


class _Part:
    """A file in the container, read once. Afterwards its digest, CRC and number of line ends are known."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._at, self._end = file, start, start + size
        self.start, self.size = start, size
        self.sha256 = hashlib.sha256()
        self.crc = 0
        self.line_ends = 0

    def blocks(self) -> Iterator[bytes]:
        while self._at < self._end:
            self._file.seek(self._at)
            block = self._file.read(min(BLOCK, self._end - self._at))
            if not block:
                raise OSError("the file became shorter while it was read")
            self._at += len(block)
            self.sha256.update(block)
            self.crc = zlib.crc32(block, self.crc)
            self.line_ends += block.count(b"\n")
            yield block

    def finish(self) -> None:
        for _ in self.blocks():
            pass

    def lines(self) -> Iterator[bytes]:
        """Each line without its line feed. ValueError where one doesn't end, or not soon enough."""
        rest = b""
        for block in self.blocks():
            *lines, rest = (rest + block).split(b"\n")
            yield from lines
            if len(rest) > LONGEST_LINE:
                raise ValueError(f"it has a line that is longer than {LONGEST_LINE} bytes")
        if rest:
            raise ValueError("its last line doesn't end with a line feed")


_Parts = dict[str, _Part]


def _manifest_body(file: BinaryIO) -> bytes:
    file.seek(0)
    header = file.read(container.LOCAL.size + len(MANIFEST))
    if header[:4] != b"PK\3\4" or header[container.LOCAL.size :] != MANIFEST.encode():
        raise NotEvidence
    return file.read(min(container.read_size(header), manifest.LONGEST + 1))


def _parts(file: BinaryIO, size: int, told: Manifest, manifest_size: int) -> _Parts:
    """Where the manifest says that each file is. Nothing may be left over, and nothing be missing."""
    sizes = {MANIFEST: manifest_size, SIGNATURE: signing.SIGNATURE_BYTES}
    sizes |= {name: content.size for name, content in told.files.items()}
    entries = [container.ZipEntry(name, sizes[name], 0) for name in container.NAMES]
    due = container.whole_size(entries)
    if size != due or due > container.LARGEST:
        raise _Found(MANIFEST, None, f"by what it says the whole file has {due} bytes, yet it has {size}")
    return {
        entry.name: _Part(file, start + len(container.local_header(entry)), entry.size)
        for entry, start in zip(entries, container.offsets(entries), strict=False)
    }


def _signature_fault(body: bytes, told: Manifest, parts: _Parts) -> FileFault | None:
    signature = b"".join(parts[SIGNATURE].blocks())
    if signing.is_valid_signature(bytes.fromhex(told.key), signature, body):
        return None
    return FileFault(MANIFEST, None, "its signature doesn't hold: the manifest or the signature was changed")


def _key_fault(told: Manifest, trusted: str) -> FileFault | None:
    fingerprint = signing.key_fingerprint(bytes.fromhex(told.key))
    if not trusted or trusted in {told.key, fingerprint}:
        return None
    return FileFault(PUBLIC_KEY, None, f"another key signed this file, with the fingerprint {fingerprint}")


def _stated(told: Manifest) -> FileFault | None:
    if told.first_break is None:
        return None
    number, fault = told.first_break
    return FileFault(RECORDS, number, f"the audit was broken here when the file was made: {fault}")


def _container_fault(file: BinaryIO, told: Manifest, parts: _Parts) -> FileFault | None:
    """Every byte that isn't in a file, made anew and compared; and every file against its digest."""
    for part in parts.values():
        part.finish()
    for name, content in told.files.items():
        if parts[name].sha256.hexdigest() != content.sha256:
            return FileFault(name, None, "its SHA-256 isn't the one in the manifest")
    entries = [container.ZipEntry(name, part.size, part.crc) for name, part in parts.items()]
    for entry, start in zip(entries, container.offsets(entries), strict=False):
        header = container.local_header(entry)
        file.seek(start)
        if file.read(len(header)) != header:
            return FileFault(entry.name, None, "its header in the zip isn't as it must be")
    file.seek(container.offsets(entries)[-1])
    if file.read() != container.directory(entries):
        return FileFault("the zip's directory", None, "it isn't as it must be")
    return _content_fault(told, parts)


def _content_fault(told: Manifest, parts: _Parts) -> FileFault | None:
    key = f"{told.key}\n".encode()
    if told.files[PUBLIC_KEY] != manifest.Content(hashlib.sha256(key).hexdigest(), len(key)):
        return FileFault(PUBLIC_KEY, None, "it isn't the key that the manifest names")
    if parts[RECORDS].line_ends != told.count:
        return FileFault(MANIFEST, None, f"it says {told.count} records, yet there are {parts[RECORDS].line_ends}")
    return None


class _Walk:
    """Along the records, past the checkpoints."""

    def __init__(self, told: Manifest, parts: _Parts) -> None:
        self.last = chain.Head(told.first - 1, told.previous)
        self.marks = _Marks(told, parts[CHECKPOINTS])
        self._told = told
        self._records = parts[RECORDS]

    def fault(self) -> FileFault | None:
        try:
            self._go()
        except _Found as found:
            return found.finding
        except ValueError as fault:
            return FileFault(RECORDS, self.last.number + 1, str(fault))
        return None

    def _go(self) -> None:
        marks = self.marks
        marks.begin()
        marks.compare(self.last)
        for line in self._records.lines():
            self.last = self._follow(line)
            if self.last.number == marks.number:
                marks.compare(self.last)
        self._end()
        marks.end()

    def _follow(self, line: bytes) -> chain.Head:
        due = self.last.number + 1
        number, previous = read_record(line)
        if number != due:
            raise ValueError(f"record {due} is missing: in its place is {number}")
        if previous != self.last.digest:
            raise ValueError(self._broken_link())
        return chain.Head(number, hashlib.sha256(line).hexdigest())

    def _broken_link(self) -> str:
        if self.last.number < self._told.first:
            return "its previous isn't the digest that the manifest names"
        return f"its previous isn't the digest of record {self.last.number}: one of the two was changed"

    def _end(self) -> None:
        last, told = self.last, self._told
        if last.number < told.last:
            raise ValueError(f"the last records are missing: the manifest says {told.last}")
        if last.number > told.last:
            raise _Found(RECORDS, told.last + 1, f"it comes after record {told.last}, the last by the manifest")
        if last.digest != told.head:
            raise _Found(RECORDS, last.number, "its digest isn't the one that the manifest names")


class _Marks:
    """The checkpoints, each compared when its record has been reached."""

    def __init__(self, told: Manifest, part: _Part) -> None:
        self.number: int | None = None  # where the next one is
        self.other_keys: frozenset[str] = frozenset()
        self._key = told.key
        self._lines = part.lines()
        self._next: checkpoints.Checkpoint | None = None
        self._link: str | None = None

    def begin(self) -> None:
        self._advance()

    def compare(self, head: chain.Head) -> None:
        while self._next and self._next.number == head.number:
            if self._next.digest != head.digest:
                raise _Found(CHECKPOINTS, head.number, "the checkpoint signed another digest for this record")
            self._advance()

    def end(self) -> None:
        if self._next:
            fault = "the checkpoint is out of its place: before the range, after it, or after a later one"
            raise _Found(CHECKPOINTS, self.number, fault)

    def _advance(self) -> None:
        self._next, self.number = None, None
        try:
            line = next(self._lines, None)
            self._next = None if line is None else checkpoints.parse_line(line)
        except ValueError as fault:
            raise _Found(CHECKPOINTS, None, str(fault)) from None
        if line is not None and self._next:
            self._accept(line, self._next)

    def _accept(self, line: bytes, mark: checkpoints.Checkpoint) -> None:
        self.number = mark.number
        if not mark.is_signed():
            raise _Found(CHECKPOINTS, mark.number, "the checkpoint's signature doesn't hold")
        if self._link not in {None, mark.previous}:
            raise _Found(CHECKPOINTS, mark.number, "the checkpoint doesn't follow the one before it")
        self._link = checkpoints.line_digest(line)
        if mark.key != self._key:
            self.other_keys |= {mark.key}
