"""Pause one campaign from the shell: now, until that is confirmed, or at a time, until it is held for that."""

import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from audit.os_user import os_user
from campaigns.management import shell
from campaigns.management.typed_times import HELP
from campaigns.operations import requests


class Command(BaseCommand):
    help = "Pause a campaign. Prints the operation as one line of JSON; the exit status tells how it ended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign_id", metavar="ID")
        parser.add_argument("--reason", required=True, metavar="CODE", help="one that overrides needs no more")
        parser.add_argument("--note", default="")
        parser.add_argument("--drop-active-calls", action="store_true", help="cut the calls in progress off")
        parser.add_argument("--at", metavar="TIME", help=f"pause then, not now: {HELP}")
        parser.add_argument("--until", metavar="TIME", help="resume then, if this pause still stands")
        parser.add_argument("--by", default=os_user(), help="who is named on record (default: the system’s user)")

    def handle(
        self,
        *_args: object,
        campaign_id: str,
        reason: str,
        note: str,
        drop_active_calls: bool,
        at: str | None,
        until: str | None,
        by: str,
        **_options: object,
    ) -> None:
        override = shell.find_pause_reason(reason).overrides_calls_check
        operation = shell.run_to_end(
            requests.request_pause,
            campaign_id,
            reason,
            by,
            {"at": at, "until": until},
            note=note,
            drop_active_calls=drop_active_calls,
            override=override,
        )
        self.stdout.write(shell.as_line(operation))
        if operation.error:
            self.stderr.write(operation.error)
        sys.exit(shell.EXIT_STATUS[operation.state])
