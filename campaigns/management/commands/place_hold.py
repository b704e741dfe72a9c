"""Put one campaign on hold from the shell: nobody resumes it, or changes its schedule, until that is lifted."""

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from audit.os_user import os_user
from campaigns.errors import Refusal
from campaigns.management import shell
from campaigns.management.typed_times import HELP, find_due
from campaigns.operations.holding import LONGEST_REASON, place_holds


class Command(BaseCommand):
    help = "Put a campaign on hold. Prints the hold as one line of JSON. It pauses nothing: see pause_campaign."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign_id", metavar="ID")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why; everybody reads it whom it stops")
        parser.add_argument("--until", metavar="TIME", help=f"it ends by itself then: {HELP}")
        parser.add_argument("--by", default=os_user(), help="who is named on record (default: the system’s user)")

    def handle(
        self, *_args: object, campaign_id: str, reason: str, until: str | None, by: str, **_options: object
    ) -> None:
        shell.check_fits("by", by, 150)
        shell.check_fits("reason", reason, LONGEST_REASON)
        campaign = shell.find_campaign(campaign_id)
        due = find_due(campaign, "until", until)
        try:
            placed = place_holds(
                campaign_ids=[campaign.pk], by=by, reason=reason.strip(), until=due.at if due else None
            )
        except Refusal as refusal:
            raise CommandError(refusal.sentence, returncode=2) from refusal
        if not placed.holds:
            campaign.refresh_from_db()
            by_whom = f" by {campaign.hold.placed_by}" if campaign.hold else ""
            raise CommandError(f"The campaign is on hold already{by_whom}. Nothing was changed.", returncode=1)
        (hold,) = placed.holds
        cancelled = [str(operation.pk) for operation in placed.cancelled]
        sent = [str(operation.pk) for operation in placed.sent]
        self.stdout.write(json.dumps(shell.hold_as_json(hold) | {"cancelled": cancelled, "already_sent": sent}))
        if campaign.may_be_paused:
            self.stderr.write(f"It may be dialing: pause it with pause_campaign {campaign.pk}.")
