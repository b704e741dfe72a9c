"""What is derived from the audit's records, made again: the figures of the charts, the index of the search."""

import json

from django.core.management.base import BaseCommand

from audit import folding


class Command(BaseCommand):
    help = "Make the charts' figures and the search's index again from the records, which stay as they are."

    def handle(self, *args: object, **options: object) -> None:
        self.stderr.write("Until the end, charts and search lack what isn't read yet, and say so.")
        self.stdout.write(json.dumps({"records": folding.rebuild()}))
