"""The checkpoint files, one for each month, in AUDIT_CHECKPOINT_DIR: reading lines, and adding one durably."""

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
    """A line of a file: the file's name, the line's number in it from 1, its bytes without the line feed."""

    file: str
    place: int
    raw: bytes

    def __str__(self) -> str:
        return f"line {self.place} of {self.file}"


def paths() -> list[Path]:
    """The files, oldest first; none if there is no folder yet. OSError for a folder that can't be read."""
    folder = Path(settings.AUDIT_CHECKPOINT_DIR)
    try:
        # Not Path.glob, which hides errors.
        names = [name for name in os.listdir(folder) if NAME.fullmatch(name)]  # noqa: PTH208
    except FileNotFoundError:
        return []
    return [folder / name for name in sorted(names)]


def read_lines(files: Iterable[Path]) -> Iterator[StoredLine]:
    """Their lines, in order. OSError for a file that can't be read.

    What follows the last line feed was cut short by a power failure, and isn't a line.
    """
    for path in files:
        # Reading a pipe would block, and a device has no end.
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(errno.EINVAL, "it isn't a regular file", str(path))
        for place, raw in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
            yield StoredLine(path.name, place, raw)


def newest(files: Sequence[Path]) -> list[Path]:
    """The newest of the files that has a line, as a list of one; empty if none has."""
    for path in reversed(files):
        if any(read_lines([path])):
            return [path]
    return []


def read_last() -> StoredLine | None:
    """The newest line, None if there is none."""
    lines = list(read_lines(newest(paths())))
    return lines[-1] if lines else None


@contextmanager
def locked() -> Iterator[None]:
    """Let one writer in at a time, among all processes. Creates the folder if there is none."""
    folder = Path(settings.AUDIT_CHECKPOINT_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A separate file, open for writing: network file systems lock nothing else.
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def append_line(raw: bytes, *, at: datetime) -> None:
    """Add a line to the file of its month (UTC). It is on disk when this returns. OSError where that fails.

    The caller holds the lock.
    """
    files = paths()
    if files:
        _cut_torn_line(files[-1])
    path = Path(settings.AUDIT_CHECKPOINT_DIR) / f"checkpoints-{at.astimezone(UTC):%Y-%m}.jsonl"
    # A clock that was set back must not start an earlier file.
    path = max([path, *files[-1:]])
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # A full disk can take a part of the line without an error.
        if os.write(handle, raw + b"\n") != len(raw) + 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(handle)
    finally:
        os.close(handle)
    sync(path.parent)


def _cut_torn_line(path: Path) -> None:
    """Remove a line without its line feed, so that the next one begins a line."""
    content = path.read_bytes()
    torn = len(content) - (content.rfind(b"\n") + 1)
    if torn:
        log.warning("%s ended with %d bytes of an unfinished line; they are removed.", path, torn)
        os.truncate(path, len(content) - torn)


def sync(path: Path) -> None:
    """Flush a file's bytes, or a folder's list of files, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
