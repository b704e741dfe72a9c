"""A year of a busy contact centre as audit records: 40 people, 1,000 campaigns. Pure, and determined by a seed."""

import heapq
import uuid
from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate, product
from random import Random
from typing import Any, NamedTuple

from audit.kinds import RecordKind, Status

SUBJECTS = (
    "Auto Loan", "Home Equity", "Farm & Ranch", "Children's Hospital", "Wärmepumpe", "Crédito", "Term Life",
    "Dental Plan", "Prepaid SIM", "Tire & Brake",
)  # fmt: skip
PURPOSES = (
    "Welcome Calls", "Renewal", "Early Arrears", "Win-Back", "Survey", "Recall “Notice”", "Cross-Sell", "Enrollment",
    "Web Leads", "No-Shows",
)  # fmt: skip
REGIONS = ("Florida", "Texas", "Québec", "México", "Ohio", "SoCal", "Nevada", "東京", "UK", "München 😀")
CAMPAIGNS = [
    (str(uuid.UUID(int=0x4A3C00000000400080000000 * 2**32 + number)), " ".join(words))
    for number, words in enumerate(product(SUBJECTS, PURPOSES, REGIONS))
]
PEOPLE = [
    f"{first}.{last}"
    for first in ("ada", "bo", "chloé", "dmitri", "eve", "fatima", "grace", "hiro")
    for last in ("moreau", "nakamura", "o'brien", "šimek", "young")
]
REASONS = ("WFM_OVERRIDE", "WFM_SCALE_DOWN", "COMPLIANCE_HOLD", "EMERGENCY", "HOLIDAY", "MAINTENANCE")
NOTES = ("",) * 12 + (
    "Staffing is short until noon",
    'The client said "stop dialing at once"',
    "First line\nsecond line,\twith a tab",
    "Ruft später an: für Müller & Söhne; 50 % weniger",
    "=HYPERLINK(1)",
)
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
UNAVAILABLE = "CXone is unavailable (503). It is tried again."
# Calls in progress above which a pause is rejected.
LIMIT = 50
# By the final state of an operation; those that are missing are failures.
STATUSES = {"CONFIRMED": Status.SUCCESS, "SKIPPED": Status.SKIPPED, "REJECTED": Status.REJECTED}


class Event(NamedTuple):
    """The source of one record. `order`: breaks ties of time. `facts`: the record's fields except its time."""

    at: datetime
    order: int
    facts: dict[str, Any]


# Seconds since the scenario began, and the facts of one record.
Scenario = Iterator[tuple[float, dict[str, Any]]]


def generate_events(count: int, since: datetime, until: datetime, seed: int) -> Iterator[Event]:
    """`count` events in order of time, from `since` to `until` or some hours later."""
    rng = Random(seed)
    hours = busy_hours(since, until)
    coming: list[Event] = []
    yielded = begun = 0
    while yielded < count:
        begin = _moment(hours, since, (yielded + len(coming)) / count)
        while yielded < count and coming and coming[0].at <= begin:
            yield heapq.heappop(coming)
            yielded += 1
        for after, facts in _scenario(rng):
            begun += 1
            heapq.heappush(coming, Event(begin + timedelta(seconds=after), begun, facts))


def busy_hours(since: datetime, until: datetime) -> list[float]:
    """The cumulative share of events at the end of each hour. Most are from 8 to 20 h, Monday to Friday."""
    number = max(1, int((until - since) / timedelta(hours=1)))
    weights = [_weight_of(since + timedelta(hours=passed)) for passed in range(number)]
    total = sum(weights)
    return [share / total for share in accumulate(weights)]


def _weight_of(hour: datetime) -> float:
    # A weekend day has a quarter of a weekday's work.
    share = 0.25 if hour.weekday() >= 5 else 1
    if 8 <= hour.hour < 20:
        return 10.0 * share
    if 6 <= hour.hour < 22:
        return 1.5 * share
    return 0.2 * share


def _moment(hours: list[float], since: datetime, share: float) -> datetime:
    hour = min(bisect_left(hours, share), len(hours) - 1)
    before = hours[hour - 1] if hour else 0.0
    within = min(1.0, (share - before) / (hours[hour] - before))
    return since + timedelta(hours=hour + within)


def _scenario(rng: Random) -> Scenario:
    chance = rng.random()
    if chance < 0.72:
        return _operation(rng)
    if chance < 0.88:
        return _signin(rng)
    if chance < 0.96:
        return _changed_outside(rng)
    return _policy(rng) if chance < 0.98 else _refusal(rng)


def _operation(rng: Random) -> Scenario:
    action = rng.choices(("pause", "resume", "schedule"), (45, 40, 15))[0]
    about = _about(rng, action)
    schedules = {"before": {"schedule": _schedule(rng)}, "after": {"schedule": _schedule(rng)}}
    sent = schedules if action == "schedule" else {}
    asked_for = {"calls_limit": LIMIT} if action == "pause" else {}
    yield (
        0,
        about | {"kind": RecordKind.OPERATION_ASKED, "details": {"note": rng.choice(NOTES), "asked_for": asked_for}},
    )
    end = _end(rng, action)
    if end == "CANCELLED":
        yield 20, about | {"kind": RecordKind.OPERATION_CANCELLED, "details": {"asked_by": about["by"]}}
        return
    begin, payload = rng.uniform(0.01, 1), rng.randbytes(32).hex()
    if end in ("SKIPPED", "REJECTED"):
        yield begin, about | _ended(rng, end, action, None, {}) | {"payload_hash": ""}
        return
    tried = about | {"kind": RecordKind.OPERATION_TRIED, "payload_hash": payload}
    tries = _tries(rng, end)
    for attempt in range(1, tries + 1):
        yield begin, tried | {"details": {"attempt": attempt, **sent}}
        if attempt < tries:
            begin += rng.uniform(1, 4)
            answer = {"status": Status.FAILURE, "api_response_status": 503, "error": UNAVAILABLE}
            yield begin, tried | answer | {"details": {"attempt": attempt, "outcome": "UNKNOWN"}}
    latency = min(30_000, max(80, int(rng.lognormvariate(6.2, 0.9))))
    seconds = begin + latency / 1000 + rng.expovariate(1 / 5)
    yield seconds, about | _ended(rng, end, action, latency, sent) | {"payload_hash": payload}
    if end == "CONFIRMED" and action == "pause":
        yield from _drain(rng, about, seconds)


def _tries(rng: Random, end: str) -> int:
    if end == "FAILED":
        return 3
    # One operation in 25 succeeds only at the second try.
    return 2 if rng.random() < 0.04 else 1


def _about(rng: Random, action: str) -> dict[str, Any]:
    campaign_id, name = rng.choice(CAMPAIGNS)
    return {
        "action": action,
        "by": rng.choice(PEOPLE),
        "campaign_id": campaign_id,
        "campaign_name": name,
        "operation": uuid.UUID(int=rng.getrandbits(128), version=4),
        "reason": rng.choice(REASONS) if action != "schedule" else "",
        "concurrent_pause_limit": 1 if action == "pause" else None,
    }


def _end(rng: Random, action: str) -> str:
    ends = ("CONFIRMED", "SKIPPED", "FAILED", "UNCONFIRMED", "CANCELLED", "REJECTED", "CONFLICT")
    rare = {"pause": (5, 0), "resume": (0, 0), "schedule": (0, 4)}[action]
    return rng.choices(ends, (86, 4, 3, 1, 2, *rare))[0]


def _ended(rng: Random, end: str, action: str, latency: int | None, sent: dict[str, Any]) -> dict[str, Any]:
    details = {"calls": rng.randrange(LIMIT + 1) + (LIMIT if end == "REJECTED" else 0), "limit": LIMIT}
    if action == "schedule":
        details = sent
    if end == "CONFIRMED":
        details = details | {"confirmation_ms": (latency or 0) + int(rng.lognormvariate(7, 1))}
    facts: dict[str, Any] = {"webhook_subscription_id": ""}
    if action == "pause":
        facts["webhook_subscription_id"] = f"sub-{rng.randrange(1000)}"
        facts["compliance_check"] = "REJECTED" if end == "REJECTED" else "PASSED"
    if end == "FAILED":
        facts |= {"error": UNAVAILABLE, "api_response_status": 503}
    if end in ("CONFIRMED", "UNCONFIRMED"):
        facts["api_response_status"] = 204
    return facts | {
        "kind": RecordKind.OPERATION_ENDED,
        "status": STATUSES.get(end, Status.FAILURE),
        "latency_ms": latency,
        "details": {"state": end, **details},
    }


def _drain(rng: Random, about: dict[str, Any], began: float) -> Scenario:
    calls = rng.randrange(1, LIMIT + 1)
    left = rng.randrange(1, 4) if calls > 4 and rng.random() < 0.03 else 0
    seconds = round(900.0 if left else min(899.0, rng.lognormvariate(4, 0.8)), 1)
    details = {
        "end": "deadline" if left else "empty",
        "calls_at_start": calls,
        "calls_at_end": left,
        "share_ended": round((calls - left) / calls, 4),
        "calls_per_minute": round((calls - left) / seconds * 60, 1),
        "seconds": seconds,
        "samples": 2 + int(seconds // 5),
    }
    yield began + seconds, about | {"kind": RecordKind.DRAIN_ENDED, "concurrent_pause_limit": None, "details": details}


def _signin(rng: Random) -> Scenario:
    by = rng.choice(PEOPLE)
    if rng.random() < 0.05:
        wrong = {"kind": RecordKind.SIGNIN_FAILED, "status": Status.FAILURE, "reason": "wrong name or password"}
        yield 0, wrong | {"by": by, "details": {"times": 1}}
    yield 9, {"kind": RecordKind.SIGNIN_SUCCEEDED, "by": by, "status": Status.SUCCESS, "details": {}}
    if rng.random() < 0.6:
        yield rng.uniform(600, 20_000), {"kind": RecordKind.SIGNIN_ENDED, "by": by, "details": {}}


def _changed_outside(rng: Random) -> Scenario:
    campaign_id, name = rng.choice(CAMPAIGNS)
    before, after = rng.sample(("ACTIVE", "PAUSED", "STOPPED"), 2)
    details: dict[str, Any] = {"before": {"status": before}, "after": {"status": after}}
    if rng.random() < 0.3:
        details = {"before": {"schedule": _schedule(rng)}, "after": {"schedule": _schedule(rng)}}
    changed = {"kind": RecordKind.CAMPAIGN_CHANGED_OUTSIDE, "by": "", "details": details}
    yield 0, changed | {"campaign_id": campaign_id, "campaign_name": name}


def _policy(rng: Random) -> Scenario:
    before, after = rng.sample(range(20, 90), 2)
    details = {"did": "changed", "what": "the thresholds"}
    changes = {"before": {"max_active_calls": before}, "after": {"max_active_calls": after}}
    yield 0, {"kind": RecordKind.POLICY_CHANGED, "by": "admin", "status": Status.SUCCESS, "details": details | changes}


def _refusal(rng: Random) -> Scenario:
    about = _about(rng, rng.choice(("pause", "resume")))
    error = f"A pause asked for by {rng.choice(PEOPLE)} is still in progress on this campaign (waiting)."
    refused = {"kind": RecordKind.OPERATION_REFUSED, "status": Status.REJECTED, "error": error}
    yield 0, about | refused | {"details": {"code": "in_the_way", "note": rng.choice(NOTES)}}


def _schedule(rng: Random) -> dict[str, Any]:
    start, length = rng.randrange(8, 11), rng.randrange(6, 10)
    hours = [{"day": day, "startTime": f"{start:02}:00", "endTime": f"{start + length:02}:30"} for day in DAYS]
    return {"timezone": "America/New_York", "dialingHours": hours, "pauseConditions": ["BUSY", "NO_ANSWER"]}
