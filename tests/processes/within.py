"""What tests ask the product from within: functions that run in its own shell, with its own settings."""

import json
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.db import close_old_connections, connection, transaction
from django.db.models import Count, F
from django.db.models.functions import Now

from audit.kinds import RecordKind
from audit.models import Record
from campaigns.models import Attempt, Bulk, Campaign, Operation, Policy, ReasonCode, SyncState
from campaigns.operations.requests import request_pause, request_resume
from campaigns.queueing.rows import database_now
from campaigns.schedule.due_times import DueTime
from campaigns.states import ACTIVE
from cxadmin.accounts.roles import create_user
from tests.processes.product import PASSWORD

PEOPLE = ("anna", "ben")


def serve() -> None:
    """Answer each line of standard input with a line, until it ends."""
    for line in sys.stdin:
        question = json.loads(line)
        # The database may have gone away since the last question.
        close_old_connections()
        try:
            answer = {"value": FUNCTIONS[question["name"]](**question["arguments"])}
        except Exception:
            answer = {"failure": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer, cls=DjangoJSONEncoder) + "\n")
        sys.stdout.flush()


def prepare() -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    for name in PEOPLE:
        create_user(name, role="supervisor", password=PASSWORD, by="tests")


def add_person(person: str, role: str) -> None:
    create_user(person, role=role, password=PASSWORD, by="tests")


def allow_pauses(number: int) -> None:
    """So many at once."""
    Policy.objects.update(max_concurrent_pauses=number)


def read_version() -> int:
    """It grows with each read of CXone that has found something else."""
    return SyncState.current().version


def find_dialing(number: int) -> list[str]:
    """So many campaigns that dial."""
    return list(Campaign.objects.filter(status=ACTIVE).order_by("pk").values_list("pk", flat=True)[:number])


def pause_all(campaign_ids: list[str], people: int = 1) -> list[str]:
    """Ask for a pause of each, by so many people in turn; the operations."""
    reason = ReasonCode.objects.get(code="MAINTENANCE")
    operations = []
    for index, campaign in enumerate(Campaign.objects.filter(pk__in=campaign_ids)):
        by = "anna" if people == 1 else f"person {index % people}"
        operation = request_pause(campaign=campaign, by=by, reason=reason, key=str(uuid.uuid4()))
        operations.append(str(operation.pk))
    return operations


def change_later(verb: str, campaign_id: str, seconds: float) -> str:
    """Ask for a pause or a resume in so many seconds; the operation."""
    request: Callable[..., Operation] = request_pause if verb == "pause" else request_resume
    due = DueTime(database_now() + timedelta(seconds=seconds))
    campaign, reason = Campaign.objects.get(pk=campaign_id), ReasonCode.objects.get(code="MAINTENANCE")
    return str(request(campaign=campaign, by="anna", reason=reason, at=due, key=str(uuid.uuid4())).pk)


def expire_leases() -> int:
    """As if those who hold one had done nothing for as long as it lasts (40 s), and dispatchers had waited as long."""
    long_ago = Now() - timedelta(seconds=40)
    changes = {"lease_until": Now() - timedelta(seconds=1), "enqueued_at": long_ago}
    bulks = Bulk.objects.filter(lease_until__isnull=False).update(**changes)
    return bulks + Operation.objects.filter(lease_until__isnull=False).update(**changes)


def read_rows() -> dict[str, Any]:
    """All operations, bulks, attempts and records of operations at one moment, `at` in seconds since the epoch."""
    at = time.time()
    with transaction.atomic():
        # On SQLite the transaction keeps all others from writing.
        if connection.vendor == "postgresql":
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return {
            "at": at,
            "operations": read_operations(),
            "bulks": read_bulks(),
            "attempts": read_attempts(),
            "audit": read_audit(),
        }


def read_operations(campaign_ids: list[str] | None = None) -> list[dict[str, Any]]:
    """Those of these campaigns, or all, oldest first; `overdue`: seconds since it should have gone on."""
    now = database_now()
    chosen = Operation.objects.all() if campaign_ids is None else Operation.objects.filter(campaign__in=campaign_ids)
    operations = chosen.order_by("requested_at", "id").values(
        "id", "kind", "campaign_id", "by", "state", "waiting_for", "error", "next_attempt_at", "lease_until",
        "requested_at", "sent_at", "ended_at",
    )  # fmt: skip
    return [{**each, "overdue": (now - each["next_attempt_at"]).total_seconds()} for each in operations]


def read_bulks() -> list[dict[str, Any]]:
    """All of them, oldest first; `made`: how many operations they have."""
    now = database_now()
    bulks = Bulk.objects.annotate(made=Count("operations")).order_by("requested_at").values(
        "id", "kind", "number", "made", "waiting_for", "next_attempt_at", "lease_until", "ended_at", "cancelled_at"
    )  # fmt: skip
    return [{**each, "overdue": (now - each["next_attempt_at"]).total_seconds()} for each in bulks]


def read_attempts() -> list[dict[str, Any]]:
    """All of them, by operation and number; `sent_at` in seconds since the epoch."""
    attempts = Attempt.objects.order_by("operation_id", "number").values(
        "operation_id",
        "number",
        "fence",
        "payload_hash",
        "outcome",
        "sent_at",
        campaign_id=F("operation__campaign_id"),
    )
    return [{**each, "sent_at": each["sent_at"].timestamp()} for each in attempts]


def read_audit() -> list[dict[str, Any]]:
    """The records of operations, oldest first."""
    kinds = (
        RecordKind.OPERATION_ASKED,
        RecordKind.OPERATION_TRIED,
        RecordKind.OPERATION_ENDED,
        RecordKind.OPERATION_CANCELLED,
    )
    records = Record.objects.filter(kind__in=kinds).order_by("number")
    return [dict(each) for each in records.values("number", "kind", "operation", "status", "details")]


def verify_audit() -> dict[str, Any]:
    output = StringIO()
    # It exits so at a break, which its report names.
    with suppress(SystemExit):
        call_command("verify_audit", stdout=output, stderr=StringIO())
    report: dict[str, Any] = json.loads(output.getvalue())
    return report


FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        prepare, add_person, allow_pauses, read_version, find_dialing, pause_all,
        change_later, expire_leases, read_rows, read_operations, verify_audit,
    )
}  # fmt: skip
