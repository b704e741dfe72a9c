"""The container: a zip file (PKWARE APPNOTE) in which only the bytes of its files can vary.

They are stored one after the other, without compression, in the order of `NAMES`; every header follows from names,
sizes and CRCs (docs/evidence.md, "The container"). A reader constructs the headers itself and compares them.
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

# Bytes. Sizes and offsets have 32 bits, and 2^32 - 1 would announce a zip64 record.
LARGEST = 2**32 - 2

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
# "Version needed to extract", times ten. 1.0 is enough for files that are stored without compression.
ZIP_1_0 = 10
# 1980-01-01 00:00 in MS-DOS format, the earliest that it can express. Real times would make bytes vary.
MIDNIGHT, FIRST_DAY = 0, 1 << 5 | 1


class ZipEntry(NamedTuple):
    """A file in the container. `size` in bytes; `crc`: CRC-32 as in zip."""

    name: str
    size: int
    crc: int


def local_header(entry: ZipEntry) -> bytes:
    """The local header, which directly precedes the file's bytes."""
    name = entry.name.encode("ascii")
    return LOCAL.pack(b"PK\3\4", ZIP_1_0, *_facts(entry), len(name), 0) + name


def directory(entries: Sequence[ZipEntry]) -> bytes:
    """Everything after the last file's bytes: the central directory and the end record."""
    *starts, directory_start = offsets(entries)
    headers = b"".join(_central_header(entry, start) for entry, start in zip(entries, starts, strict=True))
    count = len(entries)
    return headers + END.pack(b"PK\5\6", 0, 0, count, count, len(headers), directory_start, 0)


def offsets(entries: Sequence[ZipEntry]) -> list[int]:
    """The offset in bytes of each file's local header, and as the last one that of the directory."""
    return [0, *accumulate(LOCAL.size + len(entry.name) + entry.size for entry in entries)]


def whole_size(entries: Sequence[ZipEntry]) -> int:
    """The container's size in bytes. It must be at most `LARGEST`."""
    return offsets(entries)[-1] + sum(CENTRAL.size + len(entry.name) for entry in entries) + END.size


def read_size(header: bytes) -> int:
    """The file's size according to a local header; nothing else is checked. ValueError if it is too short."""
    if len(header) < LOCAL.size:
        raise ValueError("it ends within a header")
    return int(LOCAL.unpack_from(header)[8])


def _central_header(entry: ZipEntry, start: int) -> bytes:
    name = entry.name.encode("ascii")
    return CENTRAL.pack(b"PK\1\2", ZIP_1_0, ZIP_1_0, *_facts(entry), len(name), 0, 0, 0, 0, 0, start) + name


def _facts(entry: ZipEntry) -> tuple[int, ...]:
    """The fields that both headers share: flags, method (stored), time, date, CRC, compressed size, size."""
    return 0, 0, MIDNIGHT, FIRST_DAY, entry.crc, entry.size, entry.size
