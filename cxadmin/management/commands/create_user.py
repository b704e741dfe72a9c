"""An account, from the shell."""

import getpass
import json
import sys

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from audit.os_user import os_user
from cxadmin.accounts.roles import ROLES, create_user
from cxadmin.accounts.unique_names import check_name


class Command(BaseCommand):
    help = "Make an account. Asks for its password, or reads it from standard input (one line)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", required=True, choices=list(ROLES))

    def handle(self, *args: object, name: str, role: str, **options: object) -> None:
        try:
            _create(User(username=name), role)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages) + " Nothing was changed.", returncode=2) from None
        self.stdout.write(json.dumps({"user": name, "role": role}))


def _create(user: User, role: str) -> None:
    User._meta.get_field("username").clean(user.username, user)
    _refuse_taken(user)
    password = _ask() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    validate_password(password, user)
    try:
        create_user(user.username, role=role, password=password, by=os_user())
    except IntegrityError:
        # Made by somebody else since we looked.
        _refuse_taken(user)
        raise


def _refuse_taken(user: User) -> None:
    if User.objects.filter(username=user.username).exists():
        raise ValidationError(f"There is an account {user.username!r} already. Choose another name.")
    check_name(user)


def _ask() -> str:
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise ValidationError("The two passwords differ.")
    return password
