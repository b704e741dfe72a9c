"""What monitoring needs to know of operations: what is open, what is late, and what has become of the others.

What has ended is counted from the audit, whose numbers have no gaps and are committed in their order: each record is
counted once, whatever ends in between. Operations themselves are many, and are counted by nobody.
"""

from collections.abc import Iterable
from itertools import product
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from audit import counts as audit_counts
from audit.counts import Happened
from audit.kinds import RecordKind, Status
from campaigns.models import Bulk, CountedRecords, Operation, OperationKind, Origin, SyncState
from campaigns.queueing.leases import is_free
from campaigns.queueing.metric_counts import Increments, TimeHistogram
from campaigns.queueing.rows import takeable
from campaigns.states import ENDS, OPEN, TO_CARRY_OUT, State, WaitingFor

ENDED = "operations"
# A click reaches CXone within a second, or else waits for something: for one of three requests of a slow CXone (up to
# 3 s), for a pause slot or the budget (up to a minute), or for CXone to come back.
CLICK_TO_PUT = TimeHistogram("click_to_put", (0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300))
# It is confirmed by its own read at once, by the next full read (15 s, or 30 if that fails once), or by none within
# CONFIRM_SECONDS (90); a change that CXone carries out after calls have ended takes up to 15 minutes.
CONFIRMATION = TimeHistogram("confirmation", (0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 90, 180, 900))
KINDS = (RecordKind.OPERATION_TRIED, RecordKind.OPERATION_ENDED, RecordKind.OPERATION_CANCELLED)
# In one transaction, which keeps nobody waiting but the next of its kind.
MOST_AT_ONCE = 2_000
# These wait for others of their kind, however long that takes, and not for a worker.
_OTHERS_FIRST = (WaitingFor.PAUSE_SLOT, WaitingFor.TURN, WaitingFor.TOGETHER)


def known_ends() -> list[tuple[str, ...]]:
    """Each kind of operation in each of the states in which it may end."""
    return list(product(OperationKind.values, ENDS))


def count_open_operations() -> dict[tuple[str, ...], int]:
    """The operations that have not ended, by kind and state."""
    rows = Operation.objects.filter(ended_at=None).order_by().values_list("kind", "state").annotate(Count("pk"))
    none: dict[tuple[str, ...], int] = dict.fromkeys(product(OperationKind.values, OPEN), 0)
    return none | {(kind, state): number for kind, state, number in rows}


def oldest_due_seconds() -> float:
    """For how long an operation, or a bulk, has been due without being begun; 0 if none is."""
    due = Operation.objects.filter(is_free(), state__in=TO_CARRY_OUT, next_attempt_at__lte=Now())
    alone = due.exclude(waiting_for__in=_OTHERS_FIRST).exclude(bulk__isnull=False, state=State.QUEUED)
    bulks = Bulk.objects.filter(is_free(), pending=False, ended_at=None, next_attempt_at__lte=Now())
    now, *times = SyncState.objects.filter(pk=1).values_list(Now(), _earliest(alone), _earliest(bulks)).get()
    return max(((now - at).total_seconds() for at in times if at), default=0.0)


def _earliest(rows: QuerySet[Any, Any]) -> Subquery:
    return Subquery(rows.order_by("next_attempt_at").values("next_attempt_at")[:1])


def count_recorded() -> None:
    """Count what the audit has recorded since this was last done."""
    while _count_some():
        pass


def _count_some() -> bool:
    """Whether there is more."""
    with transaction.atomic():
        newest = audit_counts.newest_number()
        CountedRecords.objects.get_or_create(pk=1, defaults={"number": newest})
        row = takeable(CountedRecords.objects.filter(pk=1)).first()
        # None: another one is counting.
        if row is None or newest <= row.number:
            return False
        until = min(newest, row.number + MOST_AT_ONCE)
        _count(list(audit_counts.happened(row.number, until, KINDS, ("state", "attempt", "confirmation_ms"))))
        CountedRecords.objects.filter(pk=1).update(number=until)
    return until < newest


def _count(records: list[Happened]) -> None:
    added = Increments()
    for record in records:
        if record.kind == RecordKind.OPERATION_CANCELLED:
            added.count(ENDED, record.action, State.CANCELLED)
        elif record.kind == RecordKind.OPERATION_ENDED:
            added.count(ENDED, record.action, record.details["state"] or "")
            if took := record.details["confirmation_ms"]:
                added.observe(CONFIRMATION, int(took) / 1000)
    for seconds in _seconds_to_put(records):
        added.observe(CLICK_TO_PUT, seconds)
    added.save()


def _seconds_to_put(records: Iterable[Happened]) -> list[float]:
    """From a person's click to the first request that carries it out, of operations that were to begin at once."""
    sent = {
        record.operation: record.at
        for record in records
        if record.kind == RecordKind.OPERATION_TRIED
        and record.status == Status.INFO
        and str(record.details["attempt"]) == "1"
        and record.operation
    }
    if not sent:
        return []
    clicks = Operation.objects.filter(pk__in=sent, origin=Origin.PERSON, not_before=None)
    # The second person's click, where one had to approve it.
    rows = clicks.order_by().values_list("pk", Coalesce("approved_at", "requested_at"))
    return [max((sent[pk] - clicked_at).total_seconds(), 0.0) for pk, clicked_at in rows]
