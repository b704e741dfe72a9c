"""Reading a range of records as stored bytes, and measuring and checking them the first time."""

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator

from audit import chain, queries
from audit.evidence import container
from audit.evidence.lines import DIGEST
from audit.evidence.ranges import CantMake, NumberRange
from audit.models import Record
from audit.stored_rows import stored_bytes

# Bytes reserved for everything except records and checkpoints, which takes some 10 KB.
SMALL_FILES = 1 << 20
PREVIOUS = b'"previous":"'
NUMBER = b'"number":'

# Number, previous, digest, body.
Row = tuple[int, str, str, bytes]


class FileMeasure:
    """The values of a file for headers and manifest: SHA-256, CRC-32, size in bytes, count of line feeds."""

    def __init__(self, blocks: Iterable[bytes] = ()) -> None:
        self.sha256 = hashlib.sha256()
        self.crc = 0
        self.size = 0
        self.line_ends = 0
        for block in blocks:
            self.add(block)

    def add(self, block: bytes) -> None:
        self.sha256.update(block)
        self.crc = zlib.crc32(block, self.crc)
        self.size += len(block)
        self.line_ends += block.count(b"\n")


def read_chunks(numbers: NumberRange) -> Iterator[list[Row]]:
    """The rows in chunks, by number. No cursor stays open between them: a slow reader blocks nobody."""
    after = numbers.first - 1
    rest = Record.objects.order_by("number").values_list("number", "previous", "digest", "body")
    while rows := list(rest.filter(number__gt=after, number__lte=numbers.last)[: queries.CHUNK]):
        yield [(number, previous, digest, stored_bytes(body)) for number, previous, digest, body in rows]
        after = rows[-1][0]


def join_bodies(rows: Iterable[Row]) -> bytes:
    return b"".join([body + b"\n" for _, _, _, body in rows])


def walk_range(numbers: NumberRange, checkpoint_bytes: int) -> "RangeWalk":
    """Measure and check the range. `CantMake` if it doesn't fit next to `checkpoint_bytes` of checkpoints."""
    walk = RangeWalk(numbers.first)
    room = container.LARGEST - SMALL_FILES - checkpoint_bytes
    for rows in read_chunks(numbers):
        walk.add(rows)
        if walk.measure.size > room:
            raise _too_large(numbers, rows, walk.measure.size - room)
    walk.end(numbers.last)
    return walk


def _too_large(numbers: NumberRange, rows: list[Row], excess: int) -> CantMake:
    """The error that suggests a range that fits. `rows`: the last chunk, which exceeds the limit by `excess` bytes."""
    left_out = 0
    while excess > 0:
        left_out += 1
        excess -= len(rows[-left_out][3]) + 1
    fits = rows[-left_out][0] - 1
    return CantMake(
        f"Records {numbers.first} to {numbers.last} don’t fit into one file, which holds less than 4 GiB. "
        f"Records {numbers.first} to {fits} do. Make a file of these, and another one that begins at {fits + 1}."
    )


class RangeWalk:
    """Measures records and checks their numbers, links and digests, but not the columns that only pages show."""

    def __init__(self, first: int) -> None:
        self.measure = FileMeasure()
        self.before = _digest_before(first)
        self.last = chain.Head(first - 1, self.before)
        self.first_break: chain.Break | None = None

    def add(self, rows: list[Row]) -> None:
        self.measure.add(join_bodies(rows))
        for row in rows:
            if not self.first_break and (fault := _fault(row, self.last)):
                self.first_break = chain.Break(self.last.number + 1, fault)
            self.last = chain.Head(row[0], row[2])

    def end(self, last: int) -> None:
        if not self.first_break and self.last.number < last:
            self.first_break = chain.Break(self.last.number + 1, "the last records are missing")
        # A malformed digest has already been found as a break, but the manifest's `head` must be a digest.
        if not re.fullmatch(DIGEST, str(self.last.digest)):
            self.last = chain.Head(self.last.number, chain.GENESIS)


def _digest_before(first: int) -> str:
    """The digest of the record before `first`; if that is missing, the `previous` of `first`."""
    digest = Record.objects.filter(number=first - 1).values_list("digest", flat=True).first()
    if not digest:
        digest = Record.objects.filter(number=first).values_list("previous", flat=True).first()
    if digest and re.fullmatch(DIGEST, digest):
        return digest
    return chain.GENESIS


def _fault(row: Row, last: chain.Head) -> str:
    number, previous, digest, body = row
    if number != last.number + 1:
        return f"record {last.number + 1} is missing: in its place is {number}"
    if chain.body_digest(body) != digest:
        return "its stored bytes don’t match its digest"
    if not previous == last.digest == _text_after(PREVIOUS, body, 64):
        return f"its previous isn’t the digest of record {last.number}"
    if _text_after(NUMBER, body, len(str(number)) + 1) != f"{number},":
        return "its column number differs from its stored bytes"
    if b"\n" in body:
        return "its stored bytes hold a line end"
    return ""


def _text_after(name: bytes, body: bytes, length: int) -> str:
    """The text after the last occurrence of `name`."""
    # The details can contain it too, but they come earlier: canonical JSON sorts "details" before "number".
    start = body.rfind(name) + len(name)
    return body[start : start + length].decode(errors="replace")
