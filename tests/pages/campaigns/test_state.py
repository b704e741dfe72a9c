"""What a campaign does now, as a sentence; its last hour as a chart."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.models import Campaign, Drain
from campaigns.pages.campaigns.last_hour import draw_last_hour
from campaigns.pages.campaigns.state import describe_state
from campaigns.schedule import opening
from tests.factories import SCHEDULE

MONDAY = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)  # 10:30 in New York
NIGHT = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)  # 21:00 in New York
MINUTE = timedelta(minutes=1)


def said(now: datetime = MONDAY, **values: Any) -> str:
    plain: dict[str, Any] = {"status": "ACTIVE", "schedule": SCHEDULE, "active_calls": 0}
    campaign = Campaign(id="c", name="C", read_at=now, **plain | values)
    window = opening(campaign.schedule, now)
    state = describe_state(campaign, window, now, limit=50)
    return f"{state.headline}: {state.rest}"


def test_dialing() -> None:
    assert said(active_calls=25) == "Dialing: 25 calls (limit 50), open until 17:00 EST, in 6 h 30 min."


def test_waiting_for_its_hours() -> None:
    assert said(NIGHT) == "Waiting for hours: Opens Tue 09:00 EST."


def test_calls_outside_its_hours() -> None:
    assert said(NIGHT, active_calls=3) == (
        "Dialing: 3 calls (limit 50) although its window is closed; opens Tue 09:00 EST."
    )


def test_unknown_hours_are_not_called_closed() -> None:
    assert said(schedule={}) == "Dialing: 0 calls (limit 50), unknown time zone."
    assert said(schedule={}, active_calls=3) == "Dialing: 3 calls (limit 50), unknown time zone."


def test_paused() -> None:
    assert said(status="PAUSED", control="person", controller="ann") == "Paused: By ann."


def test_draining() -> None:
    words = said(active_calls=12, status="PAUSED", control="person", controller="ann")
    assert words == "Draining: Paused by ann; 12 calls left."


def test_gone() -> None:
    assert said(gone_at=MONDAY).startswith("Not in CXone:")


@pytest.mark.parametrize(("status", "headline"), [("DRAFT", "Draft"), ("", "No status")])
def test_other_statuses_are_said_as_cxone_says_them(status: str, headline: str) -> None:
    assert said(status=status).startswith(f"{headline}: ")


# --- the last hour ---


def at(minutes: int) -> datetime:
    return MONDAY - minutes * MINUTE


def test_hour_without_a_count_is_empty() -> None:
    assert draw_last_hour([], [], MONDAY, limit=50).is_empty


def test_calls_stay_as_counted_until_the_next_count() -> None:
    hour = draw_last_hour([(at(70), 10), (at(30), 20), (at(10), 20)], [], MONDAY, limit=50)
    assert hour.rows == ((at(30), 20), (at(59), 10))
    assert (hour.least, hour.most, hour.gaps) == (10, 20, ())


def test_time_that_was_not_read_is_a_gap() -> None:
    hour = draw_last_hour([(at(70), 10), (at(20), 12)], [(at(40), at(20))], MONDAY, limit=50)
    assert hour.gaps == (("316.7", "333.3"),)
    assert hour.line.count("M") == 2


def test_time_before_the_first_count_is_a_gap() -> None:
    assert draw_last_hour([(at(14), 10)], [], MONDAY, limit=50).gaps == (("0", "750"),)


@pytest.mark.parametrize(("most", "is_drawn"), [(10, False), (30, True), (80, True)])
def test_limit_is_drawn_where_it_is_near(most: int, is_drawn: bool) -> None:
    assert bool(draw_last_hour([(at(30), most)], [], MONDAY, limit=50).limit) == is_drawn


def test_pause_and_its_expected_end_are_drawn() -> None:
    drain = Drain(started_at=at(29), expected_median_seconds=300.0, expected_p90_seconds=600.0)
    hour = draw_last_hour([(at(50), 9)], [], MONDAY, limit=50, drain=drain)
    assert (hour.pause, hour.expected) == ("500", ("583.3", "83.3"))


def test_older_pause_is_not_drawn() -> None:
    assert draw_last_hour([(at(50), 9)], [], MONDAY, limit=50, drain=Drain(started_at=at(90))).pause == ""
