"""Does the audit hold? Exit status 1 where it breaks."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from audit import alarm, watch
from audit.people import os_user
from audit.proof import Proof, UnreadableError, prove


class Command(BaseCommand):
    help = "Walk the audit's chain and its checkpoints, and name the first break."

    def handle(self, *args: object, **options: object) -> None:
        since = alarm.read().break_found_at
        try:
            proof = prove()
        except UnreadableError as reason:
            raise CommandError(str(reason), returncode=2) from reason
        self.stdout.write(json.dumps(told(proof)))
        try:
            watch.settle_proof(proof, since=since, by=os_user())
        except DatabaseError as error:
            self.stderr.write(f"What was found could not be noted in the database: {str(error).strip()}.")
        if found := proof.first_break:
            self.stderr.write(f"The audit was changed: at record {found.number}, {found.fault}.")
            sys.exit(1)


def told(proof: Proof) -> dict[str, Any]:
    newest = proof.newest
    return {
        "records": proof.records,
        "ok": proof.ok,
        "first_break": proof.first_break and proof.first_break._asdict(),
        "head": proof.head and proof.head._asdict(),
        "checkpoints": {
            "count": proof.checkpoints,
            "newest": newest and {"number": newest.number, "digest": newest.digest, "at": newest.at},
        },
    }
