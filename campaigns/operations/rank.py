"""A stop always wins: which operation in progress a pause needn't wait for, and how it takes that one's place.

What has sent nothing ends as soon as the pause is asked for. What may have been carried out stays in progress until a
worker claims the pause: a pause that is cancelled before then has taken nobody's place.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from campaigns.models import Attempt, AttemptOutcome, Operation, OperationKind, Origin, PauseSlot
from campaigns.operations import sent
from campaigns.operations.records import record_ended, record_superseded
from campaigns.operations.timed import cancel_held_resume, not_earlier
from campaigns.queueing.rows import database_now
from campaigns.states import IN_PROGRESS, State

UNANSWERED = "A pause took its place before CXone's answer was on record."


def outranks(pause: Operation, other: Operation) -> bool:
    """Whether `pause` goes ahead of `other`, which is in progress on its campaign. Nothing but a pause outranks."""
    if pause.kind != OperationKind.PAUSE:
        return False
    if other.kind != OperationKind.PAUSE:
        return True
    if pause.not_before or other.not_before:
        now = database_now()
        begins, other_begins = not_earlier(pause, now), not_earlier(other, now)
        # The campaign is to stop before that.
        if begins < other_begins:
            return _may_give_way(other, pause)
        # One that is to stop it sooner never gives way to one for later.
        if begins > other_begins:
            return False
    # A person doesn't wait until it is its turn among thousands of a bulk.
    if other.state == State.QUEUED and other.bulk_id and not pause.bulk_id and pause.override >= other.override:
        return True
    # An ordinary pause may wait or be rejected because of its calls. One that overrides them does neither.
    return pause.override and not other.override and not sent.may_have_worked(other)


def _may_give_way(later: Operation, pause: Operation) -> bool:
    """One that overrides the calls check is certain to be sent: it must not be lost to one that may be rejected. CXone
    keeps what it has already, and the guard asks again."""
    certain = later.override and not pause.override
    return not certain or later.origin == Origin.GUARD or sent.may_have_worked(later)


def make_way(operation: Operation, in_progress: Sequence[Operation] | None = None) -> list[Operation]:
    """Before `operation` is saved as in progress: end what it outranks and has sent nothing, or mark what has.

    `in_progress`: what is in progress on its campaign, where that is locked already. Returns the ended ones, whose
    records the caller appends. Inside the transaction that saves the operation. IntegrityError: another pause is about
    to take the place of what is in progress.
    """
    ended = []
    for other in _in_progress(operation) if in_progress is None else in_progress:
        if not outranks(operation, other):
            continue
        if sent.may_have_worked(other):
            operation.outranks = other
        else:
            ended.extend(_end(other, State.CANCELLED, operation))
    # The constraint that allows one in progress makes an exception of a pause that waits to take its place.
    if operation.outranks_id is None and _is_place_taken(operation):
        raise IntegrityError("A pause is about to take the place of what is in progress.")
    return ended


def _is_place_taken(operation: Operation) -> bool:
    others = Operation.objects.filter(campaign_id=operation.campaign_id, state__in=IN_PROGRESS)
    return others.filter(outranks__isnull=False).exists()


def lock_outranked(pause_id: UUID) -> None:
    """Lock what `take_place` may end, in the order in which those who ask lock it, before the pause's own row."""
    found = Operation.objects.filter(pk=pause_id, outranks__isnull=False).first()
    if found is not None:
        list(_in_progress(found))


def take_place(pause: Operation) -> list[Operation]:
    """When a worker has claimed `pause`: end what it outranks, whatever came of it. Returns those that it ended.

    Inside the transaction that claims the pause.
    """
    if pause.outranks_id is None:
        return []
    # Not only the one that was in progress when the pause was asked for: another may have begun when that one ended.
    ended = []
    for other in _in_progress(pause).exclude(pk=pause.pk):
        ended.extend(_end(other, State.SUPERSEDED if sent.may_have_worked(other) else State.CANCELLED, pause))
    Operation.objects.filter(pk=pause.pk).update(outranks=None)
    pause.outranks = None
    return ended


def record(superseded: list[Operation]) -> None:
    """The audit records of those that ended. The last step of the transaction, as always."""
    for operation in superseded:
        if operation.state == State.SUPERSEDED or operation.superseded_by is None:
            record_ended(operation)
        else:
            record_superseded(operation)


def unsettled(seconds: float, campaign_id: str | None = None) -> set[str]:
    """The campaigns, all or that one, that a resume may still set dialing: a pause took its place, it was sent within
    the last `seconds`, and CXone has accepted no pause since. One query.

    Which pause took its place doesn't matter: that one may have been cancelled, or have given way to another.
    """
    resumed = Q(operation__kind=OperationKind.RESUME) & ~Q(outcome__in=sent.NOTHING_DONE)
    paused = Q(operation__kind=OperationKind.PAUSE, outcome=AttemptOutcome.ACCEPTED)
    effective = Attempt.objects.filter(resumed | paused, sent_at__gt=database_now() - timedelta(seconds=seconds))
    if campaign_id is not None:
        effective = effective.filter(operation__campaign=campaign_id)
    oldest_first = effective.order_by("sent_at", "pk")
    newest = dict(oldest_first.values_list("operation__campaign", "operation__state"))
    return {campaign for campaign, state in newest.items() if state == State.SUPERSEDED}


def _in_progress(pause: Operation) -> QuerySet[Operation]:
    found = Operation.objects.select_for_update(of=("self",), no_key=True).select_related("campaign")
    return found.filter(campaign_id=pause.campaign_id, state__in=IN_PROGRESS)


def _end(other: Operation, state: State, pause: Operation) -> list[Operation]:
    """Returns it with what ends together with it."""
    # The fence keeps out a worker that still has it: it sends nothing more, and what it learns it doesn't write.
    Operation.objects.filter(pk=other.pk).update(
        state=state,
        superseded_by_id=pause.pk,
        waiting_for="",
        error="",
        fence=F("fence") + 1,
        lease_until=None,
        ended_at=Now(),
    )
    other.attempts.filter(outcome="").update(outcome=AttemptOutcome.UNKNOWN, error=UNANSWERED)
    PauseSlot.objects.filter(operation_id=other.pk).update(operation_id=None, held_until=None)
    other.state, other.superseded_by = state, pause
    return [other, *cancel_held_resume(other)]
