"""Files that only their owner reads: secrets that were not given, made once, and the database of SQLite."""

import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

FOLDER_HINT = "Set VAR_DIR to a folder that belongs to this user."
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class UnusableFile(ImproperlyConfigured):
    """A file that can't be read, made or closed to others."""

    def __init__(self, sentence: str, hint: str) -> None:
        super().__init__(f"{sentence} {hint}")
        self.sentence = sentence
        self.hint = hint


def made_or_ephemeral(path: Path) -> str:
    """The secret kept at `path`. Where none is kept, one for as long as this process runs: nothing is written.

    What a tool signs with it, no process of the product accepts; those make the secret before they use it.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return secrets.token_urlsafe(48)


def text_if_readable(path: Path) -> str:
    """The text of a file; "" where there is none, or where this user can't read it, which is for a check to find."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def secret(path: Path, strength: int = 48) -> str:
    """The secret kept at `path`, created from `strength` random bytes on the first call."""
    return kept(path, lambda: secrets.token_urlsafe(strength))


def kept(path: Path, make: Callable[[], str]) -> str:
    """The text kept at `path`, created on the first call. Processes that race get the same one."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return _made(path, make())
    except OSError as error:
        raise _unusable(path, error) from None
    keep_private(path)
    return text


def check_usable(path: Path) -> None:
    """UnusableFile: what is kept at `path` can't be read. Nothing is made; whether it can be shows when it is."""
    try:
        path.open("rb").close()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _unusable(path, error) from None


def make_folder(path: Path) -> None:
    """Create the folder that a file will be in."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(path, error) from None


def close_database(path: Path) -> None:
    """SQLite creates its file readable for everybody, and its logs with the same rights."""
    for part in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        # The connection that is closed last deletes the other two.
        with suppress(FileNotFoundError):
            keep_private(part)


def keep_private(path: Path) -> None:
    """Take away others' rights to a file. UnusableFile: everybody can read it, and only its owner can change that."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & OTHERS:
        return
    try:
        path.chmod(mode & ~OTHERS)
    except OSError as error:
        if mode & stat.S_IROTH:
            raise UnusableFile(
                f"{path} can be read by everybody on this machine, and its rights can’t be changed: {error.strerror}.",
                f"Close it: chmod o= {path}",
            ) from None


def _unusable(path: Path, error: OSError) -> UnusableFile:
    return UnusableFile(f"{path} can’t be read or made: {error.strerror}.", FOLDER_HINT)


def _made(path: Path, text: str) -> str:
    try:
        return _make(path, text)
    except OSError as error:
        raise _unusable(path, error) from None


def _make(path: Path, text: str) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    try:
        # Fails if another process was first. Renaming would replace the secret that the other already uses.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="utf-8")
