"""Times in commands: ISO 8601 with an offset, or a local time in the campaign's zone."""

import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError

from campaigns.holidays.lookups import zone_of_campaign
from campaigns.models import Campaign
from campaigns.schedule.due_times import DueTime, as_iso, due_instant, meanings_in, question_about

HELP = "ISO 8601 with an offset, or a local time in the campaign’s zone: 2026-11-28T18:00"
# Of a date alone. Its midnight is hardly ever what is meant.
DATE_LENGTH = len("2026-11-28")


def find_due(campaign: Campaign, option: str, text: str | None) -> DueTime | None:
    """The time that was typed for `--option`, if one was. CommandError, exit 2: it is none, or means two instants."""
    if text is None:
        return None
    typed = _read(option, text)
    try:
        return due_instant(typed) if typed.tzinfo else _local(campaign, text, typed)
    except OverflowError:
        raise _no_time(option, text) from None


def _local(campaign: Campaign, text: str, typed: datetime) -> DueTime:
    zone = zone_of_campaign(campaign)
    if zone is None:
        zone = ZoneInfo("UTC")
        sys.stderr.write(f"The time zone of {campaign} isn’t known: {text} is taken as UTC.\n")
    meanings = meanings_in(typed, zone)
    if len(meanings.instants) == 1:
        return meanings.instants[0]
    earlier, later = (as_iso(due) for due in meanings.instants)
    sentence = f"{question_about(typed, zone, meanings)} Nothing was requested: write {earlier} or {later}."
    raise CommandError(sentence, returncode=2)


def _read(option: str, text: str) -> datetime:
    try:
        typed = datetime.fromisoformat(text) if len(text) > DATE_LENGTH else None
    except ValueError:
        typed = None
    if typed is None:
        raise _no_time(option, text)
    # CXone is given whole seconds.
    return typed.replace(microsecond=0)


def _no_time(option: str, text: str) -> CommandError:
    sentence = (
        f"--{option} {text[:40]!r} isn’t a time. Write it as 2026-11-28T18:00 in the campaign’s time zone, or with an "
        "offset: 2026-11-28T18:00-05:00."
    )
    return CommandError(sentence, returncode=2)
