"""Deliveries to the WFM system, for pages."""

import json
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from campaigns.models import Delivery, DeliveryAttempt, DeliveryState

PAGE = 50
# Attempts on a delivery's page: a day of them is more than anybody reads.
ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """`older`: where the next page begins; "" on the last one. `switched_on`: there is an address to send to.
    `parked`: how many were given up, whatever the filter."""

    rows: list[Delivery]
    older: str
    switched_on: bool
    parked: int


@dataclass(frozen=True, slots=True)
class DeliveryDetail:
    delivery: Delivery
    body: str
    attempts: list[DeliveryAttempt]
    tried: int
    waits_for: Delivery | None
    switched_on: bool

    @property
    def pending(self) -> bool:
        return self.delivery.state == DeliveryState.PENDING


def read_deliveries(*, state: str = "", campaign: str = "", before: str = "") -> DeliveryPage:
    """The newest deliveries, or those older than the number that a page named. Every page costs the same."""
    found = Delivery.objects.select_related("campaign").defer("body")
    if state:
        found = found.filter(state=state)
    if campaign:
        found = found.filter(Q(campaign_id=campaign) | Q(campaign__name__icontains=campaign))
    rows = list(_older_than(found, before).order_by("-number")[: PAGE + 1])
    shown = rows[:PAGE]
    _count_attempts(shown)
    older = str(shown[-1].number) if len(rows) > PAGE else ""
    parked = Delivery.objects.filter(state=DeliveryState.PARKED).count()
    return DeliveryPage(shown, older, is_switched_on(), parked)


def read_delivery_detail(delivery: Delivery) -> DeliveryDetail:
    return DeliveryDetail(
        delivery,
        json.dumps(json.loads(bytes(delivery.body)), indent=2, ensure_ascii=False),
        list(delivery.attempts.order_by("-number")[:ATTEMPTS]),
        delivery.attempts.count(),
        _in_the_way(delivery),
        is_switched_on(),
    )


def is_switched_on() -> bool:
    return bool(settings.WFM_WEBHOOK_URL)


def _older_than(found: QuerySet[Delivery], before: str) -> QuerySet[Delivery]:
    """A malformed `before` in an address means the first page."""
    # Nineteen digits may exceed the database's integers.
    if before.isascii() and before.isdigit() and len(before) < 19:
        return found.filter(number__lt=int(before))
    return found


def _count_attempts(rows: list[Delivery]) -> None:
    counted = (
        DeliveryAttempt.objects.filter(delivery__in=rows).values_list("delivery").annotate(Count("pk")).order_by()
    )
    tried = dict(counted)
    for row in rows:
        row.tried = tried.get(row.pk, 0)  # type: ignore[attr-defined]


def _in_the_way(delivery: Delivery) -> Delivery | None:
    if delivery.state != DeliveryState.PENDING:
        return None
    older = Delivery.objects.filter(
        campaign=delivery.campaign_id, state=DeliveryState.PENDING, number__lt=delivery.number
    )
    return older.order_by("number").first()
