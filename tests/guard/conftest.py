"""A guarded calendar and its campaign in London at Christmas, on the pretend CXone; time passes by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from campaigns.guard import rounds
from campaigns.models import Calendar, Campaign, Operation
from campaigns.operations.runner import execution
from campaigns.simulator import Simulator
from campaigns.states import OPEN
from campaigns.sync import full_read
from tests.factories import SCHEDULE, make_calendar, make_holiday
from tests.worker import Clock, clock, cxone, posts_events

__all__ = ["clock", "cxone", "posts_events"]


class Days:
    """Time, for the database as for CXone, and those who work on in it."""

    def __init__(self, traveller: time_machine.Traveller, clock: Clock) -> None:
        self._traveller = traveller
        self._clock = clock

    def turn_unseen_to(self, text: str) -> None:
        """In UTC, which is London's time in winter. Nobody reads CXone."""
        moment = datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)
        self._traveller.move_to(moment)
        self._clock.now = moment.timestamp()

    def turn_to(self, text: str) -> None:
        """With a full read, as there would be one every 15 s."""
        self.turn_unseen_to(text)
        full_read.read_all_campaigns()

    def pass_to(self, text: str) -> None:
        """With what the guard does then, and workers."""
        self.turn_to(text)
        self.work()

    def wait(self, seconds: float) -> None:
        self._traveller.shift(seconds)
        self._clock.now += seconds

    def work(self) -> None:
        """Three rounds, a second apart."""
        for _ in range(3):
            self.wait(1)
            rounds.make_round()
            for operation in Operation.objects.filter(state__in=OPEN):
                execution.advance_operation(operation.pk)


@pytest.fixture
def days(one_clock: None, clock: Clock) -> Iterator[Days]:
    with time_machine.travel(datetime(2026, 12, 20, 12, 0, tzinfo=UTC), tick=False) as traveller:
        yield Days(traveller, clock)


@pytest.fixture
def campaign(days: Days, cxone: Simulator, enqueued: list[tuple[str, ...]], db: None) -> Campaign:
    cxone.change("spring", schedule=SCHEDULE | {"timezone": "Europe/London"})
    days.turn_to("12-20 12:00")
    return Campaign.objects.get(pk="spring")


@pytest.fixture
def calendar(campaign: Campaign) -> Calendar:
    """Christmas Day, guarded."""
    calendar = make_calendar(campaign, name="UK", guarded=True)
    make_holiday(calendar)
    return calendar
