"""The files of checkpoints, one a month, in AUDIT_CHECKPOINT_DIR: reading lines, and adding one so that it stays."""

import errno
import fcntl
import logging
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

log = logging.getLogger(__name__)

LOCK = ".lock"
NAME = re.compile(r"checkpoints-\d{4}-\d\d\.jsonl", re.ASCII)


class StoredLine(NamedTuple):
    """A line as it stands in a file: the file's name, its place there from 1, its bytes without the line feed."""

    file: str
    place: int
    raw: bytes

    def __str__(self) -> str:
        return f"line {self.place} of {self.file}"


def paths() -> list[Path]:
    """The files, oldest first; none where there is no folder yet. OSError for a folder that can't be read."""
    folder = Path(settings.AUDIT_CHECKPOINT_DIR)
    try:
        names = [name for name in os.listdir(folder) if NAME.fullmatch(name)]  # noqa: PTH208 - glob hides errors
    except FileNotFoundError:
        return []
    return [folder / name for name in sorted(names)]


def read_lines(files: Iterable[Path]) -> Iterator[StoredLine]:
    """Their lines. What follows the last line feed was never finished, when the power went, and is no line."""
    for path in files:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for, a device read without end
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        for place, raw in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
            yield StoredLine(path.name, place, raw)


def newest(files: Sequence[Path]) -> list[Path]:
    """The newest of the files that has a line; none where none has."""
    return next(([path] for path in reversed(files) if any(read_lines([path]))), [])


def read_last() -> StoredLine | None:
    """The newest line."""
    return max(read_lines(newest(paths())), default=None, key=lambda line: line.place)


@contextmanager
def locked() -> Iterator[None]:
    """One writer at a time, among all processes; the folder is made where there is none."""
    folder = Path(settings.AUDIT_CHECKPOINT_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A file of its own, open for writing: network file systems lock nothing else.
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def append_line(raw: bytes, *, at: datetime) -> None:
    """Add a line to its month's file (UTC), on the disk when this returns. The caller holds the lock."""
    files = paths()
    if files:
        _mend(files[-1])
    path = Path(settings.AUDIT_CHECKPOINT_DIR) / f"checkpoints-{at.astimezone(UTC):%Y-%m}.jsonl"
    path = max([path, *files[-1:]])  # a clock set back begins no earlier file
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.write(handle, raw + b"\n") != len(raw) + 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(handle)
    finally:
        os.close(handle)
    sync(path.parent)


def _mend(path: Path) -> None:
    """Cut off a line that was never finished, so that the next one stands on a line of its own."""
    content = path.read_bytes()
    torn = len(content) - (content.rfind(b"\n") + 1)
    if torn:
        log.warning("%s ended with %d bytes of a line that was never finished; they are cut off.", path, torn)
        os.truncate(path, len(content) - torn)


def sync(path: Path) -> None:
    """What was written to a file, or which files a folder has, is on the disk when this returns."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
