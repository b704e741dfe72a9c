"""The request budget of all processes, as rows (docs/decisions/0004): a slot a request, usable again 61 s later."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Greatest, Now

from campaigns.cxone.budget import Lane, lane_range
from campaigns.models import RequestSlot
from campaigns.queueing.rows import database_now, takeable

log = logging.getLogger(__name__)

# CXone counts requests over 60 s; one more second covers the time that a request is on its way.
REST = timedelta(seconds=61)
# What is granted ahead is used within this time, and so rests for longer: it rests from its use on.
GRANT_LASTS = timedelta(seconds=3)
GRANTED_AT_ONCE = 25
# For a request that was not foreseen, such as one for a new token: its sender waits for the next grants.
NOT_GRANTED_MS = 1000
# The number of the row that closes all lanes.
GATE = 0


class SlotBudget:
    """`campaigns.cxone.budget.Budget` in the database, by its clock."""

    def __init__(self, rate: int | None = None) -> None:
        self.rate = rate or settings.CXONE_RATE_PER_MINUTE
        self._last: int | None = None
        self._ahead: list[int] = []
        self._ahead_until = datetime.max.replace(tzinfo=UTC)

    def reserve(self, lane: Lane) -> int:
        with transaction.atomic():
            if closed_ms := self.milliseconds_closed():
                return closed_ms
            if self._use_ahead() or self._take(lane):
                return 0
            return _milliseconds_until_free(self._slots(lane)) or 1

    def reserve_ahead(self, lane: Lane, requests: int) -> int:
        """Take so many requests at once, or none; `reserve` uses them first. Answers as `reserve` does."""
        # Otherwise those who wait for the budget would use it up with their first requests, and nobody would finish.
        wanted = min(requests, len(lane_range(lane, self.rate)))
        with transaction.atomic():
            if closed_ms := self.milliseconds_closed():
                return closed_ms
            found = list(self._free(lane).values_list("number", flat=True)[:wanted])
            if len(found) == wanted:
                self._ahead, self._ahead_until = found, database_now() + REST
                RequestSlot.objects.filter(number__in=found).update(free_at=self._ahead_until)
                return 0
        return self.wait_for(lane, wanted) or 1

    def reserve_some(self, lane: Lane, most: int, rest: timedelta) -> list[int]:
        """Take up to `most` slots, each usable again after `rest`. None: all are busy, or the lane is closed."""
        with transaction.atomic():
            if self.milliseconds_closed():
                return []
            found = list(self._free(lane).values_list("number", flat=True)[:most])
            RequestSlot.objects.filter(number__in=found).update(free_at=Now() + rest)
            return found

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

    def prolong(self, seconds: float = 0.0) -> None:
        if self._last is not None:
            _prolong([self._last], seconds)

    def close(self, seconds: float) -> None:
        until = Now() + timedelta(seconds=seconds)
        RequestSlot.objects.filter(number=GATE).update(free_at=Greatest("free_at", until))

    def _slots(self, lane: Lane) -> QuerySet[RequestSlot]:
        numbers = lane_range(lane, self.rate)
        return RequestSlot.objects.filter(number__range=(numbers[0], numbers[-1]))

    def _free(self, lane: Lane) -> QuerySet[RequestSlot]:
        """Locked, and in the order in which the lane uses them."""
        # From its own end: background reads leave a bulk as much of the minute as there is.
        order = "number" if lane == Lane.BACKGROUND else "-number"
        return takeable(self._slots(lane).filter(free_at__lte=Now())).order_by(order)

    def milliseconds_closed(self) -> int:
        """How long all lanes are closed."""
        marks = RequestSlot.objects.filter(number__in=[GATE, self.rate]).annotate(now=Now())
        waits = {number: free_at - now for number, free_at, now in marks.values_list("number", "free_at", "now")}
        if self.rate not in waits:
            self._complete()
        return _milliseconds(waits[GATE])

    def _use_ahead(self) -> bool:
        # A slot rests from its use on, not from when it was reserved. If it was reserved longer ago than it rests, it
        # may be another's by now.
        while self._ahead:
            number = self._ahead.pop()
            if self._still_ours().filter(number=number).update(free_at=Now() + REST):
                self._last = number
                return True
        return False

    def _still_ours(self) -> QuerySet[RequestSlot]:
        return RequestSlot.objects.filter(free_at=self._ahead_until, free_at__gt=Now())

    def _take(self, lane: Lane) -> bool:
        slot = self._free(lane).first()
        if slot is None:
            return False
        RequestSlot.objects.filter(pk=slot.pk).update(free_at=Now() + REST)
        self._last = slot.pk
        return True

    def _complete(self) -> None:
        """Create the missing slots."""
        # All at once: a click that found only those of background reads would use them up.
        slots = [RequestSlot(number=number, free_at=Now()) for number in range(1, self.rate + 1)]
        RequestSlot.objects.bulk_create(slots, ignore_conflicts=True)


class GrantedRequests:
    """A budget for many requests that several threads send within seconds: they are granted at once, ahead.

    `reserve` asks no database, so the threads need no connection to it. They may use what `have_ready` got; whoever
    made this then calls `settle`, in its own thread.
    """

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._budget = SlotBudget()
        self._lock = threading.Lock()
        self._granted: list[int] = []
        self._granted_at = monotonic()
        self._close_seconds = 0.0
        self._last_of_thread: dict[int, int] = {}
        self._prolonged: dict[int, float] = {}

    def have_ready(self, requests: int) -> int:
        """Have up to `requests` granted, and say how many there are."""
        if self._is_stale():
            self.settle()
        if len(self._granted) < requests:
            self.settle()
            # A little more each time saves statements; what isn't used is given back within seconds.
            most = max(requests, GRANTED_AT_ONCE)
            self._granted_at = monotonic()
            self._granted = self._budget.reserve_some(self._lane, most, REST + GRANT_LASTS)
        return min(len(self._granted), requests)

    def milliseconds_to_wait(self, requests: int) -> int:
        """Until so many are free at once, and the lane is open."""
        return max(self.milliseconds_closed(), self._budget.wait_for(self._lane, requests))

    def milliseconds_closed(self) -> int:
        return self._budget.milliseconds_closed()

    def reserve(self, lane: Lane) -> int:
        with self._lock:
            if self._granted and not self._is_stale():
                self._last_of_thread[threading.get_ident()] = self._granted.pop()
                return 0
        return NOT_GRANTED_MS

    def prolong(self, seconds: float = 0.0) -> None:
        with self._lock:
            number = self._last_of_thread.get(threading.get_ident())
            if number is not None:
                self._prolonged[number] = seconds

    def close(self, seconds: float) -> None:
        with self._lock:
            self._close_seconds = max(self._close_seconds, seconds)

    def settle(self) -> None:
        """Give back what wasn't used, and close all lanes if CXone asked for that."""
        with self._lock:
            unused, self._granted = self._granted, []
            prolonged, self._prolonged = self._prolonged, {}
            seconds, self._close_seconds = self._close_seconds, 0.0
        if unused:
            RequestSlot.objects.filter(number__in=unused).update(free_at=Now())
        if prolonged:
            _prolong(list(prolonged), max(prolonged.values()))
        if seconds:
            self._budget.close(seconds)

    def _is_stale(self) -> bool:
        return monotonic() - self._granted_at > GRANT_LASTS.total_seconds()


def _prolong(numbers: list[int], seconds: float) -> None:
    until = Now() + REST + timedelta(seconds=seconds)
    try:
        RequestSlot.objects.filter(number__in=numbers).update(free_at=Greatest("free_at", until))
    except DatabaseError as error:
        log.warning("Slow requests could not be counted again (%s); a few more may be sent.", type(error).__name__)


def _milliseconds_until_free(slots: QuerySet[RequestSlot]) -> int:
    first = slots.order_by("free_at").values_list("free_at", flat=True).first()
    if first is None:
        return 0
    return _milliseconds_until(first)


def _milliseconds_until(moment: datetime) -> int:
    return _milliseconds(moment - database_now())


def _milliseconds(wait: timedelta) -> int:
    return max(0, round(wait.total_seconds() * 1000))
