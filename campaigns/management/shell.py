"""Operations for those who have the shell: asked for and run in the command's own process."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import CommandError
from django.db.models import QuerySet

from audit.chain import UNKEEPABLE
from campaigns import tenancy
from campaigns.cxone.json_body import parse_json
from campaigns.errors import FindingsRefusal, OperationRefusal, UnreadableBase, UnusableTime
from campaigns.management.typed_times import find_due
from campaigns.models import Bulk, Calendar, Campaign, Hold, Operation, ReasonCode
from campaigns.operations import requests
from campaigns.operations.descriptions import describe
from campaigns.operations.labels import is_failing
from campaigns.operations.runner import execution
from campaigns.queueing.rows import database_now
from campaigns.schedule import ScheduleFinding
from campaigns.states import State
from campaigns.sync import full_read

EXIT_STATUS: dict[str, int] = {
    State.CONFIRMED: 0,
    State.SKIPPED: 0,
    State.REJECTED: 3,
    State.CONFLICT: 4,
    State.UNCONFIRMED: 5,
    State.FAILED: 1,
    State.CANCELLED: 1,
    State.SUPERSEDED: 1,
    State.SCHEDULED: 0,
    State.PENDING: 0,
}
UNSOUND = 3  # a schedule that does not pass its checks
LOOK_SECONDS = 3.0  # how often an accepted change is looked for, since no other process may be reading
Ask = Callable[..., Operation]


def find_campaign(campaign_id: str) -> Campaign:
    try:
        return Campaign.objects.get(pk=campaign_id)
    except Campaign.DoesNotExist:
        sentence = f"No campaign has the id {campaign_id!r}. See list_campaigns, or read again with sync_campaigns."
        raise CommandError(sentence, returncode=2) from None


def find_calendar(name: str) -> Calendar:
    calendar = Calendar.objects.filter(name=name).first() if "\0" not in name else None
    if calendar is None:
        names = ", ".join(Calendar.objects.values_list("name", flat=True))
        known = f"There are: {names}." if names else "There are none yet: add_holiday makes one."
        raise CommandError(f"No holiday calendar is called {name!r}. {known}", returncode=2)
    return calendar


def find_reason(code: str) -> ReasonCode:
    try:
        return ReasonCode.objects.get(pk=code, retired=False)
    except ReasonCode.DoesNotExist:
        known = _listed(ReasonCode.objects.filter(retired=False))
        raise CommandError(f"No reason code is called {code!r}. There are: {known}.", returncode=2) from None


def find_pause_reason(code: str) -> ReasonCode:
    """CXone is given it, and refuses one that is none of a pause's."""
    reason = find_reason(code)
    if not reason.for_pause:
        known = _listed(ReasonCode.objects.filter(retired=False, for_pause=True))
        raise CommandError(f"{code} isn’t a reason for a pause. There are: {known}.", returncode=2)
    return reason


def check_note(reason: ReasonCode, note: str) -> None:
    if reason.needs_note and not note:
        sentence = f"The reason {reason.code} needs a note: say more with --note. Nothing was requested."
        raise CommandError(sentence, returncode=2)


def _listed(reasons: QuerySet[ReasonCode]) -> str:
    return ", ".join(reasons.values_list("code", flat=True))


def read_json(path: str) -> object:
    """The JSON in a file."""
    try:
        return parse_json(Path(path).read_bytes())
    except OSError as error:
        raise CommandError(f"{path} can’t be read: {error.strerror}. Nothing was sent.", returncode=2) from error
    except ValueError as error:
        raise CommandError(f"{path} isn’t JSON: {error}. Nothing was sent.", returncode=2) from error


def findings_line(findings: Iterable[ScheduleFinding]) -> str:
    return json.dumps({"findings": [finding.as_json() for finding in findings]})


def run_to_end(
    verb: Ask, campaign_id: str, reason: str, by: str, times: Mapping[str, str | None], **values: object
) -> Operation:
    """Ask for an operation that needs a reason, and see it to its end, or until it is held for its time.

    `times`: what was typed for those that it takes, by their option.
    """
    check_fits("by", by, 150)
    check_fits("note", str(values.get("note", "")), 500)
    campaign, given = find_campaign(campaign_id), find_reason(reason)
    check_note(given, str(values.get("note", "")))
    dues = {option: find_due(campaign, option, text) for option, text in times.items()}
    return _run(partial(verb, campaign=campaign, reason=given, by=by, **dues, **values))


def run_schedule_change(campaign: Campaign, by: str, **values: Any) -> Operation:
    """Ask for a schedule change and see it to its end. actions.Findings: it doesn't pass its checks."""
    check_fits("by", by, 150)
    return _run(partial(requests.request_schedule_change, campaign=campaign, by=by, **values))


def _run(ask: Ask) -> Operation:
    # Before anything is asked for that this process can't carry out.
    tenancy.refuse_other_settings()
    try:
        operation = ask(key=uuid4().hex, enqueue=False)
    except FindingsRefusal:
        raise
    except OperationRefusal as refusal:
        returncode = 2 if isinstance(refusal, UnreadableBase | UnusableTime) else 1
        raise CommandError(refusal.sentence, returncode=returncode) from refusal
    return _finish(operation)


def check_fits(option: str, text: str, longest: int) -> None:
    if len(text) > longest:
        sentence = f"--{option} has {len(text)} characters; {longest} fit. Nothing was requested: shorten it."
        raise CommandError(sentence, returncode=2)
    if UNKEEPABLE.search(text):
        raise CommandError(f"--{option} isn’t text in UTF-8. Nothing was requested: type it again.", returncode=2)


def _finish(operation: Operation) -> Operation:
    """Run it whenever it is due. Should this process be killed, the dispatcher goes on with it."""
    has_said = False
    if operation.state == State.PENDING:
        say_waiting(operation)
    # A running product carries out what is held for its time, and what somebody approves.
    while operation.state not in {State.PENDING, State.SCHEDULED}:
        execution.advance_operation(operation.pk)
        operation.refresh_from_db()
        if operation.ended_at:
            return operation
        if is_failing(operation) and not has_said:
            has_said = True
            told = describe(operation)
            sys.stderr.write(f"{told.happened} {told.advice} Ctrl+C leaves it to a running product.\n")
        if operation.state == State.ACCEPTED:
            time.sleep(LOOK_SECONDS)
            full_read.read_one_campaign(operation.campaign_id)
        else:
            time.sleep(min(max(0.05, (operation.next_attempt_at - database_now()).total_seconds()), LOOK_SECONDS))
    return operation


def say_waiting(subject: Operation | Bulk) -> None:
    """On standard error, where a command leaves it to a second person."""
    until = in_utc(subject.next_attempt_at)
    sys.stderr.write(f"It waits for a second person until {until}: approve_operation {subject.pk} --by NAME\n")


def in_utc(moment: datetime | None) -> str | None:
    """2026-12-25T05:00:00Z, as all commands print times."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def hold_as_json(hold: Hold) -> dict[str, Any]:
    return {
        "hold": hold.pk,
        "campaign_id": hold.campaign_id,
        "reason": hold.reason,
        "by": hold.placed_by,
        "placed_at": in_utc(hold.placed_at),
        "until": in_utc(hold.until),
        "ended_at": in_utc(hold.ended_at),
        "lifted_by": hold.lifted_by or None,
        "lifted_reason": hold.lifted_reason or None,
    }


def as_line(operation: Operation, attempts: int | None = None) -> str:
    """One line of JSON, as scripts know it; `attempts` where they were counted already."""
    times = ("requested_at", "failing_since", "accepted_at", "confirmed_at")
    moments = {name: getattr(operation, name) for name in times} | {"due_at": operation.not_before}
    return json.dumps(
        {
            "operation": str(operation.pk),
            "campaign_id": operation.campaign_id,
            "action": operation.kind,
            "state": operation.state,
            "reason": operation.reason,
            "by": operation.by,
            **{name: in_utc(moment) for name, moment in moments.items()},
            "latency_ms": operation.latency_ms,
            "attempts": operation.attempts.count() if attempts is None else attempts,
            "requests": operation.requests,
            "error": operation.error or None,
        }
    )
