"""Watching the calls of paused campaigns end: one unfiltered query is a sample for all of them."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from audit.kinds import RecordKind
from campaigns.cxone.budget import Lane
from campaigns.cxone.connect import open_gateway
from campaigns.cxone.errors import CXoneError
from campaigns.models import Campaign, Drain, DrainSample, SyncState
from campaigns.models.drain import DrainEnd
from campaigns.operations.records import record_operation
from campaigns.queueing.request_budget import SlotBudget
from campaigns.queueing.rows import database_now

log = logging.getLogger(__name__)

# Calls end fastest at first: sample closely then, and spare the budget later.
CLOSE_WATCH = timedelta(minutes=2)
CLOSE_EVERY = timedelta(seconds=3)  # as often as the job `sample_drains` runs
SLOW_EVERY = timedelta(seconds=15)


def sample() -> int:
    """Sample the drains that are due; how many there were. A failed query is no sample, and the next one comes."""
    now = database_now()
    due = [drain for drain in _going_on() if _is_due(drain, now)]
    if not due:
        return 0
    try:
        calls = open_gateway(Lane.BACKGROUND, SlotBudget()).calls_in_progress()
    except CXoneError as error:
        log.info("The calls of paused campaigns could not be counted: %s", error)
        calls = None
    for drain in due:
        _take(drain, None if calls is None else calls[drain.campaign_id], now)
    return len(due)


def are_going_on() -> bool:
    return Drain.objects.filter(ended_at=None).exists()


def _going_on() -> list[Drain]:
    return list(Drain.objects.filter(ended_at=None).select_related("campaign", "operation__campaign").order_by("pk"))


def _is_due(drain: Drain, now: datetime) -> bool:
    if now - drain.started_at < CLOSE_WATCH:
        return True
    last = drain.samples.last()
    return last is None or now - last.at >= SLOW_EVERY


def _take(drain: Drain, calls: int | None, now: datetime) -> None:
    end = _end(drain, calls, now)
    if calls is None and end is None:
        return
    with transaction.atomic():
        if end is not None and not _close(drain, end, calls, now):
            return  # another sampler did
        if calls is not None:
            DrainSample.objects.create(drain=drain, at=now, calls=calls)
            Campaign.objects.filter(pk=drain.campaign_id).update(active_calls=calls)
        SyncState.bump()
        if end is not None:
            _record(drain)


def _end(drain: Drain, calls: int | None, now: datetime) -> DrainEnd | None:
    if not drain.campaign.is_paused:
        return DrainEnd.RESUMED
    if calls == 0:
        return DrainEnd.EMPTY
    return DrainEnd.DEADLINE if now >= drain.deadline else None


def _close(drain: Drain, end: DrainEnd, calls: int | None, now: datetime) -> bool:
    """End the drain, once whoever samples it."""
    last = drain.samples.last()
    drain.end, drain.ended_at = end, now
    drain.calls_at_end = calls if calls is not None else last.calls if last else drain.calls_at_start
    ended = {"end": drain.end, "ended_at": now, "calls_at_end": drain.calls_at_end}
    return bool(Drain.objects.filter(pk=drain.pk, ended_at=None).update(**ended))


def _record(drain: Drain) -> None:
    record_operation(
        RecordKind.DRAIN_ENDED,
        drain.operation,
        details={
            "end": drain.end,
            "calls_at_start": drain.calls_at_start,
            "calls_at_end": drain.calls_at_end,
            "share_ended": round(drain.share_ended or 0, 4),
            "calls_per_minute": round(drain.calls_per_minute or 0, 1),
            "seconds": round(drain.seconds or 0, 1),
            "samples": drain.samples.count(),
        },
    )
