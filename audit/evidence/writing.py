"""Making an evidence file of a range of records: read twice, never kept.

A zip's headers and the manifest need every size and digest first. So the first reading measures and checks, and the
second hands out; what isn't the same the second time breaks the file off. Memory doesn't grow, nothing is spooled.
"""

import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from audit import chain, checkpoint_files, checkpoints, ledger, queries, signing
from audit.evidence import container
from audit.evidence.container import CHECKPOINTS, HOW_TO_VERIFY, MANIFEST, PUBLIC_KEY, RECORDS, SIGNATURE
from audit.evidence.lines import DIGEST
from audit.evidence.manifest import LISTED, PRODUCT, Content, Manifest
from audit.kinds import Kind, Status
from audit.models import Record

HOW_TO = Path(__file__).with_name("how_to_verify.txt")
SMALL_FILES = 1 << 20  # room for everything but records and checkpoints, in bytes
PREVIOUS = b'"previous":"'
NUMBER = b'"number":'

Row = tuple[int, str, str, bytes]  # number, previous, digest, body


class Range(NamedTuple):
    """Records from `first` to `last`, both in it."""

    first: int
    last: int


class CantMake(Exception):
    """No file can be made of that; the message says why, and what could be."""


class ChangedMeanwhile(Exception):
    """A record or a checkpoint wasn't the same when it was read again. The file that was begun is incomplete."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} changed while the file was made, so it was broken off. Verify the audit.")


@dataclass(frozen=True)
class Evidence:
    """A file that is on record: its manifest, its size in bytes, and its bytes, to be read once."""

    manifest: Manifest
    size: int
    blocks: Iterator[bytes]


def make(numbers: Range | None, *, by: str) -> Evidence:
    """The evidence file of these records, by default of all there are. Leaves a checkpoint and an export.made record.

    `CantMake` where there are no such records, where they don't fit into one file, or where key or checkpoints can't
    be read. A chain that is broken hinders nothing: the manifest says where. The bytes are read from the database as
    they are asked for, and `ChangedMeanwhile` breaks them off.
    """
    with suppress(checkpoints.NotWritten):  # the break, or the trouble, is known then; the records go out all the same
        checkpoints.write()
    numbers = _known(numbers)
    try:
        key = signing.load_key()
        sources = _sources(numbers, signing.public_bytes(key).hex())
        measured = {name: _Measure(source()) for name, source in sources.items()}
    except (OSError, ValueError) as error:
        raise CantMake(f"The signing key or the checkpoints can't be read: {error}.") from error
    walk = _walk(numbers, measured[CHECKPOINTS].size)
    measured[RECORDS] = walk.measure
    manifest = _manifest(numbers, walk, measured, by=by, key=signing.public_bytes(key).hex())
    body = manifest.body()
    sources |= {MANIFEST: lambda: [body], SIGNATURE: lambda: [signing.sign(key, body)]}
    measured |= {name: _Measure(sources[name]()) for name in (MANIFEST, SIGNATURE)}
    _tell(manifest, chain.digest(body), by)
    entries = [container.Entry(name, measured[name].size, measured[name].crc) for name in container.NAMES]
    sources[RECORDS] = lambda: (_joined(rows) for rows in _read(numbers))
    return Evidence(manifest, container.whole_size(entries), _blocks(entries, sources, measured))


def choose(
    *, first: int | None = None, last: int | None = None, since: datetime | None = None, until: datetime | None = None
) -> Range | None:
    """The range of those numbers, or from the first record of that time to the last; `until` itself is out.

    None for all there is. `CantMake` where no record is from that time.
    """
    if since or until:
        return _at_times(since, until)
    if first is None and last is None:
        return None
    return Range(1 if first is None else first, queries.read_head()[1] if last is None else last)


def _at_times(since: datetime | None, until: datetime | None) -> Range:
    """All that lies between is in it too: numbers and times may differ in their order."""
    records = Record.objects.all()
    if since:
        records = records.filter(timestamp__gte=since)
    if until:
        records = records.filter(timestamp__lt=until)
    found = records.aggregate(first=Min("number"), last=Max("number"))
    if found["first"] is None:
        raise CantMake("No record is from that time. Choose another time, or numbers.")
    return Range(found["first"], found["last"])


def _known(numbers: Range | None) -> Range:
    head, highest = queries.read_head()
    last = head.number if head else highest
    if not last:
        raise CantMake("There are no records yet, so there is nothing to put into a file.")
    if numbers is None:
        return Range(1, last)
    if not 1 <= numbers.first <= numbers.last <= last:
        raise CantMake(f"The records are numbered 1 to {last}. Choose a first and a last number among them.")
    return numbers


Source = Callable[[], Iterable[bytes]]


def _sources(numbers: Range, key: str) -> dict[str, Source]:
    return {
        PUBLIC_KEY: lambda: [f"{key}\n".encode()],
        HOW_TO_VERIFY: lambda: [HOW_TO.read_bytes()],
        CHECKPOINTS: lambda: _checkpoint_lines(numbers),
    }


def _checkpoint_lines(numbers: Range) -> Iterator[bytes]:
    """Those of the range, and of the record before it, which tell of the manifest's `previous`."""
    for line in checkpoint_files.read_lines(checkpoint_files.paths()):
        with suppress(ValueError):
            if numbers.first - 1 <= checkpoints.parse(line.raw).number <= numbers.last:
                yield line.raw + b"\n"


def _manifest(numbers: Range, walk: "_Walk", measured: dict[str, "_Measure"], *, by: str, key: str) -> Manifest:
    return Manifest(
        made_at=chain.moment(timezone.now()),
        by=chain.clean(by, 150),
        product=PRODUCT,
        first=numbers.first,
        last=numbers.last,
        count=walk.measure.line_ends,
        previous=walk.before,
        head=walk.last.digest,
        first_break=walk.first_break,
        key=key,
        files={name: Content(measured[name].sha256.hexdigest(), measured[name].size) for name in LISTED},
    )


def _tell(manifest: Manifest, digest: str, by: str) -> None:
    details = {
        "records": manifest.count,
        "upto": manifest.last,
        "format": "evidence",
        "filters": {},
        "first": manifest.first,
        "last": manifest.last,
        "manifest": digest,
    }
    with transaction.atomic():
        ledger.append(Kind.EXPORT_MADE, by=by, status=Status.SUCCESS, details=details)


class _Measure:
    """What headers and manifest say of a file."""

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


def _blocks(
    entries: Iterable[container.Entry], sources: dict[str, Source], measured: dict[str, _Measure]
) -> Iterator[bytes]:
    entries = list(entries)
    for entry in entries:
        yield container.local_header(entry)
        again = _Measure()
        for block in sources[entry.name]():
            again.add(block)
            if again.size > entry.size:
                raise ChangedMeanwhile(entry.name)
            yield block
        if again.sha256.digest() != measured[entry.name].sha256.digest():
            raise ChangedMeanwhile(entry.name)
    yield container.directory(entries)


def _read(numbers: Range) -> Iterator[list[Row]]:
    """The rows in chunks; no cursor stays open between them."""
    after = numbers.first - 1
    rest = Record.objects.order_by("number").values_list("number", "previous", "digest", "body")
    while rows := list(rest.filter(number__gt=after, number__lte=numbers.last)[: queries.CHUNK]):
        yield [(number, previous, digest, _stored(body)) for number, previous, digest, body in rows]
        after = rows[-1][0]


def _stored(body: Any) -> bytes:  # noqa: ANN401 - SQLite keeps anything there
    return body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else bytes(body or b"")


def _joined(rows: Iterable[Row]) -> bytes:
    return b"".join([body + b"\n" for _, _, _, body in rows])


def _walk(numbers: Range, beside: int) -> "_Walk":
    """The first reading. `beside`: how many bytes the checkpoints take."""
    walk = _Walk(numbers.first)
    room = container.LARGEST - SMALL_FILES - beside
    for rows in _read(numbers):
        walk.add(rows)
        if walk.measure.size > room:
            raise _too_large(numbers, rows, walk.measure.size - room)
    walk.end(numbers.last)
    return walk


def _too_large(numbers: Range, rows: list[Row], excess: int) -> CantMake:
    left_out = 0
    while excess > 0:
        left_out += 1
        excess -= len(rows[-left_out][3]) + 1
    fits = rows[-left_out][0] - 1
    return CantMake(
        f"Records {numbers.first} to {numbers.last} don't fit into one file, which holds less than 4 GiB. "
        f"Records {numbers.first} to {fits} do. Make a file of these, and another one that begins at {fits + 1}."
    )


class _Walk:
    """Along the stored bytes: each one's number, link and digest. Columns that pages show aren't looked at."""

    def __init__(self, first: int) -> None:
        self.measure = _Measure()
        self.before = _digest_before(first)
        self.last = chain.Head(first - 1, self.before)
        self.first_break: chain.Break | None = None

    def add(self, rows: list[Row]) -> None:
        self.measure.add(_joined(rows))
        for row in rows:
            if not self.first_break and (fault := _fault(row, self.last)):
                self.first_break = chain.Break(self.last.number + 1, fault)
            self.last = chain.Head(row[0], row[2])

    def end(self, last: int) -> None:
        if not self.first_break and self.last.number < last:
            self.first_break = chain.Break(self.last.number + 1, "the last records are missing")
        if not re.fullmatch(
            DIGEST, str(self.last.digest)
        ):  # a digest that isn't one is a break; the manifest needs one
            self.last = chain.Head(self.last.number, chain.GENESIS)


def _digest_before(first: int) -> str:
    """Of the record before the first one; where that is missing, what the first one says it is."""
    before = Record.objects.filter(number=first - 1).values_list("digest", flat=True).first()
    told = before or Record.objects.filter(number=first).values_list("previous", flat=True).first()
    return told if told and re.fullmatch(DIGEST, told) else chain.GENESIS


def _fault(row: Row, last: chain.Head) -> str:
    number, previous, digest, body = row
    if number != last.number + 1:
        return f"record {last.number + 1} is missing: in its place is {number}"
    if chain.digest(body) != digest:
        return "its stored bytes don't match its digest"
    if not previous == last.digest == _text_after(PREVIOUS, body, 64):
        return f"its previous isn't the digest of record {last.number}"
    if _text_after(NUMBER, body, len(str(number)) + 1) != f"{number},":
        return "its column number differs from its stored bytes"
    return "its stored bytes hold a line end" if b"\n" in body else ""


def _text_after(name: bytes, body: bytes, length: int) -> str:
    """What follows the last such name: details, where one could stand as well, come before it in the body."""
    start = body.rfind(name) + len(name)
    return body[start : start + length].decode(errors="replace")
