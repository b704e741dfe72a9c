"""What a person asks for: saved once, refused with a sentence, enqueued after the commit."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import TestCase
from django.utils import timezone

from audit.models import Record
from campaigns.errors import FindingsRefusal, InTheWay, KeyReused, OverrideNeeded, TooLate, UnreadableBase
from campaigns.models import Calendar, Campaign, Operation, Policy, ReasonCode
from campaigns.operations import requests
from campaigns.states import State
from tests.factories import SCHEDULE, make_campaign, make_operation
from tests.operations.runner.schedules import ask_schedule, with_hours

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer, pytest.mark.usefixtures("enqueued")]


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("spring")


def ask(campaign: Campaign, key: str = "", code: str = "WFM_OVERRIDE", **values: object) -> Operation:
    reason = ReasonCode.objects.get(pk=code)
    return requests.request_pause(campaign=campaign, by="Ada", reason=reason, key=key or uuid4().hex, **values)  # type: ignore[arg-type]


def test_asked_is_queued_on_record(campaign: Campaign) -> None:
    operation = ask(campaign, note="storm")
    assert operation.state == State.QUEUED
    record = Record.objects.get()
    assert (record.kind, record.by, record.operation) == ("operation.asked", "Ada", operation.pk)
    assert record.details["note"] == "storm"


def test_worker_is_woken_after_commit(campaign: Campaign, enqueued: list[tuple[str, ...]]) -> None:
    with TestCase.captureOnCommitCallbacks() as callbacks:
        operation = ask(campaign)
        assert enqueued == []
    callbacks[0]()
    assert enqueued == [("campaigns.tasks.run_operation", str(operation.pk))]


def test_double_click_is_one_operation(campaign: Campaign) -> None:
    assert ask(campaign, "k").pk == ask(campaign, "k").pk
    assert (Operation.objects.count(), Record.objects.count()) == (1, 1)


def test_key_with_other_body_is_refused(campaign: Campaign) -> None:
    first = ask(campaign, "k")
    with pytest.raises(KeyReused) as refusal:
        ask(campaign, "k", note="something else")
    assert refusal.value.operation == first


def test_key_of_another_person_is_refused(campaign: Campaign) -> None:
    ask(campaign, "k")
    reason = ReasonCode.objects.get(pk="WFM_OVERRIDE")
    with pytest.raises(KeyReused):
        requests.request_pause(campaign=campaign, by="Grace", reason=reason, key="k")


def test_second_operation_is_refused(campaign: Campaign) -> None:
    first = ask(campaign)
    with pytest.raises(InTheWay) as refusal:
        ask(campaign)
    assert refusal.value.operation == first
    assert "Ada" in refusal.value.sentence


def test_refusal_is_on_record(campaign: Campaign) -> None:
    ask(campaign)
    with pytest.raises(InTheWay):
        ask(campaign)
    record = Record.objects.latest("number")
    assert (record.kind, record.status) == ("operation.refused", "REJECTED")
    assert record.details["code"] == "operation_in_progress"


def test_next_one_after_the_end(campaign: Campaign) -> None:
    make_operation(campaign, state=State.CONFIRMED)
    assert ask(campaign).state == State.QUEUED


def test_other_campaigns_are_free(campaign: Campaign) -> None:
    ask(campaign)
    assert ask(make_campaign()).state == State.QUEUED


def test_override_must_be_confirmed(campaign: Campaign) -> None:
    with pytest.raises(OverrideNeeded):
        ask(campaign, code="EMERGENCY")
    assert not Operation.objects.exists()


def test_confirmed_override_is_kept(campaign: Campaign) -> None:
    assert ask(campaign, code="EMERGENCY", override=True).override


def test_queued_is_cancelled(campaign: Campaign) -> None:
    operation = requests.cancel_operation(operation=ask(campaign), by="Grace")
    assert operation.state == State.CANCELLED
    assert operation.ended_at
    record = Record.objects.latest("number")
    assert (record.kind, record.by, record.details["asked_by"]) == ("operation.cancelled", "Grace", "Ada")
    assert operation.cancelled_by == "Grace"


@pytest.mark.parametrize("state", [State.ACCEPTED, State.CONFIRMED])
def test_too_late_to_cancel(campaign: Campaign, state: State) -> None:
    operation = make_operation(campaign, state=state)
    with pytest.raises(TooLate):
        requests.cancel_operation(operation=operation, by="Grace")


def test_sent_is_too_late_to_cancel(campaign: Campaign) -> None:
    operation = ask(campaign)
    Operation.objects.update(state=State.WAITING, sent_at=operation.requested_at)
    with pytest.raises(TooLate):
        requests.cancel_operation(operation=operation, by="Grace")


MONDAY = with_hours(MON="10:00-12:00")
LATE = with_hours(MON="20:00-22:00")


@pytest.fixture
def closed_soon(campaign: Campaign) -> None:
    """Holidays on three days in a row, soon: at least one is a weekday."""
    calendar, today = Calendar.objects.create(name="Closed"), timezone.localdate()
    calendar.campaigns.add(campaign)
    for days in (10, 11, 12):
        calendar.holidays.create(name="Stocktaking", date=today + timedelta(days=days))


def test_schedule_change_keeps_both_sides(campaign: Campaign) -> None:
    operation = ask_schedule(campaign, MONDAY, etag='W/"7"', note="Fewer on Mondays")
    assert (operation.kind, operation.state, operation.reason) == ("schedule", State.QUEUED, "")
    assert operation.payload == {"base": SCHEDULE, "ours": MONDAY, "etag": 'W/"7"', "acknowledged": True}
    assert Record.objects.get().details["asked_for"] == operation.payload


def test_schedule_with_errors_is_refused(campaign: Campaign) -> None:
    with pytest.raises(FindingsRefusal) as refusal:
        ask_schedule(campaign, LATE)
    assert [finding.code for finding in refusal.value.findings] == ["OUTSIDE_CALLING_HOURS"]
    assert not Operation.objects.exists()


def test_refused_schedule_is_on_record(campaign: Campaign) -> None:
    with pytest.raises(FindingsRefusal):
        ask_schedule(campaign, LATE)
    record = Record.objects.get()
    assert (record.kind, record.action, record.details["code"]) == ("operation.refused", "schedule", "findings")
    assert record.details["findings"][0]["code"] == "OUTSIDE_CALLING_HOURS"


@pytest.mark.usefixtures("closed_soon")
def test_warnings_must_be_acknowledged(campaign: Campaign) -> None:
    Campaign.objects.update(status="PAUSED")
    campaign.refresh_from_db()
    with pytest.raises(FindingsRefusal) as refusal:
        ask_schedule(campaign, MONDAY, acknowledged=False)
    assert {finding.code for finding in refusal.value.findings} == {"HOLIDAY_AHEAD"}
    assert ask_schedule(campaign, MONDAY).state == State.QUEUED


def test_double_click_is_one_change(campaign: Campaign) -> None:
    assert ask_schedule(campaign, MONDAY, key="k").pk == ask_schedule(campaign, MONDAY, key="k").pk
    with pytest.raises(KeyReused):
        ask_schedule(campaign, with_hours(TUE="10:00-12:00"), key="k")


def test_late_click_is_the_same_change(campaign: Campaign) -> None:
    first = ask_schedule(campaign, MONDAY, key="k")
    Policy.objects.update(max_windows=1)
    Campaign.objects.update(schedule={})
    campaign.refresh_from_db()
    assert ask_schedule(campaign, MONDAY, SCHEDULE, key="k").pk == first.pk


@pytest.mark.parametrize("base", [{"zone": "a\0b"}, {"zone": "\ud800"}, {"days": float("inf")}, {"x": "x" * 200_000}])
def test_unkeepable_base_is_refused(campaign: Campaign, base: dict[str, object]) -> None:
    with pytest.raises(UnreadableBase):
        ask_schedule(campaign, MONDAY, base)
    assert Record.objects.get().details["code"] == "unreadable_base"


def test_schedule_waits_for_a_pause(campaign: Campaign) -> None:
    ask(campaign)
    with pytest.raises(InTheWay):
        ask_schedule(campaign, MONDAY)
