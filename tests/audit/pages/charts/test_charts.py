"""The drawing of charts: what is drawn stays in its box, gaps stay gaps, stacks add up, axes are round."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.pages.charts import drawing
from audit.pages.charts.drawing import measures, paths, scales
from audit.statistics.figures import OUTCOMES, Figures

HEIGHT = 140
COUNTS = st.integers(0, 10**15)
SHARES = st.floats(0, 1)
DURATIONS = st.floats(0, 1e300)
GAPPY = st.lists(st.none() | SHARES, min_size=1, max_size=80)
BERLIN = ZoneInfo("Europe/Berlin")


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](\S+?) ([\d.]+)", path)]


def bars(path: str) -> list[tuple[float, float]]:
    """Foot and head of each bar."""
    return [(float(foot), float(head)) for foot, head in re.findall(r"M\S+ ([\d.]+)V([\d.]+)h", path)]


def some_figures(confirmed: int = 9, failed: int = 1) -> Figures:
    figures = Figures(drains=2, calls_at_start=40, calls_ended=30)
    figures.outcomes.update({"CONFIRMED": confirmed, "FAILED": failed, "SKIPPED": 4})
    for value in (200, 400, 90_000):
        figures.latency.add(value)
    return figures


def starts(count: int, step: timedelta, first: datetime = datetime(2025, 11, 3, tzinfo=BERLIN)) -> list[datetime]:
    return [first + number * step for number in range(count)]


@given(GAPPY)
def test_line_stays_in_its_box(values: list[float | None]) -> None:
    drawn = points(paths.line(values, scales.share_scale(None), HEIGHT))
    assert len(drawn) == sum(value is not None for value in values)
    assert all(0 <= x <= paths.WIDTH and 0 <= y <= HEIGHT for x, y in drawn)


@given(GAPPY)
def test_gap_begins_a_new_line(values: list[float | None]) -> None:
    beginnings = sum(after is not None and before is None for before, after in pairwise([None, *values]))
    assert paths.line(values, scales.share_scale(None), HEIGHT).count("M") == beginnings


def test_lone_point_is_a_dot() -> None:
    assert paths.line([None, 0.5, None], scales.share_scale(None), HEIGHT) == "M500.0 70.0h0"


def test_no_values_draw_nothing() -> None:
    scale = scales.count_scale(0)
    assert (paths.line([None, None], scale, HEIGHT), paths.stack([[0, 0]], scale, HEIGHT)) == ("", [""])


@given(st.lists(st.tuples(COUNTS, COUNTS, COUNTS), min_size=1, max_size=80))
def test_stack_adds_up_to_the_total(rows: list[tuple[int, int, int]]) -> None:
    scale = scales.count_scale(max(map(sum, rows)))
    drawn = paths.stack(list(zip(*rows, strict=True)), scale, HEIGHT)
    heights = sum(foot - head for path in drawn for foot, head in bars(path))
    assert heights == pytest.approx(sum(map(sum, rows)) / scale.high * HEIGHT, abs=0.1 * 3 * len(rows))


def test_bar_stands_on_the_one_before() -> None:
    lower, upper = paths.stack([[3], [5]], scales.Scale(0, 10, (0, 10)), 100)
    assert (bars(lower), bars(upper)) == ([(100, 70)], [(70, 20)])


def assert_round(scale: scales.Scale) -> None:
    assert all(before < after for before, after in pairwise(scale.ticks))
    assert 2 <= len(scale.ticks) <= 7
    assert scale.low <= scale.ticks[0]
    assert scale.ticks[-1] <= scale.high


@given(COUNTS)
def test_counts_rise_in_whole_steps(most: int) -> None:
    scale = scales.count_scale(most)
    assert_round(scale)
    assert scale.high >= most
    assert {str(int(tick - before)).strip("0") for before, tick in pairwise(scale.ticks)} <= {"1", "2", "5"}


@given(SHARES)
def test_axis_of_shares_holds_the_least(least: float) -> None:
    scale = scales.share_scale(least)
    assert_round(scale)
    assert (scale.low <= least, scale.high) == (True, 1)


def test_axis_of_shares_can_begin_at_zero() -> None:
    assert (scales.share_scale(0.99).low, scales.share_scale(0.99, whole=True).low) == (0.95, 0)


@given(st.lists(DURATIONS, max_size=20))
def test_axis_of_durations_holds_all(values: list[float]) -> None:
    scale = scales.duration_scale(values)
    assert_round(scale)
    assert all(scale.low <= max(value, 1) <= scale.high for value in values if value > 0)


@given(DURATIONS, DURATIONS)
def test_larger_value_stands_higher(one: float, other: float) -> None:
    high, low = scales.duration_scale([one, other]).falls([max(one, other), min(one, other)], HEIGHT)
    assert float(high) <= float(low)


@pytest.mark.parametrize(
    ("count", "step", "labels"),
    [
        (24, timedelta(hours=1), ["00:00", "02:00", "04:00"]),
        (7, timedelta(days=1), ["3 Nov", "4 Nov", "5 Nov"]),
        (30, timedelta(days=1), ["3 Nov", "10 Nov", "17 Nov"]),
        (365, timedelta(days=1), ["Dec", "Jan", "Feb"]),
        (52, timedelta(weeks=1), ["Dec", "Jan", "Feb"]),
        (520, timedelta(weeks=1), ["Jan", "Jan", "Jan"]),
    ],
)
def test_axis_of_periods_is_labelled_where_it_is_round(count: int, step: timedelta, labels: list[str]) -> None:
    marks = scales.time_marks(starts(count, step))
    assert [mark.label for mark in marks[:3]] == labels


@given(st.integers(1, 732), st.sampled_from([timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)]))
def test_axis_of_periods_has_room_for_its_labels(count: int, step: timedelta) -> None:
    marks = scales.time_marks(starts(count, step))
    assert 1 <= len(marks) <= 12
    assert all(before.index < after.index < count for before, after in pairwise(marks))
    assert sum(not mark.is_minor for mark in marks) <= 6


def test_year_stands_below_where_it_begins() -> None:
    marks = scales.time_marks(starts(365, timedelta(days=1)))
    assert [(mark.label, mark.below) for mark in marks if mark.below] == [("Dec", "2025"), ("Jan", "2026")]


def test_hours_of_a_changing_clock_are_labelled() -> None:
    hours = [(datetime(2026, 10, 24, 22, tzinfo=UTC) + timedelta(hours=n)).astimezone(BERLIN) for n in range(25)]
    assert len({mark.index for mark in scales.time_marks(hours)}) == len(scales.time_marks(hours))


@pytest.mark.parametrize("count", [0, 1, 2, 400])
def test_charts_are_drawn_of_any_number_of_periods(count: int) -> None:
    drawn = drawing.draw_charts([drawing.read_measures(some_figures())] * count)
    assert [chart.plan.key for chart in drawn] == ["success", "outcomes", "latency", "confirmation", "drained"]


def test_empty_periods_leave_bands_empty() -> None:
    drawn = drawing.draw_charts([drawing.read_measures(Figures())] * 3)
    assert all(band.is_empty for chart in drawn for band in chart.bands)


def test_few_values_have_hollow_dots() -> None:
    latency = drawing.draw_charts([drawing.read_measures(some_figures())])[2].bands[0]
    assert [[dot.is_few for dot in shape.dots] for shape in latency.shapes] == [[False], [True], [True]]


def test_many_periods_have_no_dots() -> None:
    latency = drawing.draw_charts([drawing.read_measures(some_figures())] * 100)[2].bands[0]
    assert not any(shape.dots for shape in latency.shapes)


def test_axis_says_that_it_begins_above_zero() -> None:
    rows = [drawing.read_measures(some_figures(98, 2))]
    assert [drawing.draw_charts(rows, whole=whole)[0].bands[0].floor for whole in (False, True)] == ["95 %", ""]


def test_every_measure_is_read() -> None:
    assert set(drawing.read_measures(Figures())) == {measure.key for measure in drawing.MEASURES}


def test_nothing_tried_has_no_rate() -> None:
    row = drawing.read_measures(Figures())
    assert (row["success_rate_percent"], measures.RATE.cells([row["success_rate_percent"]])) == (None, [drawing.NONE])


def test_outcomes_add_up() -> None:
    figures = Figures()
    figures.outcomes.update(dict.fromkeys(OUTCOMES, 3))
    row = drawing.read_measures(figures)
    assert (row["operations"], row["tried"]) == (24, 12)


@pytest.mark.parametrize(("share", "shown"), [(1, 100), (0.99999, 99.9), (0.5, 50), (0.00001, 0.1), (0, 0)])
def test_nearly_all_is_not_all(share: float, shown: float) -> None:
    assert drawing.percent(share) == shown


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (0, "0 ms"),
        (412.3, "412 ms"),
        (999.7, "1 s"),
        (4210, "4.21 s"),
        (41_240, "41.2 s"),
        (59_990, "1 min"),
        (125_000, "2 min 5 s"),
        (3_599_900, "1 h"),
        (4_320_000, "1 h 12 min"),
        (273_600_000, "3 d 4 h"),
    ],
)
def test_durations_are_said_in_words(milliseconds: float, said: str) -> None:
    assert drawing.duration_in_words(milliseconds) == said
