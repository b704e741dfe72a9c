"""In place of Django's command: on record, and with the person's sessions ended."""

import json

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.management.shell import check_fits
from cxadmin.accounts import shell
from cxadmin.accounts.passwords import Way, change_password


class Command(BaseCommand):
    help = "Change somebody’s password, which ends their sessions. Asks for it, or reads it from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        shell.add_name_and_by(parser)

    def handle(self, *args: object, name: str, by: str, **options: object) -> None:
        check_fits("by", by, 150)
        person = shell.find_person(name)
        try:
            password = shell.read_password()
            validate_password(password, person)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages) + " Nothing was changed.", returncode=2) from None
        ended = change_password(person, password, by=by, way=Way.SHELL)
        self.stdout.write(json.dumps({"user": person.username, "sessions_ended": ended}))
