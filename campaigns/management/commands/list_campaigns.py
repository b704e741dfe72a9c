"""The campaigns as last read, for scripts."""

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from campaigns.cxone.gateway import status_of
from campaigns.models import Campaign, SyncState


class Command(BaseCommand):
    help = "Print a line of JSON for each campaign, as last read from CXone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--status", help="only those with this status, e.g. PAUSED")

    def handle(self, *_args: object, status: str | None, **_options: object) -> None:
        last_read = SyncState.current().last_good_at
        campaigns = Campaign.objects.filter(gone_at=None).order_by("name", "pk")
        for campaign in (campaigns.filter(status=status_of(status)) if status else campaigns).iterator():
            synced_at = max(filter(None, [last_read, campaign.read_at]))
            self.stdout.write(
                json.dumps(
                    {
                        "campaign_id": campaign.pk,
                        "name": campaign.name,
                        "status": campaign.status,
                        "active_calls": campaign.active_calls,
                        "timezone": campaign.timezone,
                        "synced_at": synced_at.isoformat().replace("+00:00", "Z"),
                    }
                )
            )
