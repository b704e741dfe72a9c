"""Change a campaign's schedule from the shell, and wait until that is confirmed."""

import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from audit.os_user import os_user
from campaigns.errors import FindingsRefusal
from campaigns.management import shell


class Command(BaseCommand):
    help = (
        "Change a campaign’s schedule now. Prints the operation as one line of JSON, or the findings against "
        "it; the exit status tells how it ended."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign_id", metavar="ID")
        parser.add_argument("--file", required=True, metavar="schedule.json", help="as CXone writes it (camelCase)")
        parser.add_argument(
            "--base", metavar="base.json", help="the schedule that it was changed from (default: the one last read)"
        )
        parser.add_argument("--acknowledge-warnings", action="store_true", help="send it in spite of warnings")
        parser.add_argument("--by", default=os_user(), help="who is named on record (default: the system’s user)")

    def handle(
        self,
        *_args: object,
        campaign_id: str,
        file: str,
        base: str | None,
        acknowledge_warnings: bool,
        by: str,
        **_options: object,
    ) -> None:
        campaign = shell.find_campaign(campaign_id)
        try:
            operation = shell.run_schedule_change(
                campaign,
                by,
                base=campaign.schedule if base is None else shell.read_json(base),
                schedule=shell.read_json(file),
                acknowledged=acknowledge_warnings,
            )
        except FindingsRefusal as refusal:
            self.stdout.write(shell.findings_line(refusal.findings))
            self.stderr.write(refusal.sentence)
            sys.exit(shell.UNSOUND)
        self.stdout.write(shell.as_line(operation))
        if operation.error:
            self.stderr.write(operation.error)
        sys.exit(shell.EXIT_STATUS[operation.state])
