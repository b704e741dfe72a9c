"""The request budget of all processes, as rows (docs/decisions/0004): a slot a request, usable again 61 s later."""

import logging
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import inf
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Exists, F, QuerySet, Value
from django.db.models.functions import Greatest, Now

from campaigns.cxone.budget import Lane, lane_range
from campaigns.models import RequestSlot
from campaigns.queueing.rows import as_moment, database_now, fetch_all, sql_of

log = logging.getLogger(__name__)

# CXone counts requests over 60 s; one more second covers the time that a request is on its way.
REST = timedelta(seconds=61)
# What is granted ahead is used within this time, and so rests for longer: it rests from its use on.
GRANT_LASTS = timedelta(seconds=3)
GRANTED_AT_ONCE = 25
# For a request that was not foreseen, such as one for a new token: its sender waits for the next grants.
NOT_GRANTED_MS = 1000
# The number of the row that closes all lanes, and of the one that closes the lane of background reads: beyond those of
# the largest rate there may be.
GATE, BACKGROUND_GATE = 0, 10_001


class SlotBudget:
    """`campaigns.cxone.budget.Budget` in the database, by its clock."""

    def __init__(self, rate: int | None = None) -> None:
        self.rate = rate or settings.CXONE_RATE_PER_MINUTE
        self._last: int | None = None
        self._ahead: list[int] = []
        self._ahead_until = datetime.max.replace(tzinfo=UTC)
        self._granted_at = monotonic()

    def reserve(self, lane: Lane) -> int:
        if self._ahead and self._is_stale():
            if closed_ms := self.milliseconds_closed(lane):
                return closed_ms
            self._renew_ahead()
        if self._ahead:
            # It rests for long enough in any case.
            self._last = self._ahead.pop()
            return 0
        if taken := self._take_or_complete(lane, 1, 1, REST):
            self._last = taken[0][0]
            return 0
        return self.milliseconds_closed(lane) or _milliseconds_until_free(self._slots(lane)) or 1

    def reserve_ahead(self, lane: Lane, requests: int, further: int = 0) -> int:
        """Take so many requests at once, or none; `reserve` uses them first. Answers as `reserve` does.

        `further`: so many more, if they are free.
        """
        # Otherwise those who wait for the budget would use it up with their first requests, and nobody would finish.
        wanted = min(requests, len(lane_range(lane, self.rate)))
        began = monotonic()
        taken = self._take_or_complete(lane, wanted, wanted + further, REST + GRANT_LASTS)
        if not taken:
            return self.milliseconds_closed(lane) or self.wait_for(lane, wanted) or 1
        self._ahead, self._ahead_until = [number for number, _ in taken], taken[0][1]
        self._granted_at = began
        return 0

    def lend(self, lane: Lane) -> "GrantedRequests":
        """One of the requests reserved ahead, or none, for a thread without a connection to the database."""
        lent = [self._ahead.pop()] if self._ahead and not self._is_stale() else []
        return GrantedRequests(lane, lent, self._granted_at, self._ahead_until)

    def reserve_some(self, lane: Lane, most: int, rest: timedelta) -> list[tuple[int, datetime]]:
        """Take up to `most` slots: each with the time from which it is usable again. None: all are busy, or the lane
        is closed."""
        return self._take_or_complete(lane, 1, most, rest)

    def give_back(self) -> None:
        """Free what was reserved ahead and not used."""
        if self._ahead:
            self._still_ours().filter(number__in=self._ahead).update(free_at=Now(), uses=F("uses") - 1)
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

    def note_closing(self) -> None:
        """CXone has asked somebody to wait since the last look: what is reserved ahead waits, too."""
        self._granted_at = -inf

    def close(self, seconds: float) -> None:
        self.note_closing()
        until = Now() + timedelta(seconds=seconds)
        RequestSlot.objects.filter(number=GATE).update(free_at=Greatest("free_at", until))

    def rest_background(self, seconds: float) -> None:
        self.note_closing()
        until = Now() + timedelta(seconds=seconds)
        gate = RequestSlot.objects.filter(number=BACKGROUND_GATE)
        if not gate.update(free_at=Greatest("free_at", until)):
            RequestSlot.objects.bulk_create(
                [RequestSlot(number=BACKGROUND_GATE, free_at=until)], ignore_conflicts=True
            )

    def _slots(self, lane: Lane) -> QuerySet[RequestSlot]:
        numbers = lane_range(lane, self.rate)
        return RequestSlot.objects.filter(number__range=(numbers[0], numbers[-1]))

    def _is_stale(self) -> bool:
        return monotonic() - self._granted_at > GRANT_LASTS.total_seconds()

    def milliseconds_closed(self, lane: Lane | None = None) -> int:
        """How long all lanes are closed, or this one is."""
        numbers = [GATE, BACKGROUND_GATE] if lane and lane.is_background else [GATE]
        gates = RequestSlot.objects.annotate(now=Now()).filter(pk__in=numbers).values_list("free_at", "now")
        return max(_milliseconds(free_at - now) for free_at, now in gates)

    def _renew_ahead(self) -> None:
        """Have what is reserved ahead, and not used yet, rest from now on."""
        # If it was reserved longer ago than it rests, it may be another's by now.
        began, until = monotonic(), database_now() + REST + GRANT_LASTS
        if self._still_ours().filter(number__in=self._ahead).update(free_at=until) < len(self._ahead):
            ours = set(RequestSlot.objects.filter(number__in=self._ahead, free_at=until).values_list("pk", flat=True))
            self._ahead = [number for number in self._ahead if number in ours]
        self._ahead_until, self._granted_at = until, began

    def _still_ours(self) -> QuerySet[RequestSlot]:
        return RequestSlot.objects.filter(free_at=self._ahead_until, free_at__gt=Now())

    def _take_or_complete(self, lane: Lane, least: int, most: int, rest: timedelta) -> list[tuple[int, datetime]]:
        """As `_take`. The budget's first use, and the first after its rate was raised, creates what is missing."""
        if taken := self._take(lane, least, most, rest):
            return taken
        if RequestSlot.objects.filter(pk=self.rate).exists():
            return []
        self._complete()
        return self._take(lane, least, most, rest)

    def _take(self, lane: Lane, least: int, most: int, rest: timedelta) -> list[tuple[int, datetime]]:
        """Take up to `most` slots, or none if fewer than `least` are free, or the lane is closed: each with the time
        from which it is free again."""
        numbers = lane_range(lane, self.rate)
        (now, of_now), (until, of_until) = sql_of(Now()), sql_of(Now() + Value(rest))
        own_gate = BACKGROUND_GATE if lane.is_background else GATE
        taken_from = (numbers[0], numbers[-1], *of_now, most, *of_until, least)
        values = (*taken_from, self.rate, GATE, *of_now, own_gate, *of_now)
        lock = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
        # From its own end: background reads leave a bulk as much of the minute as there is.
        order = "ASC" if lane.is_background else "DESC"
        # One statement is a transaction. MATERIALIZED: PostgreSQL could otherwise look for free slots again for each
        # one that it updates, and take more than `most`.
        sql = f"""
            WITH free AS MATERIALIZED (
                SELECT number FROM campaigns_requestslot WHERE number BETWEEN %s AND %s AND free_at <= {now}
                ORDER BY number {order} LIMIT %s {lock}
            )
            UPDATE campaigns_requestslot SET free_at = {until}, uses = uses + 1
            WHERE number IN (SELECT number FROM free) AND (SELECT COUNT(*) FROM free) >= %s
            AND EXISTS (SELECT 1 FROM campaigns_requestslot WHERE number = %s)
            AND EXISTS (SELECT 1 FROM campaigns_requestslot WHERE number = %s AND free_at <= {now})
            AND NOT EXISTS (SELECT 1 FROM campaigns_requestslot WHERE number = %s AND free_at > {now})
            RETURNING number, free_at
            """  # noqa: S608
        taken = [(number, as_moment(free_at)) for number, free_at in fetch_all(sql, values)]
        # In the order in which the lane uses them.
        return sorted(taken, reverse=order == "DESC")

    def _complete(self) -> None:
        """Create the missing slots."""
        # All at once: a click that found only those of background reads would use them up.
        slots = [RequestSlot(number=number, free_at=Now()) for number in range(1, self.rate + 1)]
        RequestSlot.objects.bulk_create(slots, ignore_conflicts=True)


def lanes_are_closed() -> Exists:
    """Whether CXone has asked everybody to wait, for a statement about something else."""
    return Exists(RequestSlot.objects.filter(number=GATE, free_at__gt=Now()))


class GrantedRequests:
    """A budget for many requests that several threads send within seconds: they are granted at once, ahead.

    `reserve` asks no database, so the threads need no connection to it. They may use what `have_ready` got; whoever
    made this then calls `settle`, in its own thread.
    """

    def __init__(
        self,
        lane: Lane,
        granted: Iterable[int] = (),
        granted_at: float | None = None,
        granted_until: datetime | None = None,
    ) -> None:
        self._lane = lane
        self._budget = SlotBudget()
        self._lock = threading.Lock()
        self._granted = list(granted)
        self._granted_at = monotonic() if granted_at is None else granted_at
        self._granted_until = granted_until
        self._close_seconds = 0.0
        self._background_seconds = 0.0
        self._last_of_thread: dict[int, int] = {}
        self._prolonged: dict[int, float] = {}

    def have_ready(self, requests: int) -> int:
        """Have up to `requests` granted, and say how many there are."""
        if not self._may_use():
            self.settle()
        if len(self._granted) < requests:
            self.settle()
            # A little more each time saves statements; what isn't used is given back within seconds.
            most = max(requests, GRANTED_AT_ONCE)
            self._granted_at = monotonic()
            if taken := self._budget.reserve_some(self._lane, most, REST + GRANT_LASTS):
                self._granted, self._granted_until = [number for number, _ in taken], taken[0][1]
        return min(len(self._granted), requests)

    def milliseconds_to_wait(self, requests: int) -> int:
        """Until so many are free at once, and the lane is open."""
        return max(self.milliseconds_closed(), self._budget.wait_for(self._lane, requests))

    def milliseconds_closed(self) -> int:
        return self._budget.milliseconds_closed()

    def reserve(self, lane: Lane) -> int:
        with self._lock:
            if self._granted and self._may_use():
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

    def rest_background(self, seconds: float) -> None:
        with self._lock:
            self._background_seconds = max(self._background_seconds, seconds)

    def settle(self) -> None:
        """Give back what wasn't used, and close all lanes if CXone asked for that."""
        with self._lock:
            unused, self._granted = self._granted, []
            prolonged, self._prolonged = self._prolonged, {}
            seconds, self._close_seconds = self._close_seconds, 0.0
            background_seconds, self._background_seconds = self._background_seconds, 0.0
        if unused and self._granted_until:
            # Of a process that was stopped for longer than they rest, they may be another's by now.
            ours = RequestSlot.objects.filter(number__in=unused, free_at=self._granted_until)
            ours.update(free_at=Now(), uses=F("uses") - 1)
        if prolonged:
            _prolong(list(prolonged), max(prolonged.values()))
        if seconds:
            self._budget.close(seconds)
        if background_seconds:
            self._budget.rest_background(background_seconds)

    def _may_use(self) -> bool:
        """Not once CXone has asked one of the threads to wait."""
        return not self._close_seconds and monotonic() - self._granted_at <= GRANT_LASTS.total_seconds()


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
