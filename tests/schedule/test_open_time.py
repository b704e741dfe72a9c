"""Open time between instants: what is in two lists of spans, and in one only; days on which clocks change."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from campaigns.schedule.open_time import Span, joined, length, open_between, open_spans, overlap, without
from campaigns.schedule.opening import opening
from tests.schedule.given import make_schedule, schedules

START = datetime(2026, 11, 1, tzinfo=UTC)
minutes = st.integers(0, 3000).map(lambda minute: START + timedelta(minutes=minute))
spans = st.lists(st.tuples(minutes, minutes).map(lambda pair: (min(pair), max(pair))), max_size=6).map(joined)


def is_in(found: list[Span], at: datetime) -> bool:
    return any(start <= at < end for start, end in found)


@given(spans, spans, minutes)
def test_an_instant_is_in_both_or_in_one_only(some: list[Span], others: list[Span], at: datetime) -> None:
    here, there = is_in(some, at), is_in(others, at)
    assert is_in(overlap(some, others), at) is (here and there)
    assert is_in(without(some, others), at) is (here and not there)


@given(spans, spans)
def test_parts_add_up_to_the_whole(some: list[Span], others: list[Span]) -> None:
    assert length(overlap(some, others)) + length(without(some, others)) == length(some)


@given(spans, spans)
def test_results_are_lists_of_spans_again(some: list[Span], others: list[Span]) -> None:
    for found in (overlap(some, others), without(some, others)):
        assert found == sorted(found)
        assert all(start < end for start, end in found)


@given(schedules, st.integers(0, 6 * 24 * 60))
def test_open_spans_are_when_the_schedule_is_open(schedule: dict[str, object], minute: int) -> None:
    at = START + timedelta(days=2, minutes=minute)
    assert is_in(open_spans(schedule, date(2026, 11, 1), 12), at) is opening(schedule, at).is_open


def test_days_on_which_clocks_change_have_their_own_length() -> None:
    """New York, 2026: 8 March has 23 hours and 1 November 25."""
    whole_sunday = make_schedule("SUN 00:00-23:59")
    assert length(open_spans(whole_sunday, date(2026, 3, 8), 1)) == timedelta(hours=23)
    assert length(open_spans(whole_sunday, date(2026, 11, 1), 1)) == timedelta(hours=25)


def test_unknown_zone_has_no_open_time() -> None:
    assert open_spans(make_schedule("SUN 00:00-23:59", timezone="Mars/Olympus"), date(2026, 3, 8), 7) == []


@given(schedules, minutes, minutes, minutes)
def test_open_between_is_when_the_schedule_is_open_then(
    schedule: dict[str, object], since: datetime, until: datetime, at: datetime
) -> None:
    since, until = sorted((since, until))
    found = open_between(schedule, since, until)
    assume(found is not None)
    assert is_in(found or [], at) is (since <= at < until and opening(schedule, at).is_open)


def test_nobody_can_say_when_hours_that_cannot_be_read_are_open() -> None:
    end = START + timedelta(days=1)
    assert open_between({}, START, end) is None
    unreadable = make_schedule("MON 09:00-17:00") | {"dialingHours": [{"day": "MON", "startTime": "later"}]}
    assert open_between(unreadable, START, end) is None
