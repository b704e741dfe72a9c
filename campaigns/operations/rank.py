"""A stop always wins: which operation in progress a pause needn't wait for, and how it takes that one's place.

The one exception is a stop that CXone has accepted and carries out once calls have ended, which a person takes back.

What has sent nothing ends as soon as the pause is asked for. What may have been carried out stays in progress until a
worker claims the pause: a pause that is cancelled before then has taken nobody's place.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from campaigns.dialect import cxone_can
from campaigns.models import Attempt, AttemptOutcome, Operation, OperationKind, Origin, PauseSlot
from campaigns.operations import four_eyes, sent
from campaigns.operations.records import record_ended, record_superseded
from campaigns.operations.still_stands import TAKES_BACK
from campaigns.operations.timed import cancel_held_resume, not_earlier
from campaigns.queueing.rows import database_now
from campaigns.states import IN_PROGRESS, State

UNANSWERED = "A pause took its place before CXone’s answer was on record."


def outranks(operation: Operation, other: Operation) -> bool:
    """Whether `operation` goes ahead of `other`, which is in progress on its campaign. Nothing but a pause outranks,
    and a resume what `gives_way_to_resume`."""
    if operation.kind == OperationKind.RESUME:
        return _is_for_now(operation) and gives_way_to_resume(other)
    return operation.kind == OperationKind.PAUSE and _pause_outranks(operation, other)


def outranks_all(operation: Operation) -> bool:
    """Whether it goes ahead of everything that is in progress on its campaign."""
    in_progress = operation.campaign.operations.filter(state__in=IN_PROGRESS)
    return all(outranks(operation, other) for other in in_progress)


def _pause_outranks(pause: Operation, other: Operation) -> bool:
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


def _is_for_now(resume: Operation) -> bool:
    """A person asks for it, at this moment, and for this campaign."""
    return resume.origin == Origin.PERSON and resume.bulk_id is None and resume.not_before is None


def gives_way_to_resume(operation: Operation) -> bool:
    """A stop that CXone has accepted and may carry out minutes later, once calls have ended: people may take it back.

    Not one that overrides the calls check: it is resumed as everywhere else, once it was seen.
    """
    if operation.kind != OperationKind.PAUSE or operation.state != State.ACCEPTED or operation.override:
        return False
    return not cxone_can().pauses_at_once


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
        if operation.kind == OperationKind.RESUME:
            ended.extend(_take_back(operation, other))
        elif sent.may_have_worked(other):
            operation.outranks = other
        else:
            ended.extend(_end(other, State.CANCELLED, operation))
    # The constraint that allows one in progress makes an exception of a pause that waits to take its place.
    if operation.outranks_id is None and _is_place_taken(operation):
        raise IntegrityError("A pause is about to take the place of what is in progress.")
    return ended


def _take_back(resume: Operation, stop: Operation) -> list[Operation]:
    """End the accepted stop at once, not only when a worker has the resume: a pause that comes in between then meets
    one operation, which has sent nothing and gives way to it."""
    resume.payload = {**resume.payload, TAKES_BACK: str(stop.pk)}
    return _end(stop, State.SUPERSEDED, resume)


def _is_place_taken(operation: Operation) -> bool:
    others = Operation.objects.filter(campaign_id=operation.campaign_id, state__in=IN_PROGRESS)
    return others.filter(outranks__isnull=False).exists()


def lock_outranked(pause_id: UUID) -> bool:
    """Lock what `take_place` may end, in the order in which those who ask lock it, before the pause's own row.

    False: it takes nobody's place.
    """
    found = Operation.objects.filter(pk=pause_id, outranks__isnull=False).first()
    if found is None:
        return False
    list(_in_progress(found))
    return True


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


def end_for(operation: Operation, pause: Operation) -> list[Operation]:
    """End one that has sent nothing for a pause that was asked for beside it. The caller puts them on record."""
    return _end(operation, State.CANCELLED, pause)


def pauses_since(campaign_ids: Collection[str], since: datetime) -> QuerySet[Operation]:
    """Pauses of these campaigns that were asked for since then. One for a later time counts from that on, however long
    before it was requested."""
    at_once = Q(not_before=None, requested_at__gte=since)
    begun = Q(not_before__gte=since) & ~Q(state__in=(State.SCHEDULED, State.CANCELLED))
    return Operation.objects.filter(at_once | begun, kind=OperationKind.PAUSE, campaign__in=list(campaign_ids))


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
    found = oldest_first.values_list("operation__campaign", "operation__kind", "operation__state")
    newest = {campaign: (kind, state) for campaign, kind, state in found}
    return {campaign for campaign, last in newest.items() if last == (OperationKind.RESUME, State.SUPERSEDED)}


def may_give_way() -> Q:
    """What a pause may meet: what is in progress, and what waits for a second person to begin at once."""
    return Q(state__in=IN_PROGRESS) | Q(state=State.PENDING, not_before=None)


def locked_on(campaign_id: str) -> QuerySet[Operation]:
    """What may give way on one campaign, locked in the one order in which everybody locks it."""
    found = Operation.objects.select_for_update(of=("self",), no_key=True).select_related("campaign")
    return found.filter(may_give_way(), campaign_id=campaign_id)


def _in_progress(pause: Operation) -> QuerySet[Operation]:
    return locked_on(pause.campaign_id)


def _end(other: Operation, state: State, superseder: Operation) -> list[Operation]:
    """Returns it with what ends together with it."""
    # The fence keeps out a worker that still has it: it sends nothing more, and what it learns it doesn't write.
    Operation.objects.filter(pk=other.pk).update(
        state=state,
        superseded_by_id=superseder.pk,
        waiting_for="",
        error="",
        fence=F("fence") + 1,
        lease_until=None,
        ended_at=Now(),
    )
    if other.state == State.PENDING:
        four_eyes.withdraw(other)
    other.attempts.filter(outcome="").update(outcome=AttemptOutcome.UNKNOWN, error=UNANSWERED)
    PauseSlot.objects.filter(operation_id=other.pk).update(operation_id=None, held_until=None)
    other.state, other.superseded_by = state, superseder
    return [other, *cancel_held_resume(other)]
