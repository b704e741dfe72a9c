"""Fill a holiday calendar from the shell, by country or from a calendar file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.people import os_user
from campaigns import calendars, ics, public_holidays
from campaigns.holidays import Entry, horizon, today_of
from campaigns.models import Calendar
from campaigns.schedule import find_zone


class Command(BaseCommand):
    help = "Add holidays to a calendar. Prints how many were added, and how many it had already, as one line of JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("calendar", metavar="CALENDAR", help="its name, as on the page of holidays")
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--country", metavar="CC", help="its public holidays, by two letters: US, GB, DE")
        source.add_argument(
            "--ics", dest="file", type=Path, metavar="FILE", help="a calendar file, read for this year and two more"
        )
        parser.add_argument("--subdivision", default="", metavar="S", help="a state or part of the country: FL")
        parser.add_argument("--years", type=int, nargs="+", default=[], metavar="YEAR", help="needed with --country")
        parser.add_argument("--by", default=os_user(), help="who is named on record (default: the system's user)")

    def handle(self, *_args: object, calendar: str, country: str | None, by: str, **options: Any) -> None:
        target = _find(calendar)
        if country is None:
            entries, source = self._read(target, **options)
        else:
            entries, source = _look_up(country.upper(), **options)
        try:
            done = calendars.import_holidays(calendar=target, entries=entries, source=source, by=by)
        except calendars.Refused as refused:
            raise CommandError(refused.sentence) from None
        self.stdout.write(json.dumps(done._asdict()))

    def _read(
        self, calendar: Calendar, *, file: Path, subdivision: str, years: list[int], **_: object
    ) -> tuple[tuple[Entry, ...], str]:
        if subdivision or years:
            raise CommandError("--subdivision and --years go with --country; a file has its own days.", returncode=2)
        reading = _read_file(file, calendar)
        for note in reading.notes:
            self.stderr.write(note)
        for left in reading.left_out:
            self.stderr.write(str(left))
        return reading.entries, f"the file {file.name}"


def _find(name: str) -> Calendar:
    calendar = Calendar.objects.filter(name=name).first() if "\0" not in name else None
    if calendar is None:
        known = (
            ", ".join(Calendar.objects.values_list("name", flat=True)) or "none yet: make it on the page of holidays"
        )
        raise CommandError(f"No holiday calendar is called {name!r}. There are: {known}.", returncode=2)
    return calendar


def _look_up(country: str, *, subdivision: str, years: list[int], **_: object) -> tuple[tuple[Entry, ...], str]:
    place = "-".join(filter(None, (country, subdivision)))
    try:
        entries = public_holidays.find(country, subdivision, years)
    except public_holidays.Unknown as unknown:
        raise CommandError(str(unknown), returncode=2) from None
    return entries, f"{place}, {', '.join(map(str, sorted(set(years))))}"


def _read_file(path: Path, calendar: Calendar) -> ics.Reading:
    first, last = horizon(today_of([calendar])[calendar.pk])
    try:
        with path.open("rb") as file:
            data = file.read(ics.MOST_BYTES + 1)
        return ics.read(data, zone=find_zone(calendar.zone), first=first, last=last)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}. Nothing was added.", returncode=2) from None
    except ics.Unreadable as unreadable:
        told = "\n".join(map(str, unreadable.problems))
        raise CommandError(f"{path} can't be taken, and nothing was added.\n{told}", returncode=2) from None
