"""Add one holiday to a calendar from the shell; the calendar is made if there is none of that name."""

import json
from argparse import ArgumentParser
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.forms import Form

from audit.os_user import os_user
from campaigns.errors import Refusal
from campaigns.holidays import calendars
from campaigns.holidays.dates import closed_of, hours_in_words
from campaigns.management import shell
from campaigns.models import Calendar, Holiday
from campaigns.pages.holidays.forms import CalendarForm, HolidayForm


class Command(BaseCommand):
    help = (
        "Add a holiday to a calendar, which is made if there is none of that name. Prints how many were added and how "
        'many it had already as one line of JSON: {"added", "unchanged"}.'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("calendar", metavar="CALENDAR", help="its name, as on the page of holidays")
        parser.add_argument("--date", required=True, metavar="DATE", help="2026-12-25")
        parser.add_argument("--name", default="Holiday", metavar="NAME", help="what the day is called")
        parser.add_argument("--from", dest="starts", default="", metavar="HH:MM", help="goes with --to")
        parser.add_argument("--to", dest="ends", default="", metavar="HH:MM", help="an end of 23:59 means midnight")
        parser.add_argument("--every-year", action="store_true", help="on the same day of each year, from DATE on")
        parser.add_argument("--by", default=os_user(), help="who is named on record (default: the system’s user)")

    def handle(self, *_args: object, calendar: str, by: str, **options: Any) -> None:
        shell.check_fits("by", by, 150)
        form = HolidayForm({name: options[name] for name in ("date", "name", "starts", "ends", "every_year")})
        values = _checked(form)
        target = _find_or_make(calendar, by)
        try:
            calendars.add_holiday(calendar=target, by=by, **values)
        except Refusal as refused:
            self._tell_unchanged(target, values, refused)
            added = 0
        else:
            added = 1
        self.stdout.write(json.dumps({"added": added, "unchanged": 1 - added}))

    def _tell_unchanged(self, calendar: Calendar, values: dict[str, Any], refused: Refusal) -> None:
        """A second call is no error, but what the calendar has may differ from what was asked for."""
        existing = Holiday.objects.filter(calendar=calendar, date=values["date"], name=values["name"]).first()
        if existing is None:
            raise CommandError(refused.sentence) from refused
        comes = "every year" if existing.every_year else "once"
        self.stderr.write(
            f"{calendar} has {existing.name} on {existing.date} already, {hours_in_words(closed_of(existing))}, "
            f"{comes}. It stays so."
        )


def _find_or_make(name: str, by: str) -> Calendar:
    """By the name as a calendar keeps it: in one line, with single spaces."""
    name = _checked(CalendarForm({"name": name}))["name"]
    found = Calendar.objects.filter(name=name).first()
    if found is not None:
        return found
    try:
        return calendars.make_calendar(name=name, by=by)
    except Refusal:
        # Somebody has just made it.
        return shell.find_calendar(name)


def _checked(form: Form) -> dict[str, Any]:
    if form.is_valid():
        return form.cleaned_data
    sentences = map(str, chain.from_iterable(form.errors.values()))
    raise CommandError(f"{' '.join(sentences)} Nothing was added.", returncode=2)
