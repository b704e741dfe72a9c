"""Another time for what is held: by a person, or by newer zone data."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine

from audit.models import Record
from audit.sentences import sentence_of
from campaigns.errors import TooLate, UnusableTime
from campaigns.models import Campaign, Operation, ReasonCode, SyncState
from campaigns.operations import requests, rescheduling
from campaigns.operations.runner import held
from campaigns.schedule.due_times import DueTime, due_instant, meanings_in
from campaigns.schedule.zones import ZONE_DATA
from campaigns.states import State
from tests.factories import make_campaign
from tests.operations.two_people import want_two

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer, pytest.mark.usefixtures("enqueued", "one_clock")]

NOW = datetime(2026, 11, 28, 20, tzinfo=UTC)
# Six in the evening in New York.
SIX = datetime(2026, 11, 28, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)
(ENTERED,) = meanings_in(datetime.fromisoformat("2026-11-28T18:00"), ZoneInfo("America/New_York")).instants


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def hold_pause(due: DueTime = ENTERED, until: DueTime | None = None, campaign: Campaign | None = None) -> Operation:
    reason = ReasonCode.objects.get(pk="WFM_OVERRIDE")
    campaign = campaign or make_campaign("spring", name="Spring")
    return requests.request_pause(campaign=campaign, by="Ada", reason=reason, at=due, until=until, key=uuid4().hex)


def change(operation: Operation, at: datetime, seen: datetime = SIX) -> Operation:
    rescheduling.change_time(operation=operation, due=due_instant(at), seen=seen, by="Grace")
    operation.refresh_from_db()
    return operation


def outdate(operation: Operation, at: datetime = SIX, zone_data: str = "2020a") -> None:
    """As if the machine that held it had had other rules: it took `at` for what was entered."""
    times = {"not_before": at, "next_attempt_at": at - timedelta(minutes=2)}
    Operation.objects.filter(pk=operation.pk).update(zone_data=zone_data, **times)


# --- By a person ---


def test_changed_time_is_held(now: time_machine.Traveller) -> None:
    operation = change(hold_pause(), SIX + HOUR)
    assert (operation.not_before, operation.state) == (SIX + HOUR, State.SCHEDULED)
    assert operation.next_attempt_at == SIX + HOUR - timedelta(minutes=2)


def test_change_is_on_record() -> None:
    operation = change(hold_pause(), SIX + HOUR)
    record = Record.objects.latest("number")
    assert (record.kind, record.by, record.operation) == ("operation.rescheduled", "Grace", operation.pk)
    assert record.details["before"]["due"] == "2026-11-28T23:00:00Z"
    assert sentence_of(record).startswith(
        "Grace changed the time of the pause of Spring: "
        "due from Sat 28 Nov 2026 23:00 UTC to Sun 29 Nov 2026 00:00 UTC"
    )


def test_same_time_is_no_change() -> None:
    change(hold_pause(), SIX)
    assert not Record.objects.filter(kind="operation.rescheduled").exists()


@pytest.mark.parametrize(("at", "words"), [(NOW, "has passed"), (NOW + timedelta(days=401), "400 days")])
def test_impossible_times_change_nothing(at: datetime, words: str) -> None:
    operation = hold_pause()
    with pytest.raises(UnusableTime) as refusal:
        change(operation, at)
    assert words in refusal.value.sentence
    operation.refresh_from_db()
    assert operation.not_before == SIX


@pytest.mark.parametrize("waits", [False, True], ids=["held", "waits for a second person"])
def test_pause_begins_before_its_end(waits: bool) -> None:
    """Moved beyond that, it would be cancelled when its time comes."""
    want_two(resume=waits)
    operation = hold_pause(until=due_instant(SIX + HOUR))
    assert operation.undone_by.get().state == (State.PENDING if waits else State.SCHEDULED)
    with pytest.raises(UnusableTime):
        change(operation, SIX + HOUR)


def test_pause_ends_after_its_begin() -> None:
    resume = hold_pause(until=due_instant(SIX + HOUR)).undone_by.get()
    with pytest.raises(UnusableTime):
        change(resume, SIX, seen=SIX + HOUR)


def test_end_goes_by_the_begin_that_somebody_else_has_just_moved() -> None:
    pause = hold_pause(until=due_instant(SIX + 3 * HOUR))
    resume = Operation.objects.select_related("undoes").get(undoes=pause)
    change(pause, SIX + 2 * HOUR)
    with pytest.raises(UnusableTime):
        change(resume, SIX + HOUR, seen=SIX + 3 * HOUR)
    resume.refresh_from_db()
    assert resume.not_before == SIX + 3 * HOUR


def test_somebody_else_was_faster() -> None:
    operation = change(hold_pause(), SIX + HOUR)
    with pytest.raises(UnusableTime) as refusal:
        change(operation, SIX + 2 * HOUR, seen=SIX)
    assert "changed while this form was open" in refusal.value.sentence


def test_what_was_taken_up_keeps_its_time() -> None:
    operation = hold_pause()
    Operation.objects.update(state=State.ACCEPTED)
    with pytest.raises(TooLate):
        change(operation, SIX + HOUR)


# --- By newer zone data ---


def test_instant_follows_the_new_rules() -> None:
    operation = hold_pause()
    outdate(operation, SIX - HOUR)
    assert rescheduling.recompute_outdated() == 1
    operation.refresh_from_db()
    assert (operation.not_before, operation.zone_data) == (SIX, ZONE_DATA)
    assert operation.next_attempt_at == SIX - timedelta(minutes=2)


def test_new_rules_are_on_record() -> None:
    outdate(hold_pause(), SIX - HOUR)
    rescheduling.recompute_outdated()
    record = Record.objects.latest("number")
    assert (record.kind, record.by, record.details["cause"]) == ("operation.rescheduled", "", "new time zone data")
    assert sentence_of(record).startswith("Campaign control changed the time of the pause of Spring")


def test_same_instant_is_no_news() -> None:
    operation = hold_pause()
    outdate(operation)
    version = SyncState.current().version
    assert rescheduling.recompute_outdated() == 0
    operation.refresh_from_db()
    assert operation.zone_data == ZONE_DATA
    assert SyncState.current().version == version
    assert not Record.objects.filter(kind="operation.rescheduled").exists()


def test_older_rules_undo_nothing() -> None:
    operation = hold_pause()
    outdate(operation, SIX - HOUR, zone_data="2999z")
    assert rescheduling.recompute_outdated() == 0


def test_entered_instant_stays() -> None:
    operation = hold_pause(due_instant(SIX))
    outdate(operation, SIX - HOUR, zone_data="")
    assert rescheduling.recompute_outdated() == 0


def test_zone_that_is_gone_keeps_its_instant() -> None:
    operation = hold_pause()
    outdate(operation, SIX - HOUR)
    Operation.objects.update(entered_zone="Mars/Olympus")
    assert rescheduling.recompute_outdated() == 0
    operation.refresh_from_db()
    assert operation.not_before == SIX - HOUR


def test_due_one_is_computed_again_first(now: time_machine.Traveller) -> None:
    """The zone data may have come to this machine a moment ago."""
    operation = hold_pause()
    outdate(operation, SIX - HOUR)
    now.move_to(SIX - HOUR)
    held.join_queue(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.not_before) == (State.SCHEDULED, SIX)
