"""Link an account to its person's sign-in at the company, from a shell."""

import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.errors import Refusal
from campaigns.management.shell import check_fits
from cxadmin.accounts.shell import add_name_and_by, find_person


class Command(BaseCommand):
    help = "Let somebody’s sign-in at the company lead to an account that exists here already."

    def add_arguments(self, parser: CommandParser) -> None:
        add_name_and_by(parser)
        parser.add_argument(
            "--subject", required=True, metavar="SUB", help="the id that the provider gave the person, not their name"
        )
        parser.add_argument(
            "--replace", action="store_true", help="remove another link of the account, or of the subject"
        )

    def handle(
        self, *args: object, name: str, subject: str, by: str, replace: bool = False, **options: object
    ) -> None:
        # Late: where nobody signs in through a company, no process needs it.
        from cxadmin.accounts.company.identity import LONGEST_SUBJECT
        from cxadmin.accounts.company.links import link_subject

        if not settings.OIDC_IS_ON:
            raise CommandError("Nobody signs in through a company here: OIDC_ISSUER is not set.", returncode=2)
        check_fits("by", by, 150)
        check_fits("subject", subject, LONGEST_SUBJECT)
        if not subject.strip():
            raise CommandError(
                "--subject is empty. Nothing was linked: give the provider’s id of the person.", returncode=2
            )
        person = find_person(name)
        try:
            ended = link_subject(person, settings.OIDC_ISSUER, subject, by=by, replace=replace)
        except Refusal as refused:
            raise CommandError(refused.sentence) from None
        if ended is None:
            self.stderr.write("Nothing was changed: it was linked already.")
        line = {
            "user": person.username,
            "subject": subject,
            "changed": ended is not None,
            "sessions_ended": ended or 0,
        }
        self.stdout.write(json.dumps(line))
