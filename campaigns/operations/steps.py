"""The steps of an operation on their way from the click to the end, each with its time. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from campaigns.models import Attempt, Operation, OperationKind
from campaigns.operations.descriptions import DONE
from campaigns.operations.labels import asker_of, label_of
from campaigns.operations.phrases import against_limit, calls
from campaigns.operations.timed import begin_of, due_in_words, zone_of_due
from campaigns.schedule import same
from campaigns.schedule.due_times import in_words
from campaigns.states import BAD_ENDS, LABELS, OPEN, State

# Earlier attempts that are shown. Half an hour of an outage leaves some eighty.
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Step:
    """`mark`: done, now, next or bad. `after`: how long after the click, or its own time, in words. `attempts`: those
    that it shows; `folded`: only where somebody asks for them."""

    name: str
    done: bool
    at: datetime | None = None
    detail: str = ""
    attempts: tuple[Attempt, ...] = ()
    folded: bool = False
    mark: str = "done"
    after: str = ""


@dataclass(frozen=True, slots=True)
class TimeChange:
    """A change of an operation's time. `by` is "" where newer zone data caused it."""

    at: datetime
    by: str
    before: datetime
    after: datetime


def steps(
    operation: Operation, attempts: Sequence[Attempt] = (), time_changes: Sequence[TimeChange] = ()
) -> list[Step]:
    """What was done, in the order of time, then what is being done now and what lies ahead.

    Steps that an ended operation left out don't appear. `attempts`: its own, oldest first.
    """
    way = [*_way(operation, attempts), *(_moved(operation, change) for change in time_changes)]
    done = [replace(step, after=_after(operation, step.at)) for step in way if step.done]
    found = _in_order(done, operation.requested_at)
    if operation.state in OPEN:
        found.extend(_ahead(operation, way))
    return found


def _moved(operation: Operation, change: TimeChange) -> Step:
    before, after = (in_words(at, zone_of_due(operation)) for at in (change.before, change.after))
    cause = f"by {change.by}" if change.by else "by new rules of its time zone"
    return Step("Time changed", True, change.at, f"{cause}: from {before} to {after}")


def _in_order(done: list[Step], asked_at: datetime) -> list[Step]:
    """By time. A step without one stays behind the step before it, and nothing comes before the click."""
    times, latest = [], asked_at
    for step in done:
        latest = max(step.at, asked_at) if step.at else latest
        times.append(latest)
    order = sorted(range(len(done)), key=times.__getitem__)
    return [done[position] for position in order]


def _ahead(operation: Operation, way: list[Step]) -> Iterator[Step]:
    mark = "now"
    for step in way:
        if step.done:
            continue
        detail = step.detail
        if mark == "now" and operation.state in {State.PENDING, State.WAITING, State.SCHEDULED}:
            detail = label_of(operation)
        yield replace(step, mark=mark, detail=detail)
        mark = "next"


def _after(operation: Operation, at: datetime | None) -> str:
    # Of one for a later time, it counts from that on.
    begin = begin_of(operation)
    if at is None or at <= begin:
        return ""
    return elapsed((at - begin).total_seconds())


def elapsed(seconds: float) -> str:
    """ "0.13 s", "12 s", "3 min 5 s"."""
    if seconds < 10:
        return f"{max(seconds, 0):.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes:
        return f"{minutes} min {rest} s"
    return f"{rest} s"


def _way(operation: Operation, attempts: Sequence[Attempt]) -> Iterator[Step]:
    due = f", for {due_in_words(operation)}" if operation.not_before else ""
    yield Step("Asked", True, operation.requested_at, f"by {asker_of(operation)}{due}")
    if operation.state == State.PENDING or operation.approved_at:
        yield _timed("Approved", operation.approved_at, f"by {operation.approved_by}" if operation.approved_by else "")
    yield _timed("Picked up by a worker", operation.started_at)
    if operation.kind == OperationKind.PAUSE:
        yield _timed("Read, and its calls counted", operation.checked_at, _count(operation))
        has_slot = operation.place_limit is not None
        pauses = "1 pause" if operation.place_limit == 1 else f"{operation.place_limit} pauses"
        limit = f"{pauses} at a time" if has_slot else ""
        yield Step("Its turn", has_slot, detail=limit)
    if operation.kind == OperationKind.SCHEDULE:
        yield _timed("Read, and compared with what was changed", operation.checked_at, _comparison(operation))
    yield from _sending(operation, attempts)
    if operation.latency_ms is None:
        latency = ""
    else:
        latency = f"{operation.latency_ms:,} ms after the worker began"
    yield _timed("Accepted by CXone", operation.accepted_at, latency)
    yield _timed(f"Read back {DONE[OperationKind(operation.kind)]}", operation.confirmed_at, _unanswered(operation))
    if operation.ended_at and operation.state != State.CONFIRMED:
        mark = "bad" if operation.state in BAD_ENDS else "done"
        yield Step(LABELS[State(operation.state)], True, operation.ended_at, mark=mark)


def _sending(operation: Operation, attempts: Sequence[Attempt]) -> Iterator[Step]:
    """The newest attempt, and those before it as one step where they were made."""
    earlier, newest = attempts[:-1], attempts[-1] if attempts else None
    if earlier:
        times = "once" if len(earlier) == 1 else f"{len(earlier):,} times"
        shown = tuple(earlier[-MOST_SHOWN:])
        detail = f"the last {MOST_SHOWN} are shown" if len(earlier) > MOST_SHOWN else ""
        yield Step(f"Tried {times} before", True, earlier[0].sent_at, detail, attempts=shown, folded=True)
    sent_at = newest.sent_at if newest else operation.sent_at
    yield Step("Sent to CXone", sent_at is not None, sent_at, attempts=(newest,) if newest else ())


def _unanswered(operation: Operation) -> str:
    """What is shown instead of an acceptance if the change was seen and CXone never answered."""
    if operation.confirmed_at is None or operation.accepted_at is not None:
        return ""
    return f"No answer from CXone; read back {DONE[OperationKind(operation.kind)]}"


def _timed(name: str, at: datetime | None, detail: str = "") -> Step:
    return Step(name, at is not None, at, detail)


def _count(operation: Operation) -> str:
    if operation.calls_before is None or operation.calls_limit is None:
        return ""
    return against_limit(calls(operation.calls_before), operation.calls_before, operation.calls_limit)


def _comparison(operation: Operation) -> str:
    if operation.conflict:
        return "changed by somebody else, against this"
    seen = operation.payload.get("replaced")
    if seen is None:
        return ""
    if same(seen, operation.payload["base"]):
        return "as it was"
    return "changed by somebody else, merged with this"
