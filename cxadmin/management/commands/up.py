"""Start the whole product on this machine: what `make run` runs."""

from argparse import ArgumentParser, ArgumentTypeError

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cxadmin import starting, watching


class Command(BaseCommand):
    # As for run_embedded.
    requires_system_checks = []
    help = "Migrate, then run everything on this machine, with a simulated CXone unless CXONE_BASE_URL is set."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=_port, default=settings.PORT)

    def handle(self, *_args: object, host: str, port: int, **_options: object) -> None:
        try:
            starting.up(host, port, say=self.stderr.write)
        except watching.CannotStart as reason:
            raise CommandError(str(reason)) from reason


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise ArgumentTypeError(f"{text!r} isn’t a port; it must be a whole number from 1 to 65535.")
