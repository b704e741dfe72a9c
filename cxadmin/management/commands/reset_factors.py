"""Second factors that somebody has lost, taken away from a shell."""

import json

from django.core.management.base import BaseCommand, CommandParser

from campaigns.management.shell import check_fits
from cxadmin.accounts.factors.kept import reset_factors
from cxadmin.accounts.shell import add_name_and_by, find_person


class Command(BaseCommand):
    help = "Remove all second factors and recovery codes of somebody who has lost them."

    def add_arguments(self, parser: CommandParser) -> None:
        add_name_and_by(parser)

    def handle(self, *args: object, name: str, by: str, **options: object) -> None:
        check_fits("by", by, 150)
        person = find_person(name)
        removed = reset_factors(person, by=by)
        self.stdout.write(json.dumps({"user": person.username, "removed": removed}))
