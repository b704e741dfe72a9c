"""The list of campaigns: the strip of counts and a page of rows. The number of queries is always the same."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet, Sum, Value
from django.utils.safestring import SafeString

from audit.pages.kept import Kept
from campaigns.dialing import LABELS, DialingState, in_list
from campaigns.models import Bulk, Calendar, Campaign, FindingCode
from campaigns.pages.actions import Action, Rights, actions_on_many
from campaigns.pages.campaigns import picker
from campaigns.pages.campaigns.columns import USUAL_COLUMNS
from campaigns.pages.campaigns.desk import Desk
from campaigns.pages.campaigns.drawn_rows import Reader, draw_page, leave_out_known, minute_of
from campaigns.pages.campaigns.rows import ListColumn, status_label
from campaigns.pages.freshness import Freshness
from campaigns.pages.version import version_of
from campaigns.prepared import fetch_rows
from campaigns.selection import (
    EVERYTHING,
    GONE,
    KNOWN_STATUSES,
    NEEDS_YOU,
    STATES,
    CampaignSelection,
    by_name,
    in_selected_state,
    known_tags,
    matching_campaigns,
)

PAGE_SIZE = 50
# In progress, in the strip. There is hardly ever more than one.
MOST_BULKS = 2
# Midnight in every zone is at one of these minutes, and with it what is today's holiday.
QUARTER = 15
# The number of all, whatever their state.
EVERYWHERE = "all"
_COUNTED = tuple(state.replace("-", "_") for state in STATES)
STATE_LABELS: dict[str, str] = {NEEDS_YOU: "Needs you", **{state.value: label for state, label in LABELS.items()}}


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of all campaigns, and how many there are in it. `query`: the address parameters that show them."""

    key: str
    label: str
    count: int
    query: str
    is_current: bool

    @property
    def is_calling(self) -> bool:
        return self.key == NEEDS_YOU and self.count > 0


@dataclass(frozen=True, slots=True)
class StateCounts:
    """Calls in progress, how many campaigns are in each of STATES and everywhere, and bulks in progress."""

    calls: int
    numbers: dict[str, int]
    bulks: list[Bulk]


_strips: Kept[Hashable, StateCounts] = Kept(4)
# Of selections, in each process.
_counts: Kept[Hashable, int] = Kept(200)


@dataclass(frozen=True, slots=True)
class Strip:
    """Of all campaigns, whatever is selected. `bulks`: the newest ones in progress."""

    tabs: list[Tab]
    calls: int
    bulks: list[Bulk]

    def count_of(self, key: str) -> int:
        return next((tab.count for tab in self.tabs if tab.key == key), 0)


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """`query`: the address parameters that sort by it, "" where nothing does. `direction` is how the list is sorted by
    it now: ascending, descending, or not ("")."""

    key: str
    label: str
    sort: str
    query: str
    direction: str


@dataclass(frozen=True, slots=True)
class CampaignListing:
    """`sent`: the rows as HTML, or where the page has one already, its place. `previous` and `following` are the
    address parameters of the pages beside this one. `on_many`: what the reader may do to several at once, and
    `matching` the address parameters of all that match."""

    sent: list[SafeString]
    page: Page[int]
    strip: Strip
    state_head: ColumnHead
    name_head: ColumnHead
    heads: list[ColumnHead]
    columns: list[ListColumn]
    previous: str
    following: str
    on_many: tuple[Action, ...]
    matching: str

    @property
    def is_wide(self) -> bool:
        """More columns than fit on a usual screen: the table can be scrolled sideways."""
        return len(self.columns) > len(USUAL_COLUMNS)


@dataclass(frozen=True, slots=True)
class TagChoice:
    """The tags of one name, as the address has them, with their texts. `others`: chosen besides the first one."""

    name: str
    options: tuple[tuple[str, str], ...]
    chosen: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What the filters offer: what there is, and what is chosen already. `calendars`: their numbers and names."""

    statuses: tuple[tuple[str, str], ...]
    zones: tuple[str, ...]
    calendars: tuple[tuple[int, str], ...]
    findings: tuple[tuple[str, str], ...]
    tags: tuple[TagChoice, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """What campaigns have, to be filtered by: the same for all readers."""

    statuses: list[str]
    zones: list[str]
    calendars: tuple[tuple[int, str], ...]
    tags: dict[str, list[str]]


# By minute: what CXone has only now, the filters offer a minute later. A filter that is on is always among them.
_offered: Kept[datetime, Offered] = Kept(2)


def read_listing(
    selection: CampaignSelection, rights: Rights, fresh: Freshness, desk: Desk, known: Sequence[str] = ()
) -> CampaignListing:
    """A page. `known`: the versions of the rows that the reader has already; those are left out."""
    minute = minute_of(fresh)
    counts = counts_of_version(fresh.version, minute)
    selection, page = _page_of(selection, counts, fresh, minute)
    columns = desk.columns_for(selection)
    rows = draw_page(selection, PAGE_SIZE, Reader(desk.person, rights, tuple(columns)), fresh)
    return CampaignListing(
        sent=leave_out_known(rows, known),
        page=page,
        strip=Strip(list(_tabs(selection, counts.numbers)), counts.calls, counts.bulks),
        state_head=_head("state", "State", "status", selection),
        name_head=_head("name", "Campaign", "name", selection),
        heads=[_head(column.key, column.label, column.sort, selection) for column in columns],
        columns=columns,
        previous=selection.on_page(page.number - 1).query,
        following=selection.on_page(page.number + 1).query,
        on_many=tuple(actions_on_many(rights)),
        matching=selection.on_page(1).query,
    )


def _page_of(
    selection: CampaignSelection, counts: StateCounts, fresh: Freshness, minute: datetime
) -> tuple[CampaignSelection, Page[int]]:
    """One beyond the last page is the last."""
    filters = replace(selection, page=1, sort=EVERYTHING.sort, columns=EVERYTHING.columns)
    count = (
        counts.numbers.get(filters.state or EVERYWHERE)
        if filters == replace(EVERYTHING, state=filters.state)
        else None
    )
    if count is None and selection.starred:
        # No version tells of somebody else's stars.
        count = _count_matching(filters, minute)
    elif count is None:
        count = _counts.get_or_make((filters, fresh.version, minute), lambda: _count_matching(filters, minute))
    page = Paginator(range(count), PAGE_SIZE).get_page(selection.page)
    return selection.on_page(page.number), page


def _count_matching(selection: CampaignSelection, minute: datetime) -> int:
    ((count,),) = fetch_rows(_count_of, selection, minute) or [(0,)]
    return int(count)


def _count_of(selection: CampaignSelection, minute: datetime) -> QuerySet[Any, Any]:
    found = matching_campaigns(selection, minute).order_by()
    return found.annotate(all=Value(1)).values("all").annotate(count=Count(Value(1))).values_list("count")


def read_filter_choices(selection: CampaignSelection, fresh: Freshness) -> FilterChoices:
    there_are = _offered.get_or_make(minute_of(fresh), _read_offered)
    statuses = sorted({*KNOWN_STATUSES, *there_are.statuses, selection.status} - {"", GONE})
    return FilterChoices(
        statuses=tuple((status, status_label(status)) for status in (*statuses, GONE)),
        zones=tuple(sorted({*there_are.zones, selection.zone} - {""})),
        calendars=there_are.calendars,
        findings=tuple((code.value, code.label) for code in FindingCode),
        tags=tuple(_tag_choices(selection, there_are.tags)),
    )


def _read_offered() -> Offered:
    return Offered(
        statuses=list(Campaign.objects.order_by().values_list("status", flat=True).distinct()),
        zones=picker.zones(),
        calendars=tuple(Calendar.objects.values_list("pk", "name")),
        tags=known_tags(),
    )


def _tag_choices(selection: CampaignSelection, known: Mapping[str, list[str]]) -> Iterator[TagChoice]:
    chosen = by_name(selection.tags)
    for name in sorted({*known, *chosen}):
        texts = sorted({*known.get(name, ()), *chosen.get(name, ())}, key=str.casefold)
        first, *others = [f"{name}:{text}" for text in chosen.get(name, ())] or [""]
        yield TagChoice(name, tuple((f"{name}:{text}", text) for text in texts), first, tuple(others))


def listing_version(selection: CampaignSelection, rights: Rights, fresh: Freshness) -> str:
    """A digest of what a rendered list depends on: with the same one, nothing would look different."""
    quarter = f"{fresh.now:%Y%m%d%H}{fresh.now.minute // QUARTER}"
    return version_of(fresh.version, fresh.shown, fresh.failing_since, quarter, selection, rights)


def counts_of_version(version: int, minute: datetime) -> StateCounts:
    """The same for all readers. `version`: that of the data, which is the oldest that they may be."""
    return _strips.get_or_make((version, minute), lambda: _count(minute))


def _count(minute: datetime) -> StateCounts:
    rows = fetch_rows(_state_counts, minute)
    calls, *numbers = rows[0] if rows else (0, *(0 for _ in STATES), 0)
    return StateCounts(calls, dict(zip((*STATES, EVERYWHERE), numbers, strict=True)), _bulks_in_progress())


def _state_counts(minute: datetime) -> QuerySet[Any, Any]:
    counted = {
        name: Count(Value(1), filter=in_selected_state(state, minute))
        for name, state in zip(_COUNTED, STATES, strict=True)
    }
    found = Campaign.objects.filter(in_list(minute)).order_by().annotate(one=Value(1)).values("one")
    found = found.annotate(
        calls=Sum("active_calls", filter=Q(gone_at=None), default=0), **counted, everything=Count(Value(1))
    )
    return found.values_list("calls", *_COUNTED, "everything")


def _bulks_in_progress() -> list[Bulk]:
    if not fetch_rows(_any_bulk):
        return []
    return list(Bulk.objects.filter(ended_at=None).defer("campaign_ids")[:MOST_BULKS])


def _any_bulk() -> QuerySet[Any, Any]:
    return Bulk.objects.filter(ended_at=None).order_by().values_list("pk")[:1]


def _tabs(selection: CampaignSelection, counts: dict[str, int]) -> Iterator[Tab]:
    """A tab shows as many campaigns as it counts, so it takes all other filters off."""
    whole = replace(EVERYTHING, sort=selection.sort, columns=selection.columns)
    for state in STATES:
        count = counts[state]
        if count or state != DialingState.OTHER:
            query = replace(whole, state=state).query
            yield Tab(state, STATE_LABELS[state], count, query, is_current=selection.state == state)
    yield Tab("all", "All", counts[EVERYWHERE], whole.query, is_current=not selection.is_filtered)


def _head(key: str, label: str, sort: str, selection: CampaignSelection) -> ColumnHead:
    if not sort:
        return ColumnHead(key, label, "", "", "")
    directions = {sort: "ascending", f"-{sort}": "descending"}
    return ColumnHead(key, label, sort, selection.sorted_by(sort).query, directions.get(selection.sort, ""))
