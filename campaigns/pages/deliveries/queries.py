"""Deliveries to other systems, for pages."""

import json
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from campaigns.deliveries.receivers import RECEIVERS, Receiver
from campaigns.models import Delivery, DeliveryAttempt, DeliveryState, Target
from campaigns.selection import has_in_its_name

PAGE = 50
# Attempts on a delivery's page: a day of them is more than anybody reads.
ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """`older`: where the next page begins; "" on the last one. `unset`: who has no address, where that matters.
    `parked`: how many were given up, whatever the filter."""

    rows: list[Delivery]
    older: str
    unset: list[Receiver]
    parked: int


@dataclass(frozen=True, slots=True)
class DeliveryDetail:
    delivery: Delivery
    body: str
    attempts: list[DeliveryAttempt]
    tried: int
    waits_for: Delivery | None

    @property
    def receiver(self) -> Receiver:
        return RECEIVERS[Target(self.delivery.target)]

    @property
    def unset(self) -> list[Receiver]:
        """Who it is for, if no address is set for that."""
        return [] if self.receiver.url else [self.receiver]

    @property
    def pending(self) -> bool:
        return self.delivery.state == DeliveryState.PENDING


@dataclass(frozen=True, slots=True)
class ReceiverStanding:
    """What is known of somebody to whom notices go. `retried`: how many pending ones have failed before."""

    receiver: Receiver
    newest: Delivery | None
    pending: int
    retried: int
    gave_up: int


def read_standings() -> list[ReceiverStanding]:
    """Of each receiver. Three queries."""
    is_pending, gave_up = Q(state=DeliveryState.PENDING), Q(state=DeliveryState.PARKED)
    counted = Delivery.objects.filter(is_pending | gave_up).order_by().values_list("target")
    counts = {
        target: numbers
        for target, *numbers in counted.annotate(
            pending=Count("pk", filter=is_pending),
            retried=Count("pk", filter=is_pending & Q(failures__gt=0)),
            gave_up=Count("pk", filter=gave_up),
        )
    }
    return [
        ReceiverStanding(receiver, _newest_for(target), *counts.get(target, (0, 0, 0)))
        for target, receiver in RECEIVERS.items()
    ]


def _newest_for(target: Target) -> Delivery | None:
    found = Delivery.objects.select_related("campaign").defer("body").filter(target=target)
    return found.order_by("-number").first()


def read_deliveries(*, target: str = "", state: str = "", campaign: str = "", before: str = "") -> DeliveryPage:
    """The newest deliveries, or those older than the number that a page named. Every page costs the same."""
    found = Delivery.objects.select_related("campaign").defer("body")
    if target:
        found = found.filter(target=target)
    if state:
        found = found.filter(state=state)
    if campaign:
        found = found.filter(Q(campaign_id=campaign) | has_in_its_name(campaign, "campaign__"))
    rows = list(_older_than(found, before).order_by("-number")[: PAGE + 1])
    shown = rows[:PAGE]
    _count_attempts(shown)
    older = str(shown[-1].number) if len(rows) > PAGE else ""
    parked = Delivery.objects.filter(state=DeliveryState.PARKED).count()
    return DeliveryPage(shown, older, _unset(), parked)


def read_delivery_detail(delivery: Delivery) -> DeliveryDetail:
    return DeliveryDetail(
        delivery,
        json.dumps(json.loads(bytes(delivery.body)), indent=2, ensure_ascii=False),
        list(delivery.attempts.order_by("-number")[:ATTEMPTS]),
        delivery.attempts.count(),
        _in_the_way(delivery),
    )


def _unset() -> list[Receiver]:
    """Who has no address: where something waits for one, or nobody has any."""
    unset = [receiver for receiver in RECEIVERS.values() if not receiver.url]
    if len(unset) == len(RECEIVERS):
        return unset
    waiting = Delivery.objects.filter(state=DeliveryState.PENDING).order_by().values_list("target", flat=True)
    targets = set(waiting.distinct())
    return [receiver for receiver in unset if receiver.target in targets]


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
    if delivery.state != DeliveryState.PENDING or delivery.campaign_id is None:
        return None
    older = Delivery.objects.filter(
        campaign=delivery.campaign_id, state=DeliveryState.PENDING, number__lt=delivery.number
    )
    return older.order_by("number").first()
