"""The event subscriptions of campaigns: created once, in the background, after a pause and never before its PUT."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from audit import ledger
from audit.kinds import RecordKind
from campaigns.cxone.budget import Lane
from campaigns.cxone.errors import BudgetSpent, CXoneError
from campaigns.cxone.gateway import Gateway, subscription_name
from campaigns.dialect import cxone_can
from campaigns.models import Campaign, Operation, OperationKind, PeriodicJob
from campaigns.queueing import circuit_breaker
from campaigns.queueing.circuit_breaker import SharedBreaker
from campaigns.queueing.request_budget import SlotBudget
from campaigns.tenancy import open_own_gateway

log = logging.getLogger(__name__)

# The periodic job in tasks.py. Its row keeps the pace.
JOB = "subscribe_to_events"
EVERY_SECONDS = 15
# A CXone that refuses subscriptions is asked no more often than this.
LONGEST_SECONDS = 15 * 60
# In one run: with a search before each, 24 of the 100 requests a minute that regular reads have.
MOST_AT_ONCE = 3
# A campaign whose subscription failed lets the others go first for so long. It is also how long one worker has it.
AGAIN_AFTER = timedelta(hours=1)


def subscribe_paused() -> int:
    """Have CXone send the events of campaigns that were paused from here; the number of new subscriptions.

    A few in one run. The first failure ends the run, and the job comes half as often until one succeeds.
    """
    # Without an address, CXone can't reach us.
    if not (cxone_can().events and settings.PUBLIC_BASE_URL and circuit_breaker.is_closed()):
        return 0
    made = 0
    for campaign in _due()[:MOST_AT_ONCE]:
        if not _claim(campaign):
            continue
        if not _subscribe(campaign, open_own_gateway(Lane.BACKGROUND, SlotBudget(), SharedBreaker())):
            break
        made += 1
    if made:
        _set_pace(EVERY_SECONDS)
    return made


def address() -> str:
    return f"{settings.PUBLIC_BASE_URL}/webhooks/cxone/{settings.CXONE_WEBHOOK_TOKEN}/"


def _due() -> QuerySet[Campaign]:
    """Campaigns that a pause of ours has reached and that have no subscription; those that never failed first."""
    arrived = Q(accepted_at__isnull=False) | Q(confirmed_at__isnull=False)
    pauses = Operation.objects.filter(arrived, campaign=OuterRef("pk"), kind=OperationKind.PAUSE)
    without = Campaign.objects.filter(_may_be_tried(), Exists(pauses), subscription_id="", gone_at=None)
    return without.order_by(F("subscription_due_at").asc(nulls_first=True), "pk")


def _may_be_tried() -> Q:
    return Q(subscription_due_at=None) | Q(subscription_due_at__lte=Now())


def _claim(campaign: Campaign) -> bool:
    """False: another worker has it."""
    # Two of them would create two subscriptions, and every event would come twice.
    free = Campaign.objects.filter(_may_be_tried(), pk=campaign.pk, subscription_id="")
    return bool(free.update(subscription_due_at=Now() + AGAIN_AFTER))


def _subscribe(campaign: Campaign, gateway: Gateway) -> bool:
    """False: CXone didn't do it, or it isn't our turn yet."""
    try:
        subscription_id = _find(campaign, gateway) or _create(campaign, gateway)
    except BudgetSpent:
        Campaign.objects.filter(pk=campaign.pk).update(subscription_due_at=None)
        return False
    except CXoneError as error:
        seconds = _slow_down()
        log.warning(
            "Campaign %s has no event subscription, so regular reads find its changes. The next try for any campaign "
            "is in %s s. %s",
            campaign.pk,
            seconds,
            error,
        )
        return False
    _note_made(campaign, subscription_id)
    return True


def _note_made(campaign: Campaign, subscription_id: str) -> None:
    with transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(subscription_id=subscription_id)
        ledger.append(
            RecordKind.SUBSCRIPTION_MADE,
            by="",
            campaign_id=campaign.pk,
            campaign_name=campaign.name,
            webhook_subscription_id=subscription_id,
        )


def _find(campaign: Campaign, gateway: Gateway) -> str:
    """The one that an earlier request created although its answer was lost; "" if none did."""
    if not campaign.subscription_asked:
        return ""
    wanted = (address(), subscription_name(campaign.pk))
    mine = [each.subscription_id for each in gateway.subscriptions() if (each.url, each.name) == wanted]
    return mine[0] if mine else ""


def _create(campaign: Campaign, gateway: Gateway) -> str:
    # Noted first: CXone may create it although its answer gets lost.
    Campaign.objects.filter(pk=campaign.pk).update(subscription_asked=True)
    return gateway.subscribe(campaign.pk, address())


def _slow_down() -> int:
    """Have the job come half as often as it does; the seconds until it comes."""
    pace = PeriodicJob.objects.values_list("every_seconds", flat=True).get(name=JOB)
    seconds = min(2 * pace, LONGEST_SECONDS)
    _set_pace(seconds)
    return seconds


def _set_pace(seconds: int) -> None:
    job = PeriodicJob.objects.filter(name=JOB).exclude(every_seconds=seconds)
    job.update(every_seconds=seconds, next_at=Now() + timedelta(seconds=seconds))
