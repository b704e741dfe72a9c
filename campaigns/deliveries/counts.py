"""What monitoring needs to know of the notices that other systems are sent."""

from dataclasses import dataclass

from django.db.models import Count, Min, Subquery, Value
from django.db.models.functions import Now

from campaigns.models import Delivery, DeliveryState, SyncState


@dataclass(frozen=True, slots=True)
class Backlog:
    """`waiting`: not delivered yet, the oldest for `oldest_seconds`; `gave_up`: an admin has to send them again."""

    waiting: int
    oldest_seconds: float
    gave_up: int


def read_backlog() -> Backlog:
    """In one statement, which looks at nothing that was delivered."""
    rows = Delivery.objects.order_by().annotate(all=Value(1)).values("all")
    waiting, parked = rows.filter(state=DeliveryState.PENDING), rows.filter(state=DeliveryState.PARKED)
    now, number, created_at, gave_up = (
        SyncState.objects.filter(pk=1)
        .values_list(
            Now(),
            Subquery(waiting.annotate(number=Count("pk")).values("number")),
            Subquery(waiting.annotate(first=Min("created_at")).values("first")),
            Subquery(parked.annotate(number=Count("pk")).values("number")),
        )
        .get()
    )
    oldest = max((now - created_at).total_seconds(), 0.0) if created_at else 0.0
    return Backlog(number or 0, oldest, gave_up or 0)
