"""The same outsourcer's campaigns as in the other dialect, as skills of one business unit."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.simulator import PublishedSimulator, Simulator
from campaigns.simulator.population import populate
from campaigns.simulator.published.population import reduced
from campaigns.simulator.published.weeks import DialingWeek
from tests.simulator.calling import Clock

NEW_YORK = ZoneInfo("America/New_York")
# In no zone do the clocks change within a week of it.
JUNE = datetime(2026, 6, 10, 12, tzinfo=NEW_YORK).timestamp()
HALF_HOURS = [JUNE + half * 1800 for half in range(48 * 7)]


def test_campaigns_are_those_of_the_other_dialect(clock: Clock) -> None:
    campaigns, skills = Simulator(40, clock=clock), PublishedSimulator(40, clock=clock)
    names = [campaigns.campaign(campaign_id)["name"] for campaign_id in campaigns.campaign_ids()]
    assert [skills.skill(skill_id)["name"] for skill_id in skills.skill_ids()] == names
    running = [skills.skill(skill_id)["name"] for skill_id in skills.skill_ids(running=True)]
    assert running == [campaigns.campaign(campaign_id)["name"] for campaign_id in campaigns.campaign_ids("ACTIVE")]


def test_every_start_has_the_same_skills(clock: Clock) -> None:
    first, second = (PublishedSimulator(100, clock=clock) for _ in range(2))
    assert [first.skill(each) for each in first.skill_ids()] == [second.skill(each) for each in second.skill_ids()]


def test_one_that_is_stopped_has_no_schedule_that_would_start_it(clock: Clock) -> None:
    simulator = PublishedSimulator(100, clock=clock)
    stopped = [simulator.skill(skill_id) for skill_id in simulator.skill_ids(running=False)]
    assert stopped
    assert all(skill["schedule"] == {} for skill in stopped)


@given(seed=st.integers(1, 1000))
def test_nobody_dials_but_in_the_hours_that_people_may_be_called(seed: int) -> None:
    (profile,) = populate(1, seed, JUNE)
    week = DialingWeek(True, reduced(profile.schedule))
    for moment in HALF_HOURS:
        if week.open_at(moment, NEW_YORK):
            assert 8 <= datetime.fromtimestamp(moment, NEW_YORK).hour < 21


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Manila"])
def test_windows_stay_at_their_times_of_day(zone: str) -> None:
    window = {"day": "MON", "startTime": "08:30", "endTime": "20:30"}
    days = reduced({"timezone": zone, "dialingHours": [window]})
    assert DialingWeek(True, days).content() == {"MON": ["08:30", "20:30"]}


def test_break_at_noon_is_left_out() -> None:
    windows = [
        {"day": "TUE", "startTime": "09:00", "endTime": "12:00"},
        {"day": "TUE", "startTime": "13:00", "endTime": "17:30"},
    ]
    days = reduced({"timezone": "America/Chicago", "dialingHours": windows})
    assert DialingWeek(True, days).content() == {"TUE": ["09:00", "17:30"]}


@pytest.mark.parametrize("hour", range(0, 168, 7))
def test_floor_keeps_its_hours_but_for_the_planted(clock: Clock, hour: int) -> None:
    clock.advance(hour * 3600)
    simulator = PublishedSimulator(150, keep_hours=True, offenders=3, clock=clock)
    clock.advance(600)
    odd = []
    for skill_id in simulator.skill_ids():
        skill = simulator.skill(skill_id)
        local = datetime.fromtimestamp(clock.now, NEW_YORK)
        window = skill["schedule"].get(f"{local:%a}".upper(), ["24:00", "00:00"])
        is_open = window[0] <= f"{local:%H:%M}" < window[1]
        if skill["calls"] > 50 or (skill["calls"] and not is_open):
            odd.append(skill_id)
    assert len(odd) == 3


def test_us_holiday_is_kept(clock: Clock) -> None:
    clock.now = datetime(2026, 12, 25, 14, tzinfo=NEW_YORK).timestamp()
    simulator = PublishedSimulator(150, keep_hours=True, clock=clock)
    clock.advance(timedelta(minutes=10).total_seconds())
    home = simulator.skill_ids(running=True)
    busy = [skill_id for skill_id in home if simulator.skill(skill_id)["calls"]]
    # One in seven is of another country, where it is no holiday.
    assert len(busy) < len(home) / 4
