"""Export the audit: as JSON lines, CSV or a workbook on standard output, or as an evidence file."""

import json
import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import exports, queries
from audit.evidence import ranges, saving, writing
from audit.kinds import RecordKind, Status
from audit.os_user import os_user

Listed = TypeVar("Listed", bound=StrEnum)
FILTERS = ("since", "until", "campaign", "kind", "outcome", "by", "operation", "text")


def parse_time(text: str) -> datetime:
    """An ISO 8601 time; a date alone means its midnight; UTC if it has no zone. ArgumentTypeError for other text."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} isn’t a date or time; write 2026-01-31 or 2026-01-31T09:00:00Z.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def kind(text: str) -> RecordKind:
    return _listed(RecordKind, text)


def outcome(text: str) -> Status:
    return _listed(Status, text.upper())


def operation(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} isn’t an operation’s id; copy it from its page or `operations`.") from None


def _listed(choices: type[Listed], text: str) -> Listed:
    try:
        return choices(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} isn’t one of {', '.join(choices)}.") from None


class Command(BaseCommand):
    help = (
        "Write audit records to standard output, oldest first: JSON lines, CSV or xlsx. The export itself is recorded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=list(exports.Format), default=exports.Format.JSONL)
        parser.add_argument("--since", type=parse_time, help="from this time on")
        parser.add_argument("--until", type=parse_time, help="before this time")
        parser.add_argument("--campaign", default="", help="a campaign’s id")
        parser.add_argument("--kind", type=kind)
        parser.add_argument("--outcome", type=outcome)
        parser.add_argument("--by", default="", help="who acted: a user name, or a label from the command line")
        parser.add_argument("--operation", type=operation, help="an operation’s id")
        parser.add_argument("--text", default="", help="words in the record")
        parser.add_argument(
            "--evidence", type=Path, metavar="FILE", help="create this evidence file of a range instead"
        )
        parser.add_argument("--first", type=int, metavar="N", help="evidence: from this number on")
        parser.add_argument("--last", type=int, metavar="N", help="evidence: up to this number")

    def handle(self, *args: object, format: str, **options: Any) -> None:  # noqa: A002
        given = {name: options[name] for name in FILTERS if options[name]}
        numbers = {name: options[name] for name in ("first", "last") if options[name] is not None}
        if options["evidence"]:
            self._make_evidence(options["evidence"], given, numbers)
            return
        if numbers:
            raise CommandError(
                "--first and --last go with --evidence alone; else use --since and --until.", returncode=2
            )
        export = exports.export(queries.select(**given), exports.Format(format), by=os_user(), filters=_said(given))
        self.write_out(export.blocks)
        self.stderr.write(f"{export.records} records exported, of those up to number {export.upto}.")
        if export.trouble:
            self.stderr.write(f"The export has no signed checkpoint. {export.trouble}")

    def _make_evidence(self, path: Path, given: dict[str, Any], numbers: dict[str, Any]) -> None:
        if set(given) - {"since", "until"}:
            raise CommandError("An evidence file holds all records of a range: no other filter applies.", returncode=2)
        if given and numbers:
            raise CommandError("Give an evidence file’s range by numbers or by times, not by both.", returncode=2)
        try:
            evidence = writing.make_file(ranges.choose_range(**given, **numbers), by=os_user())
            saving.save_file(evidence, path)
        except writing.ChangedMeanwhile as change:
            raise CommandError(str(change)) from change
        except (ranges.CantMake, OSError) as reason:
            raise CommandError(str(reason), returncode=2) from reason
        self.stdout.write(json.dumps(saving.describe_file(evidence, path)))
        if evidence.trouble:
            self.stderr.write(evidence.trouble)
        if broken := evidence.manifest.first_break:
            self.stderr.write(f"The audit is broken, and the file says so: at record {broken.number}, {broken.fault}.")

    def write_out(self, blocks: Iterable[bytes]) -> None:
        """Write the same bytes as the page. A reader that stops early (`| head`) is no error to report."""
        try:
            for block in blocks:
                sys.stdout.buffer.write(block)
            sys.stdout.flush()
        except BrokenPipeError:
            # What Python still has to flush when it ends would raise the error again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)


def _said(given: dict[str, Any]) -> dict[str, str]:
    """The filter in the form of `FilterForm.said`, for the record of the export."""
    said = {name: value.isoformat() if isinstance(value, datetime) else str(value) for name, value in given.items()}
    return {"q" if name == "text" else name: value for name, value in said.items()}
