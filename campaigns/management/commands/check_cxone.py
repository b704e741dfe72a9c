"""What a tenant of CXone shows, by reads alone: for whoever connects one for the first time."""

import json
import sys
import time
from dataclasses import asdict

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from campaigns.cxone import connect
from campaigns.cxone.budget import Lane
from campaigns.first_tenant import TRIALS
from campaigns.queueing.request_budget import SlotBudget
from campaigns.queueing.rows import database_now

# Seconds. What waits says so no more often.
LONGEST_WAIT = 5.0


class PatientBudget(SlotBudget):
    """Waits until it is its turn: a large tenant takes more requests than a minute has."""

    def reserve(self, lane: Lane) -> int:
        while wait_ms := super().reserve(lane):
            sys.stderr.write("Waiting: the requests that CXone allows in a minute are used up.\n")
            time.sleep(min(wait_ms / 1000, LONGEST_WAIT))
        return 0


class Command(BaseCommand):
    help = "Read what a tenant of CXone shows: versions, zone, clock, counts, forms of values. Changes nothing there."

    def handle(self, *_args: object, **_options: object) -> None:
        try:
            found, gateway = connect.survey_tenant(PatientBudget())
        except ImproperlyConfigured as reason:
            raise CommandError(f"{reason} docs/connect-your-cxone.md says how.", returncode=2) from None
        except Error as reason:
            # It has the request budget of all processes.
            raise CommandError(f"The database can’t be used ({reason}). Run manage.py doctor first.") from None
        theirs = gateway.now()
        found.clock["ahead_seconds"] = None if theirs is None else round((theirs - database_now()).total_seconds())
        for refused in found.refused:
            self.stderr.write(refused["means"])
        report = {"dialect": settings.CXONE_DIALECT, **asdict(found), "requests": gateway.requests}
        # The other dialect's contract leaves nothing of the kind open.
        by_hand = TRIALS if report.pop("leaves_open") else ()
        report["try_by_hand"] = [f"{trial.question} {trial.how} {trial.then}" for trial in by_hand]
        self.stdout.write(json.dumps(report))
        if not found.listed:
            sys.exit(1)
