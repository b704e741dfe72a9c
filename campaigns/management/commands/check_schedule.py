"""Check a schedule for a campaign, and send nothing."""

import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from campaigns.management import shell
from campaigns.policy.in_force import constraints_for, stopping
from campaigns.queueing.rows import database_now
from campaigns.schedule import carry, check


class Command(BaseCommand):
    help = "Check a schedule: prints its findings as one line of JSON. Exits with 3 where there are errors."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign_id", metavar="ID")
        parser.add_argument("--file", required=True, metavar="schedule.json", help="as CXone writes it (camelCase)")

    def handle(self, *_args: object, campaign_id: str, file: str, **_options: object) -> None:
        campaign, now = shell.find_campaign(campaign_id), database_now()
        schedule = carry(campaign.schedule, shell.read_json(file))
        findings = check(schedule, constraints_for(campaign, now, schedule), now, campaign.schedule)
        self.stdout.write(shell.findings_line(findings))
        sys.exit(shell.UNSOUND if stopping(findings, acknowledged=True) else 0)
