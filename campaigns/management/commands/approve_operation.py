"""Approve what another person asked for, from the shell. A running product carries it out."""

from argparse import ArgumentParser
from functools import partial

from django.core.management.base import BaseCommand

from campaigns.management import decisions, shell
from campaigns.operations import approvals


class Command(BaseCommand):
    help = (
        "Approve an operation, or a bulk, that waits for a second person. Prints it as one line of JSON; exits with 1 "
        "if that isn’t accepted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        decisions.add_number_and_by(parser)
        parser.add_argument(
            "--hash", metavar="SHA256", help="of what was looked at (default: of what waits when this begins)"
        )

    def handle(self, *_args: object, number: str, by: str, hash: str | None, **_options: object) -> None:  # noqa: A002
        shell.check_fits("by", by, 150)
        approval = decisions.find_wanted(number)
        seen = approval.digest if hash is None else hash
        approve = partial(approvals.approve, approval=approval, by=by, seen=seen, enqueue=False)
        self.stdout.write(decisions.run_decision(approval, approve))
