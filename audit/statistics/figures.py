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
KINDS = (
    RecordKind.OPERATION_ENDED,
    RecordKind.OPERATION_CANCELLED,
    RecordKind.DRAIN_ENDED,
    RecordKind.CAMPAIGN_CHANGED_OUTSIDE,
    RecordKind.FINDING_OPENED,
)
PAUSE, OVERRIDDEN = "pause", "OVERRIDDEN"
# The code of the finding that calls are in progress while the campaign's hours are closed.
OUTSIDE_HOURS = "calls_outside_hours"
COUNTS = ("drains", "calls_at_start", "calls_ended", "changes_in_cxone", "outside_hours", "paused_seconds")
COUNTERS = ("outcomes", "reasons", "overrides", "people", "campaigns")
HISTOGRAMS = ("latency", "confirmation", "emptied")


class Counted(Protocol):
    """The fields of a record that the figures are computed from."""

    @property
    def kind(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def campaign_id(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def compliance_check(self) -> str: ...
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

    Of confirmed pauses: `reasons` counts them by reason code, `people` by who asked, `campaigns` by campaign, and
    `overrides` those with more calls than the limit, by who asked. `changes_in_cxone`: changes that nobody made here.
    `outside_hours`: how often calls were found outside a campaign's hours. `paused_seconds`: how long campaigns whose
    pause ended had been paused (audit.statistics.pause_times adds them).
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    latency: Histogram = field(default_factory=Histogram)
    confirmation: Histogram = field(default_factory=Histogram)
    emptied: Histogram = field(default_factory=Histogram)
    drains: int = 0
    calls_at_start: int = 0
    calls_ended: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    overrides: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    campaigns: Counter[str] = field(default_factory=Counter)
    changes_in_cxone: int = 0
    outside_hours: int = 0
    paused_seconds: int = 0

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
                if record.action == PAUSE and details.get("state") == CONFIRMED:
                    self._add_pause(record)
            case RecordKind.OPERATION_CANCELLED:
                self.outcomes[CANCELLED] += 1
            case RecordKind.DRAIN_ENDED:
                self._add_drain(details)
            # A campaign that came back has one of these, too, beside its own.
            case RecordKind.CAMPAIGN_CHANGED_OUTSIDE:
                self.changes_in_cxone += 1
            case RecordKind.FINDING_OPENED if details.get("code") == OUTSIDE_HOURS:
                self.outside_hours += 1

    def _add_pause(self, record: Counted) -> None:
        self.reasons[record.reason] += 1
        self.people[record.by] += 1
        self.campaigns[record.campaign_id] += 1
        if record.compliance_check == OVERRIDDEN:
            self.overrides[record.by] += 1

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
        for name in COUNTERS:
            _add_counts(getattr(self, name), getattr(other, name))
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in HISTOGRAMS:
            getattr(self, name).merge(getattr(other, name))

    def stored(self) -> dict[str, Any]:
        """The JSON form, without what is empty or zero: {"outcomes": {state: count}, "drains": …, "latency": …}."""
        values: dict[str, Any] = {name: dict(getattr(self, name)) for name in COUNTERS}
        values |= {name: getattr(self, name) for name in COUNTS}
        values |= {name: getattr(self, name).stored() for name in HISTOGRAMS}
        return {name: value for name, value in values.items() if value}

    def merge_stored(self, stored: Mapping[str, Any]) -> None:
        """Add figures in the form that `stored` returns."""
        for name, value in stored.items():
            if name in COUNTERS:
                _add_counts(getattr(self, name), value)
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


def _add_counts(counter: Counter[str], added: Mapping[str, int]) -> None:
    for value, count in added.items():
        counter[value] += count


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
