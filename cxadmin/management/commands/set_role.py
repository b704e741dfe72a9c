"""Give somebody another role, from the shell."""

import json

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.errors import Refusal
from campaigns.management.shell import check_fits
from cxadmin.accounts import people, shell
from cxadmin.accounts.roles import ROLES


class Command(BaseCommand):
    help = "Give somebody another role, which holds at once. Never takes it from the last admin (exit status 1)."

    def add_arguments(self, parser: CommandParser) -> None:
        shell.add_name_and_by(parser)
        parser.add_argument("--role", required=True, choices=list(ROLES))

    def handle(self, *args: object, name: str, role: str, by: str, **options: object) -> None:
        check_fits("by", by, 150)
        person = shell.find_person(name)
        try:
            before = people.change_role(person, role, by=by)
        except Refusal as refused:
            raise CommandError(refused.sentence) from None
        if before == role:
            self.stderr.write("Nothing was changed: it was like that already.")
        self.stdout.write(json.dumps({"user": person.username, "role": role, "before": before}))
