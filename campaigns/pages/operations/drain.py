"""How the calls of a campaign end after a pause, for pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from campaigns.models import Campaign, Drain, Operation
from campaigns.pages.operations.drain_curve import DrainCurve, clock_duration, draw_curve, longest_in_words

# In the table beside the curve; a drain of many calls has a sample every few seconds.
ROWS = 40


@dataclass(frozen=True, slots=True)
class ExpectedEnd:
    """When the last call was expected to end, by the campaign's own earlier drains: half of them took up to `median`,
    nine in ten up to `most`, both in words. `is_late`: this one takes, or took, longer than those nine."""

    median: str
    most: str
    median_at: datetime
    most_at: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class DrainView:
    """`share`: of the calls in progress at the pause, the percentage that has ended; `took`: to now or to the end;
    `expected`: None where the campaign had too few drains before."""

    drain: Drain
    going_on: bool
    left: int
    ended: int
    share: int
    per_minute: float | None
    took: str
    curve: DrainCurve | None
    rows: list[tuple[str, int]]
    expected: ExpectedEnd | None

    @property
    def had_none(self) -> bool:
        """There was nothing to end: no call at the pause, and none seen since."""
        return all(calls == 0 for _, calls in self.rows)


def drain_of_operation(operation: Operation) -> DrainView | None:
    return _view(Drain.objects.filter(operation=operation).first())


def last_drain_of(campaign: Campaign) -> DrainView | None:
    """The drain after the campaign's last pause."""
    return _view(campaign.drains.first())


def _view(drain: Drain | None) -> DrainView | None:
    if drain is None:
        return None
    samples = [(_seconds(drain, sample.at), sample.calls) for sample in drain.samples.all()]
    samples = samples or [(0.0, drain.calls_at_start)]
    seconds, left = samples[-1]
    if drain.calls_at_end is not None and drain.seconds is not None:
        seconds, left = drain.seconds, drain.calls_at_end
    ended = max(drain.calls_at_start - left, 0)
    return DrainView(
        drain=drain,
        going_on=drain.ended_at is None,
        left=left,
        ended=ended,
        share=round(100 * ended / drain.calls_at_start) if drain.calls_at_start else 100,
        per_minute=ended * 60 / seconds if seconds else None,
        took=clock_duration(seconds),
        curve=draw_curve(samples, _expected_seconds(drain)),
        rows=_thinned([(clock_duration(at), calls) for at, calls in _changes(samples)]),
        expected=_expected_end(drain, seconds),
    )


def _expected_seconds(drain: Drain) -> tuple[float, float] | None:
    if drain.expected_median_seconds is None or drain.expected_p90_seconds is None:
        return None
    return drain.expected_median_seconds, drain.expected_p90_seconds


def _expected_end(drain: Drain, seconds: float) -> ExpectedEnd | None:
    """`seconds`: how long it has taken so far, or took."""
    expected = _expected_seconds(drain)
    if expected is None:
        return None
    median, most = expected
    return ExpectedEnd(
        median=longest_in_words(median),
        most=longest_in_words(most),
        median_at=drain.started_at + timedelta(seconds=median),
        most_at=drain.started_at + timedelta(seconds=most),
        is_late=seconds > most,
    )


def _seconds(drain: Drain, at: datetime) -> float:
    return max((at - drain.started_at).total_seconds(), 0.0)


def _changes(samples: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """The samples at which the number of calls changed, and the last one."""
    kept = [sample for before, sample in pairwise(samples) if sample[1] != before[1]]
    last = [samples[-1]] if kept and kept[-1] != samples[-1] else []
    return [samples[0], *kept, *last]


def _thinned(rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
    if len(rows) <= ROWS:
        return rows
    return [rows[step * (len(rows) - 1) // (ROWS - 1)] for step in range(ROWS)]
