"""Lift the hold on one campaign from the shell. It resumes nothing."""

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from audit.os_user import os_user
from campaigns.errors import Refusal
from campaigns.management import shell
from campaigns.operations import holding


class Command(BaseCommand):
    help = "Lift the hold on a campaign. Prints the hold as one line of JSON. It resumes nothing: see resume_campaign."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign_id", metavar="ID")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why it is lifted")
        parser.add_argument("--by", default=os_user(), help="who is named on record (default: the system’s user)")

    def handle(self, *_args: object, campaign_id: str, reason: str, by: str, **_options: object) -> None:
        shell.check_fits("by", by, 150)
        shell.check_fits("reason", reason, holding.LONGEST_REASON)
        campaign = shell.find_campaign(campaign_id)
        try:
            hold = holding.lift_hold(campaign=campaign, by=by, reason=reason.strip())
        except Refusal as refusal:
            returncode = 2 if refusal.field else 1
            raise CommandError(refusal.sentence, returncode=returncode) from refusal
        self.stdout.write(json.dumps(shell.hold_as_json(hold)))
