"""Refuse what another person asked for, from the shell."""

from argparse import ArgumentParser
from functools import partial

from django.core.management.base import BaseCommand, CommandError

from campaigns.management import decisions, shell
from campaigns.operations import approvals


class Command(BaseCommand):
    help = (
        "Refuse an operation, or a bulk, that waits for a second person. Prints it as one line of JSON; exits with 1 "
        "if that isn’t accepted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        decisions.add_number_and_by(parser)
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why: whoever asked reads it")

    def handle(self, *_args: object, number: str, by: str, reason: str, **_options: object) -> None:
        shell.check_fits("by", by, 150)
        shell.check_fits("reason", reason, 500)
        if not reason.strip():
            raise CommandError("--reason is empty. Nothing was refused: write why.", returncode=2)
        approval = decisions.find_wanted(number)
        refuse = partial(approvals.refuse, approval=approval, by=by, reason=reason)
        self.stdout.write(decisions.run_decision(approval, refuse))
