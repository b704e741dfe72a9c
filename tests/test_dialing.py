"""One judgement of what a campaign does, whoever asks: of a campaign, in SQL, on the wall, in words, replayed."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from campaigns.attention.windows import set_window
from campaigns.dialing import GONE_SHOWN, LABELS, DialingState, dialing_state, in_state, is_counted_in
from campaigns.floor import COUNTED, read_floor
from campaigns.models import Campaign
from campaigns.pages.campaigns.state import describe_state
from campaigns.schedule import find_zone, open_between, opening
from campaigns.timeline.lanes import CampaignFacts, lanes_of
from tests.schedule.given import schedules

NOW = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)

STATUSES = ("ACTIVE", "PAUSED", "DRAFT", "STOPPING", "")
CALLS = (0, 1, 69)
WINDOWS = tuple(product((True, False, None), (None, NOW - SECOND, NOW, NOW + SECOND)))
GONE = (None, NOW - SECOND, NOW - GONE_SHOWN)
LONG_GONE = NOW - GONE_SHOWN - SECOND


def made(number: int, status: str, calls: int, window: tuple[bool | None, datetime | None], gone: Any) -> Campaign:
    is_open, changes_at = window
    return Campaign(
        id=f"c{number}",
        name=f"C {number}",
        status=status,
        active_calls=calls,
        window_open=is_open,
        window_changes_at=changes_at,
        gone_at=gone,
        read_at=NOW,
    )


@pytest.fixture
def every_campaign() -> list[Campaign]:
    """One for each combination of the values that decide."""
    values = product(STATUSES, CALLS, WINDOWS, GONE)
    return Campaign.objects.bulk_create(made(number, *each) for number, each in enumerate(values))


@pytest.mark.django_db
@pytest.mark.data_layer
@pytest.mark.parametrize("state", DialingState)
def test_sql_finds_those_that_are_judged_so(state: DialingState, every_campaign: list[Campaign]) -> None:
    judged = {each.pk for each in every_campaign if is_counted_in(state, dialing_state(each, NOW))}
    assert set(Campaign.objects.filter(in_state(state, NOW)).values_list("pk", flat=True)) == judged
    assert judged


@pytest.mark.django_db
@pytest.mark.data_layer
@pytest.mark.usefixtures("every_campaign")
def test_wall_counts_as_the_list_does() -> None:
    in_cxone = Campaign.objects.filter(gone_at=None)
    floor = read_floor(NOW).total
    for state in COUNTED:
        assert getattr(floor, state) == in_cxone.filter(in_state(state, NOW)).count()


def test_one_that_left_long_ago_is_not_among_the_others() -> None:
    assert dialing_state(made(0, "DRAFT", 0, WINDOWS[0], LONG_GONE), NOW) == DialingState.GONE


@given(
    schedules,
    st.integers(0, 8 * 24 * 60).map(lambda minute: NOW + minute * MINUTE),
    st.sampled_from(("ACTIVE", "PAUSED", "DRAFT")),
    st.sampled_from(CALLS),
)
def test_page_and_timeline_say_what_the_list_says(
    schedule: dict[str, Any], now: datetime, status: str, calls: int
) -> None:
    # The timeline asks for hours that can all be read.
    assume(open_between(schedule, now, now + MINUTE) is not None)
    campaign = Campaign(status=status, active_calls=calls, schedule=schedule, read_at=now)
    set_window(campaign, now)
    state = dialing_state(campaign, now)

    sentence = describe_state(campaign, opening(schedule, now), now, limit=50)
    assert sentence.headline == ("Draft" if state == DialingState.OTHER else LABELS[state])

    facts = CampaignFacts(
        status, schedule, find_zone(schedule["timezone"]), samples=[(now, calls)], known_since=now - MINUTE
    )
    replayed = lanes_of(facts, now, now + MINUTE, now + MINUTE).state_at(now)
    assert replayed is not None
    assert replayed.what == state
