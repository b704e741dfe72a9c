"""Whether a window is open, as kept in each campaign's row: as `opening` says, at whatever moment a round comes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.attention.windows import cross_windows, set_all_windows, set_window, window_columns
from campaigns.models import Campaign
from campaigns.schedule import opening
from tests.attention.given import NOON
from tests.factories import SCHEDULE, make_campaign

pytestmark = pytest.mark.django_db

# Around the change of clocks in New York and Berlin.
BEGIN = datetime(2026, 10, 22, tzinfo=UTC)
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
CLOCKS = st.sampled_from(("00:00", "01:30", "02:30", "09:00", "13:15", "23:59", "24:00", "soon"))
WINDOWS = st.fixed_dictionaries({"day": st.sampled_from((*DAYS, "SOMEDAY")), "startTime": CLOCKS, "endTime": CLOCKS})
SCHEDULES = st.fixed_dictionaries(
    {
        "timezone": st.sampled_from(("America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Mars/Olympus")),
        "dialingHours": st.lists(WINDOWS, max_size=6),
    }
)


def expected(schedule: dict[str, Any], at: datetime) -> bool | None:
    found = opening(schedule, at)
    return None if found.is_unknown else found.is_open


@given(SCHEDULES, st.lists(st.integers(1, 3 * 24 * 60), min_size=1, max_size=12))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_columns_are_right_at_every_round(schedule: dict[str, Any], minutes: list[int]) -> None:
    """The round only sets the columns again when `window_changes_at` has come."""
    now = BEGIN
    columns = window_columns(schedule, now)
    for each in minutes:
        now += timedelta(minutes=each)
        changes_at = columns["window_changes_at"]
        if changes_at is not None and changes_at <= now:
            columns = window_columns(schedule, now)
        assert columns["window_open"] == expected(schedule, now)


def test_round_crosses_what_is_due_and_nothing_else() -> None:
    late, always = make_campaign(), make_campaign(schedule=SCHEDULE | {"dialingHours": []})
    for campaign in (late, always):
        set_window(campaign, NOON)
        campaign.save()
    assert (late.window_open, always.window_open) == (True, False)
    assert cross_windows(NOON + timedelta(hours=4)) == 0
    assert cross_windows(NOON + timedelta(hours=5)) == 1
    late.refresh_from_db()
    assert late.window_open is False
    assert late.window_changes_at == datetime(2026, 11, 26, 14, 0, tzinfo=UTC)


@pytest.mark.usefixtures("one_clock")
def test_new_release_sets_all() -> None:
    campaign = make_campaign()
    with time_machine.travel(NOON, tick=False):
        set_all_windows()
    assert Campaign.objects.get(pk=campaign.pk).window_open is True
