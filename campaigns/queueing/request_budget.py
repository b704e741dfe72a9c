"""The request budget of all processes, as rows (docs/decisions/0004): a slot a request, usable again 61 s later."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Greatest, Now

from campaigns.cxone.budget import Lane, lane_range
from campaigns.models import RequestSlot
from campaigns.queueing.rows import database_now, takeable

# CXone counts requests over 60 s; one more second covers the time that a request is on its way.
REST = timedelta(seconds=61)
# The number of the row that closes all lanes.
GATE = 0


class SlotBudget:
    """`campaigns.cxone.budget.Budget` in the database, by its clock."""

    def __init__(self, rate: int | None = None) -> None:
        self.rate = rate or settings.CXONE_RATE_PER_MINUTE
        self._ahead: list[int] = []
        self._ahead_until = datetime.max.replace(tzinfo=UTC)

    def reserve(self, lane: Lane) -> int:
        slots = self._slots(lane)
        with transaction.atomic():
            if closed_ms := self._milliseconds_closed():
                return closed_ms
            if self._use_ahead() or self._take(slots):
                return 0
            return _milliseconds_until_free(slots) or 1

    def reserve_ahead(self, lane: Lane, requests: int) -> int:
        """Take so many requests at once, or none; `reserve` uses them first. Answers as `reserve` does."""
        # Otherwise those who wait for the budget would use it up with their first requests, and nobody would finish.
        wanted = min(requests, len(lane_range(lane, self.rate)))
        with transaction.atomic():
            if closed_ms := self._milliseconds_closed():
                return closed_ms
            free = takeable(self._slots(lane).filter(free_at__lte=Now())).order_by("-number")
            found = list(free.values_list("number", flat=True)[:wanted])
            if len(found) == wanted:
                self._ahead, self._ahead_until = found, database_now() + REST
                RequestSlot.objects.filter(number__in=found).update(free_at=self._ahead_until)
                return 0
        return self.wait_for(lane, wanted) or 1

    def give_back(self) -> None:
        """Free what was reserved ahead and not used."""
        if self._ahead:
            self._still_ours().filter(number__in=self._ahead).update(free_at=Now())
            self._ahead = []

    def wait_for(self, lane: Lane, requests: int) -> int:
        """Milliseconds until that many requests, or all that the lane has, are free at once. Takes nothing."""
        granted = len(lane_range(lane, self.rate))
        spare = granted - min(requests, granted)
        busy = self._slots(lane).filter(free_at__gt=Now()).order_by("-free_at")
        last = busy.values_list("free_at", flat=True)[spare : spare + 1].first()
        if last is None:
            return 0
        return _milliseconds_until(last)

    def close(self, seconds: float) -> None:
        until = Now() + timedelta(seconds=seconds)
        RequestSlot.objects.filter(number=GATE).update(free_at=Greatest("free_at", until))

    def _slots(self, lane: Lane) -> QuerySet[RequestSlot]:
        numbers = lane_range(lane, self.rate)
        return RequestSlot.objects.filter(number__range=(numbers[0], numbers[-1]))

    def _milliseconds_closed(self) -> int:
        marks = RequestSlot.objects.filter(number__in=[GATE, self.rate]).annotate(now=Now())
        waits = {number: free_at - now for number, free_at, now in marks.values_list("number", "free_at", "now")}
        if self.rate not in waits:
            self._complete()
        return _milliseconds(waits[GATE])

    def _use_ahead(self) -> bool:
        # A slot rests from its use on, not from when it was reserved. If it was reserved longer ago than it rests, it
        # may be another's by now.
        while self._ahead:
            if self._still_ours().filter(number=self._ahead.pop()).update(free_at=Now() + REST):
                return True
        return False

    def _still_ours(self) -> QuerySet[RequestSlot]:
        return RequestSlot.objects.filter(free_at=self._ahead_until, free_at__gt=Now())

    @staticmethod
    def _take(slots: QuerySet[RequestSlot]) -> bool:
        slot = takeable(slots.filter(free_at__lte=Now())).order_by("-number").first()
        if slot is None:
            return False
        RequestSlot.objects.filter(pk=slot.pk).update(free_at=Now() + REST)
        return True

    def _complete(self) -> None:
        """Create the missing slots."""
        # All at once: a click that found only those of background reads would use them up.
        slots = [RequestSlot(number=number, free_at=Now()) for number in range(1, self.rate + 1)]
        RequestSlot.objects.bulk_create(slots, ignore_conflicts=True)


def _milliseconds_until_free(slots: QuerySet[RequestSlot]) -> int:
    first = slots.order_by("free_at").values_list("free_at", flat=True).first()
    if first is None:
        return 0
    return _milliseconds_until(first)


def _milliseconds_until(moment: datetime) -> int:
    return _milliseconds(moment - database_now())


def _milliseconds(wait: timedelta) -> int:
    return max(0, round(wait.total_seconds() * 1000))
