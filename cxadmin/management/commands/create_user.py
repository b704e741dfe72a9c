"""An account, from the shell."""

import json

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from campaigns.management.shell import check_fits
from cxadmin.accounts import shell
from cxadmin.accounts.roles import ROLES, create_user
from cxadmin.accounts.unique_names import check_new_name, refuse_taken


class Command(BaseCommand):
    help = "Make an account. Asks for its password, or reads it from standard input (one line)."

    def add_arguments(self, parser: CommandParser) -> None:
        shell.add_name_and_by(parser)
        parser.add_argument("--role", required=True, choices=list(ROLES))

    def handle(self, *args: object, name: str, role: str, by: str, **options: object) -> None:
        check_fits("by", by, 150)
        try:
            _create(User(username=name), role, by)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages) + " Nothing was changed.", returncode=2) from None
        self.stdout.write(json.dumps({"user": name, "role": role}))


def _create(user: User, role: str, by: str) -> None:
    check_new_name(user.username)
    password = shell.read_password()
    validate_password(password, user)
    try:
        create_user(user.username, role=role, password=password, by=by)
    except IntegrityError:
        # Made by somebody else since we looked.
        refuse_taken(user)
        raise
