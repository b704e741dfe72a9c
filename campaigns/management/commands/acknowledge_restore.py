"""Say on record that the database is a restored copy. Exit status 1 if the audit was tampered with."""

import json
import sys
import time

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models.functions import Now

from audit.integrity import full_check, known_break, monitor, restores
from audit.integrity.checkpoints import NotWritten
from audit.integrity.restores import RestoredLedger
from audit.os_user import os_user
from campaigns.models import NoticedRestore
from campaigns.restoring.noticing import DatabaseWatch
from campaigns.restoring.settling import settle_restore


class Command(BaseCommand):
    help = "Show what a restored database has lost; with --yes, acknowledge that on record, so that checks go on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--note", default="", metavar="TEXT", help="why it was restored, from which backup")
        parser.add_argument("--yes", action="store_true", help="acknowledge it; without this nothing is acknowledged")
        parser.add_argument(
            "--accept-unproven", action="store_true", help="although no checkpoint proves the backup’s last records"
        )
        parser.add_argument("--by", default=os_user(), metavar="NAME", help="who acknowledges it")

    def handle(self, *args: object, note: str, yes: bool, accept_unproven: bool, by: str, **options: object) -> None:
        if yes and not note.strip():
            raise CommandError("Say with --note why the database was restored, and from which backup.", returncode=2)
        # No dispatcher may have run since: what was open ends before anything else.
        DatabaseWatch().look()
        notice = NoticedRestore.objects.filter(acknowledged_at=None).order_by("-pk").first()
        restored = self._examine()
        record = None
        if yes:
            self._refuse_unproven(restored, accept_unproven)
            record = self._acknowledge(restored, notice, by=by, note=note)
        values = {
            "acknowledged": yes,
            "cause": notice.cause if notice else "",
            "record": record,
            "kept": restored.kept,
            "unproven_to": restored.unproven_to,
            "lost_from": restored.lost_from,
            "lost_to": restored.lost_to,
        }
        self.stdout.write(json.dumps(values))
        if not yes:
            self._say_what_to_do(restored, notice)

    def _examine(self) -> RestoredLedger:
        try:
            return restores.examine_ledger()
        except restores.TamperedError as reason:
            self.stderr.write(
                f"Not acknowledged: {reason}. No restore explains that: the audit or its checkpoints were altered. "
                "Leave all as it is, and read docs/audit-verification.md."
            )
            sys.exit(1)
        except (OSError, ValueError) as error:
            raise CommandError(f"The checkpoints or the signing key can’t be read: {error}.", returncode=2) from error

    def _refuse_unproven(self, restored: RestoredLedger, accepted: bool) -> None:
        if restored.unproven_to is None or accepted:
            return
        raise CommandError(
            f"No checkpoint proves records {restored.kept + 1} to {restored.unproven_to}: they were written after the "
            "last one that holds, and before the backup was made. If the backup wasn’t made by back_up, that is to be "
            "expected: compare them with exports if there are any, then add --accept-unproven. It stays on record."
        )

    def _acknowledge(self, restored: RestoredLedger, notice: NoticedRestore | None, *, by: str, note: str) -> int:
        if notice is None:
            # Nothing shows it, as with a copy of the disk: whoever runs this knows.
            with transaction.atomic():
                settle_restore(f"{by} said so")
        since, began = known_break.read_row().break_found_at, time.monotonic()
        try:
            record = restores.acknowledge_restored(restored, by=by, note=note)
            result = full_check.check_everything()
        except (NotWritten, full_check.UnreadableCheckpointsError) as reason:
            raise CommandError(str(reason)) from reason
        except (OSError, ValueError) as error:
            raise CommandError(f"No checkpoint could be signed: {error}.", returncode=2) from error
        NoticedRestore.objects.filter(acknowledged_at=None).update(acknowledged_at=Now())
        monitor.settle_full_check(result, since=since, by=by, seconds=time.monotonic() - began)
        return record.number

    def _say_what_to_do(self, restored: RestoredLedger, notice: NoticedRestore | None) -> None:
        if notice is None and restored.lost_to is None:
            self.stderr.write(
                "Nothing shows that this database was restored. If you know that it was, run this with --yes and "
                "--note: all operations in progress end then."
            )
            return
        self.stderr.write("If you restored it, run this again with --yes and --note. If you didn’t, find out who did.")
