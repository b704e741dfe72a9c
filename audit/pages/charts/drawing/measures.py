"""The measures: each figure that a chart draws, its table shows and the CSV contains. Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from audit.pages.charts.drawing.scales import DAY, HOUR, MINUTE, SECOND
from audit.statistics.figures import CANCELLED, OUTCOMES, REJECTED, SKIPPED, SUPERSEDED, TRIED, Figures

# Shown if there is no figure, which isn't the same as 0.
NONE = "\N{EN DASH}"

Readings = Mapping[str, float | None]


class Unit(StrEnum):
    """The unit of a measure, as a table's heading shows it."""

    COUNT = ""
    SHARE = "%"
    MILLISECONDS = "ms"
    SECONDS = "s"
    HOURS = "h"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a period.

    `key`: its column in the CSV, which has shares in percent and durations in milliseconds. `of`: the key of the
    number of values that it is based on; below `enough` of them it means little.
    """

    key: str
    label: str
    unit: Unit = Unit.COUNT
    of: str = ""
    enough: int = 0

    def cells(self, values: Iterable[float | None]) -> list[str]:
        """The values as a table shows them, without unit. A column at a time: a year has ten thousand cells."""
        match self.unit:
            case Unit.SHARE:
                return [NONE if value is None else f"{percent(value):.1f}" for value in values]
            case Unit.SECONDS:
                return [NONE if value is None else f"{value / SECOND:,.2f}" for value in values]
            case Unit.HOURS:
                return [NONE if value is None else f"{value:,.1f}" for value in values]
            case _:
                return [NONE if value is None else f"{value:,.0f}" for value in values]

    def said(self, value: float | None) -> str:
        """The value with its unit, for reading."""
        match self.unit:
            case _ if value is None:
                return NONE
            case Unit.SHARE:
                return f"{percent(value):.1f} %"
            case Unit.COUNT:
                return f"{value:,.0f}"
            case Unit.HOURS:
                return f"{value:,.{0 if value >= WHOLE_HOURS else 1}f} h"
            case _:
                return duration_in_words(value)

    def plain(self, value: float | None) -> float | int | None:
        """The value for the CSV: shares in percent, durations in milliseconds."""
        match self.unit:
            case _ if value is None:
                return None
            case Unit.SHARE:
                return round(value * 100, 4)
            case Unit.COUNT:
                return int(value)
            case Unit.HOURS:
                return round(value, 4)
            case _:
                return round(value, 1)


def _percentiles(name: str, unit: Unit, *ranks: int, label: str = "p{}") -> list[Measure]:
    of = f"{name}_values"
    measures = []
    for rank in ranks:
        # With fewer values, the percentile by nearest rank is simply the highest value.
        enough = math.ceil(100 / (100 - rank))
        measures.append(Measure(f"{name}_p{rank}_ms", label.format(rank), unit, of, enough))
    return [*measures, Measure(of, "Values (n)")]


RATE = Measure("success_rate_percent", "Success rate", Unit.SHARE, "tried", 10)
COUNTED = Measure("tried", "Of")
_APART = (SKIPPED, REJECTED, CANCELLED, SUPERSEDED)
ENDS = {outcome: Measure(outcome.lower(), outcome.capitalize()) for outcome in (*TRIED, *_APART)}
OPERATIONS = Measure("operations", "All")
LATENCY = _percentiles("latency", Unit.MILLISECONDS, 50, 95, 99)
CONFIRMATION = _percentiles("confirmation", Unit.SECONDS, 50, 95, 99)
DRAINS = Measure("pauses_watched", "Pauses watched")
CALLS_AT_START = Measure("calls_in_progress_at_pause", "Calls at the pause")
CALLS_ENDED = Measure("calls_ended", "Ended")
CALLS_LEFT = Measure("calls_not_seen_to_end", "Not seen to end")
CALLS_SHARE = Measure("calls_ended_percent", "Share ended", Unit.SHARE, "calls_in_progress_at_pause", 10)
EMPTIED = _percentiles("last_call", Unit.SECONDS, 50, 95, label="Last call p{}")
PAUSES = Measure("pauses", "Pauses")
OVERRIDES = Measure("overrides", "Overrides")
OUTSIDE_HOURS = Measure("calls_outside_hours", "Times found")
CHANGES_IN_CXONE = Measure("changes_in_cxone", "Changes")
PAUSED_TIME = Measure("paused_hours", "Time paused", Unit.HOURS)
MEASURES = (
    RATE,
    COUNTED,
    *ENDS.values(),
    OPERATIONS,
    *LATENCY,
    *CONFIRMATION,
    DRAINS,
    CALLS_AT_START,
    CALLS_ENDED,
    CALLS_LEFT,
    CALLS_SHARE,
    *EMPTIED,
    PAUSES,
    OVERRIDES,
    OUTSIDE_HOURS,
    CHANGES_IN_CXONE,
    PAUSED_TIME,
)
_OUTCOME_KEYS = {outcome: ENDS[outcome].key for outcome in OUTCOMES}
_PERCENTILE_KEYS = {
    name: [measures[-1].key, *(measure.key for measure in measures[:-1])]
    for name, measures in (("latency", LATENCY), ("confirmation", CONFIRMATION), ("emptied", EMPTIED))
}


def read_measures(figures: Figures) -> Readings:
    """The value of each measure by key: shares from 0 to 1, durations in milliseconds; None if there is no value."""
    readings: dict[str, float | None] = {key: figures.outcomes.get(end, 0) for end, key in _OUTCOME_KEYS.items()}
    readings |= {
        RATE.key: figures.success_rate,
        COUNTED.key: figures.tried,
        OPERATIONS.key: figures.outcomes.total(),
        DRAINS.key: figures.drains,
        CALLS_AT_START.key: figures.calls_at_start,
        CALLS_ENDED.key: figures.calls_ended,
        CALLS_LEFT.key: figures.calls_at_start - figures.calls_ended,
        PAUSES.key: figures.reasons.total(),
        OVERRIDES.key: figures.overrides.total(),
        OUTSIDE_HOURS.key: figures.outside_hours,
        CHANGES_IN_CXONE.key: figures.changes_in_cxone,
        PAUSED_TIME.key: figures.paused_seconds / 3600,
        CALLS_SHARE.key: figures.calls_ended / figures.calls_at_start if figures.calls_at_start else None,
    }
    for name, keys in _PERCENTILE_KEYS.items():
        count, percentiles = getattr(figures, name).summary
        # Not strict: the p99 of the time to the last call isn't shown.
        readings |= zip(keys, (count, *percentiles), strict=False)
    return readings


def percent(share: float) -> float:
    """A share in percent with one decimal. Only exact shares are 0 and 100: 99.97 % becomes 99.9, not 100."""
    if share in {0.0, 1.0}:
        return share * 100
    return min(max(round(share * 100, 1), 0.1), 99.9)


def duration_in_words(milliseconds: float) -> str:
    """ "412 ms", "4.21 s", "41.2 s", "2 min 5 s", "1 h 12 min", "3 d 4 h"."""
    if milliseconds < SECOND - 0.5:
        return f"{milliseconds:.0f} ms"
    if milliseconds < MINUTE - 50:
        return f"{milliseconds / SECOND:.3g} s"
    # The larger unit begins half a smaller one earlier, so that 59 min 59.9 s reads "1 h", not "60 min".
    larger, smaller, name, rest_name = next(pair for pair in _PAIRS if milliseconds >= pair[0] - pair[1] / 2)
    whole, rest = divmod(round(milliseconds / smaller), larger // smaller)
    if not rest:
        return f"{whole:,} {name}"
    return f"{whole:,} {name} {rest} {rest_name}"


# From so many hours on, tenths mean nothing.
WHOLE_HOURS = 100
_PAIRS = ((DAY, HOUR, "d", "h"), (HOUR, MINUTE, "h", "min"), (MINUTE, SECOND, "min", "s"))
