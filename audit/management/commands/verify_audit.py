"""Does the audit's chain hold? Exit status 1 where it breaks."""

import json
import sys

from django.core.management.base import BaseCommand

from audit.verification import verify


class Command(BaseCommand):
    help = "Walk the audit's chain and name the first break."

    def handle(self, *args: object, **options: object) -> None:
        verdict = verify()
        first_break, head = verdict.first_break, verdict.head
        self.stdout.write(
            json.dumps(
                {
                    "records": verdict.records,
                    "ok": verdict.ok,
                    "first_break": first_break and first_break._asdict(),
                    "head": head and head._asdict(),
                }
            )
        )
        if first_break:
            self.stderr.write(f"The audit was changed: at record {first_break.number}, {first_break.fault}.")
            sys.exit(1)
