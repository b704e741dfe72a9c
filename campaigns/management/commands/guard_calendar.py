"""Switch the holiday guard on or off for a calendar from the shell."""

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from audit.os_user import os_user
from campaigns.errors import Refusal
from campaigns.guard.outlook import CalendarOutlook, outlook_of_calendar
from campaigns.holidays import calendars
from campaigns.management import shell
from campaigns.operations.phrases import campaigns_are
from campaigns.queueing.rows import database_now


class Command(BaseCommand):
    help = (
        "Let the holiday guard pause a calendar’s campaigns while a holiday lasts, or no longer. A running product "
        "does the rest. Prints one line of JSON: the calendar, whether it is guarded, how many campaigns that covers, "
        'and when the first of them is paused next: {"calendar", "guarded", "campaigns", "next"}.'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("calendar", metavar="CALENDAR", help="its name, as on the page of holidays")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--on", dest="guarded", action="store_true", help="pause its campaigns on holidays")
        which.add_argument("--off", dest="guarded", action="store_false", help="only warn of holidays")
        parser.add_argument("--by", default=os_user(), help="who is named on record (default: the system’s user)")

    def handle(self, *_args: object, calendar: str, guarded: bool, by: str, **_options: object) -> None:
        shell.check_fits("by", by, 150)
        target = shell.find_calendar(calendar)
        outlook = outlook_of_calendar(target, database_now())
        try:
            changed = calendars.switch_guard(calendar=target, guarded=guarded, by=by)
        except Refusal as refused:
            raise CommandError(refused.sentence) from None
        if not changed:
            self.stderr.write("Nothing was changed: it was like that already.")
        elif guarded:
            self._tell_on(outlook)
        elif outlook.released:
            self.stderr.write(f"{campaigns_are(outlook.released)} to be resumed now, paused by the guard before.")
        begins = outlook.next.begins if guarded and outlook.next else None
        self.stdout.write(
            json.dumps(
                {
                    "calendar": target.name,
                    "guarded": guarded,
                    "campaigns": outlook.campaigns,
                    "next": shell.in_utc(begins),
                }
            )
        )

    def _tell_on(self, outlook: CalendarOutlook) -> None:
        if outlook.restricted:
            self.stderr.write(f"{campaigns_are(outlook.restricted)} to be paused now: a holiday is in effect.")
        if outlook.undated:
            self.stderr.write(
                f"{campaigns_are(outlook.undated)} not guarded, for lack of a known time zone: nobody can tell when "
                "a day begins there. Give the calendar a time zone."
            )
