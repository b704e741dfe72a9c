"""The checkpoint files in AUDIT_CHECKPOINT_DIR, one for each month (UTC): reading lines, and appending one durably."""

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
    """A line of a file: the file's name, the line's number in it (from 1), and its bytes without the line feed."""

    file: str
    place: int
    raw: bytes

    def __str__(self) -> str:
        return f"line {self.place} of {self.file}"


def paths() -> list[Path]:
    """The files, oldest first; empty if the folder doesn't exist yet. OSError if it can't be read."""
    folder = Path(settings.AUDIT_CHECKPOINT_DIR)
    try:
        # Not Path.glob, which ignores a folder that can't be read: all checkpoints would seem to be missing.
        names = [name for name in os.listdir(folder) if NAME.fullmatch(name)]  # noqa: PTH208
    except FileNotFoundError:
        return []
    return [folder / name for name in sorted(names)]


def read_lines(files: Iterable[Path]) -> Iterator[StoredLine]:
    """The lines of the files, in order. OSError for a file that can't be read."""
    for path in files:
        # Reading a named pipe would block, and a device has no end.
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(errno.EINVAL, "it isn’t a regular file", str(path))
        # Bytes after the last line feed are a line that a power failure cut short: it was never reported as written.
        for place, raw in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
            yield StoredLine(path.name, place, raw)


def newest(files: Sequence[Path]) -> list[Path]:
    """The newest file that has a line, as a list of one; empty if there is none."""
    # The newest of all can be empty, or hold nothing but a line that was cut short.
    for path in reversed(files):
        if any(read_lines([path])):
            return [path]
    return []


def read_last() -> StoredLine | None:
    """The newest line; None if there is none."""
    lines = list(read_lines(newest(paths())))
    return lines[-1] if lines else None


@contextmanager
def locked() -> Iterator[None]:
    """Exclude all other writers, in this and other processes. Creates the folder if it doesn't exist."""
    folder = Path(settings.AUDIT_CHECKPOINT_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A file of its own, since the month's file changes; open for writing, since NFS emulates flock by fcntl locks, and
    # an exclusive one needs a descriptor that can write.
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def append_line(raw: bytes, *, at: datetime) -> None:
    """Append a line to the file of its month (UTC). When this returns, it is on disk. OSError if that fails.

    The caller must hold the lock (`locked`).
    """
    files = paths()
    if files:
        _cut_torn_line(files[-1])
    path = Path(settings.AUDIT_CHECKPOINT_DIR) / f"checkpoints-{at.astimezone(UTC):%Y-%m}.jsonl"
    # After a clock was set back, the line goes into the newest file all the same: names are the order of the lines.
    path = max([path, *files[-1:]])
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # write(2) may write a part of the bytes without an error, for example on a disk that is almost full.
        if os.write(handle, raw + b"\n") != len(raw) + 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(handle)
    finally:
        os.close(handle)
    # A new file's entry in its folder must be on disk too.
    sync(path.parent)


def _cut_torn_line(path: Path) -> None:
    """Remove an incomplete last line, so that the next one begins on a line of its own."""
    content = path.read_bytes()
    torn = len(content) - (content.rfind(b"\n") + 1)
    if torn:
        log.warning("%s ended with %d bytes of an unfinished line; they are removed.", path, torn)
        os.truncate(path, len(content) - torn)


def sync(path: Path) -> None:
    """Flush a file's bytes, or a folder's entries, to disk (fsync)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
