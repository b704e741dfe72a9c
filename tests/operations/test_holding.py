"""Placing, lifting and ending compliance holds: who, why and until when, each on record."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from audit.models import Record
from audit.sentences import sentence_of
from campaigns.errors import Refusal
from campaigns.models import Campaign, Hold
from campaigns.operations.holding import end_expired, lift_hold, pausing_reason, place_holds
from campaigns.policy.holds import lock_on_hold
from campaigns.queueing.rows import database_now
from tests.factories import make_campaign
from tests.worker import eventually

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


@pytest.fixture
def spring() -> Campaign:
    return make_campaign("spring", name="Spring renewal")


def hold_of(campaign: Campaign) -> Hold | None:
    return Campaign.objects.select_related("hold").get(pk=campaign.pk).hold


def place(campaign: Campaign, hours: int = 0) -> Hold:
    until = database_now() + timedelta(hours=hours) if hours else None
    (hold,) = place_holds(campaign_ids=[campaign.pk], by="Rita", reason="Complaint 4711", until=until).holds
    return hold


def run_out(hold: Hold) -> None:
    Hold.objects.filter(pk=hold.pk).update(until=Now() - timedelta(seconds=1))


def test_hold_names_who_and_why(spring: Campaign) -> None:
    place(spring)
    found = hold_of(spring)
    assert found is not None
    assert (found.placed_by, found.reason, found.ended_at) == ("Rita", "Complaint 4711", None)


def test_hold_is_on_record(spring: Campaign) -> None:
    place(spring)
    record = Record.objects.get(kind="hold.placed")
    assert sentence_of(record) == "Rita placed a compliance hold on Spring renewal: Complaint 4711."


def test_record_says_until_when(spring: Campaign) -> None:
    hold = place(spring, hours=2)
    assert hold.until is not None
    assert Record.objects.get(kind="hold.placed").details["until"].startswith(f"{hold.until:%Y-%m-%dT%H:%M}")


@pytest.mark.parametrize(("reason", "hours", "field"), [("", 1, "reason"), ("Complaint", -1, "until")])
def test_hold_needs_a_reason_and_a_time_to_come(spring: Campaign, reason: str, hours: int, field: str) -> None:
    until = database_now() + timedelta(hours=hours)
    with pytest.raises(Refusal) as refused:
        place_holds(campaign_ids=["spring"], by="Rita", reason=reason, until=until)
    assert refused.value.field == field
    assert hold_of(spring) is None


def test_second_hold_changes_nothing(spring: Campaign) -> None:
    first = place(spring)
    placed = place_holds(campaign_ids=["spring"], by="Sam", reason="Another")
    assert (placed.holds, [each.pk for each in placed.already]) == ([], ["spring"])
    assert hold_of(spring) == first


def test_many_are_held_at_once(spring: Campaign) -> None:
    make_campaign("autumn")
    placed = place_holds(campaign_ids=["spring", "autumn", "nowhere"], by="Rita", reason="Audit")
    assert {hold.campaign_id for hold in placed.holds} == {"spring", "autumn"}
    assert Record.objects.filter(kind="hold.placed").count() == 2


def test_lift_is_on_record(spring: Campaign) -> None:
    place(spring)
    lift_hold(campaign=spring, by="Sam", reason="Resolved")
    assert hold_of(spring) is None
    record = Record.objects.get(kind="hold.lifted")
    assert sentence_of(record) == "Sam lifted the compliance hold on Spring renewal that Rita had placed: Resolved."


def test_lift_needs_a_reason(spring: Campaign) -> None:
    place(spring)
    with pytest.raises(Refusal, match="Say why"):
        lift_hold(campaign=spring, by="Sam", reason="")
    assert hold_of(spring) is not None


def test_hold_that_nobody_saw_is_not_lifted(spring: Campaign) -> None:
    seen = place(spring)
    lift_hold(campaign=spring, by="Rita", reason="Resolved")
    place(spring)
    with pytest.raises(Refusal, match="Another hold"):
        lift_hold(campaign=spring, by="Sam", reason="Resolved", seen=seen.pk)
    assert hold_of(spring) is not None


def test_hold_ends_when_its_time_is_over(spring: Campaign) -> None:
    run_out(place(spring, hours=1))
    end_expired()
    assert hold_of(spring) is None
    record = Record.objects.get(kind="hold.ended")
    assert (record.by, record.details["placed_by"]) == ("", "Rita")


def test_hold_lasts_until_its_end_is_on_record(spring: Campaign) -> None:
    run_out(place(spring, hours=1))
    assert hold_of(spring) is not None


@pytest.mark.parametrize("hours", [0, 1])
def test_hold_whose_time_is_not_over_lasts(spring: Campaign, hours: int) -> None:
    place(spring, hours)
    end_expired()
    assert hold_of(spring) is not None


def test_reason_of_its_pause_overrides_the_calls_check() -> None:
    assert pausing_reason().code == "COMPLIANCE_HOLD"
    type(pausing_reason()).objects.filter(pk="COMPLIANCE_HOLD").update(retired=True)
    assert pausing_reason().overrides_calls_check


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_whoever_places_a_hold_waits_for_what_is_being_sent() -> None:
    """And is on record after it: what goes out then was begun before the hold."""
    spring, placed = make_campaign("spring"), threading.Event()

    def place_one() -> None:
        place(spring)
        placed.set()
        connection.close()

    with transaction.atomic():
        assert not lock_on_hold(["spring"])
        thread = threading.Thread(target=place_one)
        thread.start()
        assert not placed.wait(0.5)
    thread.join()
    assert eventually(placed.is_set)
    assert lock_on_hold_now(spring)


def lock_on_hold_now(campaign: Campaign) -> bool:
    with transaction.atomic():
        return bool(lock_on_hold([campaign.pk]))


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_whoever_sends_waits_for_a_hold_that_is_being_placed() -> None:
    spring, found = make_campaign("spring"), list[bool]()

    def send_one() -> None:
        found.append(lock_on_hold_now(spring))
        connection.close()

    with transaction.atomic():
        place(spring)
        thread = threading.Thread(target=send_one)
        thread.start()
        thread.join(0.5)
        assert not found
    thread.join()
    assert found == [True]
