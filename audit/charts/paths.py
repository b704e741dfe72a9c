"""Values as SVG path data, in a box WIDTH wide and `height` high that is stretched sideways only. Pure.

Every period has the same width; a line runs through their middles. None is a gap, and a point between two gaps is a
path of no length, which a round line cap shows as a dot.
"""

from collections.abc import Sequence

from audit.charts.scales import Scale

WIDTH = 1000
GAPS_UPTO = 120  # periods; more bars than that stand side by side without gaps
GAP = 0.2  # of a period

Values = Sequence[float | None]


def middle(index: int, periods: int) -> str:
    """Where the middle of a period is, in percent of the width."""
    return f"{number((index + 0.5) / periods * 100)}%"


def line(values: Values, scale: Scale, height: int) -> str:
    """A line through the values, interrupted at gaps."""
    step = WIDTH / max(len(values), 1)
    pieces = []
    for index, value in enumerate(values):
        if value is None:
            continue
        starts = index == 0 or values[index - 1] is None
        pieces.append(f"{'M' if starts else 'L'}{number((index + 0.5) * step)} {number(fall(value, scale, height))}")
        if starts and (index + 1 == len(values) or values[index + 1] is None):
            pieces.append("h0")
    return "".join(pieces)


def stack(series: Sequence[Sequence[float]], scale: Scale, height: int) -> list[str]:
    """For each series the bars of all periods, each standing on those of the series before it."""
    paths = []
    feet: Sequence[float] = [0] * len(series[0]) if series else []
    for values in series:
        heads = [foot + value for foot, value in zip(feet, values, strict=True)]
        paths.append(_bars(feet, heads, scale, height))
        feet = heads
    return paths


def _bars(feet: Sequence[float], heads: Sequence[float], scale: Scale, height: int) -> str:
    step = WIDTH / max(len(feet), 1)
    gap = GAP * step if len(feet) <= GAPS_UPTO else 0.0
    width = number(step - gap)
    return "".join(
        f"M{number(index * step + gap / 2)} {number(fall(foot, scale, height))}"
        f"V{number(fall(head, scale, height))}h{width}V{number(fall(foot, scale, height))}Z"
        for index, (foot, head) in enumerate(zip(feet, heads, strict=True))
        if head > foot
    )


def fall(value: float, scale: Scale, height: int) -> float:
    """How far below the top of the box a value stands."""
    return (1 - scale.share(value)) * height


def number(value: float) -> str:
    """Two decimals at the most."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
