"""Each promise that may be broken is noticed, and told with what shows it."""

from dataclasses import replace
from typing import Any

from tests.faults.invariants import Evidence

HASH = "ab" * 32


def request(at: float, *, method: str = "PUT", applied: bool = False, status: int | None = 200) -> dict[str, Any]:
    body_hash = HASH if method == "PUT" else ""
    path = "/api/v2/campaigns/c-1"
    return {"arrived": at, "at": at, "method": method, "path": path, "campaign_id": "c-1", "status": status,
            "applied": applied, "body_hash": body_hash}  # fmt: skip


def attempt(number: int, sent_at: float, *, fence: int = 1, outcome: str = "accepted") -> dict[str, Any]:
    return {"operation_id": "o-1", "campaign_id": "c-1", "number": number, "fence": fence, "payload_hash": HASH,
            "outcome": outcome, "sent_at": sent_at}  # fmt: skip


def record(kind: str, **details: Any) -> dict[str, Any]:
    return {"kind": f"operation.{kind}", "operation": "o-1", "details": details}


def operation(state: str = "CONFIRMED", *, waiting_for: str = "", overdue: float = 0) -> dict[str, Any]:
    return {"id": "o-1", "kind": "pause", "campaign_id": "c-1", "state": state, "waiting_for": waiting_for,
            "overdue": overdue, "lease_until": None}  # fmt: skip


# One pause: read, sent, applied, read back.
GOOD = Evidence(
    operations=[operation()],
    attempts=[attempt(1, 10.0)],
    audit=[record("asked"), record("tried", attempt=1), record("ended")],
    requests=[request(9.0, method="GET"), request(10.1, applied=True), request(10.2, method="GET")],
    accepted=["o-1"],
)


def test_kept_promises_are_silent() -> None:
    assert GOOD.broken_promises() == []


def test_lost_operation_is_told() -> None:
    assert replace(GOOD, accepted=["o-1", "o-2"]).broken_promises() == ["Operation o-2 was accepted, and is lost."]


def test_hanging_operation_is_told() -> None:
    hanging = replace(GOOD, operations=[operation("RUNNING", overdue=7)], audit=GOOD.audit[:2])
    (sentence,) = hanging.broken_promises()
    assert sentence.startswith("The pause o-1 of campaign c-1 hangs in RUNNING, waiting for nothing; it is 7.0 s")


def test_visible_wait_is_fine() -> None:
    waiting = replace(GOOD, operations=[operation("WAITING", waiting_for="budget")], audit=GOOD.audit[:2])
    assert waiting.broken_promises() == []


def test_wait_whose_time_is_over_is_told() -> None:
    waiting = replace(GOOD, operations=[operation("WAITING", waiting_for="retry", overdue=60)], audit=GOOD.audit[:2])
    assert "waiting for retry; it is 60.0 s overdue" in waiting.broken_promises()[0]


def test_end_without_record_is_told() -> None:
    assert replace(GOOD, audit=GOOD.audit[:2]).broken_promises() == [
        "The pause o-1 of campaign c-1 is CONFIRMED, with 0 records of an end."
    ]


def test_attempt_without_record_is_told() -> None:
    unrecorded = replace(GOOD, audit=[record("asked"), record("ended")])
    assert unrecorded.broken_promises() == ["Attempt 1 of operation o-1 has no record in the audit."]


def test_attempt_written_afterwards_is_told() -> None:
    late = replace(GOOD, attempts=[attempt(1, 10.15)])
    assert late.broken_promises() == [
        "PUT /api/v2/campaigns/c-1 at 10.100 (200, applied) came without an attempt on record before it."
    ]


def test_write_that_was_repeated_is_told() -> None:
    twice = replace(GOOD, requests=[*GOOD.requests, request(11.0, applied=True)])
    sent, applied = twice.broken_promises()
    assert sent.startswith("Attempt 1 of operation o-1 was sent 2 times: PUT")
    assert applied.startswith("Operation o-1 was applied 2 times: PUT")


def test_write_with_a_new_token_is_fine() -> None:
    refused = replace(GOOD, requests=[request(10.05, status=401), *GOOD.requests])
    assert refused.broken_promises() == []


def test_overtaken_workers_attempt_is_told() -> None:
    attempts = [attempt(1, 10.0, fence=2), attempt(2, 10.3, fence=1)]
    audit = [*GOOD.audit, record("tried", attempt=2)]
    assert replace(GOOD, attempts=attempts, audit=audit).broken_promises() == [
        "Attempt 2 of operation o-1 was made under fence 1, after one under fence 2."
    ]


def test_repetition_without_a_read_is_told() -> None:
    attempts = [attempt(1, 10.0, outcome="unknown"), attempt(2, 10.15)]
    audit = [*GOOD.audit, record("tried", attempt=2)]
    (sentence,) = replace(GOOD, attempts=attempts, audit=audit).broken_promises()
    assert sentence.endswith("without a read of the campaign in between.")


def test_crowded_minute_is_told() -> None:
    crowded = replace(GOOD, rate=2)
    assert crowded.broken_promises() == ["3 requests came within 1.2 s, from 9.0 on."]


def test_broken_chain_is_told() -> None:
    broken = replace(GOOD, verification={"ok": False, "first_break": {"number": 7}})
    assert broken.broken_promises() == ["verify_audit found a break: {'number': 7}."]
