"""A second person's decision from the shell, about an operation or a bulk."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db.models import Q

from campaigns.errors import OperationRefusal
from campaigns.management import bulks, shell
from campaigns.models import Approval, Bulk, Operation


def add_number_and_by(parser: ArgumentParser) -> None:
    parser.add_argument("number", metavar="UUID", help="of the operation, or of the bulk")
    parser.add_argument("--by", required=True, help="who decides: somebody else than who asked")


def find_wanted(number: str) -> Approval:
    """The newest one of that operation or bulk."""
    try:
        found = Approval.objects.filter(Q(operation=number) | Q(bulk=number)).order_by("-asked_at").first()
    except ValidationError:
        found = None
    if found is None:
        sentence = f"Nothing with the id {number!r} waits for a second person, or has. See the command operations."
        raise CommandError(sentence, returncode=2)
    return found


def run_decision(approval: Approval, verb: Callable[[], Operation | Bulk]) -> str:
    """Returns the line to print. Exits with 1, and a sentence, if it isn't accepted."""
    try:
        return _line_of(verb())
    except OperationRefusal as refusal:
        sys.stderr.write(f"{refusal.sentence}\n")
        subject = approval.operation or approval.bulk
        if subject is not None:
            subject.refresh_from_db()
            sys.stdout.write(f"{_line_of(subject)}\n")
        sys.exit(1)


def _line_of(subject: Operation | Bulk) -> str:
    return bulks.bulk_line(subject) if isinstance(subject, Bulk) else shell.as_line(subject)
