"""The triggers that refuse changes of records, made anew where somebody took them away."""

import json

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from audit import triggers


class Command(BaseCommand):
    help = "Make the audit's triggers anew; says which of them were missing."

    def handle(self, *args: object, **options: object) -> None:
        with transaction.atomic():
            missing = triggers.missing(connection)
            triggers.install(connection)
        self.stdout.write(json.dumps({"missing": missing}))
