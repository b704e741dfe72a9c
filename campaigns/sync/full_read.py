"""Reading CXone: all of it on a schedule, one campaign when an event hints at it."""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Q, QuerySet, Subquery
from django.db.models.functions import Now

from campaigns.cxone.budget import Lane, lane_range
from campaigns.cxone.errors import BudgetSpent, CXoneError, Refused
from campaigns.cxone.gateway import CampaignList, Gateway
from campaigns.dialect import cxone_can
from campaigns.events import hints
from campaigns.models import Campaign, PeriodicJob, SyncState
from campaigns.observation.calls import keep_sample, sampled_minute
from campaigns.observation.gaps import note_gap
from campaigns.operations.runner.bulks import reading
from campaigns.operations.runner.bulks.claim import wake
from campaigns.operations.runner.calls import CallsCount, keep_count
from campaigns.operations.runner.confirmation import awaiting_sight
from campaigns.operations.runner.reconcile import reconcile_campaign
from campaigns.queueing import circuit_breaker
from campaigns.queueing.circuit_breaker import PatientBreaker, SharedBreaker
from campaigns.queueing.day_count import is_kept, kept_tenant, note_tenant
from campaigns.queueing.request_budget import SlotBudget
from campaigns.queueing.rows import database_now, takeable
from campaigns.states import WaitingFor
from campaigns.sync import probe
from campaigns.sync.storing import store
from campaigns.tenancy import open_own_gateway

log = logging.getLogger(__name__)

# Of all requests. Background reads may use half of them; the rest of that half is for drains and subscriptions. It is
# the share of the lane for reads that go on for minutes, too.
SHARE = 0.4
# A Date has whole seconds, and an answer takes its time: clocks that differ by less than this can't be told apart.
CLOCKS_DIFFER = 30
HINT_RETRY = timedelta(seconds=5)


@dataclass(frozen=True)
class FullRead:
    campaigns: int
    changed: int
    requests: int


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What there was when a read began at `at`, by the database's clock. `pace`: seconds between two reads;
    `is_awaited`: operations waited to be seen as done; `kept_tenant`: what was known of the tenant."""

    at: datetime
    state: SyncState
    pace: int | None
    is_awaited: bool
    kept_tenant: Mapping[str, Any] | None


def read_if_old() -> FullRead | None:
    """Read all campaigns, unless that was just done and nobody waits for another read: wake-ups pile up while no
    worker takes them.

    While CXone doesn't answer, probe it instead.
    """
    beginning = _begin()
    state = beginning.state
    if state.probe_at is not None:
        probe.probe_if_due()
        return None
    is_old = state.last_good_at is None or beginning.at - state.last_good_at >= _patience(state)
    if is_old or reading.is_wanted(state):
        return _read_all(beginning)
    return None


def read_all_campaigns() -> FullRead | None:
    """One full read of CXone: every list page and one calls query. None: it failed, and the pages say since when."""
    return _read_all(_begin())


def _read_all(beginning: _Beginning) -> FullRead | None:
    state, began = beginning.state, beginning.at
    budget, lane, clock = SlotBudget(), _lane(state), monotonic()
    if wait_ms := _reserve(budget, lane, max(1, state.requests)):
        _read_again_in(wait_ms / 1000)
        return None
    breaker = PatientBreaker()
    gateway = open_own_gateway(lane, budget, breaker)
    try:
        listed = gateway.list_campaigns()
        counted_at = began + timedelta(seconds=monotonic() - clock)
        calls = gateway.calls_in_progress()
    except BudgetSpent as error:
        _read_again_in(error.wait_ms / 1000)
        if not error.goes_on:
            _note_shortage(gateway.requests)
        return None
    except CXoneError as error:
        _note_failure(str(error))
        return None
    finally:
        breaker.settle()
        budget.give_back()
    read_at = began + timedelta(seconds=monotonic() - clock)
    counted_at = min(counted_at, read_at - timedelta(seconds=calls.seconds_old))
    return _take_in(beginning, gateway, listed, CallsCount(calls, counted_at), read_at)


def _take_in(
    beginning: _Beginning, gateway: Gateway, listed: CampaignList, count: CallsCount, read_at: datetime
) -> FullRead:
    """Keep what was read. `read_at`: when the last answer had come."""
    # A read that went on from an earlier one is as old as that.
    began = min(beginning.at, read_at - timedelta(seconds=listed.seconds_old))
    keep_count(count)
    stored = store(listed, count.calls, began, is_awaited=beginning.is_awaited)
    # The last good read has kept that of the minute in which it began, or of a later one.
    last_good_at = beginning.state.last_good_at
    if last_good_at is None or sampled_minute(last_good_at) != sampled_minute(count.at):
        keep_sample(count.calls, count.at, stored.numbers)
    if stored.is_hinted:
        _answer_hints(began)
    requests = gateway.requests + listed.requests
    clock_ahead = _clock_ahead(gateway.now(), read_at)
    _note_success(replace(beginning, at=began), requests, clock_ahead, listed.unreadable)
    tenant = gateway.tenant()
    if tenant and not is_kept(beginning.kept_tenant, tenant, read_at):
        note_tenant(tenant, read_at)
    wake(WaitingFor.READ, WaitingFor.OUTCOME)
    return FullRead(len(listed.digests), stored.changes, requests)


def _lane(state: SyncState) -> Lane:
    # Before the first read there are no campaigns, so nobody else has anything to ask.
    is_first = state.last_good_at is None
    return Lane.BACKGROUND if is_first or cxone_can().reads_at_once else Lane.LONG_READ


def _reserve(budget: SlotBudget, lane: Lane, requests: int) -> int:
    """Have the requests of a read at hand, or say how many milliseconds to wait."""
    if not cxone_can().reads_at_once:
        # Whatever there is brings it further. All at once may never be free while others read, too.
        return budget.reserve_ahead(lane, 1, min(requests, len(lane_range(lane, budget.rate))) - 1)
    # A read that stops halfway would only spend what the next one needs.
    return budget.reserve_ahead(lane, requests)


def _begin() -> _Beginning:
    job = PeriodicJob.objects.filter(name="sync_campaigns").values("every_seconds")
    known: QuerySet[Any] = SyncState.objects.annotate(
        # What is sent from now on, this read can't show.
        now=Now(),
        pace=Subquery(job),
        is_awaited=Exists(awaiting_sight()),
        kept_tenant=kept_tenant(),
    )
    state = known.get(pk=1)
    return _Beginning(state.now, state, state.pace, state.is_awaited, state.kept_tenant)


def read_one_campaign(campaign_id: str, lane: Lane = Lane.BACKGROUND) -> bool:
    """Read one campaign now. False: CXone gave no usable answer, or it isn't our turn yet."""
    gateway, began = open_own_gateway(lane, SlotBudget(), SharedBreaker()), database_now()
    try:
        state = gateway.read_state(campaign_id)
    except Refused as error:
        log.warning("Campaign %s could not be read: %s", campaign_id, error)
        return True
    except BudgetSpent:
        # Not logged: events can ask for far more reads than there are requests.
        return False
    except CXoneError as error:
        log.info("Campaign %s could not be read yet: %s", campaign_id, error)
        return False
    reconcile_campaign(state, began)
    return True


def read_hinted(campaign_id: str) -> None:
    """Read the campaign that an event named, once for all the events before it.

    If more campaigns are due than reading all of them would cost requests, all are read instead.
    """
    # It stays due: the full read that comes as soon as CXone answers sees to it.
    if not circuit_breaker.is_closed():
        return
    state = SyncState.current()
    if state.requests and hints.due_hints().count() > state.requests:
        _bring_forward(state)
        return
    if not hints.take_hint(campaign_id):
        return
    if not read_one_campaign(campaign_id, Lane.EVENTS):
        Campaign.objects.filter(pk=campaign_id, read_due_at=None).update(read_due_at=Now() + HINT_RETRY)


def _bring_forward(state: SyncState) -> None:
    """Have all campaigns read soon."""
    # While reads fail they keep their pace: events must not multiply them.
    if state.last_good_at is None or state.failing_since is not None:
        return
    soon = state.last_good_at + _patience(state)
    PeriodicJob.objects.filter(name="sync_campaigns", next_at__gt=soon).update(next_at=soon)


def _patience(state: SyncState) -> timedelta:
    """How old the last read is before another makes sense."""
    return timedelta(seconds=state.interval_seconds / 2)


def _answer_hints(began: datetime) -> None:
    """Events that came before a full read are answered by it."""
    # After a flood of them, each would cost a request. Those that another process is writing now are left to it.
    with transaction.atomic():
        answered = list(takeable(Campaign.objects.filter(read_due_at__lt=began)).values_list("pk", flat=True))
        if answered:
            Campaign.objects.filter(pk__in=answered).update(read_due_at=None)


def _note_success(beginning: _Beginning, requests: int, clock_ahead: int | None, unreadable: int) -> None:
    state, began = beginning.state, beginning.at
    seconds = interval(requests, settings.SYNC_INTERVAL_SECONDS, settings.CXONE_RATE_PER_MINUTE)
    if beginning.pace != seconds:
        PeriodicJob.objects.filter(name="sync_campaigns").update(every_seconds=seconds)
    note_gap(state, began)
    shown: dict[str, Any] = {"unreadable": unreadable}
    if clock_ahead is not None:
        shown["clock_ahead_seconds"] = clock_ahead
    SyncState.objects.filter(Q(last_good_at=None) | Q(last_good_at__lt=began), pk=1).update(
        last_good_at=began, interval_seconds=seconds, requests=requests, failing_since=None, error="", **shown
    )
    if clock_ahead is not None and abs(clock_ahead) > CLOCKS_DIFFER >= abs(state.clock_ahead_seconds or 0):
        log.warning(
            "CXone’s clock is %s s %s the database’s. Times in CXone are not the times on these pages: set the clock "
            "of the database’s machine right.",
            abs(clock_ahead),
            "ahead of" if clock_ahead > 0 else "behind",
        )
    if unreadable > state.unreadable:
        log.warning(
            "Entries of CXone’s list that can’t be read: %s. Their campaigns are on no page, and can’t be paused "
            "here. manage.py check_cxone says more.",
            unreadable,
        )


def _clock_ahead(theirs: datetime | None, ours: datetime) -> int | None:
    """Seconds that CXone's clock is ahead of the database's, which all of this product goes by."""
    return None if theirs is None else round((theirs - ours).total_seconds())


def interval(requests: int, wanted_seconds: int, rate_per_minute: int) -> int:
    """Seconds between two full reads: as wanted, or as slowly as their share of the request budget demands."""
    return max(wanted_seconds, math.ceil(60 * requests / (rate_per_minute * SHARE)))


def _note_shortage(requests: int) -> None:
    """The budget ended a read: the next begins with more, and if there is no more, people must know."""
    SyncState.objects.filter(pk=1, requests__lte=requests).update(requests=requests + 1)
    most = len(lane_range(Lane.BACKGROUND, settings.CXONE_RATE_PER_MINUTE))
    if requests >= most:
        _note_failure(
            f"Reading all campaigns takes more than the {most} requests a minute that there are for it, so the list "
            "can’t be brought up to date. An admin must raise CXONE_RATE_PER_MINUTE, once CXone grants more."
        )


def _note_failure(error: str) -> None:
    log.warning("CXone could not be read: %s", error)
    with transaction.atomic():
        SyncState.objects.filter(pk=1, failing_since=None).update(failing_since=Now())
        SyncState.objects.filter(pk=1).update(error=error[:600])
        SyncState.bump()


def _read_again_in(seconds: float) -> None:
    PeriodicJob.objects.filter(name="sync_campaigns").update(next_at=Now() + timedelta(seconds=seconds))
