"""The charts: which measures each shows, and its layout in bands above one axis of periods."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from audit.pages.charts.drawing import measures, paths, scales
from audit.pages.charts.drawing.measures import (
    CALLS_AT_START,
    CALLS_ENDED,
    CALLS_LEFT,
    CALLS_SHARE,
    CONFIRMATION,
    COUNTED,
    DRAINS,
    EMPTIED,
    ENDS,
    LATENCY,
    OPERATIONS,
    RATE,
    Measure,
    Readings,
    Unit,
)
from audit.pages.charts.drawing.scales import Mark, Scale
from audit.statistics.figures import (
    CANCELLED,
    CONFIRMED,
    CONFLICT,
    FAILED,
    REJECTED,
    SKIPPED,
    SUPERSEDED,
    UNCONFIRMED,
)

# Periods. More dots would hide the line; two months by day still have them.
DOTS_UPTO = 62
# Units of values that add up, and are drawn as bars.
SUMMED = frozenset({Unit.COUNT, Unit.HOURS})


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """A measure and its style, a class in charts.css, which the legend uses too."""

    measure: Measure
    style: str


@dataclass(frozen=True, slots=True)
class BandPlan:
    """Series over one axis of values. `height` in px. Series of counts are stacked bars, others are lines."""

    title: str
    height: int
    series: tuple[SeriesPlan, ...]

    @property
    def unit(self) -> Unit:
        return self.series[0].measure.unit

    @property
    def is_stack(self) -> bool:
        return self.unit in SUMMED

    @property
    def parts(self) -> int:
        """The number of intervals on its axis."""
        # In px: a lower band has no room for more labels.
        return 4 if self.height >= 110 else 2


@dataclass(frozen=True, slots=True)
class ChartPlan:
    """A chart and the columns of its table."""

    key: str
    title: str
    bands: tuple[BandPlan, ...]
    columns: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of the axis of values, `y` px below the top of the band."""

    y: str
    label: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a line: `x` in percent, `y` in px. `is_few`: it is based on too few values to be meaningful."""

    x: str
    y: str
    is_few: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """One series as drawn: path data in a box of width `paths.WIDTH`, and dots if there is room for them."""

    series: SeriesPlan
    path: str
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """A band as drawn.

    `grid`: path data. `floor`: the start of the axis in words, "" for 0. `described`: the content, for screen readers.
    """

    plan: BandPlan
    ticks: tuple[Tick, ...]
    grid: str
    shapes: tuple[Shape, ...]
    floor: str
    described: str

    @property
    def is_empty(self) -> bool:
        return not any(shape.path for shape in self.shapes)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as drawn."""

    plan: ChartPlan
    bands: tuple[Band, ...]


def _stacked(*outcomes: str) -> tuple[SeriesPlan, ...]:
    return tuple(SeriesPlan(ENDS[outcome], outcome.lower()) for outcome in outcomes)


def _lines(percentiles: Sequence[Measure]) -> tuple[SeriesPlan, ...]:
    return tuple(SeriesPlan(measure, measure.label[-3:]) for measure in percentiles if measure.of)


CHARTS = (
    ChartPlan(
        "success",
        "Success rate",
        (BandPlan("Confirmed, of all that were tried", 140, (SeriesPlan(RATE, "rate"),)),),
        (RATE, ENDS[CONFIRMED], COUNTED),
    ),
    ChartPlan(
        "outcomes",
        "Outcomes",
        (
            BandPlan("Tried: what the success rate counts", 140, _stacked(FAILED, UNCONFIRMED, CONFLICT, CONFIRMED)),
            BandPlan("Of these, not confirmed: enlarged", 80, _stacked(FAILED, UNCONFIRMED, CONFLICT)),
            BandPlan(
                "Apart: nothing was sent, or a pause took its place",
                80,
                _stacked(SKIPPED, REJECTED, CANCELLED, SUPERSEDED),
            ),
        ),
        (*ENDS.values(), OPERATIONS),
    ),
    ChartPlan(
        "latency",
        "Latency",
        (BandPlan("From the start of the work to CXone’s answer, logarithmic", 180, _lines(LATENCY)),),
        tuple(LATENCY),
    ),
    ChartPlan(
        "confirmation",
        "Time to confirmation",
        (BandPlan("From the request until the change was seen, logarithmic", 180, _lines(CONFIRMATION)),),
        tuple(CONFIRMATION),
    ),
    ChartPlan(
        "drained",
        "Calls drained",
        (
            BandPlan(
                "Calls in progress at the pause",
                110,
                (SeriesPlan(CALLS_ENDED, "ended"), SeriesPlan(CALLS_LEFT, "left")),
            ),
            BandPlan("Share of them seen to end", 80, (SeriesPlan(CALLS_SHARE, "rate"),)),
            BandPlan("From the pause to the last call’s end, logarithmic", 140, _lines(EMPTIED)),
        ),
        (DRAINS, CALLS_AT_START, CALLS_ENDED, CALLS_LEFT, CALLS_SHARE, *EMPTIED),
    ),
)


def draw_charts(
    rows: Sequence[Readings], *, plans: Sequence[ChartPlan] = CHARTS, whole: bool = False
) -> tuple[Chart, ...]:
    """The charts of the periods' readings (`measures.read_measures`). `whole`: axes of shares always begin at 0 %."""
    return tuple(Chart(plan, tuple(_draw_band(band, rows, whole) for band in plan.bands)) for plan in plans)


def mark_periods(starts: Sequence[datetime]) -> tuple[tuple[str, Mark], ...]:
    """The labels of the axis of periods, each with its position in percent of the width."""
    return tuple((paths.middle(each.index, len(starts)), each) for each in scales.time_marks(starts))


def _draw_band(plan: BandPlan, rows: Sequence[Readings], whole: bool) -> Band:
    columns = [[row[series.measure.key] for row in rows] for series in plan.series]
    scale = _scale(plan, columns, whole)
    if plan.is_stack:
        shapes = _bars(plan, columns, scale)
    else:
        shapes = _curves(plan, columns, rows, scale)
    labels = zip(scale.falls(scale.ticks, plan.height), scale.ticks, strict=True)
    ticks = tuple(Tick(y, _tick(tick, plan.unit)) for y, tick in labels)
    return Band(
        plan=plan,
        ticks=ticks,
        grid="".join(f"M0 {tick.y}H{paths.WIDTH}" for tick in ticks),
        shapes=shapes,
        floor=_tick(scale.low, plan.unit) if plan.unit == Unit.SHARE and scale.low else "",
        described="; ".join(
            _describe(series.measure, column) for series, column in zip(plan.series, columns, strict=True)
        ),
    )


def _scale(plan: BandPlan, columns: Sequence[Sequence[float | None]], whole: bool) -> Scale:
    if plan.is_stack:
        most = max((sum(value or 0 for value in row) for row in zip(*columns, strict=True)), default=0)
        return scales.count_scale(most, plan.parts)
    values = [value for value in chain.from_iterable(columns) if value is not None]
    if plan.unit == Unit.SHARE:
        return scales.share_scale(min(values, default=None), plan.parts, whole=whole)
    return scales.duration_scale(values)


def _bars(plan: BandPlan, columns: Sequence[Sequence[float | None]], scale: Scale) -> tuple[Shape, ...]:
    drawn = paths.stack([[value or 0 for value in column] for column in columns], scale, plan.height)
    return tuple(Shape(series, path) for series, path in zip(plan.series, drawn, strict=True))


def _curves(
    plan: BandPlan, columns: Sequence[paths.Values], rows: Sequence[Readings], scale: Scale
) -> tuple[Shape, ...]:
    return tuple(
        Shape(
            series,
            paths.line(column, scale, plan.height),
            tuple(_dots(series.measure, column, rows, scale, plan.height)),
        )
        for series, column in zip(plan.series, columns, strict=True)
    )


def _dots(
    measure: Measure, values: paths.Values, rows: Sequence[Readings], scale: Scale, height: int
) -> Iterable[Dot]:
    if len(values) > DOTS_UPTO:
        return
    for index, (value, row) in enumerate(zip(values, rows, strict=True)):
        if value is not None:
            is_few = (row[measure.of] or 0) < measure.enough
            yield Dot(paths.middle(index, len(values)), scale.falls([value], height)[0], is_few)


def _describe(measure: Measure, values: paths.Values) -> str:
    present = [value for value in values if value is not None]
    is_sum = measure.unit in SUMMED
    if not present or (is_sum and not any(present)):
        return f"{measure.label}: none"
    least, most = measure.said(min(present)), measure.said(max(present))
    if is_sum:
        return f"{measure.label}: {measure.said(sum(present))} in all, {most} at the most"
    if least != most:
        return f"{measure.label}: from {least} to {most}"
    return f"{measure.label}: {most}"


def _tick(value: float, unit: Unit) -> str:
    match unit:
        case Unit.COUNT:
            return f"{value:,.0f}"
        case Unit.HOURS:
            return f"{value:,g} h"
        case Unit.SHARE:
            return f"{value * 100:g} %"
        case _:
            return measures.duration_in_words(value)
