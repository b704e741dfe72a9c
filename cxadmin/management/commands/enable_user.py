"""Let somebody sign in again, from the shell."""

import json

from django.core.management.base import BaseCommand, CommandParser

from campaigns.management.shell import check_fits
from cxadmin.accounts import people, shell


class Command(BaseCommand):
    help = "Let somebody sign in again, with the role and the password that they had."

    def add_arguments(self, parser: CommandParser) -> None:
        shell.add_name_and_by(parser)

    def handle(self, *args: object, name: str, by: str, **options: object) -> None:
        check_fits("by", by, 150)
        person = shell.find_person(name)
        changed = people.enable_person(person, by=by)
        if not changed:
            self.stderr.write("Nothing was changed: it was enabled already.")
        self.stdout.write(json.dumps({"user": person.username, "enabled": True, "changed": changed}))
