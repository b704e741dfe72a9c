"""The figures behind the charts, and what each record adds to them. Pure: plain values, no database."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from audit.canonical_json import LARGEST
from audit.kinds import RecordKind
from audit.statistics.histogram import Histogram

CONFIRMED, SKIPPED, REJECTED, CONFLICT = "CONFIRMED", "SKIPPED", "REJECTED", "CONFLICT"
FAILED, UNCONFIRMED, CANCELLED, SUPERSEDED = "FAILED", "UNCONFIRMED", "CANCELLED", "SUPERSEDED"
OUTCOMES = (CONFIRMED, SKIPPED, REJECTED, CONFLICT, FAILED, UNCONFIRMED, CANCELLED, SUPERSEDED)
# The denominator of the success rate. The others sent nothing to CXone (already so, too many calls, cancelled), or a
# pause took their place before anybody could see what came of them.
TRIED = (CONFIRMED, FAILED, UNCONFIRMED, CONFLICT)
# The `end` of a drain whose last call was seen to end.
EMPTY = "empty"
# The only kinds of records that add to the figures.
KINDS = (RecordKind.OPERATION_ENDED, RecordKind.OPERATION_CANCELLED, RecordKind.DRAIN_ENDED)
COUNTS = ("drains", "calls_at_start", "calls_ended")
HISTOGRAMS = ("latency", "confirmation", "emptied")


class Counted(Protocol):
    """The fields of a record that the figures are computed from."""

    @property
    def kind(self) -> str: ...
    @property
    def latency_ms(self) -> int | None: ...
    @property
    def details(self) -> object: ...


@dataclass
class Figures:
    """Outcomes and durations of a set of operations. Histograms count milliseconds.

    `outcomes`: operations by their final state. `latency`: from the worker's start on the operation to CXone's
    response. `confirmation`: from the request until the campaign was read back as requested; CONFIRMED ones only.
    `emptied`: from the accepted pause to the sample without calls, where there was one. `calls_at_start` and
    `calls_ended` are sums over the `drains` that ended.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    latency: Histogram = field(default_factory=Histogram)
    confirmation: Histogram = field(default_factory=Histogram)
    emptied: Histogram = field(default_factory=Histogram)
    drains: int = 0
    calls_at_start: int = 0
    calls_ended: int = 0

    @property
    def tried(self) -> int:
        """The denominator of the success rate: without SKIPPED, REJECTED and CANCELLED, which sent nothing, and
        without SUPERSEDED, whose place a pause took."""
        return sum(self.outcomes.get(outcome, 0) for outcome in TRIED)

    @property
    def success_rate(self) -> float | None:
        """CONFIRMED / tried, 0 to 1; None if nothing was tried."""
        if self.tried:
            return self.outcomes[CONFIRMED] / self.tried
        return None

    def add(self, record: Counted) -> None:
        """Count a record. Details that the product wouldn't have written are ignored."""
        details = record.details if isinstance(record.details, Mapping) else {}
        match record.kind:
            case RecordKind.OPERATION_ENDED:
                self._add_end(details, record.latency_ms)
            case RecordKind.OPERATION_CANCELLED:
                self.outcomes[CANCELLED] += 1
            case RecordKind.DRAIN_ENDED:
                self._add_drain(details)

    def _add_end(self, details: Mapping[str, Any], latency_ms: int | None) -> None:
        state = details.get("state")
        if state in OUTCOMES:
            self.outcomes[state] += 1
        _add(self.latency, latency_ms)
        if state == CONFIRMED:
            _add(self.confirmation, details.get("confirmation_ms"))

    def _add_drain(self, details: Mapping[str, Any]) -> None:
        start, end = _number(details.get("calls_at_start")), _number(details.get("calls_at_end"))
        if start is None or end is None:
            return
        self.drains += 1
        self.calls_at_start += int(start)
        # More calls may be in progress at the end than at the start; none of them counts as ended then.
        self.calls_ended += max(int(start) - int(end), 0)
        seconds = _number(details.get("seconds"))
        if details.get("end") == EMPTY and seconds is not None:
            self.emptied.add(seconds * 1000)

    def merge(self, other: "Figures") -> None:
        """Add the figures of `other`."""
        for outcome, count in other.outcomes.items():
            self.outcomes[outcome] += count
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in HISTOGRAMS:
            getattr(self, name).merge(getattr(other, name))

    def stored(self) -> dict[str, Any]:
        """The JSON form, without what is empty or zero: {"outcomes": {state: count}, "drains": …, "latency": …}."""
        values = {"outcomes": dict(self.outcomes)} | {name: getattr(self, name) for name in COUNTS}
        values |= {name: getattr(self, name).stored() for name in HISTOGRAMS}
        return {name: value for name, value in values.items() if value}

    def merge_stored(self, stored: Mapping[str, Any]) -> None:
        """Add figures in the form that `stored` returns."""
        for name, value in stored.items():
            if name == "outcomes":
                for outcome, count in value.items():
                    self.outcomes[outcome] += count
            elif name in COUNTS:
                setattr(self, name, getattr(self, name) + value)
            else:
                getattr(self, name).merge_stored(value)


def combine(parts: Iterable[Figures]) -> Figures:
    """The sum of the parts."""
    whole = Figures()
    for part in parts:
        whole.merge(part)
    return whole


def _add(histogram: Histogram, milliseconds: object) -> None:
    number = _number(milliseconds)
    if number is not None:
        histogram.add(number)


def _number(value: object) -> int | float | None:
    """The value, if it is a number from 0 to the largest that a record can hold; otherwise None."""
    # Details are JSON that anybody with the database could have written, and bool is an int in Python.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value <= LARGEST else None
