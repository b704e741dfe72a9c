"""The charts' figures as rows: HTML for the tables, plain values for the CSV.

Rows are built as strings: a year by day is 365 rows in each of five tables, for which a template would be slow.
"""

from calendar import day_abbr, month_abbr
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from urllib.parse import urlencode

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from audit import csv_safe
from audit.hours import HOUR, next_hour
from audit.pages.charts.drawing.layout import ChartPlan
from audit.pages.charts.drawing.measures import MEASURES, Measure, Readings
from audit.statistics.trends import Grain, Trend, TrendPeriod

COLUMNS = (
    *("period", "period_start", "period_end", "period_start_utc", "partial"),
    *("time_zone", "campaign", "kind_of_operation", "told_by_records_upto"),
)
SUMMED = "whole range"
MIDNIGHT = time()


def name_period(period: TrendPeriod, grain: Grain) -> str:
    """ "Mon 3 Nov 2025", "Week of 3 Nov 2025", "3 Nov 2025, 14:00 CET"."""
    start = period.start
    day = f"{start.day} {month_abbr[start.month]} {start.year}"
    match grain:
        case Grain.HOUR:
            return f"{day}, {start:%H:%M %Z}"
        case Grain.DAY:
            return f"{day_abbr[start.weekday()]} {day}"
        case Grain.WEEK:
            return f"Week of {day}"


def head_rows(
    periods: Sequence[TrendPeriod],
    grain: Grain,
    *,
    address: str,
    campaign: str,
    condition: Mapping[str, str],
    now: datetime,
) -> list[str]:
    """The heading of each period's row, as HTML: its name, linked to its records, and whether it is partial.

    `condition`: what the records have in common, as the filter's address says it.
    """
    if not periods:
        return []
    rest = {"zone": str(periods[0].start.tzinfo), "campaign": campaign, **condition}
    tail = escape("&" + urlencode({name: value for name, value in rest.items() if value}))
    return [
        f'<th scope="row"><a href="{address}?{_range(period, grain)}{tail}"'
        f' title="from {_minute(period.start.astimezone(UTC))} UTC">{name_period(period, grain)}</a>'
        f"{_part(period, now)}</th>"
        for period in periods
    ]


def table_rows(plan: ChartPlan, heads: Sequence[str], rows: Sequence[Readings]) -> SafeString:
    """The body of a chart's table, as HTML. `heads`: from `head_rows`; everything else is numbers."""
    columns = [measure.cells(row[measure.key] for row in rows) for measure in plan.columns]
    rendered = [
        f"<tr>{head}<td>{'</td><td>'.join(cells)}</td></tr>" for head, *cells in zip(heads, *columns, strict=True)
    ]
    # Safe: `head_rows` escapes what comes from the address, and cells are numbers that we format.
    return mark_safe("".join(rendered))  # noqa: S308


def foot_cells(plan: ChartPlan, total: Readings) -> list[str]:
    """The cells of the last row, for the whole range."""
    cells: list[str] = []
    for measure in plan.columns:
        cells += measure.cells([total[measure.key]])
    return cells


def csv_rows(
    trend: Trend,
    rows: Sequence[Readings],
    total: Readings,
    *,
    further: Sequence[Measure],
    grain: Grain,
    campaign: str,
    action: str,
) -> Iterator[list[csv_safe.Cell]]:
    """A heading, a row for each period, and one for the whole range, whose percentiles don't follow from those.

    `further`: measures of this range alone, after those that every range has.
    """
    measures = [*MEASURES, *further]
    yield [*COLUMNS, *(measure.key for measure in measures)]
    first, last = trend.periods[0], trend.periods[-1]
    of: list[csv_safe.Cell] = [str(first.start.tzinfo), campaign or "all", action or "all", trend.upto]
    for period, row in zip(trend.periods, rows, strict=True):
        yield [grain, *_moments(period.start, period.end), _word(period.partial), *of, *_plain(row, measures)]
    partial = _word(first.partial or last.partial)
    yield [SUMMED, *_moments(first.start, last.end), partial, *of, *_plain(total, measures)]


def _word(fact: bool) -> str:
    return "yes" if fact else "no"


def _moments(start: datetime, end: datetime) -> list[str]:
    return [start.isoformat(), end.isoformat(), f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"]


def _plain(row: Readings, measures: Sequence[Measure]) -> list[float | int | None]:
    return [measure.plain(row[measure.key]) for measure in measures]


def _range(period: TrendPeriod, grain: Grain) -> str:
    """A query for the period's records: whole days by date, including the last one; otherwise exact times."""
    start, end = _next_hour(period.start), _next_hour(period.end)
    if grain == Grain.HOUR or start.time() != MIDNIGHT or end.time() != MIDNIGHT:
        exactly = {"since": start.isoformat(timespec="minutes"), "until": end.isoformat(timespec="minutes")}
        return escape(urlencode(exactly))
    # An `until` with a date alone includes that day.
    return f"since={start.date()}&amp;until={(end - HOUR).date()}"


def _next_hour(at: datetime) -> datetime:
    """The first UTC hour at or after a time: a period has the hours that begin in it, in some zones at half past."""
    return next_hour(at).astimezone(at.tzinfo)


def _minute(at: datetime) -> str:
    return f"{at.date()} {at.hour:02}:{at.minute:02}"


def _part(period: TrendPeriod, now: datetime) -> str:
    if not period.partial:
        return ""
    part = "so far" if period.end > now else "in part"
    return f' <small class="part">{part}</small>'
