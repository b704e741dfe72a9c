"""Rebuild what is derived from the records: the charts' figures and the search index."""

import json

from django.core.management.base import BaseCommand

from audit import folding


class Command(BaseCommand):
    help = "Rebuild the charts’ figures and the search index from the records, which stay unchanged."

    def handle(self, *args: object, **options: object) -> None:
        self.stderr.write("Until this ends, charts and search lack the records that aren’t read yet, and say so.")
        self.stdout.write(json.dumps({"records": folding.rebuild()}))
