"""One full read of CXone, now, in this process."""

import json
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError

from campaigns.models import SyncState
from campaigns.sync import full_read


class Command(BaseCommand):
    help = "Read all campaigns and their calls once. Prints how many there are and how many changed."

    def handle(self, *_args: object, **_options: object) -> None:
        result = full_read.read_all_campaigns()
        if result is None:
            raise CommandError(SyncState.current().error or "The request budget is spent; try again in a minute.")
        self.stdout.write(json.dumps(asdict(result)))
