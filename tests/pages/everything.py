"""Something of everything that pages show: operations of each kind in each state, findings, records, notices."""

from collections.abc import Iterator
from datetime import time, timedelta
from itertools import count, cycle
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from audit.kinds import RecordKind, Status
from audit.ledger import append
from campaigns.cxone import errors
from campaigns.models import (
    GUARD,
    AttemptOutcome,
    Campaign,
    DeliveryState,
    Finding,
    FindingCode,
    FindingEnd,
    Operation,
    OperationKind,
    Origin,
    SyncState,
    WallLink,
)
from campaigns.states import ENDS, IN_PROGRESS, OPEN, State, WaitingFor
from cxadmin.accounts.password_links import make_password_link
from cxadmin.accounts.people import add_person
from tests.attention.given import make_finding
from tests.factories import (
    SCHEDULE,
    make_approval,
    make_attempt,
    make_bulk,
    make_calendar,
    make_campaign,
    make_delivery,
    make_drain,
    make_handover,
    make_holiday,
    make_operation,
    make_user,
    make_wall_link,
)

HOUR = timedelta(hours=1)
CAMPAIGN_ID = UUID("4c0f2f1e-58f5-4f6e-9a7e-000000000000").int
LATER = {**SCHEDULE, "dialingHours": [{"day": "MON", "startTime": "10:00", "endTime": "18:00"}]}
EARLIER = {**SCHEDULE, "dialingHours": [{"day": "MON", "startTime": "08:00", "endTime": "16:00"}]}
CONFLICT = {"base": SCHEDULE, "theirs": LATER, "ours": EARLIER, "clashes": ["MON"], "findings": []}
BUSY = "Too many calls: 80 calls are in progress, over the limit of 50."
# What CXone's failures leave on record, with the campaign's id as the gateway has it.
TROUBLES = (
    errors.ServerTrouble("pause campaign {id}", status=503, words="upstream connect error"),
    errors.Forbidden("pause campaign {id}", status=403, scope="outbound:campaign:write"),
    errors.Conflict("pause campaign {id}", status=409, words="The campaign is COMPLETED"),
    errors.WrongCredentials("get an access token", status=401),
    errors.Unreachable("pause campaign {id}"),
)
_numbers = count(1)


def make_everything() -> None:
    now = timezone.now()
    SyncState.objects.update(last_good_at=now)
    for status in ("ACTIVE", "PAUSED", "DRAFT", "STOPPING", "COMPLETED", ""):
        _campaign(status=status)
    _campaign(gone_at=now)
    _campaign(schedule={"dialingHours": [{"day": "MON", "startTime": "9", "endTime": "x"}]}, timezone="")
    _campaign(schedule={}, over_limit_since=now, timezone="Mars/Olympus", active_calls=80)
    for operation in _operations():
        _attempts(operation)
        if operation.state == State.PENDING:
            make_approval(operation)
    _findings()
    _notices()
    _calendars()
    _records()
    _bulks()
    make_handover(note="Two screens are down.")
    make_handover(acknowledged_by="rosa", acknowledged_at=now)
    make_user("reviewer", "rosa")
    make_user("", "nemo")
    User.objects.filter(pk=make_user("supervisor", "gone").pk).update(is_active=False)
    make_password_link(add_person("new", role="admin", by="root"), by="root")
    make_wall_link()
    WallLink.objects.filter(pk=make_wall_link().pk).update(revoked_at=now, revoked_by="admin")
    SyncState.bump()


def _campaign(**values: Any) -> Campaign:
    """Its id is one of CXone's, which no page shows at first sight."""
    number = next(_numbers)
    campaign_id = str(UUID(int=CAMPAIGN_ID + number))
    return make_campaign(campaign_id, **{"name": f"Spring Renewals {number}", "active_calls": 3} | values)


def _operations() -> Iterator[Operation]:
    now = timezone.now()
    trouble = cycle(TROUBLES)
    for kind in OperationKind:
        # A schedule is never changed at a time that is to come.
        for state in (State.PENDING, *ENDS, *IN_PROGRESS) if kind == OperationKind.SCHEDULE else State:
            for waiting_for in WaitingFor if state == State.WAITING else (WaitingFor.NOTHING,):
                yield _operation(kind, state, waiting_for=waiting_for, error=_error_of(state, next(trouble)))
    yield _operation(OperationKind.PAUSE, State.ACCEPTED, waiting_for=WaitingFor.CALLS_TO_END)
    for origin in Origin:
        yield _operation(OperationKind.PAUSE, State.CONFIRMED, origin=origin, by=GUARD if origin == "guard" else "ann")
    yield _operation(
        OperationKind.PAUSE,
        State.CONFIRMED,
        payload={"drop_active_calls": True},
        override=True,
        reason="EMERGENCY",
        calls_before=80,
        calls_limit=50,
        compliance_check="OVERRIDDEN",
    )
    drained = _operation(OperationKind.PAUSE, State.CONFIRMED)
    make_drain(drained, 30, 12, 4, 0)
    yield drained
    make_drain(_operation(OperationKind.PAUSE, State.CONFIRMED), 30, 12, started_at=now)


def _error_of(state: State, trouble: errors.CXoneError) -> str:
    if state == State.REJECTED:
        return BUSY
    return trouble.description if state in {State.FAILED, State.WAITING, State.UNCONFIRMED} else ""


def _operation(kind: OperationKind, state: State, **values: Any) -> Operation:
    now = timezone.now()
    schedule = kind == OperationKind.SCHEDULE
    payload = {"base": SCHEDULE, "ours": EARLIER, "etag": "", "acknowledged": False} if schedule else {}
    defaults: dict[str, Any] = {
        "kind": kind,
        "state": state,
        "reason": "" if schedule else "WFM_OVERRIDE",
        "payload": payload,
        "conflict": CONFLICT if state == State.CONFLICT else None,
        "applied": EARLIER if schedule and state == State.CONFIRMED else None,
        "note": "Callers complained",
        "requested_at": now - HOUR,
        "started_at": now - HOUR,
        "api_status": 503 if state == State.FAILED else None,
        "latency_ms": 320,
        "calls_before": 3,
        "calls_limit": 50,
    }
    if state == State.SCHEDULED or values.get("waiting_for") == WaitingFor.TIME:
        defaults |= {"not_before": now + HOUR, "entered_local": "2026-11-28T18:00", "entered_zone": "America/New_York"}
    if state in {State.ACCEPTED, State.CONFIRMED, State.UNCONFIRMED}:
        defaults |= {"sent_at": now - HOUR, "accepted_at": now - HOUR, "confirm_by": now}
    campaign = _campaign()
    values["error"] = values.get("error", "").replace("{id}", campaign.pk)
    return make_operation(campaign, **defaults | values)


def _attempts(operation: Operation) -> None:
    if operation.state in {*OPEN, State.CANCELLED, State.REJECTED, State.SKIPPED}:
        return
    for outcome in AttemptOutcome:
        make_attempt(operation, outcome=outcome, api_status=503, error=operation.error)


def _findings() -> None:
    now = timezone.now()
    for code in FindingCode:
        if code == FindingCode.NO_CALENDAR_NEXT_YEAR:
            details = {"year": 2027, "campaigns": 3}
            Finding.objects.create(
                calendar=make_calendar(_campaign()), code=code, cause="2027", since=now, opened_at=now, details=details
            )
            continue
        make_finding(code, campaign := _campaign())
        if code in {FindingCode.OPERATION_FAILED, FindingCode.OPERATION_UNCONFIRMED}:
            finding = Finding.objects.get(campaign=campaign)
            finding.details["error"] = TROUBLES[0].description.replace("{id}", campaign.pk)
            finding.save()
        make_finding(code, _campaign(), taken_at=now, taken_by="ann")
        make_finding(code, _campaign(), ended_at=now, end=FindingEnd.DISMISSED, ended_by="ann", note="Agreed by phone")


def _notices() -> None:
    now = timezone.now()
    for state in DeliveryState:
        ended = {"delivered_at": now} if state == DeliveryState.DELIVERED else {}
        parked = {"parked_at": now, "error": "It answered 500."} if state == DeliveryState.PARKED else {}
        make_delivery(_campaign(), state=state, **ended | parked)


def _calendars() -> None:
    year = timezone.now().year
    for guarded in (True, False):
        calendar = make_calendar(_campaign(), _campaign(status="PAUSED"), guarded=guarded)
        make_holiday(calendar, f"{year}-12-25")
        make_holiday(calendar, f"{year + 1}-07-04", name="Independence Day", every_year=True, observed=True)
        make_holiday(calendar, f"{year}-12-31", name="New Year's Eve", starts=time(12), ends=time(18))
    make_calendar(name="Empty")


def _records() -> None:
    campaign = _campaign()
    for number, kind in enumerate(RecordKind):
        with transaction.atomic():
            append(
                kind,
                by="ann",
                status=list(Status)[number % len(Status)],
                action="pause",
                campaign_id=campaign.pk,
                campaign_name=campaign.name,
                reason=_reason_of(kind, campaign),
                error=TROUBLES[number % len(TROUBLES)].description.replace("{id}", campaign.pk) if number % 2 else "",
                details=DETAILS.get(kind, {}),
            )


def _reason_of(kind: RecordKind, campaign: Campaign) -> str:
    if kind == RecordKind.ACCESS_DENIED:
        return f"GET /campaigns/{campaign.pk}/pause/"
    return "WFM_OVERRIDE" if kind.startswith(("operation.", "bulk.")) else "in a full read"


DETAILS: dict[RecordKind, dict[str, Any]] = {
    RecordKind.OPERATION_ENDED: {"state": "CONFIRMED", "calls": 80, "limit": 50},
    RecordKind.CAMPAIGN_CHANGED_OUTSIDE: {
        "before": {"status": "ACTIVE", "schedule": SCHEDULE},
        "after": {"status": "PAUSED", "schedule": LATER},
    },
    RecordKind.POLICY_CHANGED: {
        "what": "the thresholds",
        "before": {"max_active_calls": 50},
        "after": {"max_active_calls": 40},
    },
}


def _bulks() -> None:
    campaigns = [_campaign() for _ in ENDS]
    bulk = make_bulk(*campaigns)
    for campaign, state in zip(campaigns, ENDS, strict=True):
        error = _error_of(state, TROUBLES[0]).replace("{id}", campaign.pk)
        make_operation(campaign, state=state, bulk=bulk, error=error)
    make_bulk(_campaign(), _campaign(), kind=OperationKind.RESUME, ended_at=timezone.now())
