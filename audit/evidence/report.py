"""What `verify_audit FILE` says: one object for programs, a few sentences for people."""

import re
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from audit.evidence.checking import FileCheck
from audit.evidence.lines import DIGEST
from audit.integrity import checkpoints, signing


def trusted_key(text: str) -> str:
    """The hex digits of a public key or its fingerprint, themselves or in a file of that name."""
    if re.fullmatch(DIGEST, text.lower()):
        return text.lower()
    try:
        held = Path(text).read_text(encoding="ascii").strip().lower()
    except (OSError, ValueError) as error:
        raise ArgumentTypeError(f"{text!r} is neither a key of 64 hex digits nor a file with one: {error}") from None
    if not re.fullmatch(DIGEST, held):
        raise ArgumentTypeError(f"{text} must hold a public key or its fingerprint, 64 hex digits, and nothing else.")
    return held


def report_values(verdict: FileCheck) -> dict[str, Any]:
    """For programs: docs/evidence.md."""
    manifest = verdict.manifest
    return {
        "records": verdict.records,
        "ok": verdict.ok,
        "first_break": verdict.first_break and verdict.first_break._asdict(),
        "head": verdict.head and verdict.head._asdict(),
        "as_signed": verdict.as_signed,
        "first": manifest and manifest.first,
        "last": manifest and manifest.last,
        "made_at": manifest and manifest.made_at,
        "by": manifest and manifest.by,
        "key": manifest and _fingerprint(manifest.key),
        "other_keys": sorted(map(_fingerprint, verdict.other_keys)),
    }


def report_sentences(verdict: FileCheck, trusted: str) -> list[str]:
    """For people: what holds or doesn't, and whose key it is."""
    said = [_outcome(verdict)]
    if verdict.manifest and verdict.as_signed and not trusted:
        said.append(_whose(verdict.manifest.key))
    if others := sorted(map(_fingerprint, verdict.other_keys)):
        keys = "1 other key" if len(others) == 1 else f"{len(others)} other keys"
        said.append(f"{keys} signed checkpoints in it; ask whether the audit used them before: {', '.join(others)}.")
    return said


def _outcome(verdict: FileCheck) -> str:
    if verdict.ok:
        return "The file is sound: to the last bit as it was signed, and its chain holds."
    if verdict.as_signed:
        return f"The file is as it was signed, but not sound. {verdict.first_break}."
    return f"The file isn't as it was signed. {verdict.first_break}."


def _whose(key: str) -> str:
    try:
        keys = checkpoints.our_keys()
    except (OSError, ValueError):
        return _compare(key)
    if key == keys.own:
        return "It was signed with this installation's key."
    return "It was signed with a key that this installation used before." if key in keys.retired else _compare(key)


def _compare(key: str) -> str:
    return (
        "This installation doesn't know the key that signed it, so anybody may have. Compare the fingerprint with one "
        f"that you got in another way, or name that one with --key: {_fingerprint(key)}"
    )


def _fingerprint(key: str) -> str:
    return signing.key_fingerprint(bytes.fromhex(key))
