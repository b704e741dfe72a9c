"""Let somebody sign in no longer, from the shell."""

import json

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.errors import Refusal
from campaigns.management.shell import check_fits
from cxadmin.accounts import people, shell


class Command(BaseCommand):
    help = "Let somebody sign in no longer, and end their sessions at once. Never the last admin (exit status 1)."

    def add_arguments(self, parser: CommandParser) -> None:
        shell.add_name_and_by(parser)

    def handle(self, *args: object, name: str, by: str, **options: object) -> None:
        check_fits("by", by, 150)
        person = shell.find_person(name)
        try:
            ended = people.disable_person(person, by=by)
        except Refusal as refused:
            raise CommandError(refused.sentence) from None
        if ended is None:
            self.stderr.write("Nothing was changed: it was disabled already.")
        line = {"user": person.username, "enabled": False, "changed": ended is not None, "sessions_ended": ended or 0}
        self.stdout.write(json.dumps(line))
