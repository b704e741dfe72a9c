"""Create the triggers that reject changes to records, wherever somebody removed them."""

import json

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from audit import triggers


class Command(BaseCommand):
    help = "Create the audit’s triggers again, and show which of them were missing."

    def handle(self, *args: object, **options: object) -> None:
        with transaction.atomic():
            missing = triggers.missing(connection)
            triggers.install(connection)
        self.stdout.write(json.dumps({"missing": missing}))
