"""How the calls of a campaign end after a pause, for pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from campaigns.models import Campaign, Drain, Operation
from campaigns.operations.phrases import calls
from campaigns.pages.operations.drain_curve import DrainCurve, clock_duration, draw_curve, longest_in_words

# Per cent of the calls that must have ended before their pace says when the last will.
ENOUGH_ENDED = 25
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
    `expected`: None where the campaign had too few drains before. `samples`: with their times."""

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
    samples: list[tuple[datetime, int]]
    # Seconds until half of its earlier drains had ended; None where it had too few, 0 once that is over.
    median_left: float | None

    @property
    def had_none(self) -> bool:
        """There was nothing to end: no call at the pause, and none seen since."""
        return all(calls == 0 for _, calls in self.rows)

    @property
    def headline(self) -> str:
        """The number that matters, in words: "99 calls left"."""
        if self.going_on or self.drain.end != "empty":
            return f"{calls(self.left)} left"
        return f"All {calls(self.drain.calls_at_start)} ended" if self.drain.calls_at_start > 1 else "The call ended"

    @property
    def pace(self) -> str:
        """How long until the last call ends, or how long that took; "" where nobody can say."""
        if not self.going_on:
            return f"in {self.took}" if self.drain.end == "empty" else f"after {self.took}"
        return f"about {longest_in_words(self.seconds_left)}" if self.seconds_left else ""

    @property
    def seconds_left(self) -> float | None:
        """By the campaign's own earlier drains, or else by the pace so far."""
        if self.median_left:
            return self.median_left
        # The first few that end say little about the rest.
        return self.left * 60 / self.per_minute if self.per_minute and self.share >= ENOUGH_ENDED else None


def drain_of_operation(operation: Operation) -> DrainView | None:
    return _view(Drain.objects.filter(operation=operation).first())


def last_drain_of(campaign: Campaign) -> DrainView | None:
    """The drain after the campaign's last pause."""
    return _view(campaign.drains.first())


def _view(drain: Drain | None) -> DrainView | None:
    if drain is None:
        return None
    counted = [(sample.at, sample.calls) for sample in drain.samples.all()]
    samples = [(_seconds(drain, at), calls) for at, calls in counted]
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
        median_left=max(drain.expected_median_seconds - seconds, 0) if drain.expected_median_seconds else None,
        samples=counted,
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
