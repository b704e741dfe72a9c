"""What commands about people share."""

import getpass
import sys

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from audit.os_user import os_user


def add_name_and_by(parser: CommandParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the name with which the person signs in")
    parser.add_argument("--by", default=os_user(), help="who is named on record (default: the system’s user)")


def find_person(name: str) -> User:
    person = User.objects.filter(username=name).first() if "\0" not in name else None
    if person is None:
        raise CommandError(f"There is no account {name!r}. Nothing was changed.", returncode=2)
    return person


def read_password() -> str:
    """Asked for twice at a terminal, else one line of standard input."""
    if not sys.stdin.isatty():
        if not (password := sys.stdin.readline().rstrip("\r\n")):
            raise ValidationError("No password was given: standard input is empty.")
        return password
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise ValidationError("The two passwords differ.")
    return password
