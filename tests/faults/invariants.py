"""What holds after every fault: read from the product's rows and its audit, and from the simulator's own record.

A broken promise is a sentence with the operation, the campaign and the times that show it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from campaigns.states import ENDS, State, WaitingFor
from tests.faults.floor import Installation
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import wait_until

Row = dict[str, Any]

WINDOW_SECONDS = 60
# A dispatcher looks twice a second and repeats a lost wake-up after 5 s; the rest is for a busy machine.
OVERDUE_SECONDS = 20
# Longer than a lease (40 s) and than the rest of a request (61 s): nobody need wait for anything longer.
SETTLING_SECONDS = 150


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """accepted: ids of operations and bulks that pages have accepted; requests: CXone's record; rate: those that it
    allows in a minute."""

    operations: Sequence[Row]
    attempts: Sequence[Row]
    audit: Sequence[Row]
    requests: Sequence[Row]
    bulks: Sequence[Row] = ()
    verification: Row = field(default_factory=lambda: {"ok": True})
    accepted: Sequence[str] = ()
    rate: int = 200

    def broken_promises(self) -> list[str]:
        checks = (
            lost_operations, hanging_operations, hanging_bulks, missing_records, unrecorded_writes, repeated_writes,
            outdated_fences, unread_repetitions, crowded_windows, broken_audit,
        )  # fmt: skip
        return [sentence for check in checks for sentence in check(self)]


def check(product: Installation, cxone: SimulatedCXone) -> None:
    """Wait until nothing hangs, and fail with every promise that is broken and wasn't when this last looked."""
    evidence = collect(product, cxone)

    def is_settled() -> bool:
        nonlocal evidence
        evidence = collect(product, cxone)
        return not (any(map(is_hanging, evidence.operations)) or any(map(is_hanging_bulk, evidence.bulks)))

    def complaint() -> str:
        return "\n".join([*hanging_operations(evidence), *hanging_bulks(evidence)])

    wait_until(is_settled, complaint, SETTLING_SECONDS)
    verification = product.shell.call("verify_audit")
    found = replace(evidence, verification=verification).broken_promises()
    # The next test on the same rows isn't to blame.
    broken = [sentence for sentence in found if sentence not in product.told]
    product.told += broken
    assert not broken, f"{len(broken)} broken promises:\n" + "\n".join(f"- {sentence}" for sentence in broken)


def collect(product: Installation, cxone: SimulatedCXone) -> Evidence:
    """All of it as it was at one moment, though work goes on."""
    rows = product.shell.call("read_rows")
    return Evidence(
        operations=rows["operations"],
        bulks=rows["bulks"],
        attempts=rows["attempts"],
        audit=rows["audit"],
        requests=[request for request in cxone.whole_record() if request["at"] <= rows["at"]],
        accepted=product.accepted,
        rate=product.rate,
    )


def lost_operations(evidence: Evidence) -> Iterator[str]:
    """What a page has accepted is an operation, or a bulk with an operation for each of its campaigns."""
    kept = {each["id"] for each in (*evidence.operations, *evidence.bulks)}
    for accepted in evidence.accepted:
        if accepted not in kept:
            yield f"Operation {accepted} was accepted, and is lost."
    for bulk in evidence.bulks:
        if bulk["ended_at"] and not bulk["cancelled_at"] and bulk["made"] != bulk["number"]:
            yield f"Bulk {bulk['id']} has ended with {bulk['made']} operations for {bulk['number']} campaigns."


def is_hanging(operation: Row) -> bool:
    """It hasn't ended, and nothing says what it waits for; or the time is over at which it was to go on."""
    state = operation["state"]
    if state in ENDS:
        return False
    if state in {State.QUEUED, State.RUNNING}:
        return True
    if state == State.WAITING and operation["waiting_for"] == WaitingFor.NOTHING:
        return True
    return bool(operation["overdue"] > OVERDUE_SECONDS)


def hanging_operations(evidence: Evidence) -> Iterator[str]:
    """Each operation has ended or visibly waits for something that is still to come."""
    for operation in filter(is_hanging, evidence.operations):
        yield (
            f"{_name(operation)} hangs in {operation['state']}, waiting for {operation['waiting_for'] or 'nothing'}; "
            f"it is {operation['overdue']:.1f} s overdue, its lease is {operation['lease_until']}."
        )


def is_hanging_bulk(bulk: Row) -> bool:
    return bulk["ended_at"] is None and bool(bulk["overdue"] > OVERDUE_SECONDS)


def hanging_bulks(evidence: Evidence) -> Iterator[str]:
    for bulk in filter(is_hanging_bulk, evidence.bulks):
        yield (
            f"Bulk {bulk['id']} hangs, waiting for {bulk['waiting_for'] or 'nothing'}; it is {bulk['overdue']:.1f} s "
            f"overdue, its lease is {bulk['lease_until']}."
        )


def missing_records(evidence: Evidence) -> Iterator[str]:
    """The audit has each request once, each attempt, and each end once."""
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    tried = set()
    for record in evidence.audit:
        kinds[record["operation"]].append(record["kind"])
        tried.add((record["operation"], record["details"].get("attempt")))
    for operation in evidence.operations:
        found = kinds[operation["id"]]
        asked = found.count("operation.asked")
        ended = found.count("operation.ended") + found.count("operation.cancelled")
        if asked != 1:
            yield f"{_name(operation)} is on record {asked} times as asked for."
        if ended != (operation["state"] in ENDS):
            yield f"{_name(operation)} is {operation['state']}, with {ended} records of an end."
    for attempt in evidence.attempts:
        if (attempt["operation_id"], attempt["number"]) not in tried:
            yield f"Attempt {attempt['number']} of operation {attempt['operation_id']} has no record in the audit."


def writes(requests: Sequence[Row]) -> list[Row]:
    """The requests that are to change a campaign. After a 401 the same attempt is sent again, with a new token."""
    return [each for each in requests if each["method"] in {"PUT", "PATCH"} and each["status"] != 401]


def attempt_of(request: Row, evidence: Evidence) -> Row | None:
    """The newest attempt that was on record with this very body when the request came."""
    fitting = [
        attempt
        for attempt in evidence.attempts
        if attempt["campaign_id"] == request["campaign_id"]
        and attempt["payload_hash"] == request["body_hash"]
        and attempt["sent_at"] <= request["at"]
    ]
    return max(fitting, key=lambda attempt: attempt["sent_at"], default=None)


def unrecorded_writes(evidence: Evidence) -> Iterator[str]:
    """An attempt is on record before its first byte is sent, and is sent once."""
    sent: defaultdict[tuple[str, int], list[Row]] = defaultdict(list)
    for request in writes(evidence.requests):
        attempt = attempt_of(request, evidence)
        if attempt is None:
            yield f"{_shown(request)} came without an attempt on record before it."
        else:
            sent[attempt["operation_id"], attempt["number"]].append(request)
    for (operation_id, number), requests in sent.items():
        if len(requests) > 1:
            shown = "; ".join(map(_shown, requests))
            yield f"Attempt {number} of operation {operation_id} was sent {len(requests)} times: {shown}."


def repeated_writes(evidence: Evidence) -> Iterator[str]:
    """CXone has applied each operation at most once."""
    applied: defaultdict[str, list[Row]] = defaultdict(list)
    for request in writes(evidence.requests):
        attempt = attempt_of(request, evidence)
        if attempt and request["applied"]:
            applied[attempt["operation_id"]].append(request)
    for operation_id, requests in applied.items():
        if len(requests) > 1:
            shown = "; ".join(map(_shown, requests))
            yield f"Operation {operation_id} was applied {len(requests)} times: {shown}."


def outdated_fences(evidence: Evidence) -> Iterator[str]:
    """A worker that was overtaken sends nothing: a later attempt never has an earlier fence."""
    newest: defaultdict[str, int] = defaultdict(int)
    for attempt in evidence.attempts:
        operation_id = attempt["operation_id"]
        if attempt["fence"] < newest[operation_id]:
            yield (
                f"Attempt {attempt['number']} of operation {operation_id} was made under fence {attempt['fence']}, "
                f"after one under fence {newest[operation_id]}."
            )
        newest[operation_id] = max(newest[operation_id], attempt["fence"])


def unread_repetitions(evidence: Evidence) -> Iterator[str]:
    """After an unknown outcome the campaign is read before anything is sent again."""
    reads: defaultdict[str, list[float]] = defaultdict(list)
    for request in evidence.requests:
        if request["method"] == "GET" and request["campaign_id"] and request["status"] == 200:
            reads[request["campaign_id"]].append(request["at"])
    for attempt, following in zip(evidence.attempts, evidence.attempts[1:], strict=False):
        if attempt["outcome"] != "unknown" or following["operation_id"] != attempt["operation_id"]:
            continue
        if not any(attempt["sent_at"] <= at <= following["sent_at"] for at in reads[attempt["campaign_id"]]):
            yield (
                f"Attempt {following['number']} of operation {attempt['operation_id']} was sent after one of unknown "
                "outcome, without a read of the campaign in between."
            )


def crowded_windows(evidence: Evidence) -> Iterator[str]:
    """No 60 s have more requests than CXone allows in a minute."""
    arrivals = sorted(request["arrived"] for request in evidence.requests)
    for first, one_too_many in zip(arrivals, arrivals[evidence.rate :], strict=False):
        if one_too_many - first < WINDOW_SECONDS:
            yield f"{evidence.rate + 1} requests came within {one_too_many - first:.1f} s, from {first:.1f} on."
            return


def broken_audit(evidence: Evidence) -> Iterator[str]:
    if not evidence.verification["ok"]:
        yield f"verify_audit found a break: {evidence.verification['first_break']}."


def _name(operation: Row) -> str:
    return f"The {operation['kind']} {operation['id']} of campaign {operation['campaign_id']}"


def _shown(request: Row) -> str:
    applied = "applied" if request["applied"] else "not applied"
    return f"{request['method']} {request['path']} at {request['at']:.3f} ({request['status']}, {applied})"
