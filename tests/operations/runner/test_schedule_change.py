"""A schedule change: merged with what others changed, written over that version only, read back."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from django.utils import timezone
from pytest_django import Settings

from audit.models import Record
from campaigns.cxone.errors import BudgetSpent
from campaigns.cxone.v2.gateway import V2
from campaigns.models import Calendar, Campaign, Delivery, Operation
from campaigns.schedule import DAYS, canonical, resolve, same
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from campaigns.sync import full_read
from tests.factories import SCHEDULE
from tests.operations.runner.schedules import (
    BOTH,
    EDIT,
    MONDAY,
    OTHER_MONDAY,
    STATE,
    TUESDAY,
    ask_schedule,
    campaign,
    outside,
    schedule_at,
    with_hours,
)
from tests.worker import run

__all__ = ["campaign"]

pytestmark = pytest.mark.data_layer

NEVER_THERE: dict[str, object] = {"id": "spring", "name": "Spring renewal", "status": "ACTIVE", "schedule": SCHEDULE}


def test_change_is_confirmed(campaign: Campaign, cxone: Simulator) -> None:
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.CONFIRMED
    assert same(schedule_at(cxone), MONDAY)


def test_campaign_shows_the_new_schedule(campaign: Campaign) -> None:
    run(ask_schedule(campaign, MONDAY | {"timezone": "Europe/London"}))
    campaign.refresh_from_db()
    assert (campaign.timezone, campaign.status, campaign.control) == ("Europe/London", "ACTIVE", "schedule")
    assert same(campaign.schedule, MONDAY | {"timezone": "Europe/London"})


def test_it_takes_three_requests(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_schedule(campaign, MONDAY))
    requests = [(request.method, request.path) for request in cxone.record.requests()]
    assert [request for request in requests if request[1] in {EDIT, STATE}] == [
        ("GET", EDIT),
        ("PATCH", EDIT),
        ("GET", STATE),
    ]


def test_hash_is_of_the_bytes_sent(campaign: Campaign, cxone: Simulator) -> None:
    operation = run(ask_schedule(campaign, MONDAY))
    sent = cxone.record.requests("PATCH")[0].body
    assert sent == {"schedule": operation.applied}
    assert operation.payload_hash == sha256(rfc8785.dumps(sent)).hexdigest()


def test_applied_is_canonical(campaign: Campaign) -> None:
    shuffled = MONDAY | {"dialingHours": MONDAY["dialingHours"][::-1]}
    assert run(ask_schedule(campaign, shuffled)).applied == canonical(MONDAY)


def test_three_facts_on_record(campaign: Campaign) -> None:
    operation = run(ask_schedule(campaign, MONDAY))
    kinds = Record.objects.filter(operation=operation.pk).order_by("number").values_list("kind", flat=True)
    assert list(kinds) == ["operation.asked", "operation.tried", "operation.ended"]
    assert not outside()


@pytest.mark.parametrize("kind", ["operation.tried", "operation.ended"])
def test_record_tells_before_and_after(campaign: Campaign, kind: str) -> None:
    operation = run(ask_schedule(campaign, MONDAY))
    details = Record.objects.get(operation=operation.pk, kind=kind).details
    assert same(details["before"]["schedule"], SCHEDULE)
    assert details["after"]["schedule"] == operation.applied


def test_already_so_is_skipped(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", schedule=MONDAY)
    operation = run(ask_schedule(campaign, MONDAY))
    assert (operation.state, operation.applied) == (State.SKIPPED, None)
    assert cxone.record.requests("PATCH") == []


def test_others_change_is_merged(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", schedule=TUESDAY)
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.CONFIRMED
    assert same(schedule_at(cxone), BOTH)


def test_others_change_is_on_record(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", schedule=TUESDAY)
    operation = run(ask_schedule(campaign, MONDAY))
    assert [same(record.details["after"]["schedule"], TUESDAY) for record in outside()] == [True]
    assert same(
        Record.objects.get(operation=operation.pk, kind="operation.ended").details["before"]["schedule"], TUESDAY
    )


def test_same_part_changed_is_a_conflict(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", schedule=OTHER_MONDAY)
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.CONFLICT
    assert "Monday" in operation.error
    assert cxone.record.requests("PATCH") == []


def test_conflict_keeps_all_sides(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", schedule=OTHER_MONDAY)
    conflict: Any = run(ask_schedule(campaign, MONDAY)).conflict
    assert (conflict["base"], conflict["theirs"], conflict["ours"]) == (SCHEDULE, OTHER_MONDAY, MONDAY)
    assert [clash["part"] for clash in conflict["clashes"]] == ["MON"]


def test_conflict_is_on_record(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", schedule=OTHER_MONDAY)
    operation = run(ask_schedule(campaign, MONDAY))
    ended = Record.objects.get(operation=operation.pk, kind="operation.ended")
    assert (ended.status, ended.details["state"]) == ("FAILURE", "CONFLICT")
    assert ended.details["conflict"] == operation.conflict


def test_conflict_shows_what_cxone_has(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", schedule=OTHER_MONDAY)
    run(ask_schedule(campaign, MONDAY))
    campaign.refresh_from_db()
    assert campaign.schedule == OTHER_MONDAY
    assert len(outside()) == 1


def test_resolved_conflict_is_sent(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", schedule=OTHER_MONDAY)
    conflict: Any = run(ask_schedule(campaign, MONDAY)).conflict
    resolved = resolve(conflict["base"], conflict["theirs"], conflict["ours"], {"MON": "ours"})
    assert run(ask_schedule(campaign, resolved, conflict["theirs"])).state == State.CONFIRMED
    assert same(schedule_at(cxone), MONDAY)


def test_unsound_merge_is_a_conflict(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", schedule=with_hours(MON="", SAT="09:00-11:00"))
    operation = run(ask_schedule(campaign, with_hours(MON="", SUN="09:00-11:00")))
    conflict: Any = operation.conflict
    assert (operation.state, conflict["clashes"]) == (State.CONFLICT, [])
    assert [finding["code"] for finding in conflict["findings"]] == ["TOO_MANY_WINDOWS"]
    assert "6 windows" in operation.error


def holiday_soon(campaign: Campaign) -> str:
    """A weekday on which the campaign is closed, ten to twelve days from now."""
    calendar, today = Calendar.objects.create(name="Closed"), timezone.localdate()
    calendar.campaigns.add(campaign)
    days = (today + timedelta(days=days) for days in (10, 11, 12))
    closed = next(day for day in days if day.weekday() < 5)
    calendar.holidays.create(name="Stocktaking", date=closed)
    return DAYS[closed.weekday()]


@pytest.mark.parametrize("acknowledged", [True, False])
def test_warning_that_nobody_saw_is_a_conflict(campaign: Campaign, cxone: Simulator, acknowledged: bool) -> None:
    closed = holiday_soon(campaign)
    other = "MON" if closed != "MON" else "TUE"
    cxone.change("spring", status="PAUSED", schedule=with_hours(SCHEDULE, **{closed: ""}))
    full_read.read_all_campaigns()
    campaign.refresh_from_db()
    ours = {other: "10:00-12:00", closed: ""}
    operation = ask_schedule(campaign, with_hours(SCHEDULE, **ours), acknowledged=acknowledged)
    cxone.change("spring", schedule=SCHEDULE)
    conflict: Any = run(operation).conflict
    assert [finding["code"] for finding in conflict["findings"]] == ["HOLIDAY_AHEAD"]


def test_acknowledged_warning_is_merged(campaign: Campaign, cxone: Simulator) -> None:
    holiday_soon(campaign)
    operation = ask_schedule(campaign, MONDAY)
    cxone.change("spring", schedule=TUESDAY)
    assert run(operation).state == State.CONFIRMED


def test_missing_tag_fails(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", EDIT, headers={"ETag": None})
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.FAILED
    assert "ETag" in operation.error
    assert cxone.record.requests("PATCH") == []


def test_invalid_tells_cxones_words(campaign: Campaign, cxone: Simulator) -> None:
    body: dict[str, object] = {"errors": [{"field": "schedule.timezone", "message": "is not licensed"}]}
    cxone.fail("PATCH", EDIT, status=422, body=body)
    operation = run(ask_schedule(campaign, MONDAY))
    assert (operation.state, operation.api_status) == (State.FAILED, 422)
    assert "schedule.timezone: is not licensed" in operation.error


def test_unknown_campaign_fails(campaign: Campaign, cxone: Simulator) -> None:
    operation = ask_schedule(campaign, MONDAY)
    cxone.remove("spring")
    assert (run(operation).state, operation.api_status) == (State.FAILED, 404)


def test_spent_budget_is_no_attempt(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    def spent(*_: object, **__: object) -> None:
        raise BudgetSpent("change", wait_ms=4000)

    monkeypatch.setattr(V2, "write_schedule", spent)
    operation = run(ask_schedule(campaign, MONDAY))
    assert (operation.waiting_for, operation.failures, operation.attempts.count()) == (WaitingFor.BUDGET, 0, 0)


def test_wfm_is_told_what_was_applied(campaign: Campaign, cxone: Simulator, settings: Settings) -> None:
    settings.WFM_WEBHOOK_URL = "https://wfm.test/hook"
    cxone.change("spring", schedule=TUESDAY)
    operation = run(ask_schedule(campaign, MONDAY))
    told = json.loads(bytes(Delivery.objects.get(operation=operation).body))
    assert (told["event"], told["schedule"]) == ("CAMPAIGN_SCHEDULE_UPDATED", canonical(BOTH))


@pytest.fixture
def accepted(campaign: Campaign, cxone: Simulator) -> Operation:
    """A change that CXone accepted, and that the read right after didn't show."""
    cxone.fail("GET", STATE, body=NEVER_THERE)
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.ACCEPTED
    return operation


def test_shared_read_confirms(accepted: Operation) -> None:
    full_read.read_all_campaigns()
    accepted.refresh_from_db()
    assert accepted.state == State.CONFIRMED
    assert not outside()


def test_last_look_confirms(accepted: Operation) -> None:
    Operation.objects.update(confirm_by=timezone.now())
    assert run(accepted).state == State.CONFIRMED


def test_never_seen_is_unconfirmed(accepted: Operation, cxone: Simulator) -> None:
    cxone.fail("GET", STATE, times=None, body=NEVER_THERE)
    Operation.objects.update(confirm_by=timezone.now())
    assert run(accepted).state == State.UNCONFIRMED


def test_late_effect_is_on_record(accepted: Operation, cxone: Simulator) -> None:
    cxone.fail("GET", STATE, body=NEVER_THERE)
    Operation.objects.update(confirm_by=timezone.now())
    run(accepted)
    full_read.read_all_campaigns()
    assert Record.objects.get(kind="campaign.changed_late").operation == accepted.pk
    assert not outside()


def test_later_change_is_outside(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_schedule(campaign, MONDAY))
    cxone.change("spring", schedule=SCHEDULE)
    full_read.read_all_campaigns()
    assert [sorted(record.details["after"]) for record in outside()] == [["schedule"]]


def test_another_order_is_no_change(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", schedule=SCHEDULE | {"dialingHours": SCHEDULE["dialingHours"][::-1]})
    full_read.read_all_campaigns()
    assert not outside()
