"""The curve of calls draining after a pause: numbers to SVG coordinates, pure.

The plot stretches to whatever width it is given, so the labels aren't part of it: they are text beside and below
it, evenly spaced.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH, HEIGHT = 1000, 300
# Into which both axes are divided.
PARTS = 4
# Where the axis of time may end, and the steps in which that of calls grows: their quarters are round numbers, too.
_SECONDS = (12, 20, 40, 60, 120, 240, 480, 720, 1200, 1800, 2400, 3600, 7200, 14400, 28800)
_STEPS = (4, 20, 40, 200, 400, 2000, 4000, 20000)

# Seconds since the pause, and calls in progress.
CallSample = tuple[float, int]


@dataclass(frozen=True, slots=True)
class DrainCurve:
    """`line`, `area` and `expected` are SVG path data; `expected` is where the last call was expected to end, or "".
    `calls` are labels from the top down, `times` from left to right."""

    line: str
    area: str
    expected: str
    grid: tuple[int, ...]
    calls: tuple[str, ...]
    times: tuple[str, ...]


def draw_curve(samples: Sequence[CallSample], expected: tuple[float, float] | None = None) -> DrainCurve | None:
    """The count stays as it was until the next sample: steps, not slopes. None without samples.

    `expected`: between which two times, in seconds since the pause, the last call was expected to end.
    """
    if not samples:
        return None
    seconds = _longest(max(samples[-1][0], expected[1] if expected else 0))
    most = _highest(max(calls for _, calls in samples))
    points = [(at / seconds * WIDTH, HEIGHT - calls / most * HEIGHT) for at, calls in samples]
    line = f"M{_number(points[0][0])} {_number(points[0][1])}" + "".join(
        f"H{_number(x)}" + (f"V{_number(y)}" if y != before else "") for (_, before), (x, y) in pairwise(points)
    )
    return DrainCurve(
        line=line,
        area=f"{line}V{HEIGHT}H{_number(points[0][0])}Z",
        expected=_band(*(at / seconds * WIDTH for at in expected)) if expected else "",
        grid=tuple(HEIGHT * part // PARTS for part in range(PARTS + 1)),
        calls=tuple(f"{most * part // PARTS:,}" for part in range(PARTS, -1, -1)),
        times=tuple(clock_duration(seconds * part / PARTS) for part in range(PARTS + 1)),
    )


def clock_duration(seconds: float) -> str:
    """ "0:05", "12:00", "1:02:03"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}"


def longest_in_words(seconds: float) -> str:
    """ "45 s", "2 min", "2 min 10 s": rounded up, since it is a time within which something ended."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    parts = [f"{minutes} min"] if minutes else []
    if rest or not minutes:
        parts.append(f"{rest} s")
    return " ".join(parts)


def _band(left: float, right: float) -> str:
    return f"M{_number(left)} 0H{_number(right)}V{HEIGHT}H{_number(left)}Z"


def _longest(seconds: float) -> int:
    return next((limit for limit in _SECONDS if seconds <= limit), -(-int(seconds + 1) // 3600) * 3600)


def _highest(calls: int) -> int:
    """The next number that four parts divide evenly, in steps that grow with it."""
    step = next((step for step in _STEPS if calls <= step * 10), _STEPS[-1])
    return max(-(-calls // step) * step, PARTS)


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
