"""The calls of the last hour as a small chart with its figures. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from campaigns.models import Drain
from campaigns.timeline.paths import Sample, TimeSpan, draw_runs, number, round_up, runs_of, unknown_between, x_of

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HEIGHT = 120
PARTS = 4
# In the table beside the chart.
MOST_ROWS = 60

Box = tuple[str, str]  # x and width


@dataclass(frozen=True, slots=True)
class LastHour:
    """`line` and `area` are SVG path data; `gaps` (time of which nothing
    is known) and `expected` boxes over the whole height; `pause` and `limit` are
    where lines are drawn, "" for none. `calls`: labels from the top down. `rows`: the table, newest first."""

    line: str
    area: str
    gaps: tuple[Box, ...]
    expected: Box | None
    pause: str
    limit: str
    calls: tuple[str, ...]
    grid: tuple[int, ...]
    rows: tuple[tuple[datetime, int], ...]
    least: int
    most: int

    @property
    def is_empty(self) -> bool:
        return not self.line


def draw_last_hour(
    samples: Sequence[Sample], gaps: Sequence[TimeSpan], now: datetime, *, limit: int, drain: Drain | None = None
) -> LastHour:
    """`drain`: the one after the last pause."""
    # To the end of the minute: within it, the chart of a quiet campaign stays the same, and need not be sent again.
    now = now.replace(second=0, microsecond=0) + MINUTE
    since = now - HOUR
    runs = runs_of(samples, gaps, since, now)
    counted = list(chain.from_iterable(run.samples for run in runs))
    values = [calls for _, calls in counted]
    most = max(values, default=0)
    # A limit far above all that happened would only flatten it.
    top = round_up(max(most, limit) if most * 2 >= limit else most)
    line, area = draw_runs(runs, since, now, most=top, height=HEIGHT)
    return LastHour(
        line=line,
        area=area,
        gaps=tuple(_box(*span, since, now) for span in unknown_between(runs, since, now)),
        expected=_expected(drain, since, now),
        pause=number(x_of(drain.started_at, since, now)) if drain and since < drain.started_at < now else "",
        limit=number(HEIGHT - limit / top * HEIGHT) if 0 < limit <= top else "",
        calls=tuple(f"{top * part // PARTS:,}" for part in range(PARTS, -1, -1)),
        grid=tuple(HEIGHT * part // PARTS for part in range(PARTS + 1)),
        rows=tuple(reversed(counted[-MOST_ROWS:])),
        least=min(values, default=0),
        most=most,
    )


def _expected(drain: Drain | None, since: datetime, now: datetime) -> Box | None:
    """Where the last call was expected to end, as far as that is past."""
    if drain is None or drain.expected_median_seconds is None or drain.expected_p90_seconds is None:
        return None
    begins, ends = (
        drain.started_at + timedelta(seconds=seconds)
        for seconds in (drain.expected_median_seconds, drain.expected_p90_seconds)
    )
    return _box(begins, ends, since, now) if since < ends and begins < now else None


def _box(begins: datetime, ends: datetime, since: datetime, now: datetime) -> Box:
    left, right = (x_of(at, since, now) for at in (begins, ends))
    return number(left), number(max(right - left, 1))
