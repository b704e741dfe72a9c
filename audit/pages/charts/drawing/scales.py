"""Axes: the mapping of values to heights, and the positions of labels. Pure."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

# The most labels on an axis of durations.
MOST_TICKS = 6
# Where an axis of shares can begin, other than at 0 %.
FLOORS = (0.95, 0.9, 0.8)
# Floors above which fifths are rounder numbers than quarters: 91, 92 … or 92, 94 …
FIFTHS = {0.95, 0.9}
# Labels of the axis of periods that fit on a narrow screen.
FEW_MARKS = 4
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
HOURS, MONTHS = (1, 2, 3, 6, 12, 24), (1, 2, 3, 6, 12, 24, 60, 120, 600)
# The possible labels of an axis of durations, in milliseconds.
RUNGS = (
    *(number * power for power in (1, 10, 100) for number in (1, 2, 5)),
    *(number * SECOND for number in (1, 2, 5, 10, 20, 30)),
    *(number * MINUTE for number in (1, 2, 5, 10, 20, 30)),
    *(number * HOUR for number in (1, 2, 4, 8, 12)),
    *(number * DAY for number in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from `low` to `high`, labelled at `ticks`. On a logarithmic one (`log`) `low` must be above 0."""

    low: float
    high: float
    ticks: tuple[float, ...]
    log: bool = False

    def falls(self, values: Sequence[float], height: int) -> list[str]:
        """The distance of each value from the top of a plot of that height. Values beyond the axis are at its end."""
        low = self.low
        if self.log:
            step = height / math.log(self.high / low)
            tops = [height - math.log(value / low) * step if value > low else height for value in values]
        else:
            step = height / (self.high - low)
            tops = [height - (value - low) * step if value > low else height for value in values]
        return [f"{top:.1f}" if top > 0 else "0.0" for top in tops]


def count_scale(most: float, parts: int = 4) -> Scale:
    """An axis from 0 to a round number >= `most`, with steps of 1, 2 or 5 times a power of ten."""
    step = _step(max(most, 1) / parts)
    steps = max(math.ceil(most / step), 1)
    return Scale(0, steps * step, tuple(number * step for number in range(steps + 1)))


def share_scale(least: float | None, parts: int = 4, *, whole: bool = False) -> Scale:
    """An axis up to 100 %: from 0 % if `whole`, otherwise from the highest floor that isn't above `least`."""
    floor = 0.0
    if least is not None and not whole:
        floor = next((floor for floor in FLOORS if least >= floor), 0.0)
    if parts == 4 and floor in FIFTHS:
        parts = 5
    return Scale(floor, 1.0, tuple(round(floor + (1 - floor) * part / parts, 4) for part in range(parts + 1)))


def duration_scale(values: Iterable[float]) -> Scale:
    """A logarithmic axis that contains these milliseconds and spans at least a factor of four."""
    positive = [value for value in values if value > 0] or [100.0, 1000.0]
    rungs = RUNGS if max(positive) * 4 <= RUNGS[-1] else _powers_upto(max(positive) * 4)
    low = max((rung for rung in rungs if rung <= min(positive)), default=rungs[0])
    high = next(rung for rung in rungs if rung >= max(*positive, low * 4))
    inside = [rung for rung in rungs if low <= rung <= high]
    return Scale(low, high, tuple(inside[:: math.ceil(len(inside) / MOST_TICKS)]), log=True)


def _powers_upto(most: float) -> tuple[float, ...]:
    return tuple(10.0**power for power in range(math.ceil(math.log10(most)) + 1))


def _step(rough: float) -> int:
    """The smallest of 1, 2, 5, 10, 20 … that is >= `rough`."""
    power = 10 ** max(math.floor(math.log10(rough)), 0) if rough >= 1 else 1
    return int(next(number * power for number in (1, 2, 5, 10, 20) if number * power >= rough))


# Returns the label of a period, and the text below it, which is shown only where it changes.
Label = Callable[[datetime], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A label under the period `index`, with the day or year `below` it if that changes there.

    Minor ones are hidden on narrow screens.
    """

    index: int
    label: str
    below: str
    is_minor: bool


def time_marks(starts: Sequence[datetime], most: int = 12) -> tuple[Mark, ...]:
    """The labels of the axis of periods: at hours, days, Mondays or months, at most `most` of them."""
    if not starts:
        return ()
    chosen, label = _round_starts(starts, most)
    every = math.ceil(len(chosen) / FEW_MARKS)
    marks = []
    last_below = ""
    for place, index in enumerate(chosen):
        text, below = label(starts[index])
        marks.append(Mark(index, text, below if below != last_below else "", is_minor=place % every != 0))
        last_below = below
    return tuple(marks)


def _round_starts(starts: Sequence[datetime], most: int) -> tuple[list[int], Label]:
    """The indexes of the periods to label, and the function that labels them."""
    if any(start.hour for start in starts) and starts[-1] - starts[0] < timedelta(days=3):
        hours = {index: start.hour for index, start in enumerate(starts)}
        return _first_few(_multiples(hours, HOURS), most), _label_hour
    days = _where_new([start.date() for start in starts], is_new_at_first=starts[0].hour == 0)
    mondays = [index for index in days if starts[index].weekday() == 0]
    if len(days) <= most or len(mondays) <= most:
        return _first_few([days, mondays], most), _label_day
    months = [start.year * 12 + start.month - 1 for start in starts]
    firsts = {index: months[index] for index in _where_new(months, is_new_at_first=starts[0].day == 1)}
    return _first_few(_multiples(firsts, MONTHS), most), _label_month


def _multiples(numbers: Mapping[int, int], steps: Iterable[int]) -> Iterator[list[int]]:
    """For each step, the indexes whose numbers are multiples of it."""
    for step in steps:
        yield [index for index, number in numbers.items() if number % step == 0]


def _first_few(choices: Iterable[list[int]], most: int) -> list[int]:
    """The first choice with at most `most` indexes; [0] if there is none."""
    return next((choice for choice in choices if 0 < len(choice) <= most), [0])


def _where_new(values: Sequence[object], *, is_new_at_first: bool) -> list[int]:
    changes = [index for index, (before, after) in enumerate(pairwise(values), 1) if before != after]
    return [0, *changes] if is_new_at_first else changes


def _label_hour(start: datetime) -> tuple[str, str]:
    return f"{start:%H:%M}", f"{start.day} {start:%b}"


def _label_day(start: datetime) -> tuple[str, str]:
    return f"{start.day} {start:%b}", f"{start.year}"


def _label_month(start: datetime) -> tuple[str, str]:
    return f"{start:%b}", f"{start.year}"
