"""Holiday calendars for their pages. So many queries, however many calendars, holidays and campaigns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from campaigns.holidays import (
    SOON_DAYS,
    YEAR_DAYS,
    Entry,
    between,
    closed_of,
    falling,
    hours_in_words,
    in_year,
    missing_from,
    observed_day,
    zone_of_campaign,
)
from campaigns.models import Calendar, Campaign, Holiday
from campaigns.queries.choosing import Search
from campaigns.schedule import DAY_MINUTES, Day, HolidayOn, find_zone, week

HOLIDAYS_A_PAGE = 100
CAMPAIGNS_A_PAGE = 100
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """`empty_year`: the coming year, if the calendar has nothing in it yet."""

    calendar: Calendar
    holidays: int
    campaigns: int
    next: HolidayOn | None
    empty_year: int | None


class HolidayRow(NamedTuple):
    """`falls` is when it comes next, or was; `also` the day on which it is observed besides."""

    holiday: Holiday
    falls: date
    also: date | None
    hours: str

    @property
    def last(self) -> date:
        return max(self.falls, self.also or self.falls)


@dataclass(frozen=True, slots=True)
class CalendarPage:
    row: CalendarRow
    page: Page[HolidayRow]
    past: int
    shows_past: bool
    campaigns: list[Campaign]


class PreviewRow(NamedTuple):
    """`kept`: the other hours that the calendar has it with, and keeps."""

    number: int
    entry: Entry
    hours: str
    is_new: bool
    kept: str


class Hit(NamedTuple):
    campaign: Campaign
    hours: str


@dataclass(frozen=True, slots=True)
class HitDay:
    """A day of restriction, and the campaigns that would dial in it. `named` are the first of `count`."""

    on: HolidayOn
    hours: str
    named: list[Hit]
    count: int

    @property
    def rest(self) -> int:
        return self.count - len(self.named)


def read_all(today: date) -> list[CalendarRow]:
    """Every calendar, by name."""
    near = Holiday.objects.filter(between(today, today + timedelta(days=YEAR_DAYS))).select_related("calendar")
    by_calendar: dict[int, list[Holiday]] = {}
    for holiday in near:
        by_calendar.setdefault(holiday.calendar_id, []).append(holiday)
    return [_row(calendar, by_calendar.get(calendar.pk, []), today) for calendar in _counted(today)]


def read_one(calendar: Calendar, today: date, *, past: bool, number: str) -> CalendarPage:
    holidays = list(calendar.holidays.all())
    for holiday in holidays:
        holiday.calendar = calendar
    rows = sorted(
        (_holiday_row(holiday, today) for holiday in holidays), key=lambda row: (row.falls, row.holiday.name)
    )
    gone = [row for row in rows if row.last < today]
    shown = gone[::-1] if past else [row for row in rows if row.last >= today]
    return CalendarPage(
        row=_row(_counted(today).get(pk=calendar.pk), holidays, today),
        page=Paginator(shown, HOLIDAYS_A_PAGE).get_page(number),
        past=len(gone),
        shows_past=past,
        campaigns=list(calendar.campaigns.order_by(Lower("name"), "id")[:10]),
    )


def read_hits(calendar: Calendar, first: date, days: int = SOON_DAYS) -> list[HitDay]:
    """What its holidays restrict in the `days` dates from `first` on, and which of its campaigns would dial then."""
    last = first + timedelta(days=days - 1)
    holidays = list(calendar.holidays.filter(between(first, last)).select_related("calendar"))

    @cache
    def restrictions(zone_name: str) -> tuple[HolidayOn, ...]:
        return falling(holidays, find_zone(zone_name) if zone_name else None, first, days)

    weeks: dict[str, tuple[Day, ...]] = {}  # many campaigns have the same
    hits: dict[HolidayOn, list[Hit]] = {}
    campaigns = calendar.campaigns.filter(gone_at=None).order_by(Lower("name"), "id")
    for campaign in campaigns.only("id", "name", "schedule", "timezone"):
        key = repr(campaign.schedule)
        open_days = weeks.get(key) or weeks.setdefault(key, week(campaign.schedule))
        for on in restrictions(str(zone_of_campaign(campaign) or "")):
            hours = _overlap(open_days[on.date.weekday()].segments, on.closed)
            hits.setdefault(on, []).extend([Hit(campaign, hours)] if hours else [])
    found = hits or {on: [] for on in restrictions(calendar.zone)}
    ordered = sorted(found, key=lambda on: (on.date, on.closed or (0, DAY_MINUTES), on.name))
    return [HitDay(on, hours_in_words(on.closed), found[on][:MOST_NAMED], len(found[on])) for on in ordered]


def find_campaigns(calendar: Calendar, search: Search) -> QuerySet[Campaign]:
    """Those to choose from, each with `is_assigned`; those that left CXone only while they are assigned."""
    through = Calendar.campaigns.through.objects.filter(calendar=calendar, campaign=OuterRef("pk"))
    found = Campaign.objects.annotate(is_assigned=Exists(through)).filter(Q(gone_at=None) | Q(is_assigned=True))
    return search.narrow(found, Q(is_assigned=True))


def page_of_campaigns(calendar: Calendar, search: Search, number: str) -> Page[Campaign]:
    return Paginator(find_campaigns(calendar, search), CAMPAIGNS_A_PAGE).get_page(number)


def preview_of(calendar: Calendar, entries: Sequence[Entry]) -> list[PreviewRow]:
    """An import before it is done; `number` is an entry's place in it."""
    missing = set(missing_from(calendar, entries))
    kept = {(holiday.date, holiday.name): hours_in_words(closed_of(holiday)) for holiday in calendar.holidays.all()}
    rows = []
    for number, entry in enumerate(entries):
        hours = hours_in_words(closed_of(entry))
        there = "" if entry in missing else kept.get((entry.date, entry.name), hours)
        rows.append(PreviewRow(number, entry, hours, entry in missing, "" if there == hours else there))
    return rows


def _counted(today: date) -> QuerySet[Calendar]:
    year = today.year + 1
    holidays = Holiday.objects.filter(calendar=OuterRef("pk"))
    ahead = holidays.filter(Q(date__year=year) | Q(every_year=True, date__year__lte=year))
    campaigns = Calendar.campaigns.through.objects.filter(calendar=OuterRef("pk"))
    return Calendar.objects.annotate(
        holidays_number=_count(holidays.values("calendar")),
        campaigns_number=_count(campaigns.values("calendar")),
        is_ready=Exists(ahead),
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _row(calendar: Calendar, holidays: Iterable[Holiday], today: date) -> CalendarRow:
    ahead = falling(holidays, None, today, YEAR_DAYS)
    return CalendarRow(
        calendar=calendar,
        holidays=calendar.holidays_number,  # type: ignore[attr-defined]
        campaigns=calendar.campaigns_number,  # type: ignore[attr-defined]
        next=ahead[0] if ahead else None,
        empty_year=None if calendar.is_ready else today.year + 1,  # type: ignore[attr-defined]
    )


def _holiday_row(holiday: Holiday, today: date) -> HolidayRow:
    falls = holiday.date
    if holiday.every_year and falls < today:
        falls = in_year(falls, today.year)
        falls = falls if falls >= today else in_year(holiday.date, today.year + 1)
    also = observed_day(falls) if holiday.observed else falls
    return HolidayRow(holiday, falls, None if also == falls else also, hours_in_words(closed_of(holiday)))


def _overlap(segments: Iterable[tuple[int, int]], closed: tuple[int, int] | None) -> str:
    low, high = closed or (0, DAY_MINUTES)
    common = [(max(start, low), min(end, high)) for start, end in segments if start < high and end > low]
    return ", ".join(hours_in_words(part) for part in common)
