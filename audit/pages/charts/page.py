"""The content of the charts page for one range: figures of the whole range, drawings, tables, and their wording."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from audit.pages.charts import drawing
from audit.pages.charts import tables as chart_tables
from audit.pages.charts.form import ACTIONS, ChartForm, ChartRange
from audit.statistics.trends import Trend, read_trend


class LegendLine(NamedTuple):
    """A series: its shape, the markup of its dots, and its measure over the whole range in words."""

    shape: drawing.Shape
    dots: SafeString
    said: str


@dataclass(frozen=True)
class Drawing:
    """A chart, the readings of the whole range, and the body of its table (HTML)."""

    chart: drawing.Chart
    total: drawing.Readings
    body: SafeString

    @property
    def bands(self) -> Iterator[tuple[drawing.Band, list[LegendLine]]]:
        for band in self.chart.bands:
            yield band, [LegendLine(shape, _dots(shape), self._say(shape)) for shape in band.shapes]

    @property
    def foot(self) -> list[str]:
        return chart_tables.foot_cells(self.chart.plan, self.total)

    def _say(self, shape: drawing.Shape) -> str:
        measure = shape.series.measure
        return measure.said(self.total[measure.key])


class ChartPage:
    """The content of the page for a valid form. `now`: aware, in the form's zone."""

    def __init__(self, form: ChartForm, chosen: ChartRange, now: datetime) -> None:
        self.chosen, self.now = chosen, now
        self.campaign, self.action = form.cleaned_data["campaign"], form.cleaned_data["action"]
        self.is_whole, self.tables_open = bool(form.cleaned_data["axis"]), bool(form.cleaned_data["tables"])
        self.trend: Trend = read_trend(
            since=chosen.since,
            until=chosen.until,
            grain=chosen.grain,
            zone=form.zone_info,
            campaign=self.campaign,
            action=self.action,
        )
        self.rows = [drawing.read_measures(period.figures) for period in self.trend.periods]
        self.total = drawing.read_measures(self.trend.total)

    @property
    def is_empty(self) -> bool:
        return not (self.total["operations"] or self.total["pauses_watched"])

    @cached_property
    def drawings(self) -> list[Drawing]:
        heads = chart_tables.head_rows(
            self.trend.periods, self.chosen.grain, address=reverse("audit:list"), campaign=self.campaign, now=self.now
        )
        return [
            Drawing(chart, self.total, chart_tables.table_rows(chart.plan, heads, self.rows))
            for chart in drawing.draw_charts(self.rows, whole=self.is_whole)
        ]

    @cached_property
    def axis(self) -> SafeString:
        """The labels of the axis of periods, the same below every chart."""
        marks = drawing.mark_periods([period.start for period in self.trend.periods])
        return format_html_join(
            "",
            '<svg x="{}" class="mark {}"><path d="M0 0V4"/><text y="16">{}</text>'
            '<text class="below" y="30">{}</text></svg>',
            ((x, "minor" if mark.is_minor else "", mark.label, mark.below) for x, mark in marks),
        )

    @cached_property
    def parts(self) -> list[tuple[str, str]]:
        """Position and width of each partial period, in percent of the chart's width."""
        width = 100 / len(self.trend.periods)
        return [
            (f"{index * width:.3f}%", f"{width:.3f}%")
            for index, period in enumerate(self.trend.periods)
            if period.partial
        ]

    @property
    def said(self) -> Mapping[str, str]:
        """All measures of the whole range in words, by key."""
        return {measure.key: measure.said(self.total[measure.key]) for measure in drawing.MEASURES}

    @cached_property
    def title(self) -> str:
        """ "24 Oct to 22 Nov 2026, Europe/Berlin", with times unless the range begins and ends at midnight."""
        zone = self.now.tzinfo
        since, until = self.chosen.since.astimezone(zone), self.chosen.until.astimezone(zone)
        if since.time() == until.time() == time():
            last = until - timedelta(days=1)
            if since.date() < last.date():
                days = f"{_day(since)} to {_day(last)}"
            else:
                days = _day(since)
            return f"{days}, {zone}"
        return f"{_day(since)}, {since:%H:%M %Z} to {_day(until)}, {until:%H:%M %Z}, {zone}"

    @cached_property
    def narrowed(self) -> str:
        operations = ACTIONS[self.action].lower() if self.action else "all operations"
        campaigns = f"campaign {self.campaign}" if self.campaign else "all campaigns"
        return f"{operations} of {campaigns}"

    @property
    def read_at(self) -> str:
        return f"{_day(self.now)}, {self.now:%H:%M %Z}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"


def _dots(shape: drawing.Shape) -> SafeString:
    # A page has hundreds of dots, for which a template would be slow. Safe: only our own words and numbers.
    style = shape.series.style
    marks = []
    for dot in shape.dots:
        few = " few" if dot.is_few else ""
        marks.append(f'<use class="dot {style}{few}" href="#dot-{style}" x="{dot.x}" y="{dot.y}"/>')
    return mark_safe("".join(marks))  # noqa: S308
