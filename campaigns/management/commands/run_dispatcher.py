"""The dispatcher as a process of its own; any number of copies may run."""

from django.core.management.base import BaseCommand

from campaigns import dispatcher, stopping
from campaigns.cxone import connect


class Command(BaseCommand):
    help = "Enqueue what is due: operations, periodic reads, unread events. Ends on SIGTERM or Ctrl-C."

    def handle(self, *_args: object, **_options: object) -> None:
        connect.require_settings()
        stop = stopping.on_signal()
        self.stderr.write(f"The dispatcher {dispatcher.NAME} goes round every {dispatcher.TICK_SECONDS} s.")
        dispatcher.dispatch_until(stop)
