"""The audit as JSON lines on standard output."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from django.core.management.base import BaseCommand, CommandParser

from audit.exports import export_jsonl
from audit.kinds import Kind, Status
from audit.people import os_user
from audit.queries import select

Listed = TypeVar("Listed", bound=StrEnum)


def moment(text: str) -> datetime:
    """An ISO 8601 time; a date alone is its midnight; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} isn't a date or time; write 2026-01-31 or 2026-01-31T09:00:00Z.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def kind(text: str) -> Kind:
    return _listed(Kind, text)


def outcome(text: str) -> Status:
    return _listed(Status, text.upper())


def _listed(choices: type[Listed], text: str) -> Listed:
    try:
        return choices(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} isn't one of {', '.join(choices)}.") from None


class Command(BaseCommand):
    help = "Write audit records to standard output, a line of JSON each, oldest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=["jsonl"], default="jsonl")
        parser.add_argument("--since", type=moment, help="from this time on")
        parser.add_argument("--until", type=moment, help="before this time")
        parser.add_argument("--campaign", default="", help="a campaign's id")
        parser.add_argument("--kind", type=kind)
        parser.add_argument("--outcome", type=outcome)

    def handle(
        self,
        *args: object,
        since: datetime | None,
        until: datetime | None,
        campaign: str,
        kind: Kind | None,
        outcome: Status | None,
        **options: object,
    ) -> None:
        records = select(since=since, until=until, campaign=campaign, kind=kind, outcome=outcome)
        filters = {"since": since, "until": until, "campaign": campaign, "kind": kind, "outcome": outcome}
        said = {name: str(value) for name, value in filters.items() if value}
        for line in export_jsonl(records, by=os_user(), filters=said):
            self.stdout.write(line)
