"""System checks of the audit's settings. docs/settings.md lists the ids."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core import checks

from audit.integrity import signing

IDS = {
    "AUDIT_SIGNING_KEY_FILE": "audit.E001",
    "AUDIT_RETIRED_KEYS": "audit.E002",
    "AUDIT_CHECKPOINT_DIR": "audit.E003",
    "AUDIT_RETENTION_YEARS": "audit.E004",
}
NO_CHECKPOINTS = "audit.W001"

MAKE_KEY = "Put the right file there, or make a key: openssl genpkey -algorithm ed25519 -out FILE"


def check_audit_settings(**_: object) -> list[checks.CheckMessage]:
    return [
        *settings.ENVIRONMENT.errors(IDS),
        *_check_signing_key(),
        *_check_retired_keys(),
        *_check_checkpoint_folder(),
    ]


def _check_signing_key() -> Iterator[checks.CheckMessage]:
    name, path = "AUDIT_SIGNING_KEY_FILE", Path(settings.AUDIT_SIGNING_KEY_FILE)
    try:
        signing.read_key(path)
    except OSError as error:
        # A key whose path isn't set is generated before it is needed.
        if name not in settings.MADE_SECRETS:
            yield checks.Error(
                f"{name} names {path}, which can’t be read: {error.strerror}.",
                hint="Correct its path or rights.",
                id=IDS[name],
            )
    except ValueError as fault:
        yield checks.Error(f"{name} names {path}, {fault}.", hint=MAKE_KEY, id=IDS[name])


def _check_retired_keys() -> Iterator[checks.CheckMessage]:
    for key in sorted(settings.AUDIT_RETIRED_KEYS):
        if not re.fullmatch("[0-9a-f]{64}", key):
            yield checks.Error(
                f"AUDIT_RETIRED_KEYS has {key!r} in it; it must be public keys of 64 hex digits, with commas between, "
                "as the checkpoints name them.",
                hint="Correct it or unset it.",
                id=IDS["AUDIT_RETIRED_KEYS"],
            )


def _check_checkpoint_folder() -> Iterator[checks.CheckMessage]:
    """Warn if the checkpoint folder can't be written."""
    # It is created with the first checkpoint. Until then, its nearest existing parent must be writable.
    folder = Path(settings.AUDIT_CHECKPOINT_DIR)
    nearest = next(path for path in (folder, *folder.parents) if os.access(path, os.F_OK))
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        yield checks.Warning(
            f"AUDIT_CHECKPOINT_DIR names {folder}, which can’t be written: the audit gets no signed checkpoints.",
            hint="Correct its path or rights.",
            id=NO_CHECKPOINTS,
        )
