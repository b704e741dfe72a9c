"""The operations, for scripts."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.db.models import Count

from campaigns.management import shell
from campaigns.models import Operation
from campaigns.operations.timed import coming
from campaigns.states import State


class Command(BaseCommand):
    help = "Print a line of JSON for each operation, newest first, or for what is to come, soonest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", choices=[str(state) for state in State])
        parser.add_argument("--campaign", metavar="ID")
        parser.add_argument(
            "--when", choices=["due"], help="due: only those for a time that is to come, soonest first"
        )

    def handle(
        self, *_args: object, state: str | None, campaign: str | None, when: str | None, **_options: object
    ) -> None:
        wanted = {"state": state, "campaign_id": shell.find_campaign(campaign).pk if campaign else None}
        filters = {name: value for name, value in wanted.items() if value}
        # Django drops a model's own order from a query that groups.
        found = coming() if when else Operation.objects.order_by("-requested_at", "-id")
        for operation in found.filter(**filters).annotate(tries=Count("attempts")).iterator():
            self.stdout.write(shell.as_line(operation, operation.tries))
