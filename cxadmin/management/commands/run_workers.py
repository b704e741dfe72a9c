"""Workers and dispatchers as `up` starts them where there is a Redis."""

from django.core.management.base import BaseCommand, CommandError

from campaigns import tenancy
from cxadmin import watching


class Command(BaseCommand):
    help = "Run both workers and two dispatchers, forked from one process. Ends on SIGTERM or Ctrl-C."
    # Those of the settings have passed (manage.py). The others are about the code, and take 10 MB for good.
    requires_system_checks = []

    def handle(self, *_args: object, **_options: object) -> None:
        from cxadmin import parts

        tenancy.require_at_start()
        try:
            parts.run_parts()
        except watching.CannotStart as reason:
            raise CommandError(str(reason)) from reason
