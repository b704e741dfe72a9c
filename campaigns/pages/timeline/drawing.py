"""A timeline as it is drawn: lanes to coordinates. Pure.

Stretches and marks are in percent of the width, so that they keep their size in px; only the area of calls stretches.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from campaigns.models import Campaign
from campaigns.schedule.clock_face import time_of_day
from campaigns.timeline.lanes import LaneKind, LaneMark, Lanes, LaneStretch
from campaigns.timeline.paths import draw_runs, number, round_up

CALLS_HEIGHT = 28
# Positions of the cursor: fewer than px of a wide screen, and no more than a person can step through.
POSITIONS = 120
_STEPS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 30, 60, 120, 180, 240, 360))
MOST_TICKS = 13
# In percent: further right there is no room for one.
LAST_LABEL = 97


class LaneBar(NamedTuple):
    """`x` and `width` in percent."""

    x: str
    width: str
    what: str
    words: str


class DrawnMark(NamedTuple):
    x: str
    mark: LaneMark


class AxisTick(NamedTuple):
    """A label of the axis, and the hour that it leads to."""

    x: str
    label: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """`line` and `area`: path data. `top`: the number of calls at the top of its area."""

    campaign: Campaign
    lanes: Lanes
    states: list[LaneBar]
    hours: list[LaneBar]
    restrictions: list[LaneBar]
    marks: list[DrawnMark]
    line: str
    area: str
    top: int


@dataclass(frozen=True, slots=True)
class Axis:
    since: datetime
    until: datetime
    zone: ZoneInfo

    def x(self, at: datetime) -> float:
        """In percent."""
        return 100 * min(max((at - self.since) / (self.until - self.since), 0), 1)

    @property
    def positions(self) -> list[datetime]:
        """The moments that the cursor stops at."""
        step = (self.until - self.since) / POSITIONS
        return [self.since + step * position for position in range(POSITIONS)]

    @property
    def ticks(self) -> list[AxisTick]:
        """At round local times."""
        length = self.until - self.since
        step = next((step for step in _STEPS if length / step <= MOST_TICKS), _STEPS[-1])
        return [
            AxisTick(number(self.x(at)), time_of_day(at.astimezone(self.zone)), at, at + max(step, timedelta(hours=1)))
            for at in _round_times(self, step)
            if self.x(at) < LAST_LABEL
        ]


def _round_times(axis: Axis, step: timedelta) -> Iterator[datetime]:
    local = axis.since.astimezone(axis.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    # Elapsed time, not the clock's: a day on which clocks change has its hours once each.
    begins = midnight.astimezone(axis.since.tzinfo)
    at = begins + step * ((axis.since - begins) // step)
    while at < axis.until:
        if at >= axis.since:
            yield at
        at += step


def draw_row(campaign: Campaign, lanes: Lanes, axis: Axis, top: int) -> DrawnRow:
    """`top`: of the axis of calls, the same for all rows."""
    line, area = draw_runs(lanes.runs, axis.since, axis.until, most=top, height=CALLS_HEIGHT)
    restricted = [*lanes.sides[LaneKind.LAW], *lanes.sides[LaneKind.HOLIDAY], *lanes.sides[LaneKind.HOLD]]
    return DrawnRow(
        campaign=campaign,
        lanes=lanes,
        states=list(_bars(lanes.states, axis)),
        hours=list(_bars(lanes.sides[LaneKind.HOURS], axis)),
        restrictions=list(_bars(restricted, axis)),
        marks=[DrawnMark(number(axis.x(mark.at)), mark) for mark in lanes.marks],
        line=line,
        area=area,
        top=top,
    )


def top_of(rows: Iterable[Lanes]) -> int:
    return round_up(max((lanes.most for lanes in rows), default=0))


def _bars(stretches: Sequence[LaneStretch], axis: Axis) -> Iterator[LaneBar]:
    for begins, ends, what, words in stretches:
        left = axis.x(begins)
        yield LaneBar(f"{number(left)}%", f"{number(max(axis.x(ends) - left, 0.1))}%", str(what), words)
