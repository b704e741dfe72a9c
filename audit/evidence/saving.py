"""Writing an evidence file to disk, completely or not at all."""

import os
from pathlib import Path
from typing import Any

from audit.evidence.writing import Evidence
from audit.integrity import signing


def save_file(evidence: Evidence, path: Path) -> None:
    """Write the file, which must not exist yet. On an error (OSError, ChangedMeanwhile), no file remains."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with draft.open("xb") as file:
            file.writelines(evidence.blocks)
            file.flush()
            os.fsync(file.fileno())
        # Unlike rename(2), link(2) fails if the name exists, so a file that appeared meanwhile isn't replaced.
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def describe_file(evidence: Evidence, path: Path) -> dict[str, Any]:
    """The JSON object that `export_audit --evidence` prints."""
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
