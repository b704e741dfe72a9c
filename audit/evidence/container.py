"""The container: a zip in which nothing is free but each file's bytes.

Files are stored one after the other, without compression, in the order of `NAMES`; every header follows from the
names, sizes and CRCs (docs/evidence.md, "The container"). Whoever reads it makes the headers anew and compares.
"""

import struct
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
PUBLIC_KEY = "public_key.txt"
HOW_TO_VERIFY = "HOW-TO-VERIFY.txt"
CHECKPOINTS = "checkpoints.jsonl"
RECORDS = "records.jsonl"
NAMES = (MANIFEST, SIGNATURE, PUBLIC_KEY, HOW_TO_VERIFY, CHECKPOINTS, RECORDS)

# Sizes and offsets have 32 bits; the largest value would announce a zip64.
LARGEST = 2**32 - 2

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
ZIP_1_0 = 10
MIDNIGHT, FIRST_DAY = 0, 1 << 5 | 1  # 1980-01-01, as MS-DOS writes it


class ZipEntry(NamedTuple):
    """A file in the container; `size` in bytes."""

    name: str
    size: int
    crc: int


def local_header(entry: ZipEntry) -> bytes:
    """What stands right before the file's bytes."""
    name = entry.name.encode("ascii")
    return LOCAL.pack(b"PK\3\4", ZIP_1_0, *_facts(entry), len(name), 0) + name


def directory(entries: Sequence[ZipEntry]) -> bytes:
    """What stands after the last file's bytes, to the end."""
    starts = offsets(entries)
    headers = b"".join(_central_header(entry, start) for entry, start in zip(entries, starts, strict=False))
    count = len(entries)
    return headers + END.pack(b"PK\5\6", 0, 0, count, count, len(headers), starts[-1], 0)


def offsets(entries: Sequence[ZipEntry]) -> list[int]:
    """Where each file's local header begins, and where the directory does."""
    return [0, *accumulate(LOCAL.size + len(entry.name) + entry.size for entry in entries)]


def whole_size(entries: Sequence[ZipEntry]) -> int:
    """The container's size in bytes. It must be at most `LARGEST`."""
    return offsets(entries)[-1] + sum(CENTRAL.size + len(entry.name) for entry in entries) + END.size


def read_size(header: bytes) -> int:
    """The size that a local header tells; the rest of it isn't looked at. ValueError for less than a header."""
    if len(header) < LOCAL.size:
        raise ValueError("it ends within a header")
    return int(LOCAL.unpack_from(header)[8])


def _central_header(entry: ZipEntry, start: int) -> bytes:
    name = entry.name.encode("ascii")
    return CENTRAL.pack(b"PK\1\2", ZIP_1_0, ZIP_1_0, *_facts(entry), len(name), 0, 0, 0, 0, 0, start) + name


def _facts(entry: ZipEntry) -> tuple[int, ...]:
    """Flags, compression (none), time, date, CRC, and the size twice."""
    return 0, 0, MIDNIGHT, FIRST_DAY, entry.crc, entry.size, entry.size
