"""Resume what one bulk has paused, from the shell, and wait until all of that has ended."""

import sys
from argparse import ArgumentParser
from functools import partial

from django.core.management.base import BaseCommand

from campaigns.management import bulks, shell
from campaigns.operations.bulk import requests


class Command(BaseCommand):
    help = (
        "Resume exactly what a bulk has paused and nobody has touched since. Prints how many ended how as one line "
        "of JSON; the exit status tells whether all are active."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bulk", metavar="UUID")
        parser.add_argument("--reason", default="RESOLVED", metavar="CODE")
        parser.add_argument("--note", default="")
        bulks.add_by(parser)

    def handle(self, *_args: object, bulk: str, reason: str, note: str, by: str, **_options: object) -> None:
        shell.check_fits("by", by, 150)
        shell.check_fits("note", note, 500)
        paused, code = bulks.find_bulk(bulk), shell.find_reason(reason)
        shell.check_note(code, note)
        ask = partial(requests.request_exact_resume, bulk=paused, by=by, reason=code, note=note, enqueue=False)
        resumed = bulks.run_asked(lambda key: ask(key=key))
        self.stdout.write(bulks.bulk_line(resumed))
        sys.exit(bulks.exit_status(resumed))
