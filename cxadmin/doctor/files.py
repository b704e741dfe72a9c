"""What is kept in files: the key that signs the audit, the folder of its checkpoints, and collected static files."""

import os
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

from audit.integrity import checkpoint_files, signing
from cxadmin import static_files
from cxadmin.doctor.results import CheckResult, failed, not_looked_at, passed

_KEY, _FOLDER = "AUDIT_SIGNING_KEY_FILE", "AUDIT_CHECKPOINT_DIR"
_RIGHTS = "Run this as the user that the product runs as, or give that user the right to {verb} there."


def look_at_signing_key(unusable: Collection[str]) -> CheckResult:
    name = "signing_key"
    if {_KEY, "VAR_DIR"} & set(unusable):
        return not_looked_at(name, "its path can’t be used", f"Correct {_KEY} or VAR_DIR first.")
    path = Path(settings.AUDIT_SIGNING_KEY_FILE)
    try:
        key = signing.read_key(path)
    except FileNotFoundError:
        if _KEY in settings.MADE_SECRETS:
            return passed(name, f"{path} isn’t there yet; the product makes it when it starts.")
        return failed(name, f"{path} isn’t there.", f"Correct {_KEY}, or put the key there that signed so far.")
    except OSError as error:
        return failed(name, f"{path} can’t be read: {error.strerror}.", _RIGHTS.format(verb="read"))
    except ValueError as error:
        return failed(name, f"{path}, {error}.", "Make one: openssl genpkey -algorithm ed25519 -out FILE")
    return passed(name, f"Its public key is {signing.key_fingerprint(signing.public_bytes(key))[:16]}….")


def look_at_checkpoint_folder(unusable: Collection[str]) -> CheckResult:
    name = "checkpoint_folder"
    if {_FOLDER, "VAR_DIR"} & set(unusable):
        return not_looked_at(name, "its path can’t be used", f"Correct {_FOLDER} or VAR_DIR first.")
    folder = Path(settings.AUDIT_CHECKPOINT_DIR)
    nearest = next(path for path in (folder, *folder.parents) if os.access(path, os.F_OK))
    if not nearest.is_dir():
        return failed(name, f"{nearest} isn’t a folder.", f"Let {_FOLDER} name a folder outside the database.")
    if not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
        return failed(name, f"This user can’t read and write {nearest}.", _RIGHTS.format(verb="write"))
    if nearest != folder:
        return passed(name, f"{folder} isn’t there yet; the product makes it.")
    try:
        last = checkpoint_files.read_last()
    except OSError as error:
        return failed(name, f"Its files can’t be read: {error}.", _RIGHTS.format(verb="read"))
    return passed(name, f"{folder}, {f'newest {last}' if last else 'no checkpoint yet'}.")


def look_at_static_files(unusable: Collection[str]) -> CheckResult:
    name = "static_files"
    if {"STATIC_ROOT", "VAR_DIR"} & set(unusable):
        return not_looked_at(name, "their path can’t be used", "Correct STATIC_ROOT or VAR_DIR first.")
    missing = static_files.uncollected()
    if missing:
        return failed(name, static_files.not_collected(missing), f"{static_files.WHAT_TO_DO} make run does both.")
    return passed(name, f"All of this version are collected in {settings.STATIC_ROOT}.")
