"""Reading CXone: all of it on a schedule, one campaign when an event hints at it."""

import logging
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from audit import ledger
from audit.kinds import RecordKind
from campaigns.cxone.budget import Lane, lane_range
from campaigns.cxone.connect import open_gateway
from campaigns.cxone.errors import BudgetSpent, CXoneError, Refused
from campaigns.cxone.gateway import CampaignList, CampaignState, Counts
from campaigns.events import hints
from campaigns.models import Campaign, Control, PeriodicJob, SyncState
from campaigns.operations.runner.bulks import reading
from campaigns.operations.runner.bulks.claim import wake
from campaigns.operations.runner.calls import CallsCount, keep_count
from campaigns.operations.runner.confirmation import awaiting_sight, confirm_accepted, zone_name_of
from campaigns.operations.runner.reconcile import reconcile_campaign
from campaigns.queueing import circuit_breaker
from campaigns.queueing.circuit_breaker import SharedBreaker
from campaigns.queueing.request_budget import SlotBudget
from campaigns.queueing.rows import database_now, takeable
from campaigns.states import ACTIVE, WaitingFor, plain
from campaigns.sync import probe

log = logging.getLogger(__name__)

# Of all requests. Background reads may use half of them; the rest of that half is for drains and subscriptions.
SHARE = 0.4
# A Date has whole seconds, and an answer takes its time: clocks that differ by less than this can't be told apart.
CLOCKS_DIFFER = 30
HINT_RETRY = timedelta(seconds=5)


@dataclass(frozen=True)
class FullRead:
    campaigns: int
    changed: int
    requests: int


def read_if_old() -> FullRead | None:
    """Read all campaigns, unless that was just done and nobody waits for another read: wake-ups pile up while no
    worker takes them.

    While CXone doesn't answer, probe it instead.
    """
    if not circuit_breaker.is_closed():
        probe.probe_if_due()
        return None
    state = SyncState.current()
    is_old = state.last_good_at is None or database_now() - state.last_good_at >= _patience(state)
    if is_old or reading.is_wanted(state):
        return read_all_campaigns()
    return None


def read_all_campaigns() -> FullRead | None:
    """One full read of CXone: every list page and one calls query. None: it failed, and the pages say since when."""
    # A read that stops halfway would only spend what the next one needs.
    if wait_ms := SlotBudget().wait_for(Lane.BACKGROUND, SyncState.current().requests):
        _read_again_in(wait_ms / 1000)
        return None
    gateway, began = open_gateway(Lane.BACKGROUND, SlotBudget(), SharedBreaker()), database_now()
    try:
        listed = gateway.list_campaigns()
        counted_at = database_now()
        calls = gateway.calls_in_progress()
    except BudgetSpent as error:
        _read_again_in(error.wait_ms / 1000)
        _note_shortage(gateway.requests)
        return None
    except CXoneError as error:
        _note_failure(str(error))
        return None
    keep_count(CallsCount(calls, counted_at))
    changed = _store(listed, calls, began)
    _answer_hints(began)
    _note_success(began, gateway.requests)
    _note_clock(gateway.now())
    wake(WaitingFor.READ, WaitingFor.OUTCOME)
    return FullRead(len(listed.campaigns), changed, gateway.requests)


def read_one_campaign(campaign_id: str, lane: Lane = Lane.BACKGROUND) -> bool:
    """Read one campaign now. False: CXone gave no usable answer, or it isn't our turn yet."""
    gateway, began = open_gateway(lane, SlotBudget(), SharedBreaker()), database_now()
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


def _store(listed: CampaignList, calls: Counts, began: datetime) -> int:
    """Save what a full read that began at `began` showed; how many changes that made."""
    confirm_accepted({state.campaign_id: state for state in listed.campaigns}, began)
    known = Campaign.objects.in_bulk()
    listed_known = [state for state in listed.campaigns if state.campaign_id in known]
    listed_new = [state for state in listed.campaigns if state.campaign_id not in known]

    differing = {state.campaign_id for state in listed_known if _differs(known[state.campaign_id], state)}
    # An operation that waits to be seen is confirmed by a read that shows nothing new otherwise.
    awaited = set(awaiting_sight().values_list("campaign_id", flat=True))
    for state in listed.campaigns:
        if state.campaign_id in differing or state.campaign_id in awaited:
            reconcile_campaign(state, began)

    added = _add(listed_new, calls, began)
    gone = _mark_gone(known, listed, began)
    counted = _count([known[state.campaign_id] for state in listed_known], calls, began)
    return len(differing) + added + gone + counted


def _differs(campaign: Campaign, state: CampaignState) -> bool:
    return (campaign.name, campaign.status, campaign.schedule) != (state.name, state.status, state.schedule)


def _add(states: list[CampaignState], calls: Counts, began: datetime) -> int:
    """New campaigns. Each is recorded, except those of the very first read: they are news to nobody."""
    if not states:
        return 0
    is_first_read = not SyncState.objects.filter(last_good_at__isnull=False).exists()
    with transaction.atomic():
        Campaign.objects.bulk_create([_new(state, calls, began) for state in states], ignore_conflicts=True)
        SyncState.bump()
        news = [] if is_first_read else states
        for state in news:
            ledger.append(
                RecordKind.CAMPAIGN_APPEARED,
                by="",
                campaign_id=state.campaign_id,
                campaign_name=state.name,
                details={"after": {"status": state.status, "schedule": state.schedule}},
            )
    return len(states)


def _new(state: CampaignState, calls: Counts, began: datetime) -> Campaign:
    return Campaign(
        id=state.campaign_id,
        name=state.name,
        status=state.status,
        schedule=state.schedule,
        timezone=zone_name_of(state.schedule),
        active_calls=calls[state.campaign_id],
        read_at=began,
        # The first sight of a campaign is no change: nobody saw how it came to be so.
        control=Control.SCHEDULE if plain(state.status) == ACTIVE else Control.BEFORE,
    )


def _count(campaigns: list[Campaign], calls: Counts, began: datetime) -> int:
    """Write the counts that changed, in one statement, always in the same order."""
    changed = [c for c in campaigns if c.read_at < began and c.active_calls != calls[c.pk]]
    for campaign in changed:
        campaign.active_calls = calls[campaign.pk]
    if not changed:
        return 0
    changed.sort(key=lambda campaign: campaign.pk)
    with transaction.atomic():
        Campaign.objects.bulk_create(
            changed, batch_size=500, update_conflicts=True, unique_fields=["id"], update_fields=["active_calls"]
        )
        SyncState.bump()
    return len(changed)


def _mark_gone(known: dict[str, Campaign], listed: CampaignList, began: datetime) -> int:
    """Campaigns that CXone lists again, and those that it no longer lists."""
    here = {state.campaign_id for state in listed.campaigns}
    back = [c for c in known.values() if c.gone_at and c.gone_at < began and c.pk in here]
    for campaign in back:
        _mark(campaign, None, RecordKind.CAMPAIGN_APPEARED)
    # An incomplete list says nothing about what it leaves out.
    if not listed.complete:
        return len(back)
    # A newer read, which overtook this one, may know better.
    gone = [c for c in known.values() if not c.gone_at and c.pk not in here and c.read_at < began]
    for campaign in gone:
        _mark(campaign, began, RecordKind.CAMPAIGN_DISAPPEARED)
    return len(back) + len(gone)


def _mark(campaign: Campaign, gone_at: datetime | None, fact: RecordKind) -> None:
    with transaction.atomic():
        # Of two reads at once, only one finds it unmarked.
        if not Campaign.objects.filter(pk=campaign.pk, gone_at=campaign.gone_at).update(gone_at=gone_at):
            return
        SyncState.bump()
        ledger.append(fact, by="", campaign_id=campaign.pk, campaign_name=campaign.name)


def _note_success(began: datetime, requests: int) -> None:
    seconds = interval(requests, settings.SYNC_INTERVAL_SECONDS, settings.CXONE_RATE_PER_MINUTE)
    PeriodicJob.objects.filter(name="sync_campaigns").update(every_seconds=seconds)
    SyncState.objects.filter(Q(last_good_at=None) | Q(last_good_at__lt=began), pk=1).update(
        last_good_at=began, interval_seconds=seconds, requests=requests, failing_since=None, error=""
    )


def _note_clock(theirs: datetime | None) -> None:
    """Note how far CXone's clock is from the database's, which all of this product goes by. Far off: say so once."""
    if theirs is None:
        return
    ahead = round((theirs - database_now()).total_seconds())
    before = SyncState.current().clock_ahead_seconds
    SyncState.objects.filter(pk=1).exclude(clock_ahead_seconds=ahead).update(clock_ahead_seconds=ahead)
    if abs(ahead) > CLOCKS_DIFFER >= abs(before or 0):
        log.warning(
            "CXone's clock is %s s %s the database's. Times in CXone are not the times on these pages: set the clock "
            "of the database's machine right.",
            abs(ahead),
            "ahead of" if ahead > 0 else "behind",
        )


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
            "can't be brought up to date. An administrator must raise CXONE_RATE_PER_MINUTE, once CXone grants more."
        )


def _note_failure(error: str) -> None:
    log.warning("CXone could not be read: %s", error)
    with transaction.atomic():
        SyncState.objects.filter(pk=1, failing_since=None).update(failing_since=Now())
        SyncState.objects.filter(pk=1).update(error=error[:600])
        SyncState.bump()


def _read_again_in(seconds: float) -> None:
    PeriodicJob.objects.filter(name="sync_campaigns").update(next_at=Now() + timedelta(seconds=seconds))
