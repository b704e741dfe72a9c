"""Check the audit or an evidence file. Exit status 1 on a break."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from audit import triggers
from audit.evidence import checking, report
from audit.integrity import known_break, monitor
from audit.integrity.chain_walk import ProgressCallback
from audit.integrity.full_check import FullCheckResult, UnreadableCheckpointsError, check_everything
from audit.os_user import os_user

# Seconds between two lines of progress.
PATIENCE = 2.0


class Command(BaseCommand):
    help = "Check the audit’s chain and checkpoints, or an evidence file, and name the first break."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="an evidence file to check on its own")
        parser.add_argument(
            "--key",
            type=report.trusted_key,
            help="the public key that must have signed FILE, or its fingerprint",
        )

    def handle(self, *args: object, file: Path | None, key: str | None, **options: object) -> None:
        if file:
            self._check_file(file, key or "")
        elif key:
            raise CommandError("--key goes with a FILE: the audit itself is checked with its own keys.", returncode=2)
        else:
            self._walk()

    def _check_file(self, file: Path, key: str) -> None:
        try:
            verdict = checking.check_file(file, key)
        except OSError as error:
            raise CommandError(f"{file} can’t be read: {error.strerror or error}.", returncode=2) from error
        except checking.NotEvidence as reason:
            raise CommandError(f"{file} isn’t an evidence file: it doesn’t begin like one.", returncode=2) from reason
        self.stdout.write(json.dumps(report.report_values(verdict)))
        for sentence in report.report_sentences(verdict, key):
            self.stderr.write(sentence)
        if not verdict.ok:
            sys.exit(1)

    def _walk(self) -> None:
        # Read before the check: a break that another process finds meanwhile must stay known.
        since, began = known_break.read_row().break_found_at, time.monotonic()
        try:
            result = check_everything(progress=self._report_progress())
        except UnreadableCheckpointsError as reason:
            raise CommandError(str(reason), returncode=2) from reason
        self.stdout.write(json.dumps(check_values(result)))
        try:
            monitor.settle_full_check(result, since=since, by=os_user(), seconds=time.monotonic() - began)
        except DatabaseError as error:
            self.stderr.write(f"The result couldn’t be saved in the database: {str(error).strip()}.")
        if missing := triggers.missing(connection):
            self.stderr.write(
                f"The database no longer rejects changes to records: missing triggers: {', '.join(missing)}. Find out "
                "who removed them; protect_audit creates them again."
            )
        if found := result.first_break:
            self.stderr.write(f"The audit was changed: at record {found.number}, {found.fault}.")
            sys.exit(1)
        for restore in result.restores:
            self.stderr.write(f"{restore.at:%Y-%m-%d %H:%M} UTC: {restore.sentence}")

    def _report_progress(self) -> ProgressCallback:
        reported_at = time.monotonic()

        def report_progress(number: int) -> None:
            nonlocal reported_at
            if time.monotonic() - reported_at >= PATIENCE:
                reported_at = time.monotonic()
                self.stderr.write(f"No break up to record {number:,} so far.")

        return report_progress


def check_values(result: FullCheckResult) -> dict[str, Any]:
    """The JSON object that docs/commands.md describes."""
    newest = result.newest
    return {
        "records": result.records,
        "ok": result.ok,
        "first_break": result.first_break and result.first_break._asdict(),
        "head": result.head and result.head._asdict(),
        "checkpoints": {
            "count": result.checkpoints,
            "newest": newest and {"number": newest.number, "digest": newest.digest, "at": newest.at},
        },
        "restores": [restore.values() for restore in result.restores],
    }
