"""The campaigns as last read, for scripts."""

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from campaigns.cxone.gateway import status_of
from campaigns.dialing import dialing_state
from campaigns.models import Campaign, SyncState
from campaigns.queueing.rows import database_now
from campaigns.selection import STATES, in_selected_state


class Command(BaseCommand):
    help = "Print a line of JSON for each campaign, as last read from CXone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--status", help="only those with this status, e.g. PAUSED")
        parser.add_argument(
            "--state", choices=STATES, help="only those in this state, as the list of campaigns has it"
        )

    def handle(self, *_args: object, status: str | None, state: str | None, **_options: object) -> None:
        last_read, now = SyncState.current().last_good_at, database_now()
        campaigns = Campaign.objects.filter(gone_at=None).order_by("name", "pk")
        if status:
            campaigns = campaigns.filter(status=status_of(status))
        if state:
            campaigns = campaigns.filter(in_selected_state(state, now))
        for campaign in campaigns.iterator():
            synced_at = max(filter(None, [last_read, campaign.read_at]))
            self.stdout.write(
                json.dumps(
                    {
                        "campaign_id": campaign.pk,
                        "name": campaign.name,
                        "status": campaign.status,
                        "state": dialing_state(campaign, now),
                        "active_calls": campaign.active_calls,
                        "timezone": campaign.timezone,
                        "on_hold": campaign.hold_id is not None,
                        "synced_at": synced_at.isoformat().replace("+00:00", "Z"),
                    }
                )
            )
