"""Report how many records are older than they must be kept."""

import json

from django.core.management.base import BaseCommand

from audit import chain, retention


class Command(BaseCommand):
    help = "Show how many audit records are older than AUDIT_RETENTION_YEARS. Nothing is deleted."

    def handle(self, *args: object, **options: object) -> None:
        found = retention.report()
        self.stdout.write(
            json.dumps(
                {
                    "retention_years": found.years,
                    "cutoff": chain.format_time(found.cutoff),
                    "records": found.records,
                    "older": found.older,
                    "oldest": found.oldest and chain.format_time(found.oldest),
                }
            )
        )
