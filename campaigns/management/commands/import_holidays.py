"""Fill a holiday calendar from the shell, by country or from a calendar file."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError

from audit.os_user import os_user
from campaigns.errors import Refusal
from campaigns.holidays import calendars, ical, public
from campaigns.holidays.comparison import Outdated, compare_import
from campaigns.holidays.dates import HolidayEntry
from campaigns.holidays.import_offers import Offer, offer_of_country, offer_of_file
from campaigns.management import shell
from campaigns.models import Calendar

ALWAYS = {"added", "unchanged"}


class Command(BaseCommand):
    help = (
        "Add holidays to a calendar. Prints how many were added and how many it had already as one line of JSON: "
        '{"added", "unchanged"}; where there were any, also how many are not_suggested and so were left, how many of '
        "the calendar’s holidays are outdated, and how many of those were taken_out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("calendar", metavar="CALENDAR", help="its name, as on the page of holidays")
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--country", metavar="CC", help="its public holidays, by two letters: US, GB, DE")
        source.add_argument(
            "--ics", dest="file", type=Path, metavar="FILE", help="a calendar file, read for this year and two more"
        )
        parser.add_argument("--subdivision", default="", metavar="S", help="a state or part of the country: FL")
        parser.add_argument("--years", type=int, nargs="+", default=[], metavar="YEAR", help="needed with --country")
        parser.add_argument(
            "--all", dest="take_all", action="store_true", help="take observances and doubtful days of a file, too"
        )
        parser.add_argument(
            "--take-out", action="store_true", help="take out days that the source has moved or withdrawn since"
        )
        parser.add_argument("--by", default=os_user(), help="who is named on record (default: the system’s user)")

    def handle(self, *_args: object, calendar: str, by: str, take_all: bool, take_out: bool, **options: Any) -> None:
        target = shell.find_calendar(calendar)
        offer = _offer(target, **options)
        outdated = compare_import(target, offer).outdated
        self._tell(offer, outdated, take_all=take_all, take_out=take_out)
        try:
            done = calendars.import_holidays(
                calendar=target,
                entries=offer.entries if take_all else offer.suggested,
                source=offer.source,
                by=by,
                take_out=outdated if take_out else (),
            )
        except Refusal as refused:
            raise CommandError(refused.sentence) from None
        left = 0 if take_all else len(offer.entries) - len(offer.suggested)
        counts = done._asdict() | {"outdated": len(outdated), "not_suggested": left}
        self.stdout.write(json.dumps({name: counts[name] for name in counts if counts[name] or name in ALWAYS}))

    def _tell(self, offer: Offer, outdated: Iterable[Outdated], *, take_all: bool, take_out: bool) -> None:
        for note in offer.notes:
            self.stderr.write(note)
        for left in offer.left_out:
            self.stderr.write(str(left))
        if offer.unlisted:
            self.stderr.write(f"{offer.unlisted:,} more events are left out.")
        for entry in () if take_all else offer.entries:
            if not entry.suggested:
                self.stderr.write(f"Not taken without --all: {entry.date} {entry.name}. {_doubt(entry)}".rstrip())
        done = "Taken out" if take_out else "In the calendar still, without --take-out"
        for one in outdated:
            self.stderr.write(f"{done}: {one.date} {one.name}, {one.sentence}.")


def _offer(
    calendar: Calendar, *, country: str | None, file: Path | None, subdivision: str, years: list[int], **_: object
) -> Offer:
    if country is not None:
        return _look_up(country.upper(), subdivision, years)
    if subdivision or years:
        raise CommandError("--subdivision and --years go with --country; a file has its own days.", returncode=2)
    return _read(cast(Path, file), calendar)


def _look_up(country: str, subdivision: str, years: list[int]) -> Offer:
    try:
        return offer_of_country(country, subdivision, years)
    except public.UnknownRegion as unknown:
        raise CommandError(str(unknown), returncode=2) from None


def _read(path: Path, calendar: Calendar) -> Offer:
    try:
        with path.open("rb") as file:
            data = file.read(ical.MOST_BYTES + 1)
        return offer_of_file(data, path.name, calendar)
    except OSError as error:
        raise CommandError(f"{path} can’t be read: {error.strerror}. Nothing was added.", returncode=2) from None
    except ical.Unreadable as unreadable:
        told = "\n".join(map(str, unreadable.problems))
        raise CommandError(f"{path} can’t be taken, and nothing was added.\n{told}", returncode=2) from None


def _doubt(entry: HolidayEntry) -> str:
    """Why it isn't suggested."""
    nature = f"The file calls it: {entry.nature}." if entry.nature else ""
    return " ".join(filter(None, (nature, entry.remark)))
