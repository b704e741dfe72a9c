"""Secrets that nobody gave: made once, kept in a file that only its owner reads."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def secret(path: Path, strength: int = 48) -> str:
    """The secret kept at `path`, made of so many random bytes on the first call."""
    return kept(path, lambda: secrets.token_urlsafe(strength))


def kept(path: Path, make: Callable[[], str]) -> str:
    """The text kept at `path`, made on the first call. Two processes that race get the same one."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return _make(path, make())


def _make(path: Path, text: str) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    try:
        os.link(draft, path)  # fails where another process was first
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="utf-8")
