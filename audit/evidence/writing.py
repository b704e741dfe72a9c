"""Making an evidence file of a range of records: read twice, never kept.

A zip's headers and the manifest need every size and digest first. So the first reading measures and checks, and the
second hands out; what isn't the same the second time breaks the file off. Memory doesn't grow, nothing is spooled.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from audit import chain, clock, ledger
from audit.evidence import container, stored
from audit.evidence.container import CHECKPOINTS, HOW_TO_VERIFY, MANIFEST, PUBLIC_KEY, RECORDS, SIGNATURE
from audit.evidence.manifest import LISTED, PRODUCT, Content, Manifest
from audit.evidence.ranges import CantMake, NumberRange, check_range
from audit.evidence.stored import FileMeasure, RangeWalk
from audit.exports import write_checkpoint
from audit.integrity import checkpoint_files, checkpoints, signing
from audit.kinds import RecordKind, Status

HOW_TO = Path(__file__).with_name("how_to_verify.txt")


Source = Callable[[], Iterable[bytes]]  # a file's bytes, in blocks, as often as they are asked for


class ChangedMeanwhile(Exception):
    """A record or a checkpoint wasn't the same when it was read again. The file that was begun is incomplete."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} changed while the file was made, so it was broken off. Verify the audit.")


@dataclass(frozen=True)
class Evidence:
    """A file that is on record: its manifest, its size in bytes, and its bytes, to be read once.

    `trouble`: why no checkpoint was written for it, in a sentence; "" for none.
    """

    manifest: Manifest
    size: int
    trouble: str
    blocks: Iterator[bytes]


def make_file(numbers: NumberRange | None, *, by: str) -> Evidence:
    """The evidence file of these records, by default of all there are. Leaves a checkpoint and an export.made record.

    `CantMake` where there are no such records, where they don't fit into one file, or where key or checkpoints can't
    be read. A chain that is broken hinders nothing: the manifest says where. The bytes are read from the database as
    they are asked for, and `ChangedMeanwhile` breaks them off. Outside of any transaction.
    """
    trouble = write_checkpoint()
    numbers = check_range(numbers)
    key, sources, measured = _beside(numbers)
    walk = stored.walk_range(numbers, measured[CHECKPOINTS].size)
    sources[RECORDS], measured[RECORDS] = lambda: map(stored.join_bodies, stored.read_chunks(numbers)), walk.measure
    manifest = _manifest(numbers, walk, measured, by=by, key=_public(key))
    body = manifest.body()
    for name, content in ((MANIFEST, body), (SIGNATURE, signing.sign_message(key, body))):
        sources[name], measured[name] = partial(_whole, content), FileMeasure([content])
    _tell(manifest, chain.body_digest(body), by)
    entries = [container.ZipEntry(name, measured[name].size, measured[name].crc) for name in container.NAMES]
    return Evidence(manifest, container.whole_size(entries), trouble, _blocks(entries, sources, measured))


def _beside(numbers: NumberRange) -> tuple[Ed25519PrivateKey, dict[str, Source], dict[str, FileMeasure]]:
    """The key, and the files that stand beside the records."""
    try:
        key = signing.load_key()
        sources = _sources(numbers, _public(key))
        measured = {name: FileMeasure(source()) for name, source in sources.items()}
    except (OSError, ValueError) as error:
        raise CantMake(f"The signing key or the checkpoints can't be read: {error}.") from error
    lines = measured[CHECKPOINTS].line_ends  # one that is written meanwhile stays out
    sources[CHECKPOINTS] = lambda: islice(_checkpoint_lines(numbers), lines)
    return key, sources, measured


def _sources(numbers: NumberRange, key: str) -> dict[str, Source]:
    return {
        PUBLIC_KEY: partial(_whole, f"{key}\n".encode()),
        HOW_TO_VERIFY: partial(_whole, HOW_TO.read_bytes()),
        CHECKPOINTS: partial(_checkpoint_lines, numbers),
    }


def _whole(content: bytes) -> Iterable[bytes]:
    return [content]


def _public(key: Ed25519PrivateKey) -> str:
    return signing.public_bytes(key).hex()


def _checkpoint_lines(numbers: NumberRange) -> Iterator[bytes]:
    """Those of the range, and of the record before it, which tell of the manifest's `previous`."""
    for line in checkpoint_files.read_lines(checkpoint_files.paths()):
        with suppress(ValueError):
            if numbers.first - 1 <= checkpoints.parse_line(line.raw).number <= numbers.last:
                yield line.raw + b"\n"


def _manifest(
    numbers: NumberRange, walk: RangeWalk, measured: dict[str, FileMeasure], *, by: str, key: str
) -> Manifest:
    return Manifest(
        made_at=chain.format_time(clock.now()),
        by=chain.clean_text(by, 150),
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
        ledger.append(RecordKind.EXPORT_MADE, by=by, status=Status.SUCCESS, details=details)


def _blocks(
    entries: Sequence[container.ZipEntry], sources: dict[str, Source], measured: dict[str, FileMeasure]
) -> Iterator[bytes]:
    for entry in entries:
        yield container.local_header(entry)
        again = FileMeasure()
        for block in sources[entry.name]():
            again.add(block)
            if again.size > entry.size:
                raise ChangedMeanwhile(entry.name)
            yield block
        if again.sha256.digest() != measured[entry.name].sha256.digest():
            raise ChangedMeanwhile(entry.name)
    yield container.directory(entries)
