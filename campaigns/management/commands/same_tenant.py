"""Say on record that new settings lead to the tenant of CXone whose campaigns the database has."""

import json

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.os_user import os_user
from campaigns import tenancy
from campaigns.management import shell


class Command(BaseCommand):
    help = "Show which CXone the database is about; with --yes, say on record that the settings lead to the same one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="it is the same; without this nothing is changed")
        parser.add_argument("--by", default=os_user(), metavar="NAME", help="who says so")

    def handle(self, *args: object, yes: bool, by: str, **options: object) -> None:
        shell.check_fits("by", by, 150)
        if yes and not tenancy.is_named():
            raise CommandError(
                "No setting says where CXone is, so nothing was confirmed. Run this with the settings of the product."
            )
        here = tenancy.in_settings() if tenancy.is_named() else ""
        before = tenancy.confirm_same_tenant(by=by) if yes else tenancy.tenant_of_database()
        self.stdout.write(json.dumps({"database": before, "settings": here, "confirmed": yes}))
        if not yes and here and before not in ("", here):
            self.stderr.write(
                "If both are the same tenant, run this again with --yes. If they aren’t, use another database: "
                "campaigns of one would be taken for those of the other."
            )
