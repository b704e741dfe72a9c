"""A floor that keeps its hours: nobody dials while closed, and exactly the planted campaigns offend."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from campaigns.simulator import Simulator
from campaigns.simulator.hours import DialingHours, is_us_holiday
from tests.simulator.calling import Clock

LIMIT = 50
# Mondays to Fridays in New York, where it is five hours earlier than UTC in March.
OFFICE_HOURS = {
    "timezone": "America/New_York",
    "dialingHours": [
        {"day": day, "startTime": "09:00", "endTime": "17:00"} for day in ("MON", "TUE", "WED", "THU", "FRI")
    ],
    "pauseConditions": [],
}


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def floor(clock: Clock, **options: Any) -> Simulator:
    return Simulator(300, clock=clock, keep_hours=True, post_events=False, **options)


def calls(simulator: Simulator) -> dict[str, int]:
    return {pk: simulator.campaign(pk)["calls"] for pk in simulator.campaign_ids()}


def offenders(simulator: Simulator, now: float) -> set[str]:
    """By what anybody may see: calls outside the hours, or more calls than the limit."""
    found = set()
    for campaign in map(simulator.campaign, simulator.campaign_ids()):
        is_open = DialingHours.read(campaign["schedule"]).open_at(now)
        if campaign["calls"] > LIMIT or (campaign["calls"] and not is_open):
            found.add(campaign["id"])
    return found


def watch(simulator: Simulator, clock: Clock, seconds: int) -> None:
    """As the product does, which looks every few seconds."""
    for _ in range(seconds // 15):
        clock.advance(15)
        calls(simulator)


def test_windows_are_read_in_their_zone() -> None:
    hours = DialingHours.read(OFFICE_HOURS)
    assert not hours.open_at(at("2026-03-04T13:59:59"))
    assert hours.open_at(at("2026-03-04T14:00:00"))
    assert not hours.open_at(at("2026-03-04T22:00:00"))
    assert not hours.open_at(at("2026-03-07T15:00:00"))  # a Saturday


@pytest.mark.parametrize(
    "changed",
    [
        {"timezone": "Mars/Olympus"},
        {"timezone": None},
        {"dialingHours": None},
        {"dialingHours": [7, {}, {"day": "?"}]},
    ],
)
def test_hours_that_make_no_sense_are_never_open(changed: dict[str, Any]) -> None:
    assert not DialingHours.read(OFFICE_HOURS | changed).open_at(at("2026-03-04T15:00:00"))


def test_nobody_dials_in_the_us_on_a_federal_holiday() -> None:
    thanksgiving = at("2026-11-26T15:00:00")
    assert is_us_holiday(date(2026, 11, 26))
    assert is_us_holiday(date(2021, 12, 31))  # New Year's Day of 2022 was a Saturday
    assert not DialingHours.read(OFFICE_HOURS).dials_at(thanksgiving)
    assert DialingHours.read(OFFICE_HOURS | {"timezone": "Europe/London"}).dials_at(thanksgiving)


def test_calls_end_within_a_minute_of_closing_and_rise_when_it_opens() -> None:
    clock = Clock(at("2026-03-04T21:30:00"))
    simulator = floor(clock)
    campaign = max(calls(simulator).items(), key=lambda item: item[1])[0]
    simulator.change(campaign, schedule=OFFICE_HOURS)
    assert simulator.campaign(campaign)["calls"] > 20
    clock.now = at("2026-03-04T22:01:00")
    assert simulator.campaign(campaign)["calls"] == 0
    clock.now = at("2026-03-05T14:01:00")
    assert simulator.campaign(campaign)["calls"] > 20


def test_paused_campaign_dials_in_none_of_its_hours() -> None:
    clock = Clock(at("2026-03-04T18:00:00"))
    simulator = floor(clock)
    paused = simulator.campaign_ids("PAUSED")
    clock.advance(3600)
    assert not any(calls(simulator)[pk] for pk in paused)


def test_calls_set_by_hand_are_there_whatever_the_hour() -> None:
    clock = Clock(at("2026-03-08T03:00:00"))
    simulator = floor(clock)
    campaign = simulator.campaign_ids("ACTIVE")[0]
    simulator.change(campaign, schedule=OFFICE_HOURS, calls=70)
    clock.advance(3600)
    assert simulator.campaign(campaign)["calls"] == 70


@pytest.mark.parametrize("number", [0, 1, 5])
@pytest.mark.parametrize("hour", range(0, 168, 12))
def test_exactly_the_planted_campaigns_offend_at_any_hour(number: int, hour: int) -> None:
    clock = Clock(at("2026-03-02T05:07:00") + timedelta(hours=hour).total_seconds())
    simulator = floor(clock, offenders=number, seed=7)
    watch(simulator, clock, 120)
    assert len(offenders(simulator, clock.now)) == number
    assert sum(1 for count in calls(simulator).values() if count) > number


def test_offenders_are_the_same_at_each_start() -> None:
    clock = Clock(at("2026-03-04T18:00:00"))
    assert offenders(floor(clock, offenders=3), clock.now) == offenders(floor(clock, offenders=3), clock.now)


def test_offenders_offend_in_both_ways() -> None:
    clock = Clock(at("2026-03-04T18:00:00"))
    simulator = floor(clock, offenders=4, seed=7)
    watch(simulator, clock, 120)
    over = [pk for pk, count in calls(simulator).items() if count > LIMIT]
    assert 0 < len(over) < 4


@pytest.mark.parametrize("month", [1, 7])
@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_one_of_three_is_over_the_limit_at_any_hour(month: int, hour: int) -> None:
    clock = Clock(at(f"2026-{month:02}-04T{hour:02}:05:00"))
    simulator = floor(clock, offenders=3)
    watch(simulator, clock, 120)
    over = [count for count in calls(simulator).values() if count > LIMIT]
    assert 0 < len(over) < 3


def test_offender_that_is_paused_stops_for_good() -> None:
    clock = Clock(at("2026-03-04T18:00:00"))
    simulator = floor(clock, offenders=3)
    watch(simulator, clock, 60)
    stopped, *others = sorted(offenders(simulator, clock.now))
    simulator.change(stopped, status="PAUSED")
    for _ in range(4):
        clock.advance(6 * 3600)
        assert calls(simulator)[stopped] == 0
        watch(simulator, clock, 120)
        assert offenders(simulator, clock.now) == set(others)
