"""Holiday calendars for their pages. The number of queries doesn't depend on how many rows there are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from campaigns.guard.outlook import CalendarOutlook, outlook_of_calendar
from campaigns.holidays.agenda import Agenda
from campaigns.holidays.comparison import ImportComparison, Outdated
from campaigns.holidays.dates import HolidayEntry, closed_of, hours_in_words, in_year, observed_day
from campaigns.holidays.import_offers import Offer
from campaigns.holidays.lookups import agendas_of, today_of
from campaigns.models import AssignmentRule, Calendar, Campaign, Holiday
from campaigns.pages.campaigns.picker import Search
from campaigns.pages.holidays.year import Year, read_year, year_in
from campaigns.queueing.rows import database_now
from campaigns.schedule import HolidayOn

HOLIDAYS_A_PAGE = 100


class Coverage(NamedTuple):
    """How many campaigns there are, and how many have no calendar."""

    campaigns: int
    uncovered: int


def read_coverage() -> Coverage:
    """One query."""
    has_calendar = Exists(Calendar.campaigns.through.objects.filter(campaign=OuterRef("pk")))
    counts = Campaign.objects.filter(gone_at=None).aggregate(
        campaigns=Count("pk"), uncovered=Count("pk", filter=~Q(has_calendar))
    )
    return Coverage(**counts)


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """`today`: the date where its holidays apply. `rules`: by how many of them campaigns get it. `empty_year`: the
    coming year, if the calendar has no holidays in it yet."""

    calendar: Calendar
    today: date
    holidays: int
    campaigns: int
    rules: int
    next: HolidayOn | None
    empty_year: int | None


class HolidayRow(NamedTuple):
    """`falls`: its next date, or its last one if it is over. `also`: the date on which it is also observed."""

    holiday: Holiday
    falls: date
    also: date | None
    hours: str

    @property
    def last(self) -> date:
        return max(self.falls, self.also or self.falls)


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """`guard`: what the guard does next, if it is on."""

    row: CalendarRow
    year: Year
    page: Page[HolidayRow]
    past: int
    shows_past: bool
    campaigns: list[Campaign]
    guard: CalendarOutlook | None


class Ticked(NamedTuple):
    """The numbers of the ticked boxes, as submitted."""

    take: Collection[str]
    take_out: Collection[str]


class PreviewRow(NamedTuple):
    """`kept_name`, `kept_hours`: those that the calendar has and keeps, if they differ. `moved`: the outdated holiday
    that the entry replaces."""

    number: int
    entry: HolidayEntry
    hours: str
    is_new: bool
    ticked: bool
    kept_name: str
    kept_hours: str
    moved: Outdated | None


class OutdatedRow(NamedTuple):
    outdated: Outdated
    ticked: bool


def read_calendars() -> list[CalendarRow]:
    """All calendars, by name."""
    calendars = list(_counted(Calendar.objects.all()))
    agendas, todays, filled = agendas_of(calendars), today_of(calendars), _filled_years(calendars)
    return [_row(calendar, agendas[calendar.pk], todays[calendar.pk], filled[calendar.pk]) for calendar in calendars]


def read_calendar(calendar: Calendar, *, past: bool = False, number: str = "", year: str = "") -> CalendarPage:
    """`number`: that of a page of holidays. `year`: the one to show; this one, if that makes no sense."""
    today, holidays = today_of([calendar])[calendar.pk], list(calendar.holidays.all())
    rows = sorted(
        (_holiday_row(holiday, today) for holiday in holidays),
        key=lambda row: (row.falls, row.holiday.name),
    )
    gone = [row for row in rows if row.last < today]
    shown = gone[::-1] if past else [row for row in rows if row.last >= today]
    counted = _counted(Calendar.objects.all()).get(pk=calendar.pk)
    agenda, filled = agendas_of([counted])[counted.pk], _filled_years([counted])[counted.pk]
    return CalendarPage(
        row=_row(counted, agenda, today, filled),
        year=read_year(calendar, holidays, year_in(year, today.year), today),
        page=Paginator(shown, HOLIDAYS_A_PAGE).get_page(number),
        past=len(gone),
        shows_past=past,
        campaigns=list(calendar.campaigns.order_by(Lower("name"), "id")[:10]),
        guard=outlook_of_calendar(calendar, database_now()) if calendar.guarded else None,
    )


def campaigns_for_calendar(calendar: Calendar, search: Search) -> QuerySet[Campaign]:
    """The campaigns to choose from, each with `is_assigned`."""
    # Those that are gone from CXone are only listed while they are assigned, so that they can be removed.
    through = Calendar.campaigns.through.objects.filter(calendar=calendar, campaign=OuterRef("pk"))
    found = Campaign.objects.annotate(is_assigned=Exists(through)).filter(Q(gone_at=None) | Q(is_assigned=True))
    return search.narrow(found, Q(is_assigned=True))


def preview_of(offer: Offer, comparison: ImportComparison, ticked: Ticked | None = None) -> list[PreviewRow]:
    """The rows of a preview; `number` is the entry's position in the offer. Ticked as suggested, or as submitted."""
    rows = []
    for number, entry in enumerate(offer.entries):
        hours, kept = hours_in_words(closed_of(entry)), comparison.kept.get(entry)
        kept_hours = hours_in_words(closed_of(kept)) if kept else hours
        rows.append(
            PreviewRow(
                number=number,
                entry=entry,
                hours=hours,
                is_new=kept is None,
                ticked=str(number) in ticked.take if ticked else entry.suggested,
                kept_name=kept.name if kept and kept.name != entry.name else "",
                kept_hours=kept_hours if kept_hours != hours else "",
                moved=comparison.moved.get(entry),
            )
        )
    return rows


def outdated_of(comparison: ImportComparison, ticked: Ticked | None = None) -> list[OutdatedRow]:
    """The outdated holidays of a preview, ticked as submitted."""
    # None is ticked by default: a restricted day too many costs less than one too few.
    chosen = ticked.take_out if ticked else ()
    return [OutdatedRow(one, str(one.pk) in chosen) for one in comparison.outdated]


def _counted(calendars: QuerySet[Calendar]) -> QuerySet[Calendar]:
    # Subqueries, since two joins in one query would multiply each other's counts.
    holidays = Holiday.objects.filter(calendar=OuterRef("pk"))
    campaigns = Calendar.campaigns.through.objects.filter(calendar=OuterRef("pk"))
    rules = AssignmentRule.objects.filter(calendar=OuterRef("pk"))
    return calendars.annotate(
        holidays_number=_count(holidays.values("calendar")),
        campaigns_number=_count(campaigns.values("calendar")),
        rules_number=_count(rules.values("calendar")),
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


class _Filled(NamedTuple):
    """`years`: the years with holidays. `since`: the first year of a holiday that recurs every year."""

    years: set[int]
    since: int | None

    def has(self, year: int) -> bool:
        return year in self.years or (self.since is not None and self.since <= year)


def _filled_years(calendars: Collection[Calendar]) -> dict[int, _Filled]:
    years: dict[int, set[int]] = {calendar.pk: set() for calendar in calendars}
    since: dict[int, int] = {}
    holidays = Holiday.objects.filter(calendar__in=list(years)).order_by()
    for pk, year, yearly in holidays.values_list("calendar_id", "date__year", "every_year").distinct():
        years[pk].add(year)
        if yearly:
            since[pk] = min(year, since.get(pk, year))
    return {pk: _Filled(found, since.get(pk)) for pk, found in years.items()}


def _row(calendar: Calendar, agenda: Agenda, today: date, filled: _Filled) -> CalendarRow:
    return CalendarRow(
        calendar=calendar,
        today=today,
        holidays=calendar.holidays_number,  # type: ignore[attr-defined]
        campaigns=calendar.campaigns_number,  # type: ignore[attr-defined]
        rules=calendar.rules_number,  # type: ignore[attr-defined]
        next=agenda.first_from(today),
        empty_year=None if filled.has(today.year + 1) else today.year + 1,
    )


def _holiday_row(holiday: Holiday, today: date) -> HolidayRow:
    falls = holiday.date
    if holiday.every_year and falls < today:
        falls = in_year(falls, today.year)
        falls = falls if falls >= today else in_year(holiday.date, today.year + 1)
    also = observed_day(falls) if holiday.observed else falls
    return HolidayRow(holiday, falls, None if also == falls else also, hours_in_words(closed_of(holiday)))
