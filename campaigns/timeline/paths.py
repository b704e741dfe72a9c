"""Calls over time as coordinates: steps, since a count stays as it was until the next one. Pure.

The box is WIDTH wide and stretches to whatever width it is given.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH = 1000
# The steps in which an axis of calls grows: their quarters are round numbers, too.
_STEPS = (4, 20, 40, 200, 400, 2000, 4000, 20000)

Sample = tuple[datetime, int]
TimeSpan = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class CallsRun:
    """Samples without a gap, and the moment until which the last one holds."""

    samples: tuple[Sample, ...]
    until: datetime


def runs_of(samples: Iterable[Sample], gaps: Iterable[TimeSpan], since: datetime, until: datetime) -> list[CallsRun]:
    """The samples between two moments, cut where nothing was read.

    What was last counted before `since` holds there.
    """
    cuts = sorted(begins for begins, _ in gaps)
    found: list[CallsRun] = []
    run: list[Sample] = []
    last = since
    for at, calls in sorted(samples):
        if at >= until:
            break
        cut = next((cut for cut in cuts if run and last <= cut < at), None)
        if cut:
            found.append(CallsRun(tuple(run), cut))
            run = []
        last = at
        if at <= since:
            run = [(since, calls)]
        elif not run or run[-1][1] != calls:
            run.append((at, calls))
    if run:
        found.append(CallsRun(tuple(run), min([*(cut for cut in cuts if cut >= last), until])))
    return [run for run in found if run.samples[0][0] < run.until]


def unknown_between(runs: Iterable[CallsRun], since: datetime, until: datetime) -> list[TimeSpan]:
    """The time between two moments that no run covers: nobody knows how many calls there were."""
    found, begins = [], since
    for run in runs:
        if run.samples[0][0] > begins:
            found.append((begins, run.samples[0][0]))
        begins = run.until
    if begins < until:
        found.append((begins, until))
    return found


def x_of(at: datetime, since: datetime, until: datetime) -> float:
    """Where a moment stands between 0 and WIDTH."""
    share = (at - since) / (until - since)
    return WIDTH * min(max(share, 0), 1)


def draw_runs(
    runs: Sequence[CallsRun], since: datetime, until: datetime, *, most: int, height: int
) -> tuple[str, str]:
    """Path data of the line and of the area below it. `most`: the number of calls at the top."""
    lines, areas = [], []
    for run in runs:
        start = x_of(run.samples[0][0], since, until)
        steps = "".join(
            f"H{number(x_of(at, since, until))}V{number(height - calls / most * height)}"
            for at, calls in run.samples[1:]
        )
        first = height - run.samples[0][1] / most * height
        line = f"M{number(start)} {number(first)}{steps}H{number(x_of(run.until, since, until))}"
        lines.append(line)
        areas.append(f"{line}V{height}H{number(start)}Z")
    return "".join(lines), "".join(areas)


def round_up(calls: int) -> int:
    """The next number that four parts divide evenly, in steps that grow with it."""
    step = next((step for step in _STEPS if calls <= step * 10), _STEPS[-1])
    return max(-(-calls // step) * step, 4)


def number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
