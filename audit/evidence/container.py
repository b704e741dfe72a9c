"""The container: a zip file in which nothing can vary but the bytes of the files in it.

They are stored one after the other, without compression, in the order of `NAMES`; every header follows from names,
sizes and CRCs (docs/evidence.md, "The container"). A reader computes the headers again and compares them.
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

# Sizes and offsets have 32 bits; the largest value would announce a zip64 record.
LARGEST = 2**32 - 2

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
# "Version needed": 1.0, as for all files that are stored without compression.
ZIP_1_0 = 10
# 1980-01-01 00:00 in MS-DOS's format, the earliest that it has.
MIDNIGHT, FIRST_DAY = 0, 1 << 5 | 1


class ZipEntry(NamedTuple):
    """A file in the container; `size` in bytes."""

    name: str
    size: int
    crc: int


def local_header(entry: ZipEntry) -> bytes:
    """The bytes right before the file's bytes."""
    name = entry.name.encode("ascii")
    return LOCAL.pack(b"PK\3\4", ZIP_1_0, *_facts(entry), len(name), 0) + name


def directory(entries: Sequence[ZipEntry]) -> bytes:
    """The bytes after the last file's bytes, to the end: the central directory and the end record."""
    *starts, directory_start = offsets(entries)
    headers = b"".join(_central_header(entry, start) for entry, start in zip(entries, starts, strict=True))
    count = len(entries)
    return headers + END.pack(b"PK\5\6", 0, 0, count, count, len(headers), directory_start, 0)


def offsets(entries: Sequence[ZipEntry]) -> list[int]:
    """Where each file's local header begins, and as the last one where the directory does. Bytes from the start."""
    return [0, *accumulate(LOCAL.size + len(entry.name) + entry.size for entry in entries)]


def whole_size(entries: Sequence[ZipEntry]) -> int:
    """The container's size in bytes. It must be at most `LARGEST`."""
    return offsets(entries)[-1] + sum(CENTRAL.size + len(entry.name) for entry in entries) + END.size


def read_size(header: bytes) -> int:
    """The file's size according to a local header; the rest isn't checked. ValueError for less than a header."""
    if len(header) < LOCAL.size:
        raise ValueError("it ends within a header")
    return int(LOCAL.unpack_from(header)[8])


def _central_header(entry: ZipEntry, start: int) -> bytes:
    name = entry.name.encode("ascii")
    return CENTRAL.pack(b"PK\1\2", ZIP_1_0, ZIP_1_0, *_facts(entry), len(name), 0, 0, 0, 0, 0, start) + name


def _facts(entry: ZipEntry) -> tuple[int, ...]:
    """Flags, compression (none), time, date, CRC, and the size twice."""
    return 0, 0, MIDNIGHT, FIRST_DAY, entry.crc, entry.size, entry.size
