"""Cancel an operation that has sent nothing, from the shell."""

import sys
from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from campaigns.errors import TooLate
from campaigns.management import bulks, shell
from campaigns.models import Operation
from campaigns.operations import requests


class Command(BaseCommand):
    help = "Cancel an operation that has sent nothing. Prints it as one line of JSON; exits with 1 if it is too late."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("operation", metavar="UUID")
        bulks.add_by(parser)

    def handle(self, *_args: object, operation: str, by: str, **_options: object) -> None:
        shell.check_fits("by", by, 150)
        found, status = _find(operation), 0
        try:
            requests.cancel_operation(operation=found, by=by)
        except TooLate as refusal:
            self.stderr.write(refusal.sentence)
            status = 1
        self.stdout.write(shell.as_line(found))
        sys.exit(status)


def _find(number: str) -> Operation:
    try:
        return Operation.objects.get(pk=number)
    except (Operation.DoesNotExist, ValidationError):
        raise CommandError(f"No operation has the id {number!r}. See the command operations.", returncode=2) from None
