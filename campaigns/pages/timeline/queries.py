"""What a timeline shows: which campaigns, from when to when, and their lanes. The number of queries is fixed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser, User
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from campaigns.models import Campaign, SavedView
from campaigns.pages.freshness import Freshness
from campaigns.pages.ranges import LABELS, ChosenRange, read_range, say_range, write_moment
from campaigns.pages.timeline.drawing import Axis, DrawnRow, draw_row, top_of
from campaigns.schedule import find_zone
from campaigns.schedule.clock_face import time_of_day
from campaigns.selection import SORTS, URGENCY, CampaignSelection, matching_campaigns
from campaigns.timeline.lanes import Lanes, lanes_of
from campaigns.timeline.reading import read_facts

RANGES = ("shift", "hour", "today", "yesterday", "custom")
LONGEST = timedelta(hours=48)
# Drawn on one page.
ROWS = 25
# Named one by one in an address, as from rows that somebody ticked.
MOST_IDS = 50
# Offered for the campaigns; the list offers more, and a saved view or a link may have one of those.
ORDERS = (URGENCY, "name", "-calls", "zone")


@dataclass(frozen=True, slots=True)
class Timeline:
    """`ids`: the campaigns that the address names one by one; () for those that the filter selects.

    `as_known`: changes stand where they were first seen."""

    selection: CampaignSelection
    ids: tuple[str, ...]
    span: ChosenRange
    as_known: bool
    page: Page[Campaign]
    axis: Axis
    rows: list[DrawnRow]
    views: list[SavedView]
    now: datetime

    @property
    def title(self) -> str:
        return say_range(self.span)

    @property
    def ranges(self) -> list[tuple[str, str, bool]]:
        return [(key, LABELS[key], key == self.span.key) for key in RANGES]

    @property
    def orders(self) -> list[tuple[str, str]]:
        """Those that say something about a stretch of time, and the address's own."""
        return [(sort, label) for sort, label in SORTS.items() if sort in {*ORDERS, self.selection.sort}]

    @property
    def problems(self) -> dict[str, str]:
        return dict(self.span.problems)

    @property
    def top(self) -> int:
        return self.rows[0].top if self.rows else 0

    @property
    def now_x(self) -> str:
        """Where the present is, in percent; "" outside the range."""
        return f"{self.axis.x(self.now):.2f}%" if self.axis.since < self.now < self.axis.until else ""

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """The address's parameters that choose campaigns, for hidden fields."""
        if self.ids:
            return [("id", each) for each in self.ids]
        kept = parse_qsl(self.selection.on_page(1).query)
        return [(name, value) for name, value in kept if name not in {"q", "sort"}]

    def query(self, **other: Any) -> str:
        """The address's parameters, with others in the place of some."""
        said: dict[str, Any] = {
            "range": self.span.key,
            "from": self.span.typed[0],
            "to": self.span.typed[1],
            "in": self.span.zone.key,
            "known": "1" if self.as_known else "",
        }
        chosen = {"id": list(self.ids)} if self.ids else dict(QueryDict(self.selection.on_page(1).query).lists())
        said = chosen | said | other
        return urlencode({name: value for name, value in said.items() if value}, doseq=True)

    def between(self, since: datetime, until: datetime) -> str:
        zone = self.span.zone
        moments = {"from": write_moment(since, zone), "to": write_moment(until, zone)}
        return self.query(range="custom", **moments)

    @property
    def earlier(self) -> str:
        return self.between(self.axis.since - self._length, self.axis.since)

    @property
    def later(self) -> str:
        return self.between(self.axis.until, self.axis.until + self._length)

    @property
    def _length(self) -> timedelta:
        return self.axis.until - self.axis.since

    @property
    def ticks(self) -> list[tuple[Any, str]]:
        """Each label of the axis with the address of its hour, where that is a closer look."""
        return [
            (tick, self.between(tick.since, tick.until) if tick.until - tick.since < self._length else "")
            for tick in self.axis.ticks
        ]

    @property
    def switch(self) -> str:
        return self.query(known="" if self.as_known else "1")

    @property
    def readout(self) -> dict[str, Any]:
        """What the cursor says: at each of its positions the time, and of each row its state and calls."""
        zone, positions = self.span.zone, self.axis.positions
        return {
            "times": [f"{at.astimezone(zone):%a} {time_of_day(at.astimezone(zone))}" for at in positions],
            "rows": [_readout_of(row, self.axis) for row in self.rows],
        }


def read_timeline(user: User | AnonymousUser, address: QueryDict, fresh: Freshness) -> Timeline:
    selection, ids = CampaignSelection.read(address), tuple(address.getlist("id")[:MOST_IDS])
    zone = find_zone(address.get("in", "")) or ZoneInfo(timezone.get_current_timezone_name())
    span = read_range(dict(_texts(address)), keys=RANGES, zone=zone, now=fresh.now, longest=LONGEST)
    found = matching_campaigns(selection, fresh.now)
    if ids:
        found = Campaign.objects.filter(pk__in=[each for each in ids if "\0" not in each]).order_by("name", "pk")
    page = Paginator(found, ROWS).get_page(selection.page)
    axis = Axis(span.since or fresh.now, span.until or fresh.now, zone)
    as_known = address.get("known") == "1"
    lanes = _lanes_of(list(page), axis, fresh.now, as_known=as_known)
    top = top_of(lanes.values())
    rows = [draw_row(campaign, lanes[campaign.pk], axis, top) for campaign in page]
    mine = Q(shared=True) | Q(owner=user.pk)
    return Timeline(selection, ids, span, as_known, page, axis, rows, list(SavedView.objects.filter(mine)), fresh.now)


def _lanes_of(campaigns: list[Campaign], axis: Axis, now: datetime, *, as_known: bool) -> dict[str, Lanes]:
    facts = read_facts(campaigns, axis.since, axis.until, now, as_known=as_known)
    return {
        campaign_id: lanes_of(own, axis.since, axis.until, now, as_known=as_known)
        for campaign_id, own in facts.items()
    }


def _readout_of(row: DrawnRow, axis: Axis) -> dict[str, Any]:
    """Words are listed once, since most moments have the same few."""
    words: list[str] = []
    states, calls = [], []
    for at in axis.positions:
        stretch = row.lanes.state_at(at)
        word = stretch.words if stretch else "still to come"
        if word not in words:
            words.append(word)
        states.append(words.index(word))
        calls.append(row.lanes.calls_at(at))
    marks = [
        {"at": round(axis.x(mark.at), 2), "words": mark.words, "operation": str(mark.operation or "")}
        for mark in row.lanes.marks
    ]
    return {"name": str(row.campaign), "words": words, "states": states, "calls": calls, "marks": marks}


def _texts(address: QueryDict) -> Iterator[tuple[str, str]]:
    """The last value of each parameter."""
    for name, value in address.items():
        yield name, str(value)
