"""Assign a holiday calendar to campaigns from the shell, or remove it from them."""

import json
from argparse import ArgumentParser
from collections.abc import Collection

from django.core.management.base import BaseCommand, CommandError

from audit.os_user import os_user
from campaigns.errors import Refusal
from campaigns.holidays import calendars
from campaigns.management import shell
from campaigns.models import Campaign


class Command(BaseCommand):
    help = (
        "Assign a calendar to campaigns, or remove it from them. Prints one line of JSON: how many campaigns got it, "
        'how many lost it, and how many have it now: {"assigned", "removed", "campaigns"}.'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("calendar", metavar="CALENDAR", help="its name, as on the page of holidays")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--all", dest="take_all", action="store_true", help="all campaigns that CXone has")
        which.add_argument("--campaign", dest="ids", nargs="+", action="extend", metavar="ID", help="these campaigns")
        parser.add_argument("--remove", action="store_true", help="remove it from them")
        parser.add_argument("--by", default=os_user(), help="who is named on record (default: the system’s user)")

    def handle(
        self,
        *_args: object,
        calendar: str,
        take_all: bool,
        ids: list[str] | None,
        remove: bool,
        by: str,
        **_options: object,
    ) -> None:
        shell.check_fits("by", by, 150)
        target = shell.find_calendar(calendar)
        if take_all:
            # What CXone no longer lists gets nothing new, and can lose what it has.
            chosen = target.campaigns if remove else Campaign.objects.filter(gone_at=None)
            campaigns: Collection[str] = list(chosen.values_list("pk", flat=True))
        else:
            campaigns = [shell.find_campaign(campaign_id).pk for campaign_id in ids or ()]
        try:
            added, removed = calendars.assign_calendar(
                calendar=target, by=by, **{"remove" if remove else "add": campaigns}
            )
        except Refusal as refused:
            raise CommandError(refused.sentence) from None
        self.stdout.write(json.dumps({"assigned": added, "removed": removed, "campaigns": target.campaigns.count()}))
