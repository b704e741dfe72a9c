"""Skills start and stop: when asked, when calls have ended, by their schedules, and from outside."""

from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from campaigns.simulator import PublishedSimulator
from tests.simulator.calling import NOON, Clock
from tests.simulator.published.calling import (
    SERVICES,
    WEEKDAYS,
    connect,
    is_running,
    read_calls,
    read_schedule,
    set_schedule,
    start,
    stop,
)

NEW_YORK = ZoneInfo("America/New_York")
# NOON is a Wednesday, at 07:00 in New York.
NINE, FIVE_PM = NOON + 2 * 3600, NOON + 10 * 3600
DAY = 86_400


def local_time(clock: Clock) -> str:
    return f"{datetime.fromtimestamp(clock.now, NEW_YORK):%a %H:%M}"


@pytest.fixture
def stopped(simulator: PublishedSimulator) -> str:
    return simulator.add(running=False)


def test_stop_and_start_say_nothing(client: httpx.Client, skill: str) -> None:
    stopped = stop(client, skill)
    assert (stopped.status_code, stopped.content, is_running(client, skill)) == (202, b"", False)
    started = start(client, skill)
    assert (started.status_code, started.content, is_running(client, skill)) == (202, b"", True)


def test_calls_end_by_themselves_after_a_stop(client: httpx.Client, clock: Clock, skill: str) -> None:
    stop(client, skill)
    assert read_calls(client, skill) == 12
    clock.advance(60)
    assert read_calls(client, skill) == 0


def test_force_ends_the_calls(client: httpx.Client, skill: str) -> None:
    stop(client, skill, force="true")
    assert read_calls(client, skill) == 0


def test_force_ends_the_calls_when_it_turns(
    simulator: PublishedSimulator, client: httpx.Client, clock: Clock, skill: str
) -> None:
    simulator.switch(turns="later", turn_seconds=20)
    stop(client, skill)
    stop(client, skill, force="true")
    clock.advance(20)
    assert (is_running(client, skill), read_calls(client, skill)) == (False, 0)


def test_unreadable_force_is_refused(client: httpx.Client, skill: str) -> None:
    assert (stop(client, skill, force="yes").status_code, is_running(client, skill)) == (400, True)


def test_it_turns_after_some_seconds(
    simulator: PublishedSimulator, client: httpx.Client, clock: Clock, skill: str
) -> None:
    simulator.switch(turns="later", turn_seconds=20)
    assert stop(client, skill).status_code == 202
    clock.advance(19)
    assert is_running(client, skill)
    clock.advance(1)
    assert not is_running(client, skill)
    assert start(client, skill).status_code == 202
    assert not is_running(client, skill)
    clock.advance(20)
    assert is_running(client, skill)


def test_it_never_turns(simulator: PublishedSimulator, client: httpx.Client, clock: Clock, skill: str) -> None:
    simulator.switch(turns="never")
    assert stop(client, skill, force="true").status_code == 202
    clock.advance(3000)
    assert (is_running(client, skill), read_calls(client, skill)) == (True, 12)
    assert simulator.record.applied() == []


def test_it_turns_when_the_calls_have_ended(
    simulator: PublishedSimulator, client: httpx.Client, clock: Clock, skill: str
) -> None:
    simulator.switch(turns="after calls")
    assert stop(client, skill).status_code == 202
    assert (is_running(client, skill), read_calls(client, skill)) == (True, 12)
    clock.advance(60)
    assert (is_running(client, skill), read_calls(client, skill)) == (False, 0)
    start(client, skill)
    assert is_running(client, skill)


def test_second_stop_while_calls_end_changes_nothing(
    simulator: PublishedSimulator, client: httpx.Client, skill: str
) -> None:
    simulator.switch(turns="after calls")
    assert [stop(client, skill).status_code for _ in range(2)] == [202, 202]
    assert len(simulator.record.applied(skill)) == 1


def test_force_ends_what_a_stop_waits_for(simulator: PublishedSimulator, client: httpx.Client, skill: str) -> None:
    simulator.switch(turns="after calls")
    stop(client, skill)
    stop(client, skill, force="true")
    assert (is_running(client, skill), read_calls(client, skill)) == (False, 0)
    assert [entry.query for entry in simulator.record.applied(skill)] == [{}, {"force": "true"}]


def test_skill_without_calls_turns_at_once(simulator: PublishedSimulator, client: httpx.Client) -> None:
    simulator.switch(turns="after calls")
    skill = simulator.add(calls=0)
    stop(client, skill)
    assert not is_running(client, skill)


@pytest.mark.parametrize("status", [404, 409])
def test_stop_of_what_is_stopped(
    simulator: PublishedSimulator, client: httpx.Client, stopped: str, status: int
) -> None:
    simulator.switch(stopped_again=status)
    assert stop(client, stopped).status_code == status


def test_start_of_what_runs(client: httpx.Client, skill: str) -> None:
    assert start(client, skill).status_code == 409


@pytest.mark.parametrize(
    "kind",
    [
        {"outbound": False, "strategy": ""},
        {"strategy": "Manual"},
        {"strategy": "Predictive"},
        {"outbound": False, "strategy": "", "media_type": 3},
    ],
)
def test_only_personal_connection_starts_and_stops(
    simulator: PublishedSimulator, client: httpx.Client, kind: dict[str, object]
) -> None:
    skill = simulator.add(running=False, **kind)  # type: ignore[arg-type]
    assert (start(client, skill).status_code, stop(client, skill).status_code) == (404, 404)


def test_unknown_skill_is_not_found(client: httpx.Client) -> None:
    assert (start(client, "1").status_code, stop(client, "1").status_code) == (404, 404)


def test_inactive_skill_does_not_start(simulator: PublishedSimulator, client: httpx.Client) -> None:
    assert start(client, simulator.add(running=False, active=False)).status_code == 409


def test_post_has_to_say_that_it_is_empty(client: httpx.Client, skill: str) -> None:
    request = client.build_request("POST", f"{SERVICES}/skills/{skill}/stop")
    del request.headers["Content-Length"]
    assert (client.send(request).status_code, is_running(client, skill)) == (411, True)


@pytest.fixture
def keeping_hours(clock: Clock) -> PublishedSimulator:
    """Its business unit is in New York."""
    return PublishedSimulator(0, keep_hours=True, clock=clock, rate_per_minute=None, token_seconds=30 * DAY)


@pytest.fixture
def scheduled(keeping_hours: PublishedSimulator) -> str:
    return keeping_hours.add(running=False, schedule=WEEKDAYS, calls=9)


def test_schedule_starts_and_stops_a_skill(keeping_hours: PublishedSimulator, clock: Clock, scheduled: str) -> None:
    client, seen = connect(keeping_hours), []
    for moment in (NINE - 1, NINE, FIVE_PM - 1, FIVE_PM):
        clock.now = moment
        seen.append((local_time(clock), is_running(client, scheduled)))
    assert seen == [("Wed 08:59", False), ("Wed 09:00", True), ("Wed 16:59", True), ("Wed 17:00", False)]


def test_calls_follow_the_schedule(keeping_hours: PublishedSimulator, clock: Clock, scheduled: str) -> None:
    client = connect(keeping_hours)
    clock.now = NINE + 3600
    keeping_hours.change(scheduled, calls=9)
    assert read_calls(client, scheduled) == 9
    clock.now = FIVE_PM + 60
    assert read_calls(client, scheduled) == 0


def test_schedule_keeps_to_the_business_unit_zone_when_the_clocks_change(clock: Clock) -> None:
    # In New York they go forward on 8 March 2026, in London three weeks later.
    simulator = PublishedSimulator(
        0, keep_hours=True, clock=clock, zone="GMT Standard Time", rate_per_minute=None, token_seconds=90 * DAY
    )
    client, skill = connect(simulator), simulator.add(running=False, schedule=WEEKDAYS)
    clock.now = datetime(2026, 3, 30, 9, tzinfo=ZoneInfo("Europe/London")).timestamp() - 1
    assert not is_running(client, skill)
    clock.advance(1)
    assert is_running(client, skill)


def test_weekend_without_a_request_is_made_up_for(
    keeping_hours: PublishedSimulator, clock: Clock, scheduled: str
) -> None:
    client = connect(keeping_hours)
    clock.now = NINE + 5 * DAY
    assert (local_time(clock), is_running(client, scheduled)) == ("Mon 10:00", True)


def test_day_off_starts_nothing(keeping_hours: PublishedSimulator, clock: Clock, scheduled: str) -> None:
    client = connect(keeping_hours)
    clock.now = NINE + 3 * DAY + 3600
    assert (local_time(clock), is_running(client, scheduled)) == ("Sat 10:00", False)


def test_schedule_starts_a_stopped_skill_again(
    keeping_hours: PublishedSimulator, clock: Clock, scheduled: str
) -> None:
    client = connect(keeping_hours)
    clock.now = NINE + 60
    stop(client, scheduled)
    clock.now = FIVE_PM
    assert not is_running(client, scheduled)
    clock.now = NINE + DAY
    assert is_running(client, scheduled)


def test_stop_holds_against_the_schedule(keeping_hours: PublishedSimulator, clock: Clock, scheduled: str) -> None:
    keeping_hours.switch(stop_holds=True)
    client = connect(keeping_hours)
    clock.now = NINE + 60
    stop(client, scheduled)
    clock.now = NINE + DAY
    assert not is_running(client, scheduled)
    start(client, scheduled)
    clock.now = NINE + 2 * DAY
    assert is_running(client, scheduled)


def test_schedule_is_followed_after_it_was_set(
    keeping_hours: PublishedSimulator, clock: Clock, scheduled: str
) -> None:
    client = connect(keeping_hours)
    clock.now = NINE + 60
    set_schedule(client, scheduled, read_schedule(client, scheduled), wednesdayEndTime="09:01")
    assert not is_running(client, scheduled)
    set_schedule(client, scheduled, read_schedule(client, scheduled), thursdayStartTime="06:30")
    clock.now = NINE + DAY - 2.5 * 3600
    assert is_running(client, scheduled)


def test_without_a_schedule_only_a_person_starts(keeping_hours: PublishedSimulator, clock: Clock) -> None:
    client, skill = connect(keeping_hours), keeping_hours.add(running=False)
    clock.now = NINE + 7 * DAY
    assert not is_running(client, skill)


def test_list_upload_starts_a_skill(simulator: PublishedSimulator, client: httpx.Client, stopped: str) -> None:
    simulator.change(stopped, running=True)
    assert is_running(client, stopped)
    assert simulator.record.applied() == []
