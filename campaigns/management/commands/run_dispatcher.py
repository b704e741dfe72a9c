"""The dispatcher as a process of its own; any number of copies may run."""

from django.core.management.base import BaseCommand

from campaigns import dispatcher, stopping, tenancy


class Command(BaseCommand):
    help = "Enqueue what is due: operations, periodic reads, unread events. Ends on SIGTERM or Ctrl-C."
    # Those of the settings have passed (manage.py). The others are about the code, and take 10 MB for good.
    requires_system_checks = []

    def handle(self, *_args: object, **_options: object) -> None:
        tenancy.require_at_start()
        stop = stopping.on_signal()
        self.stderr.write(f"The dispatcher {dispatcher.own_name()} goes round every {dispatcher.TICK_SECONDS} s.")
        dispatcher.dispatch_until(stop)
