"""Web, workers and dispatcher in one process, the broker in its memory: what `up` starts where there is no Redis."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from campaigns import stopping, tenancy


class Command(BaseCommand):
    help = "Run everything but CXone in one process, for one machine. Ends on SIGTERM or Ctrl-C."
    # Those of the settings have passed (manage.py). The others are about the code, and take 10 MB for good.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *_args: object, host: str, port: int, **_options: object) -> None:
        from cxadmin import embedded

        tenancy.require_at_start()
        try:
            embedded.run_all(host, port, stopping.on_signal())
        except OSError as error:
            raise CommandError(f"Port {port} of {host} can’t be used ({error.strerror}). Choose another.") from error
