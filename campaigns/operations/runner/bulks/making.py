"""The operations of a bulk, made in chunks: one transaction each, with a record for each operation."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from audit import ledger
from campaigns.attention.causes import note_ended
from campaigns.errors import OperationRefusal
from campaigns.models import Bulk, Campaign, Operation, OperationKind, Origin, SyncState
from campaigns.operations import rank
from campaigns.operations.records import asked_entry, cancelled_entry, ended_entry, superseded_entry
from campaigns.operations.runner.bulks.claim import ClaimedBulk
from campaigns.operations.runner.claim import is_left_to_its_bulk
from campaigns.operations.saving import MOST_LOOKS, in_the_way
from campaigns.policy.holds import refusal_of, stops
from campaigns.queueing.rows import database_now, takeable, with_campaigns
from campaigns.schedule.clock_face import date_in_words
from campaigns.states import IN_PROGRESS, State, WaitingFor

# In one transaction, for whose length every other record waits: some tens of milliseconds.
CHUNK = 200
# Operations of one bulk are begun in the order of its campaigns.
STEP = timedelta(microseconds=1)


def make_some(claimed: ClaimedBulk) -> bool:
    """Make the next operations of the bulk. False: all are made. LeaseLost: another worker has it."""
    bulk = claimed.bulk
    made = Operation.objects.filter(bulk=bulk).count()
    if made >= bulk.number:
        return False
    ids = Bulk.objects.values_list("campaign_ids", flat=True).get(pk=bulk.pk)
    operations = _new_operations(bulk, ids, made)
    with transaction.atomic():
        superseded = _save(operations) if claimed.may_begin() else _save_cancelled(operations)
        # The preview has said that those on hold are left out: nobody need see to them.
        note_ended([each for each in operations if not stops(each.kind, each.campaign)])
        SyncState.bump()
        rank.record(superseded)
        ledger.append_many(list(_entries(operations, bulk.cancelled_by)))
    return True


def _new_operations(bulk: Bulk, ids: Sequence[str], made: int) -> list[Operation]:
    chosen = ids[made : made + CHUNK]
    campaigns = Campaign.objects.defer("schedule").in_bulk(chosen)
    undone = _pauses_to_undo(bulk, chosen)
    return [
        Operation(
            kind=bulk.kind,
            campaign=campaigns[campaign_id],
            by=bulk.by,
            reason=bulk.reason,
            note=bulk.note,
            override=bulk.override,
            payload=bulk.payload,
            origin=Origin.BULK,
            bulk=bulk,
            undoes=undone.get(campaign_id),
            idempotency_key=f"{bulk.pk.hex}-{number}",
            body_hash=bulk.body_hash,
            requested_at=bulk.requested_at,
            approved_by=bulk.approved_by,
            approved_at=bulk.approved_at,
            next_attempt_at=bulk.requested_at + number * STEP,
        )
        for number, campaign_id in enumerate(chosen, made)
    ]


def _pauses_to_undo(bulk: Bulk, ids: Sequence[str]) -> dict[str, Operation]:
    """By campaign, what an exact resume undoes."""
    if bulk.undoes_id is None:
        return {}
    pauses = Operation.objects.filter(bulk=bulk.undoes_id, kind=OperationKind.PAUSE, campaign__in=ids)
    return {pause.campaign_id: pause for pause in pauses}


def _save(operations: list[Operation]) -> list[Operation]:
    """Save them, each as queued or, where another operation is in its way, as rejected.

    Returns those that ended to make way for them.
    """
    superseded, unsaved = [], operations
    for _ in range(MOST_LOOKS):
        superseded += _make_way(unsaved)
        # In one order everywhere: two bulks that insert the same campaigns wait for each other's.
        Operation.objects.bulk_create(sorted(unsaved, key=lambda each: each.campaign_id), ignore_conflicts=True)
        unsaved = _overtaken(unsaved)
        if not unsaved:
            return superseded
    _save_rejected(unsaved)
    return superseded


def _make_way(operations: list[Operation]) -> list[Operation]:
    """End what they outrank, and reject those that don't outrank what is in progress. Returns those that it ended."""
    superseded = []
    # Locked at once: one after the other, in the bulk's own order, they would wait for another bulk that writes some
    # of them, and that one for these.
    locked = _in_the_way(operations).select_related("campaign").select_for_update(of=("self",), no_key=True)
    others = _by_campaign(locked.defer("campaign__schedule"))
    pauses = _pauses_since(operations)
    for operation in operations:
        operation.outranks = None
        in_progress = others.get(operation.campaign_id, [])
        if stops(operation.kind, operation.campaign):
            _reject(operation, refusal_of(operation.campaign_id))
        elif pause := pauses.get(operation.campaign_id):
            operation.state, operation.superseded_by = State.CANCELLED, pause
            operation.ended_at = database_now()
        elif all(rank.outranks(operation, other) for other in in_progress):
            superseded += rank.make_way(operation, in_progress) if in_progress else []
        else:
            _reject(operation, in_the_way(in_progress[-1]))
    return superseded


def _pauses_since(operations: list[Operation]) -> dict[str, Operation]:
    """By campaign, the pause that was asked for since a bulk of resumes was: a stop wins, also over what it meets only
    as a number in that bulk."""
    first = operations[0]
    if first.kind != OperationKind.RESUME:
        return {}
    found = rank.pauses_since([each.campaign_id for each in operations], first.approved_at or first.requested_at)
    return {pause.campaign_id: pause for pause in found.order_by("requested_at")}


def _save_cancelled(operations: list[Operation]) -> list[Operation]:
    """Save what was cancelled before it was made: nothing gives way to it."""
    now = database_now()
    for operation in operations:
        operation.state, operation.ended_at = State.CANCELLED, now
    Operation.objects.bulk_create(operations)
    return []


def _in_progress(operations: list[Operation]) -> QuerySet[Operation]:
    campaigns = [operation.campaign_id for operation in operations]
    # Newest first, as those have them who lock what is in progress on one campaign.
    return Operation.objects.filter(campaign__in=campaigns, state__in=IN_PROGRESS).order_by("-requested_at", "pk")


def _in_the_way(operations: list[Operation]) -> QuerySet[Operation]:
    """To pauses, also what waits for a second person: it gives way to them, and keeps no resume from its campaign."""
    if operations[0].kind != OperationKind.PAUSE:
        return _in_progress(operations)
    campaigns = [operation.campaign_id for operation in operations]
    return Operation.objects.filter(rank.may_give_way(), campaign__in=campaigns).order_by("-requested_at", "pk")


def _by_campaign(in_progress: Iterable[Operation]) -> dict[str, list[Operation]]:
    """Of two on one campaign, the pause that is to take the other's place comes last."""
    others: dict[str, list[Operation]] = {}
    for other in sorted(in_progress, key=lambda each: each.outranks_id is not None):
        others.setdefault(other.campaign_id, []).append(other)
    return others


def _overtaken(operations: list[Operation]) -> list[Operation]:
    """Those that a constraint refused: another operation began between the look and the insert."""
    saved = set(Operation.objects.filter(pk__in=[each.pk for each in operations]).values_list("pk", flat=True))
    return [operation for operation in operations if operation.pk not in saved]


def _save_rejected(operations: list[Operation]) -> None:
    others = _by_campaign(_in_progress(operations))
    for operation in operations:
        other = others.get(operation.campaign_id, [])[-1:]
        _reject(operation, in_the_way(other[0] if other else None))
    Operation.objects.bulk_create(operations)


def _reject(operation: Operation, refusal: OperationRefusal) -> None:
    operation.state = State.REJECTED
    operation.outranks = None
    operation.ended_at = database_now()
    operation.error = refusal.sentence


def _entries(operations: list[Operation], cancelled_by: str) -> Iterator[ledger.Entry]:
    for operation in operations:
        yield asked_entry(operation)
        if operation.superseded_by is not None:
            yield superseded_entry(operation)
        elif operation.state == State.CANCELLED:
            yield cancelled_entry(operation, cancelled_by)
        elif operation.ended_at:
            yield ended_entry(operation)


def cancel_some(claimed: ClaimedBulk) -> bool:
    """Cancel the next operations that haven't begun. False: there are none. LeaseLost: another worker has it."""
    by = claimed.bulk.cancelled_by
    return _end_some(claimed, State.CANCELLED, "", lambda operation: cancelled_entry(operation, by))


def give_up_some(claimed: ClaimedBulk, since: datetime) -> bool:
    """End the next operations that haven't begun, since CXone has failed from `since` on. As `cancel_some`."""
    at = f"{date_in_words(since)} {since:%H:%M} UTC"
    error = f"CXone has not answered since {at}, so nothing was sent for this campaign."
    return _end_some(claimed, State.FAILED, error, ended_entry)


def _end_some(claimed: ClaimedBulk, state: State, error: str, entry_of: Callable[[Operation], ledger.Entry]) -> bool:
    with transaction.atomic():
        claimed.hold()
        rest = takeable(Operation.objects.filter(is_left_to_its_bulk(), bulk=claimed.bulk)).order_by("next_attempt_at")
        operations = with_campaigns(rest[:CHUNK])
        if not operations:
            return False
        now = database_now()
        for operation in operations:
            operation.state, operation.waiting_for = state, WaitingFor.NOTHING
            operation.error, operation.ended_at = error, now
        Operation.objects.bulk_update(operations, ["state", "waiting_for", "error", "ended_at"])
        note_ended(operations)
        SyncState.bump()
        ledger.append_many([entry_of(operation) for operation in operations])
    return True
