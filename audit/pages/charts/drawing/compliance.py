"""The charts for compliance: who paused what and why, and what happened outside the rules. Pure.

Reasons and people differ from range to range, so the measures of these charts are made from its figures: the most
frequent ones each have a series, and the rest are one.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from audit.pages.charts.drawing.layout import BandPlan, ChartPlan, SeriesPlan
from audit.pages.charts.drawing.measures import (
    CHANGES_IN_CXONE,
    OUTSIDE_HOURS,
    OVERRIDES,
    PAUSED_TIME,
    PAUSES,
    Measure,
    Readings,
    read_measures,
)
from audit.statistics.figures import Figures

# Series that can be told apart by their colours and stripes.
MOST = 5
NOBODY = "nobody named"
HEIGHT = 110


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A count by values: the measures of the most frequent values, and of the `rest` together if there are others."""

    counter: Callable[[Figures], Counter[str]]
    values: tuple[str, ...]
    measures: tuple[Measure, ...]
    rest: Measure | None

    def read(self, figures: Figures) -> dict[str, float | None]:
        counts = self.counter(figures)
        readings: dict[str, float | None] = {
            measure.key: counts.get(value, 0) for value, measure in zip(self.values, self.measures, strict=True)
        }
        if self.rest:
            readings[self.rest.key] = counts.total() - sum(counts.get(value, 0) for value in self.values)
        return readings

    @property
    def all_measures(self) -> tuple[Measure, ...]:
        return (*self.measures, self.rest) if self.rest else self.measures

    @property
    def series(self) -> tuple[SeriesPlan, ...]:
        shown = [SeriesPlan(measure, f"part-{number}") for number, measure in enumerate(self.measures, start=1)]
        return (*shown, SeriesPlan(self.rest, "part-rest")) if self.rest else tuple(shown)


@dataclass(frozen=True)
class ComplianceCharts:
    """The plans of one range, and how its periods are read."""

    plans: tuple[ChartPlan, ...]
    breakdowns: tuple[Breakdown, ...]

    def read(self, figures: Figures) -> Readings:
        readings = dict(read_measures(figures))
        for breakdown in self.breakdowns:
            readings |= breakdown.read(figures)
        return readings

    @property
    def measures(self) -> Sequence[Measure]:
        """Those of this range alone, for the CSV."""
        return [*chain.from_iterable(breakdown.all_measures for breakdown in self.breakdowns)]


def plan_compliance(total: Figures, labels: Mapping[str, str]) -> ComplianceCharts:
    """The charts of a range with that total. `labels`: of reason codes."""
    reasons = _break_down("pauses_for", _reasons, total, labels)
    overrides = _break_down("overrides_by", _overrides, total, {})
    plans = (
        _by_parts("reasons", "Pauses by reason", "Confirmed pauses", reasons, PAUSES),
        _by_parts("overrides", "Overrides of the calls limit", "Confirmed pauses, by who asked", overrides, OVERRIDES),
        _single("outside", "Calls outside hours", "Times that calls were found in closed hours", OUTSIDE_HOURS),
        _single("cxone", "Changes in CXone", "Changes that nobody made here", CHANGES_IN_CXONE),
        _single("paused", "Time paused", "Of pauses that ended", PAUSED_TIME),
    )
    return ComplianceCharts(plans, (reasons, overrides))


def _reasons(figures: Figures) -> Counter[str]:
    return figures.reasons


def _overrides(figures: Figures) -> Counter[str]:
    return figures.overrides


def _break_down(
    key: str, counter: Callable[[Figures], Counter[str]], total: Figures, labels: Mapping[str, str]
) -> Breakdown:
    ranked = counter(total).most_common()
    values = tuple(value for value, _ in ranked[:MOST])
    measures = tuple(
        Measure(f"{key}_{value or NOBODY}".replace(" ", "_"), labels.get(value, value) or NOBODY) for value in values
    )
    rest = Measure(f"{key}_others", "Others") if len(ranked) > MOST else None
    return Breakdown(counter, values, measures, rest)


def _by_parts(key: str, title: str, said: str, parts: Breakdown, whole: Measure) -> ChartPlan:
    """A chart of the parts; of the whole, if there are none to tell apart."""
    series = parts.series or (SeriesPlan(whole, "part-1"),)
    columns = (*parts.all_measures, whole) if parts.series else (whole,)
    return ChartPlan(key, title, (BandPlan(said, HEIGHT, series),), columns)


def _single(key: str, title: str, said: str, measure: Measure) -> ChartPlan:
    return ChartPlan(key, title, (BandPlan(said, HEIGHT, (SeriesPlan(measure, "part-1"),)),), (measure,))
