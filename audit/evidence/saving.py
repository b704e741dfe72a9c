"""An evidence file on a disk: whole, or not there."""

import os
from pathlib import Path
from typing import Any

from audit.evidence.writing import Evidence
from audit.integrity import signing


def save_file(evidence: Evidence, path: Path) -> None:
    """Write the file, which must not exist yet. OSError, or what breaks the bytes off; then nothing is left behind."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with draft.open("xb") as file:
            file.writelines(evidence.blocks)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # fails where it exists
    finally:
        draft.unlink(missing_ok=True)


def describe_file(evidence: Evidence, path: Path) -> dict[str, Any]:
    """What `export_audit --evidence` prints."""
    manifest = evidence.manifest
    return {
        "file": str(path),
        "bytes": evidence.size,
        "records": manifest.count,
        "first": manifest.first,
        "last": manifest.last,
        "head": {"number": manifest.last, "digest": manifest.head},
        "first_break": manifest.first_break and manifest.first_break._asdict(),
        "made_at": manifest.made_at,
        "key": signing.key_fingerprint(bytes.fromhex(manifest.key)),
    }
