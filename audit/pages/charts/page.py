"""The content of the charts page for one range: figures of the whole range, drawings, tables, and their wording."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from audit import queries, reason_labels
from audit.json_in_words import day_in_words
from audit.kinds import RecordKind, Status
from audit.pages.charts import drawing
from audit.pages.charts import tables as chart_tables
from audit.pages.charts.form import CHART_ACTIONS, ChartForm, ChartRange
from audit.statistics.figures import OUTSIDE_HOURS
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


# What the records behind a chart have in common, in the filter's address.
ENDED = {"kind": RecordKind.OPERATION_ENDED.value}
# As the figures count them, who failed to pause isn't among those who paused.
PAUSED = ENDED | {"action": "pause", "outcome": Status.SUCCESS.value}
CONDITIONS: Mapping[str, Mapping[str, str]] = {
    "reasons": PAUSED,
    "overrides": PAUSED | {"show": "overrides"},
    "outside": {"kind": RecordKind.FINDING_OPENED.value, "q": OUTSIDE_HOURS},
    "cxone": {"show": "cxone"},
    "paused": {"action": "resume"},
}
HEADLINES = (
    ("Pauses", drawing.PAUSES),
    ("Overrides of the calls limit", drawing.OVERRIDES),
    ("Calls outside hours", drawing.OUTSIDE_HOURS),
    ("Changes in CXone", drawing.CHANGES_IN_CXONE),
    ("Time paused", drawing.PAUSED_TIME),
)
# Campaigns and people with the most pauses that are listed.
RANKED = 10


class Ranked(NamedTuple):
    """A campaign or a person, how often, and the query of the records."""

    name: str
    number: int
    query: str


class Headline(NamedTuple):
    """A figure of the whole range, and how it compares with the period before."""

    label: str
    said: str
    change: str


class ChartPage:
    """The content of the page for a valid form. `now`: aware, in the form's zone."""

    def __init__(self, form: ChartForm, chosen: ChartRange, now: datetime) -> None:
        self.chosen, self.now = chosen, now
        self.campaign, self.action = form.cleaned_data["campaign"], form.cleaned_data["action"]
        self.is_whole, self.tables_open = bool(form.cleaned_data["axis"]), bool(form.cleaned_data["tables"])
        self.is_reliability = form.is_reliability
        self.campaign_names = [each.name for each in form.campaigns]
        self._zone = form.zone_info
        self._ids = [each.id for each in form.campaigns] or [self.campaign] * bool(self.campaign)
        self._shared = form.shared_fields()
        self.labels = reason_labels.read_labels()
        self.trend = self._read(chosen.since, chosen.until)
        self.compliance = drawing.plan_compliance(self.trend.total, self.labels)
        self.rows = [self.compliance.read(period.figures) for period in self.trend.periods]
        self.total = self.compliance.read(self.trend.total)

    def _read(self, since: datetime, until: datetime) -> Trend:
        return read_trend(
            since=since,
            until=until,
            grain=self.chosen.grain,
            zone=self._zone,
            campaigns=self._ids,
            action=self.action,
        )

    @property
    def is_empty(self) -> bool:
        counted = ("operations", "pauses_watched", "changes_in_cxone", "calls_outside_hours")
        return not any(self.total[key] for key in counted)

    @cached_property
    def headlines(self) -> list[Headline]:
        """The figures for compliance, each beside that of as long a range before."""
        before = drawing.read_measures(self._read(*self._range_before()).total)
        return [
            Headline(label, measure.said(self.total[measure.key]), self._change(measure, before))
            for label, measure in HEADLINES
        ]

    def _range_before(self) -> tuple[datetime, datetime]:
        since, until = (at.astimezone(self._zone) for at in (self.chosen.since, self.chosen.until))
        if since.time() == until.time() == time():
            # As many days, of which one may be longer or shorter.
            return since - (until - since), since
        # As many of the hours that were counted: both ranges would have an hour that the range begins in.
        return self.trend.since - (self.trend.until - self.trend.since), self.trend.since

    def _change(self, measure: drawing.Measure, before: drawing.Readings) -> str:
        now, then = self.total[measure.key] or 0, before[measure.key] or 0
        difference = measure.said(abs(now - then))
        if difference == measure.said(0):
            return "as before"
        less = "less" if measure == drawing.PAUSED_TIME else "fewer"
        return f"{difference} {'more' if now > then else less} than before"

    @cached_property
    def top_campaigns(self) -> list[Ranked]:
        ranked = self.trend.total.campaigns.most_common(RANKED)
        names = queries.campaign_names([id_ for id_, _ in ranked])
        return [Ranked(names.get(id_) or id_, count, self._records(campaign=id_)) for id_, count in ranked]

    @cached_property
    def top_people(self) -> list[Ranked]:
        ranked = self.trend.total.people.most_common(RANKED)
        return [Ranked(name or "Nobody named", count, self._records(by=name)) for name, count in ranked]

    def _records(self, **changes: str) -> str:
        return urlencode({**self._shared, **PAUSED, **changes})

    @cached_property
    def drawings(self) -> list[Drawing]:
        plans = drawing.CHARTS if self.is_reliability else self.compliance.plans
        return [
            Drawing(chart, self.total, chart_tables.table_rows(chart.plan, self._heads(chart.plan.key), self.rows))
            for chart in drawing.draw_charts(self.rows, plans=plans, whole=self.is_whole)
        ]

    def _heads(self, key: str) -> list[str]:
        return chart_tables.head_rows(
            self.trend.periods,
            self.chosen.grain,
            address=reverse("audit:list"),
            campaign=self.campaign,
            condition=CONDITIONS.get(key, ENDED),
            now=self.now,
        )

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
                days = f"{day_in_words(since)} to {day_in_words(last)}"
            else:
                days = day_in_words(since)
            return f"{days}, {zone}"
        return f"{day_in_words(since)}, {since:%H:%M %Z} to {day_in_words(until)}, {until:%H:%M %Z}, {zone}"

    @cached_property
    def narrowed(self) -> str:
        campaigns = ", ".join(self.campaign_names[:3]) or self.campaign or "all campaigns"
        if len(self.campaign_names) > 3:
            campaigns += f" and {len(self.campaign_names) - 3} more"
        if not self.is_reliability:
            return campaigns
        operations = CHART_ACTIONS[self.action].lower() if self.action else "all operations"
        return f"{operations} of {campaigns}"

    @property
    def read_at(self) -> str:
        return f"{day_in_words(self.now)}, {self.now:%H:%M %Z}"


def _dots(shape: drawing.Shape) -> SafeString:
    # A page has hundreds of dots, for which a template would be slow. Safe: only our own words and numbers.
    style = shape.series.style
    marks = []
    for dot in shape.dots:
        few = " few" if dot.is_few else ""
        marks.append(f'<use class="dot {style}{few}" href="#dot-{style}" x="{dot.x}" y="{dot.y}"/>')
    return mark_safe("".join(marks))  # noqa: S308
