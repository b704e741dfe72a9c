"""After a pause the calls are watched until the last has ended."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from audit.models import Record
from campaigns.cxone.budget import Lane
from campaigns.cxone.gateway import Gateway
from campaigns.models import Campaign, Drain, Operation, PeriodicJob
from campaigns.queueing.request_budget import SlotBudget
from campaigns.simulator import Simulator
from campaigns.sync import drains, full_read
from tests.worker import Clock, ask_pause, run

pytestmark = pytest.mark.data_layer


@pytest.fixture
def drain(campaign: Campaign, cxone: Simulator) -> Drain:
    run(ask_pause(campaign))
    return Drain.objects.get()


def again(drain: Drain) -> Drain:
    drains.sample()
    drain.refresh_from_db()
    return drain


def test_pause_starts_a_drain(drain: Drain) -> None:
    assert drain.calls_at_start == 7
    assert [sample.calls for sample in drain.samples.all()] == [7]


def test_last_call_ends_it(drain: Drain, clock: Clock) -> None:
    clock.now += 3600
    assert again(drain).end == "empty"
    assert (drain.calls_at_end, drain.share_ended) == (0, 1.0)
    assert Campaign.objects.get().active_calls == 0


def test_calls_in_between_are_sampled(drain: Drain) -> None:
    again(drain)
    assert drain.samples.count() == 2
    assert drain.ended_at is None


def test_slow_count_is_begun_once(drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    """CXone may take half a minute over it, and the job comes every three seconds."""
    job = PeriodicJob.objects.filter(name="sample_drains")
    job.update(next_at=Now())
    soon, begun = job.filter(next_at__lte=Now() + timedelta(seconds=5)), drains._gateway
    meanwhile: list[bool] = []

    def begin() -> Gateway:
        meanwhile.append(soon.exists())
        return begun()

    monkeypatch.setattr(drains, "_gateway", begin)
    again(drain)
    assert meanwhile == [False]
    assert soon.exists()


def test_end_is_on_record(drain: Drain, clock: Clock) -> None:
    clock.now += 3600
    again(drain)
    details = Record.objects.get(kind="drain.ended").details
    assert (details["end"], details["calls_at_start"], details["share_ended"]) == ("empty", 7, 1)


@pytest.mark.parametrize("expected", [(None, None), (61.04, 240.0)])
def test_what_was_expected_is_on_record(
    drain: Drain, clock: Clock, expected: tuple[float | None, float | None]
) -> None:
    Drain.objects.update(expected_median_seconds=expected[0], expected_p90_seconds=expected[1])
    clock.now += 3600
    again(drain)
    details = Record.objects.get(kind="drain.ended").details
    rounded = (details["expected_median_seconds"], details["expected_p90_seconds"])
    assert rounded == (None if expected[0] is None else 61, expected[1])


def test_deadline_ends_it_too(drain: Drain) -> None:
    Drain.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    assert again(drain).end == "deadline"
    assert drain.calls_at_end == 7


def test_resumed_campaign_ends_it(drain: Drain) -> None:
    Campaign.objects.update(status="ACTIVE")
    assert again(drain).end == "resumed"


def test_failed_count_is_no_sample(drain: Drain, cxone: Simulator) -> None:
    cxone.fail("POST", "/api/v2/analytics/*", status=503)
    assert again(drain).samples.count() == 1


def test_want_of_requests_leaves_no_line(drain: Drain, caplog: pytest.LogCaptureFixture) -> None:
    """Other reads may take all there are for minutes, and this is tried every three seconds."""
    budget = SlotBudget()
    while not budget.wait_for(Lane.BACKGROUND, 1):
        budget.reserve(Lane.BACKGROUND)
    caplog.set_level("INFO")
    assert again(drain).samples.count() == 1
    assert "could not be counted" not in caplog.text


def test_one_query_serves_all(drain: Drain, cxone: Simulator) -> None:
    _another_drain(cxone)
    before = len(cxone.record.requests("POST"))
    assert drains.sample() == 2
    assert len(cxone.record.requests("POST")) == before + 1


def test_no_drain_no_request(campaign: Campaign, cxone: Simulator) -> None:
    before = len(cxone.record.requests())
    assert drains.sample() == 0
    assert len(cxone.record.requests()) == before


def test_old_drain_is_sampled_slowly(drain: Drain) -> None:
    Drain.objects.update(started_at=timezone.now() - timedelta(minutes=3))
    assert drains.sample() == 0


def _another_drain(cxone: Simulator) -> Operation:
    cxone.add(id="autumn", name="Autumn", calls=3)
    full_read.read_all_campaigns()
    return run(ask_pause(Campaign.objects.get(pk="autumn")))
