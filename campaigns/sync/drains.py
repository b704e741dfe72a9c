"""Watching the calls of paused campaigns drain: one unfiltered query is a sample for all of them."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from audit.kinds import RecordKind
from campaigns.cxone.budget import Lane
from campaigns.cxone.errors import BudgetSpent, CXoneError
from campaigns.cxone.gateway import Counts, Gateway
from campaigns.dialect import cxone_can
from campaigns.models import Campaign, Drain, DrainSample, SyncState
from campaigns.models.drain import DrainEnd
from campaigns.operations.records import record_operation
from campaigns.operations.runner.calls import CallsCount, keep_count, last_count, longest_age
from campaigns.queueing import circuit_breaker, periodic
from campaigns.queueing.circuit_breaker import SharedBreaker
from campaigns.queueing.request_budget import SlotBudget
from campaigns.queueing.rows import database_now, update_each
from campaigns.tenancy import open_own_gateway

log = logging.getLogger(__name__)

# Calls end fastest at first: drains are sampled closely then, and save the budget later.
CLOSE_WATCH = timedelta(minutes=2)
SLOW_EVERY = timedelta(seconds=15)
# Where a count of all takes many requests: so many drains are counted each by itself, for 12 of them a minute.
MOST_ALONE = 3
# Exchanges with CXone end within 30 s, and mostly it is one.
LONGEST = timedelta(minutes=1)
# In one transaction: some tens of milliseconds.
SAVED_AT_ONCE = 200


def sample() -> int:
    """Sample the drains that are due, and return how many. A failed query is no sample; the next one comes anyway."""
    now = database_now()
    due = [drain for drain in _going_on() if _is_due(drain, now)]
    if not due:
        return 0
    with periodic.alone("sample_drains", LONGEST):
        calls = _count_calls(due)
    ends = {drain.pk: _end_of(drain, calls.get(drain.campaign_id), now) for drain in due}
    _save_samples([drain for drain in due if ends[drain.pk] is None and drain.campaign_id in calls], calls, now)
    for drain in due:
        if end := ends[drain.pk]:
            _save_end(drain, end, calls.get(drain.campaign_id), now)
    return len(due)


def _count_calls(due: list[Drain]) -> dict[str, int]:
    """By campaign; one that isn't in it couldn't be counted. A drain may end without a count, by its deadline."""
    if not circuit_breaker.is_closed():
        return {}
    if not cxone_can().counts_at_once:
        return _counted_alone(due) if len(due) <= MOST_ALONE else _last_counted(due)
    at = database_now()
    try:
        counts = _gateway().calls_in_progress()
    except BudgetSpent:
        # Not logged: other reads may take all requests there are for minutes.
        return {}
    except CXoneError as error:
        log.info("The calls of paused campaigns could not be counted: %s", error)
        return {}
    keep_count(CallsCount(counts, at))
    return _of_campaigns(due, counts)


def _counted_alone(due: list[Drain]) -> dict[str, int]:
    calls, gateway = {}, _gateway()
    for drain in due:
        try:
            calls[drain.campaign_id] = gateway.calls_in_progress(drain.campaign_id)[drain.campaign_id]
        except BudgetSpent:
            break
        except CXoneError as error:
            # CXone may have deleted this one: the others are counted all the same.
            log.info("The calls of paused campaign %s could not be counted: %s", drain.campaign_id, error)
    return calls


def _last_counted(due: list[Drain]) -> dict[str, int]:
    """As the last full read has, unless that was before one of them began."""
    count = last_count(longest_age())
    if count is None or any(drain.started_at > count.at for drain in due):
        return {}
    return _of_campaigns(due, count.calls)


def _of_campaigns(due: list[Drain], counts: Counts) -> dict[str, int]:
    return {drain.campaign_id: counts[drain.campaign_id] for drain in due}


def _gateway() -> Gateway:
    return open_own_gateway(Lane.BACKGROUND, SlotBudget(), SharedBreaker())


def _going_on() -> list[Drain]:
    found = Drain.objects.filter(ended_at=None).select_related("campaign", "operation__campaign")
    return list(found.order_by("pk"))


def _is_due(drain: Drain, now: datetime) -> bool:
    if now - drain.started_at < CLOSE_WATCH and cxone_can().counts_at_once:
        return True
    last = drain.samples.last()
    return last is None or now - last.at >= SLOW_EVERY


def _save_samples(drains: list[Drain], calls: dict[str, int], now: datetime) -> None:
    """Of the drains that go on: after a bulk these are hundreds."""
    for first in range(0, len(drains), SAVED_AT_ONCE):
        some = drains[first : first + SAVED_AT_ONCE]
        campaigns = [Campaign(pk=drain.campaign_id, active_calls=calls[drain.campaign_id]) for drain in some]
        with transaction.atomic():
            DrainSample.objects.bulk_create(
                DrainSample(drain=drain, at=now, calls=calls[drain.campaign_id]) for drain in some
            )
            update_each(Campaign.objects.all(), campaigns, ["active_calls"])
            SyncState.bump()


def _save_end(drain: Drain, end: DrainEnd, calls: int | None, now: datetime) -> None:
    with transaction.atomic():
        # Two samplers may see the same end: only one of them closes the drain and records it.
        if not _close(drain, end, calls, now):
            return
        if calls is not None:
            DrainSample.objects.create(drain=drain, at=now, calls=calls)
            Campaign.objects.filter(pk=drain.campaign_id).update(active_calls=calls)
        SyncState.bump()
        _record(drain)


def _end_of(drain: Drain, calls: int | None, now: datetime) -> DrainEnd | None:
    if not drain.campaign.is_paused:
        return DrainEnd.RESUMED
    if calls == 0:
        return DrainEnd.EMPTY
    if now >= drain.deadline:
        return DrainEnd.DEADLINE
    return None


def _close(drain: Drain, end: DrainEnd, calls: int | None, now: datetime) -> bool:
    """End the drain. False: another sampler has."""
    drain.end, drain.ended_at = end, now
    drain.calls_at_end = _last_known_calls(drain) if calls is None else calls
    ended = {"end": drain.end, "ended_at": now, "calls_at_end": drain.calls_at_end}
    return bool(Drain.objects.filter(pk=drain.pk, ended_at=None).update(**ended))


def _last_known_calls(drain: Drain) -> int:
    last = drain.samples.last()
    return last.calls if last else drain.calls_at_start


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
            "expected_median_seconds": _rounded(drain.expected_median_seconds),
            "expected_p90_seconds": _rounded(drain.expected_p90_seconds),
            "samples": drain.samples.count(),
        },
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
