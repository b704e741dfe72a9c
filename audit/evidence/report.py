"""The output of `verify_audit FILE`: a JSON object for programs, and a few sentences for people."""

import re
from argparse import ArgumentTypeError
from contextlib import suppress
from pathlib import Path
from typing import Any

from audit.evidence.checking import FileCheck
from audit.evidence.lines import DIGEST
from audit.integrity import checkpoints, signing


def trusted_key(text: str) -> str:
    """The value of --key: the 64 hex digits of a public key or its fingerprint, or a file that contains them.

    Returns the digits in lower case. ArgumentTypeError for anything else.
    """
    if re.fullmatch(DIGEST, text.lower()):
        return text.lower()
    try:
        held = Path(text).read_text(encoding="ascii").strip().lower()
    except (OSError, ValueError) as error:
        raise ArgumentTypeError(f"{text!r} is neither a key of 64 hex digits nor a file with one: {error}") from None
    if not re.fullmatch(DIGEST, held):
        raise ArgumentTypeError(f"{text} must hold a public key or its fingerprint, 64 hex digits, and nothing else.")
    return held


def report_values(check: FileCheck) -> dict[str, Any]:
    """The JSON object described in docs/evidence.md, "Checking one"."""
    manifest = check.manifest
    return {
        "records": check.records,
        "ok": check.ok,
        "first_break": check.first_break and check.first_break._asdict(),
        "head": check.head and check.head._asdict(),
        "as_signed": check.as_signed,
        "first": manifest and manifest.first,
        "last": manifest and manifest.last,
        "made_at": manifest and manifest.made_at,
        "by": manifest and manifest.by,
        "key": manifest and _fingerprint(manifest.key),
        "other_keys": sorted(map(_fingerprint, check.other_keys)),
    }


def report_sentences(check: FileCheck, trusted: str) -> list[str]:
    """The outcome, whose key signed, and which other keys there are. `trusted`: as for `checking.check_stream`."""
    said = [_describe_outcome(check)]
    if check.manifest and check.as_signed and not trusted:
        said.append(_describe_signer(check.manifest.key))
    if others := sorted(map(_fingerprint, check.other_keys)):
        keys = "1 other key" if len(others) == 1 else f"{len(others)} other keys"
        said.append(f"{keys} signed checkpoints in it; ask whether the audit used them before: {', '.join(others)}.")
    return said


def _describe_outcome(check: FileCheck) -> str:
    if check.ok:
        return "The file is sound: to the last bit as it was signed, and its chain holds."
    if check.as_signed:
        return f"The file is as it was signed, but not sound. {check.first_break}."
    return f"The file isn’t as it was signed. {check.first_break}."


def _describe_signer(key: str) -> str:
    # A file can also be checked by an installation that has no signing key.
    with suppress(OSError, ValueError):
        keys = checkpoints.our_keys()
        if key == keys.own:
            return "It was signed with this installation’s key."
        if key in keys.retired:
            return "It was signed with a key that this installation used before."
    return (
        "This installation doesn’t know the key that signed it, so anybody may have. Compare the fingerprint with one "
        f"that you got in another way, or name that one with --key: {_fingerprint(key)}"
    )


def _fingerprint(key: str) -> str:
    return signing.key_fingerprint(bytes.fromhex(key))
