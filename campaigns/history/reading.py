"""Reading a campaign's history. The number of queries doesn't depend on how much there is."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from campaigns.history import words
from campaigns.history.entries import HistoryEntry, HistoryKind, HistoryPage, Place, merge_newest, read_place
from campaigns.models import (
    CalendarAssignment,
    CalendarChange,
    Campaign,
    CampaignChange,
    Drain,
    Finding,
    FindingCode,
    Hold,
    OperationKind,
    ReasonCode,
)
from campaigns.states import State

PAGE = 20
# What these findings found is an entry already: a change in CXone, or how an operation ended.
HAVE_AN_ENTRY = (
    FindingCode.CHANGED_IN_CXONE,
    FindingCode.OPERATION_FAILED,
    FindingCode.OPERATION_UNCONFIRMED,
    FindingCode.SCHEDULE_CONFLICT,
)


Labels = dict[str, str]
Entries = Iterator[HistoryEntry]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of a campaign: those in a range of time, and after a place in the order."""

    campaign: Campaign
    limit: int
    kinds: frozenset[HistoryKind]
    since: datetime | None
    until: datetime | None
    after: Place | None

    def entries(
        self,
        kind: HistoryKind,
        rows: QuerySet[Any],
        at: str,
        rank: int,
        describe: Callable[[Any, Place], HistoryEntry],
    ) -> Entries:
        """One for each of those rows, of which `at` names the time; none if that kind isn't wanted."""
        if kind not in self.kinds:
            return
        for row in self.narrow(rows, at, rank):
            yield describe(row, Place(getattr(row, at), rank, row.pk))

    def narrow(self, rows: QuerySet[Any], at: str, rank: int) -> QuerySet[Any]:
        """The newest of those rows; `at` names the time of each. One more than wanted shows that there is more."""
        if self.since:
            rows = rows.filter(**{f"{at}__gte": self.since})
        if self.until:
            rows = rows.filter(**{f"{at}__lt": self.until})
        if self.after:
            rows = rows.filter(self._further(self.after, at, rank))
        return rows.order_by(f"-{at}", "-pk")[: self.limit + 1]

    @staticmethod
    def _further(after: Place, at: str, rank: int) -> Q:
        earlier = Q(**{f"{at}__lt": after.at})
        if rank > after.rank:
            return earlier
        at_once = Q(**{at: after.at})
        return earlier | (at_once if rank < after.rank else at_once & Q(pk__lt=after.key))


def history_of(
    campaign: Campaign,
    *,
    limit: int = PAGE,
    before: str = "",
    kinds: Collection[HistoryKind] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> HistoryPage:
    """What happened to the campaign, newest first. `before`: the `older` of the page before; `kinds`: only these."""
    wanted = Wanted(campaign, limit, frozenset(kinds or HistoryKind), since, until, _place_in(before))
    labels = dict(ReasonCode.objects.values_list("code", "label"))
    return merge_newest([source(wanted, rank, labels) for rank, source in enumerate(SOURCES)], limit)


def _place_in(cursor: str) -> Place | None:
    place = read_place(cursor)
    # Rows of operations and of their drains are told apart by UUIDs, all others by numbers.
    by_uuid = {SOURCES.index(source) for source in (_operations, _drains)}
    if place is None or place.rank >= len(SOURCES) or isinstance(place.key, UUID) != (place.rank in by_uuid):
        return None
    return place


_KIND_OF = {
    OperationKind.PAUSE: HistoryKind.DIALING,
    OperationKind.RESUME: HistoryKind.DIALING,
    OperationKind.SCHEDULE: HistoryKind.HOURS,
}


def _operations(wanted: Wanted, rank: int, labels: Labels) -> Entries:
    """What is held for a later time is still to come, and isn't part of it."""
    kinds = [kind for kind, name in _KIND_OF.items() if name in wanted.kinds]
    rows = wanted.campaign.operations.filter(kind__in=kinds).exclude(state=State.SCHEDULED)
    rows = rows.annotate(at=Coalesce("ended_at", "started_at", "requested_at"))
    rows = rows.select_related("superseded_by", "bulk").defer("bulk__campaign_ids")
    for operation in wanted.narrow(rows, "at", rank):
        operation.campaign = wanted.campaign
        yield words.of_operation(operation, Place(operation.at, rank, operation.pk), labels)


def _changes(wanted: Wanted, rank: int, _: Labels) -> Entries:
    """Those that a confirmed operation explains are part of its entry."""
    rows = CampaignChange.objects.filter(campaign=wanted.campaign).exclude(operation__state=State.CONFIRMED)
    return wanted.entries(HistoryKind.CXONE, rows.select_related("operation"), "seen_at", rank, words.of_change)


def _drains(wanted: Wanted, rank: int, _: Labels) -> Entries:
    rows = Drain.objects.filter(campaign=wanted.campaign, ended_at__isnull=False)
    return wanted.entries(HistoryKind.DRAINS, rows, "ended_at", rank, words.of_drain)


def _findings_opened(wanted: Wanted, rank: int, _: Labels) -> Entries:
    rows = Finding.objects.filter(campaign=wanted.campaign).exclude(code__in=HAVE_AN_ENTRY)
    return wanted.entries(HistoryKind.FINDINGS, rows, "opened_at", rank, words.of_opened)


def _findings_ended(wanted: Wanted, rank: int, _: Labels) -> Entries:
    rows = Finding.objects.filter(campaign=wanted.campaign, ended_at__isnull=False)
    return wanted.entries(HistoryKind.FINDINGS, rows, "ended_at", rank, words.of_ended)


def _assigned(wanted: Wanted, rank: int, _: Labels) -> Entries:
    rows = CalendarAssignment.objects.filter(campaign=wanted.campaign, since__isnull=False)
    return wanted.entries(HistoryKind.HOLIDAYS, rows, "since", rank, words.of_assigned)


def _unassigned(wanted: Wanted, rank: int, _: Labels) -> Entries:
    rows = CalendarAssignment.objects.filter(campaign=wanted.campaign, until__isnull=False)
    return wanted.entries(HistoryKind.HOLIDAYS, rows, "until", rank, words.of_unassigned)


def _calendar_changes(wanted: Wanted, rank: int, _: Labels) -> Entries:
    """Of the calendars that the campaign had at that time."""
    own = CalendarAssignment.objects.filter(
        Q(since=None) | Q(since__lte=OuterRef("at")),
        Q(until=None) | Q(until__gte=OuterRef("at")),
        campaign=wanted.campaign,
        calendar_number=OuterRef("calendar_number"),
    )
    numbers = CalendarAssignment.objects.filter(campaign=wanted.campaign).values("calendar_number")
    rows = CalendarChange.objects.filter(Exists(own), calendar_number__in=numbers)
    return wanted.entries(HistoryKind.HOLIDAYS, rows, "at", rank, words.of_calendar)


def _holds_placed(wanted: Wanted, rank: int, _: Labels) -> Entries:
    rows = Hold.objects.filter(campaign=wanted.campaign)
    describe = partial(words.of_placed, zone=wanted.campaign.timezone)
    return wanted.entries(HistoryKind.HOLDS, rows, "placed_at", rank, describe)


def _holds_ended(wanted: Wanted, rank: int, _: Labels) -> Entries:
    rows = Hold.objects.filter(campaign=wanted.campaign, ended_at__isnull=False)
    return wanted.entries(HistoryKind.HOLDS, rows, "ended_at", rank, words.of_hold_end)


# Their order decides between entries of one instant, and is part of every cursor: add at the end.
SOURCES: tuple[Callable[[Wanted, int, Labels], Entries], ...] = (
    _operations,
    _changes,
    _drains,
    _findings_opened,
    _findings_ended,
    _assigned,
    _unassigned,
    _calendar_changes,
    _holds_placed,
    _holds_ended,
)
