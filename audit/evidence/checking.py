"""Checking an evidence file by itself, without database or settings, in constant memory (docs/evidence.md).

Two questions are separate: whether the file is, to the last bit, the one that was signed, and whether the chain in it
is intact. A file created from a broken chain is as it was signed, but its chain isn't intact.
"""

import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from audit import chain
from audit.evidence import container
from audit.evidence.container import CHECKPOINTS, MANIFEST, PUBLIC_KEY, RECORDS, SIGNATURE
from audit.evidence.lines import read_record
from audit.evidence.manifest import LONGEST as LONGEST_MANIFEST
from audit.evidence.manifest import Content, Manifest, parse_manifest
from audit.integrity import checkpoints, signing

# Bytes read at once, which with the longest line bound the memory that a check takes.
BLOCK = 1 << 20
# Bytes. Parsed as JSON, a line can take thirty times its size in memory. No record comes near this.
LONGEST_LINE = 1 << 24


class FileFault(NamedTuple):
    """What is wrong, in which file, and at which record or checkpoint (a record number; None: the file itself)."""

    file: str
    number: int | None
    fault: str

    def __str__(self) -> str:
        if self.number is not None:
            place = f"{self.file}, record {self.number}"
        else:
            place = self.file
        return f"{place}: {self.fault}"


@dataclass(frozen=True)
class FileCheck:
    """The result. If `manifest` is None, nothing after it could be read.

    `records`: lines in records.jsonl. `head`: the last record up to which the chain is intact. `first_break`: the
    first fault. `as_signed`: the file is, to the last bit, as it was signed. `other_keys`: other public keys that
    signed checkpoints, in hex.
    """

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
    """The file doesn't begin like an evidence file."""


class _FaultFound(Exception):
    def __init__(self, file: str, number: int | None, fault: str) -> None:
        self.fault = FileFault(file, number, fault)


def check_file(path: Path, trusted: str = "") -> FileCheck:
    """Check the evidence file at that path (see `check_stream`). OSError if it can't be read."""
    with path.open("rb") as file:
        return check_stream(file, trusted)


def check_stream(file: BinaryIO, trusted: str = "") -> FileCheck:
    """Check a seekable evidence file and name its first fault. NotEvidence for another kind of file.

    `trusted`: the public key that must have signed it, or its fingerprint; 64 hex digits. "": any key.
    """
    size = file.seek(0, io.SEEK_END)
    body = _read_manifest_body(file)
    try:
        manifest = parse_manifest(body)
        parts = _locate_parts(file, size, manifest, len(body))
    except ValueError as fault:
        return FileCheck(None, 0, None, FileFault(MANIFEST, None, str(fault)), as_signed=False)
    except _FaultFound as found:
        return FileCheck(None, 0, None, found.fault, as_signed=False)
    # The order matters, since each part is read only once: walking the chain also computes the records' digest and CRC
    # for the check of the container.
    unsigned = _find_signature_fault(body, manifest, parts)
    walk = _ChainWalk(manifest, parts)
    broken = walk.find_fault()
    changed = _find_container_fault(file, manifest, parts)
    return FileCheck(
        manifest=manifest,
        records=parts[RECORDS].line_ends,
        head=walk.last,
        first_break=unsigned or _find_key_fault(manifest, trusted) or broken or changed or _stated_fault(manifest),
        as_signed=not (unsigned or changed),
        other_keys=walk.checkpoints.other_keys,
    )


class _Part:
    """A file in the container. It is read once; afterwards its SHA-256, CRC-32 and count of line feeds are known."""

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
        """Read the rest of it."""
        for _ in self.blocks():
            pass

    def lines(self) -> Iterator[bytes]:
        """Each line without its line feed. ValueError if one is too long, or if the last has no line feed."""
        rest = b""
        for block in self.blocks():
            *lines, rest = (rest + block).split(b"\n")
            yield from lines
            if len(rest) > LONGEST_LINE:
                raise ValueError(f"it has a line that is longer than {LONGEST_LINE} bytes")
        if rest:
            raise ValueError("its last line doesn’t end with a line feed")


_Parts = dict[str, _Part]


def _read_manifest_body(file: BinaryIO) -> bytes:
    file.seek(0)
    header = file.read(container.LOCAL.size + len(MANIFEST))
    if header[:4] != b"PK\3\4" or header[container.LOCAL.size :] != MANIFEST.encode():
        raise NotEvidence
    # The size in the header isn't trusted: one byte more than allowed is enough to reject the manifest.
    return file.read(min(container.read_size(header), LONGEST_MANIFEST + 1))


def _locate_parts(file: BinaryIO, size: int, manifest: Manifest, manifest_size: int) -> _Parts:
    """The files at the offsets that follow from the manifest's sizes, which must add up to the size of the whole."""
    sizes = {MANIFEST: manifest_size, SIGNATURE: signing.SIGNATURE_BYTES}
    sizes |= {name: content.size for name, content in manifest.files.items()}
    entries = [container.ZipEntry(name, sizes[name], 0) for name in container.NAMES]
    due = container.whole_size(entries)
    if size != due or due > container.LARGEST:
        raise _FaultFound(MANIFEST, None, f"according to it the whole file has {due} bytes, but it has {size}")
    return {
        entry.name: _Part(file, start + len(container.local_header(entry)), entry.size)
        for entry, start in zip(entries, container.offsets(entries), strict=False)
    }


def _find_signature_fault(body: bytes, manifest: Manifest, parts: _Parts) -> FileFault | None:
    signature = b"".join(parts[SIGNATURE].blocks())
    if signing.is_valid_signature(bytes.fromhex(manifest.key), signature, body):
        return None
    return FileFault(MANIFEST, None, "its signature doesn’t hold: the manifest or the signature was changed")


def _find_key_fault(manifest: Manifest, trusted: str) -> FileFault | None:
    fingerprint = signing.key_fingerprint(bytes.fromhex(manifest.key))
    if not trusted or trusted in {manifest.key, fingerprint}:
        return None
    return FileFault(PUBLIC_KEY, None, f"another key signed this file, with the fingerprint {fingerprint}")


def _stated_fault(manifest: Manifest) -> FileFault | None:
    """The break that the manifest itself states."""
    if manifest.first_break is None:
        return None
    number, fault = manifest.first_break
    return FileFault(RECORDS, number, f"the audit was broken here when the file was made: {fault}")


def _find_container_fault(file: BinaryIO, manifest: Manifest, parts: _Parts) -> FileFault | None:
    """Compare each file with its digest, and all bytes between the files with the only ones allowed there."""
    for part in parts.values():
        part.finish()
    for name, content in manifest.files.items():
        if parts[name].sha256.hexdigest() != content.sha256:
            return FileFault(name, None, "its SHA-256 isn’t the one in the manifest")
    entries = [container.ZipEntry(name, part.size, part.crc) for name, part in parts.items()]
    # The last offset is that of the directory.
    *starts, directory_start = container.offsets(entries)
    for entry, start in zip(entries, starts, strict=True):
        header = container.local_header(entry)
        file.seek(start)
        if file.read(len(header)) != header:
            return FileFault(entry.name, None, "its header in the zip isn’t as the format requires")
    file.seek(directory_start)
    if file.read() != container.directory(entries):
        return FileFault("the zip’s directory", None, "it isn’t as the format requires")
    return _find_content_fault(manifest, parts)


def _find_content_fault(manifest: Manifest, parts: _Parts) -> FileFault | None:
    key = f"{manifest.key}\n".encode()
    if manifest.files[PUBLIC_KEY] != Content(hashlib.sha256(key).hexdigest(), len(key)):
        return FileFault(PUBLIC_KEY, None, "it isn’t the key that the manifest names")
    if parts[RECORDS].line_ends != manifest.count:
        fault = f"it says {manifest.count} records, but there are {parts[RECORDS].line_ends}"
        return FileFault(MANIFEST, None, fault)
    return None


class _ChainWalk:
    """A walk along the records that compares each checkpoint when its record is reached.

    Both files are read once and in parallel, so memory doesn't grow with either.
    """

    def __init__(self, manifest: Manifest, parts: _Parts) -> None:
        self.last = chain.Head(manifest.first - 1, manifest.previous)
        self.checkpoints = _CheckpointReader(manifest.key, parts[CHECKPOINTS])
        self._manifest = manifest
        self._records = parts[RECORDS]

    def find_fault(self) -> FileFault | None:
        try:
            self._walk()
        except _FaultFound as found:
            return found.fault
        except ValueError as fault:
            return FileFault(RECORDS, self.last.number + 1, str(fault))
        return None

    def _walk(self) -> None:
        self.checkpoints.advance()
        # The file also contains the checkpoints of the record before the first one, whose digest is `previous`.
        self.checkpoints.compare(self.last)
        for line in self._records.lines():
            self.last = self._follow(line)
            # Compared here, since a call for each record would cost more: most have no checkpoint.
            if self.last.number == self.checkpoints.number:
                self.checkpoints.compare(self.last)
        self._check_end()
        self.checkpoints.check_end()

    def _follow(self, line: bytes) -> chain.Head:
        due = self.last.number + 1
        number, previous = read_record(line)
        if number != due:
            raise ValueError(f"record {due} is missing: in its place is {number}")
        if previous == self.last.digest:
            return chain.Head(number, hashlib.sha256(line).hexdigest())
        if number == self._manifest.first:
            raise ValueError("its previous isn’t the digest that the manifest names")
        raise ValueError(f"its previous isn’t the digest of record {number - 1}: one of the two was changed")

    def _check_end(self) -> None:
        last, manifest = self.last, self._manifest
        if last.number < manifest.last:
            raise ValueError(f"the last records are missing: the manifest says {manifest.last}")
        if last.number > manifest.last:
            after = manifest.last + 1
            raise _FaultFound(
                RECORDS, after, f"it comes after record {manifest.last}, the last according to the manifest"
            )
        if last.digest != manifest.head:
            raise _FaultFound(RECORDS, last.number, "its digest isn’t the one that the manifest names")


class _CheckpointReader:
    """The checkpoints, read one ahead, so that each can be compared when its record is reached."""

    def __init__(self, key: str, part: _Part) -> None:
        # The record number of the next checkpoint; None after the last one.
        self.number: int | None = None
        self.other_keys: frozenset[str] = frozenset()
        self._key = key
        self._lines = part.lines()
        self._next: checkpoints.Checkpoint | None = None
        self._link: str | None = None

    def compare(self, head: chain.Head) -> None:
        """Compare all checkpoints of this record; there can be several."""
        while self._next and self._next.number == head.number:
            if self._next.digest != head.digest:
                raise _FaultFound(CHECKPOINTS, head.number, "the checkpoint signed another digest for this record")
            self.advance()

    def check_end(self) -> None:
        if self._next:
            fault = "the checkpoint is out of place: before the range, after it, or after a later one"
            raise _FaultFound(CHECKPOINTS, self.number, fault)

    def advance(self) -> None:
        """Read the next checkpoint, which must be signed and linked to the one before it in the file."""
        self._next, self.number = None, None
        try:
            line = next(self._lines, None)
            if line is None:
                return
            checkpoint = checkpoints.parse_line(line)
        except ValueError as fault:
            raise _FaultFound(CHECKPOINTS, None, str(fault)) from None
        self._next, self.number = checkpoint, checkpoint.number
        if not checkpoint.is_signed():
            raise _FaultFound(CHECKPOINTS, checkpoint.number, "the checkpoint’s signature doesn’t hold")
        if self._link not in {None, checkpoint.previous}:
            raise _FaultFound(CHECKPOINTS, checkpoint.number, "the checkpoint doesn’t follow the one before it")
        self._link = checkpoints.line_digest(line)
        if checkpoint.key != self._key:
            self.other_keys |= {checkpoint.key}
