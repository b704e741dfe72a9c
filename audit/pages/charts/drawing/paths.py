"""SVG path data of values, in a box of WIDTH x `height` that is only stretched horizontally. Pure.

All periods have the same width; a line connects their middles. None is a gap, and a point between two gaps is a path
of length 0, which the round line cap in charts.css makes visible as a dot.
"""

from collections.abc import Sequence
from functools import lru_cache

from audit.pages.charts.drawing.scales import Scale

WIDTH = 1000
# Periods. With more bars there is no room for gaps.
GAPS_UPTO = 120
# The gap between two bars, as a share of a period's width.
GAP = 0.2

Values = Sequence[float | None]


def middle(index: int, periods: int) -> str:
    """The middle of a period, in percent of the width."""
    return f"{(index + 0.5) / periods * 100:.3f}%"


def line(values: Values, scale: Scale, height: int) -> str:
    """A line through the values, interrupted at gaps."""
    pieces, joint = [], "M"
    tops = scale.falls([scale.low if value is None else value for value in values], height)
    for x, y, value, after in zip(_middles(len(values)), tops, values, [*values, None][1:], strict=True):
        if value is None:
            joint = "M"
            continue
        pieces.append(f"{joint}{x} {y}")
        if joint == "M" and after is None:
            pieces.append("h0")
        joint = "L"
    return "".join(pieces)


def stack(series: Sequence[Sequence[float]], scale: Scale, height: int) -> list[str]:
    """For each series the bars of all periods, on top of those of the series before it."""
    paths = []
    heads: Sequence[float] = [0] * len(series[0]) if series else []
    tops = scale.falls(heads, height)
    lefts, width = _bar_places(len(heads))
    for values in series:
        heads = [head + value for head, value in zip(heads, values, strict=True)]
        feet, tops = tops, scale.falls(heads, height)
        bars = zip(lefts, values, feet, tops, strict=True)
        paths.append("".join(f"M{left} {foot}V{top}h{width}V{foot}Z" for left, value, foot, top in bars if value))
    return paths


@lru_cache(maxsize=32)
def _middles(periods: int) -> tuple[str, ...]:
    return tuple(f"{(index + 0.5) * WIDTH / periods:.1f}" for index in range(periods))


@lru_cache(maxsize=32)
def _bar_places(periods: int) -> tuple[tuple[str, ...], str]:
    """The left edges of the bars, and their width."""
    step = WIDTH / max(periods, 1)
    gap = GAP * step if periods <= GAPS_UPTO else 0.0
    return tuple(f"{index * step + gap / 2:.2f}" for index in range(periods)), f"{step - gap:.2f}"
