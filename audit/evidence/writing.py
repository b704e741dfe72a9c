"""Creating an evidence file from a range of records, which are read twice and stored nowhere.

Headers and manifest come first in the file, and need every size and digest. So the first reading measures and checks,
and the second one produces the bytes; if they differ, it breaks off. Memory doesn't grow with the range, and there is
no temporary file: in a container, /tmp may be memory (decision 0013).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
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
from audit.integrity import restores, signing
from audit.kinds import RecordKind, Status

HOW_TO = Path(__file__).with_name("how_to_verify.txt")


# Returns a file's bytes in blocks, from the beginning at each call.
Source = Callable[[], Iterable[bytes]]


class ChangedMeanwhile(Exception):
    """A record or a checkpoint was different in the second reading. The bytes produced so far are incomplete."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} changed while the file was being made, so the file is incomplete. Verify the audit.")


@dataclass(frozen=True)
class Evidence:
    """A file whose creation has been recorded: its manifest, its size in bytes, and its bytes, to be read once.

    `trouble`: why no checkpoint was written for it, as a sentence; "" if one was.
    """

    manifest: Manifest
    size: int
    trouble: str
    blocks: Iterator[bytes]


def make_file(numbers: NumberRange | None, *, by: str) -> Evidence:
    """Create the evidence file of these records (None: all). Writes a checkpoint and an export.made record.

    A broken chain is exported too, and the manifest says where it broke. The bytes are read from the database while
    they are consumed. Call it outside of any transaction.

    `CantMake` if there are no such records, if they don't fit into one file, or if the key or the checkpoints can't be
    read. Consuming the bytes can raise `ChangedMeanwhile`.
    """
    trouble = write_checkpoint()
    numbers = check_range(numbers)
    key, sources, measured = _measure_small_files(numbers)
    walk = stored.walk_range(numbers, measured[CHECKPOINTS].size)
    sources[RECORDS] = lambda: map(stored.join_bodies, stored.read_chunks(numbers))
    measured[RECORDS] = walk.measure
    manifest = _make_manifest(numbers, walk, measured, by=by, key=_public_hex(key))
    body = manifest.body()
    for name, content in ((MANIFEST, body), (SIGNATURE, signing.sign_message(key, body))):
        sources[name] = partial(_one_block, content)
        measured[name] = FileMeasure([content])
    _record_export(manifest, chain.body_digest(body), by)
    entries = [container.ZipEntry(name, measured[name].size, measured[name].crc) for name in container.NAMES]
    return Evidence(manifest, container.whole_size(entries), trouble, _blocks(entries, sources, measured))


def _measure_small_files(numbers: NumberRange) -> tuple[Ed25519PrivateKey, dict[str, Source], dict[str, FileMeasure]]:
    """The key, and the sources and measures of all files except the records, the manifest and its signature."""
    try:
        key = signing.load_key()
        sources: dict[str, Source] = {
            PUBLIC_KEY: partial(_one_block, f"{_public_hex(key)}\n".encode()),
            HOW_TO_VERIFY: partial(_one_block, HOW_TO.read_bytes()),
            CHECKPOINTS: partial(_read_checkpoints, numbers),
        }
        measured = {name: FileMeasure(source()) for name, source in sources.items()}
    except (OSError, ValueError) as error:
        raise CantMake(f"The signing key or the checkpoints can’t be read: {error}.") from error
    # Another process may write a checkpoint before the second reading; it is left out there.
    lines = measured[CHECKPOINTS].line_ends
    sources[CHECKPOINTS] = lambda: islice(_read_checkpoints(numbers), lines)
    return key, sources, measured


def _one_block(content: bytes) -> Iterable[bytes]:
    return [content]


def _public_hex(key: Ed25519PrivateKey) -> str:
    return signing.public_bytes(key).hex()


def _read_checkpoints(numbers: NumberRange) -> Iterator[bytes]:
    """The lines of the range's checkpoints, and of those of the record before it, whose digest is `previous`."""
    for line in restores.read_last_stretch(range(numbers.first - 1, numbers.last + 1)):
        yield line + b"\n"


def _make_manifest(
    numbers: NumberRange, walk: RangeWalk, measured: dict[str, FileMeasure], *, by: str, key: str
) -> Manifest:
    return Manifest(
        made_at=chain.format_time(clock.now()),
        # The length of a record's `by`.
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


def _record_export(manifest: Manifest, digest: str, by: str) -> None:
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
            # Before the block is sent, since the response has announced the file's size.
            if again.size > entry.size:
                raise ChangedMeanwhile(entry.name)
            yield block
        if again.sha256.digest() != measured[entry.name].sha256.digest():
            raise ChangedMeanwhile(entry.name)
    yield container.directory(entries)
