"""Changing the time of an operation that is held: by a person, or because the rules of its time zone have changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from campaigns.errors import TooLate, UnusableTime
from campaigns.models import Operation, Policy, SyncState
from campaigns.operations import four_eyes
from campaigns.operations.approval_records import record_waiting
from campaigns.operations.records import due_facts, record_rescheduled
from campaigns.operations.timed import due_columns, held, held_ends
from campaigns.queueing.rows import database_now
from campaigns.schedule.due_times import DueTime, instant_of, problem_of
from campaigns.schedule.zones import ZONE_DATA
from campaigns.states import State

NEW_ZONE_DATA = "new time zone data"
CHANGED_MEANWHILE = (
    "Its time was changed while this form was open. Nothing was saved. Look at it as it is now, and change it again "
    "if you still want to."
)


def why_not_held(operation: Operation) -> str:
    """Why the time of an operation that isn't held can't be changed."""
    if operation.state == State.PENDING:
        return (
            "It waits for a second person, who decides about the time that was asked for. Nothing was changed. For "
            "another time, cancel it and ask for it again."
        )
    return "It was too late to change its time: it has begun, or has ended."


def change_time(*, operation: Operation, due: DueTime, seen: datetime, by: str) -> None:
    """Hold an operation for another time. `seen`: the time that the person changes.

    UnusableTime: it can't be due then, or somebody has changed its time. TooLate: it is no longer held.
    """
    with transaction.atomic():
        current = _lock_with_its_other_end(operation)
        if current is None:
            operation.refresh_from_db(fields=["state"])
            raise TooLate(why_not_held(operation), operation)
        if current.not_before != seen:
            raise UnusableTime(CHANGED_MEANWHILE, operation)
        if problem := problem_of_change(current, due.at):
            raise UnusableTime(problem, operation)
        if current.not_before == due.at:
            return
        before = due_facts(current)
        _move(current, due_columns(current.kind, due))
        waits = _is_to_wait_again(current)
        if waits:
            current.approved_by, current.approved_at = "", None
            four_eyes.begin_waiting(current, by=by, now=database_now())
        SyncState.bump()
        record_rescheduled(current, before, by=by)
        if waits:
            record_waiting(current)


def _lock_with_its_other_end(operation: Operation) -> Operation | None:
    """Lock a pause and the resume that ends it, so that two people who move one each can't let it end before it
    begins. Returns `operation` as it is now; None: it isn't held any more."""
    pair = Q(pk=operation.pk) | Q(undoes=operation.pk) | Q(pk=operation.undoes_id)
    still_to_come = Operation.objects.filter(pair, state__in=(State.PENDING, State.SCHEDULED))
    # The pause first, as whoever ends both does.
    locked = still_to_come.order_by("kind").select_for_update(of=("self",), no_key=True).select_related("campaign")
    is_held = {each.pk: each for each in locked if each.state == State.SCHEDULED}
    return is_held.get(operation.pk)


def _is_to_wait_again(operation: Operation) -> bool:
    """A second person approved another time, or the policy wants one now."""
    policy = Policy.current()
    wanted = four_eyes.waits(
        operation.kind, operation.origin, resumes=policy.two_for_resume, schedules=policy.two_for_schedule
    )
    return wanted or bool(operation.approved_by)


def problem_of_change(operation: Operation, at: datetime) -> str:
    """Why it can't be due at `at`, in a sentence; "" if it can."""
    now = database_now()
    if operation.undoes and operation.undoes.not_before and operation.undoes.not_before >= at:
        return "It has to end after it begins. Choose a later end, or change the time of its pause first."
    resume = held_ends(operation).first()
    return problem_of(at, resume.not_before if resume else None, now)


def recompute_outdated() -> int:
    """Compute the instants of held operations again where this machine has newer zone data. Returns how many moved."""
    # Releases sort by their names: 2026e, 2026f. With "differs" in place of "is older", two machines with different
    # releases would undo each other's work every day.
    outdated = held().filter(zone_data__lt=ZONE_DATA).exclude(entered_zone="").values_list("pk", flat=True)
    return sum(recompute(pk) for pk in list(outdated))


def recompute(operation_id: UUID) -> bool:
    """Compute the instant of one again, by this machine's zone data. True: it is due at another time now."""
    with transaction.atomic():
        operation = (
            held()
            .select_for_update(of=("self",), no_key=True)
            .select_related("campaign")
            .filter(pk=operation_id)
            .first()
        )
        if operation is None or operation.zone_data >= ZONE_DATA:
            return False
        at = instant_of(operation.entered_local, operation.entered_fold, operation.entered_zone)
        if at is None or at == operation.not_before:
            # Of a zone that is no longer known, the instant stays.
            held().filter(pk=operation.pk).update(zone_data=ZONE_DATA)
            return False
        before = due_facts(operation)
        local, fold, zone = operation.entered_local, operation.entered_fold, operation.entered_zone
        _move(operation, due_columns(operation.kind, DueTime(at, local, fold, zone)))
        SyncState.bump()
        record_rescheduled(operation, before, by="", cause=NEW_ZONE_DATA)
    return True


def _move(operation: Operation, columns: dict[str, Any]) -> None:
    # What was in its way at the old time says nothing about the new one.
    columns |= {"enqueued_at": None, "error": ""}
    Operation.objects.filter(pk=operation.pk).update(**columns)
    for name, value in columns.items():
        setattr(operation, name, value)
