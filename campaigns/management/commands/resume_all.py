"""Resume many campaigns from the shell, and wait until all of that has ended."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from campaigns.management import bulks, shell
from campaigns.models import OperationKind


class Command(BaseCommand):
    help = (
        "Resume all campaigns that match the filters; without filters, all. Prints how many ended how as one line of "
        "JSON; the exit status tells whether all are active."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        bulks.add_arguments(parser)

    def handle(self, *_args: object, reason: str, note: str, by: str, yes: bool, **options: Any) -> None:
        code, chosen = shell.find_reason(reason), bulks.choose(**bulks.filters_in(options))
        bulk = bulks.run_chosen(OperationKind.RESUME, chosen, code, by=by, note=note, yes=yes)
        self.stdout.write(bulks.bulk_line(bulk))
        sys.exit(bulks.exit_status(bulk))
