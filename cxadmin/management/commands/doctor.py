"""What is wrong with this installation, and what to do about each."""

import json
import sys
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandParser

from cxadmin.doctor.examination import examine


class Command(BaseCommand):
    # What they find is a result here, and no reason to stop.
    requires_system_checks = []
    help = "Look at settings, database, Redis, clocks, CXone, files and webhooks, and say what to do. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--send", action="store_true", help="also send a test notice to each webhook address")

    def handle(self, *_args: object, send: bool, **_options: object) -> None:
        checks = examine(send=send)
        ok = all(check.ok for check in checks)
        for check in checks:
            if check.is_cause:
                self.stderr.write(f"{check.name}: {check.found} {check.do}")
        self.stdout.write(json.dumps({"ok": ok, "checks": [asdict(check) for check in checks]}))
        if not ok:
            sys.exit(1)
