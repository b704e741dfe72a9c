"""Findings on a floor that the simulator plays: the planted offenders and nothing else, at no cost to a full read."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from campaigns.attention import rounds
from campaigns.cxone import connect
from campaigns.models import Campaign, Finding, FindingCode, RequestSlot
from campaigns.simulator import Simulator
from campaigns.sync import full_read
from tests.factories import SCHEDULE
from tests.simulator.calling import Clock
from tests.simulator.test_hours import floor, offenders
from tests.simulator.transport import SimulatorTransport

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.data_layer]

WEEK = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
ALWAYS = SCHEDULE | {"dialingHours": [{"day": day, "startTime": "00:00", "endTime": "23:59"} for day in WEEK]}


def statements_of_a_read(number: int, cxone: Simulator) -> int:
    """Of a full read that shows nothing new, with so many campaigns."""
    for each in range(number):
        cxone.add(id=f"c-{number}-{each}", status="PAUSED", schedule=ALWAYS)
    full_read.read_all_campaigns()
    rounds.watch_campaigns()
    return min(_statements_of_one(), _statements_of_one())


def _statements_of_one() -> int:
    """The first read in a minute also keeps the calls of that minute: of two reads at most one is."""
    with CaptureQueriesContext(connection) as captured:
        full_read.read_all_campaigns()
    return len(captured)


def test_unchanged_read_costs_as_much_for_any_number(cxone: Simulator, enqueued: list[tuple[str, ...]]) -> None:
    cxone.change("spring", calls=0)
    few = statements_of_a_read(3, cxone)
    assert statements_of_a_read(60, cxone) == few


def test_windows_are_known_from_the_first_read_on(cxone: Simulator, enqueued: list[tuple[str, ...]]) -> None:
    cxone.add(id="weekdays", schedule=SCHEDULE)
    cxone.add(id="always", schedule=ALWAYS)
    full_read.read_all_campaigns()
    assert Campaign.objects.get(pk="weekdays").window_changes_at is not None
    assert Campaign.objects.get(pk="always").window_open is True


def test_calls_of_a_read_are_judged_with_it(cxone: Simulator, enqueued: list[tuple[str, ...]]) -> None:
    """A schedule without windows is closed at any time, so no round has to come first."""
    cxone.add(id="closed", schedule=ALWAYS | {"dialingHours": []}, calls=0)
    full_read.read_all_campaigns()
    cxone.change("closed", calls=5)
    full_read.read_all_campaigns()
    assert Finding.objects.get(campaign="closed").code == FindingCode.CALLS_OUTSIDE_HOURS
    assert Campaign.objects.get(pk="closed").urgency > 0


@pytest.mark.parametrize("number", [0, 5])
@pytest.mark.parametrize("at", ["2026-03-04T18:07:00", "2026-03-05T04:07:00", "2026-03-08T18:07:00"])
@pytest.mark.usefixtures("one_clock", "cxone")
def test_exactly_the_planted_campaigns_need_attention(
    number: int, at: str, monkeypatch: pytest.MonkeyPatch, enqueued: list[tuple[str, ...]]
) -> None:
    """By day, by night, and on a Sunday, over four minutes."""
    clock = Clock(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp())
    simulator = floor(clock, offenders=number, seed=7, rate_per_minute=None)
    monkeypatch.setattr(connect, "transport", lambda: SimulatorTransport(simulator))
    for _ in range(8):
        clock.advance(30)
        with time_machine.travel(clock.now, tick=False):
            connect.close_connections()
            cache.clear()
            RequestSlot.objects.update(free_at=Now())
            assert full_read.read_all_campaigns() is not None
            rounds.watch_campaigns()
    found = set(Finding.objects.values_list("campaign", flat=True))
    assert found == offenders(simulator, clock.now)
    assert len(found) == number
