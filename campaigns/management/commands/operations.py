"""The operations, for scripts."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.db.models import Count

from campaigns.management import shell
from campaigns.models import Operation
from campaigns.states import State


class Command(BaseCommand):
    help = "Print a line of JSON for each operation, newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", choices=[str(state) for state in State])
        parser.add_argument("--campaign", metavar="ID")

    def handle(self, *_args: object, state: str | None, campaign: str | None, **_options: object) -> None:
        wanted = {"state": state, "campaign_id": shell.find_campaign(campaign).pk if campaign else None}
        filters = {name: value for name, value in wanted.items() if value}
        counted = Operation.objects.filter(**filters).annotate(tries=Count("attempts"))
        # Django drops a model's own order from a query that groups.
        for operation in counted.order_by("-requested_at", "-id").iterator():
            self.stdout.write(shell.as_line(operation, operation.tries))
