"""A backup of the database while the product runs. docs/running.md says what else to back up."""

import json
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.restoring import backups


class Command(BaseCommand):
    help = "Copy the database into a new file in FOLDER while the product runs, and sign its newest record."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="made if it isn’t there")
        parser.add_argument(
            "--keep", type=int, metavar="NUMBER", help="afterwards delete all but the newest NUMBER backups in FOLDER"
        )

    def handle(self, *args: object, folder: Path, keep: int | None, **options: object) -> None:
        if keep is not None and keep < 1:
            raise CommandError("--keep must be at least 1: the new backup is one of those.", returncode=2)
        began = time.monotonic()
        try:
            backup = backups.make_backup(folder)
            deleted = backups.delete_older(folder, keep) if keep else []
        except OSError as error:
            raise CommandError(f"{error.filename or folder}: {error.strerror}. There is no new backup.") from error
        except backups.BackupError as reason:
            raise CommandError(f"{reason} There is no new backup.") from reason
        if backup.trouble:
            self.stderr.write(
                f"{backup.trouble} After a restore of this backup, nothing proves its newest records of the audit."
            )
        values = {
            "file": str(backup.path),
            "bytes": backup.size,
            "sha256": backup.sha256,
            "head": backup.head._asdict(),
            "signed": not backup.trouble,
            "deleted": [path.name for path in deleted],
            "seconds": round(time.monotonic() - began, 1),
        }
        self.stdout.write(json.dumps(values))
