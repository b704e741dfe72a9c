"""A schedule's two shapes and its clock, for any schedule."""

from datetime import date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from campaigns.simulator.published.switches import Times
from campaigns.simulator.published.weeks import NAMES, DialingDay, DialingWeek, as_days, as_fields, read_fields
from tests.simulator.calling import NOON

# They change their clocks by an hour, by half an hour, or not.
ZONES = st.sampled_from([ZoneInfo(name) for name in ("America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")])
MINUTES = st.integers(0, 24 * 60 - 1)


def clock_time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def days(draw: st.DrawFn) -> DialingDay:
    if draw(st.booleans()):
        return DialingDay()
    start, end = sorted(draw(st.tuples(MINUTES, MINUTES)))
    assume(start < end)
    return DialingDay(active=draw(st.booleans()), start=clock_time(start), end=clock_time(end))


WEEKS = st.builds(DialingWeek, st.booleans(), st.tuples(*[days()] * 7))


@given(week=WEEKS, times=st.sampled_from(get_args(Times)))
def test_both_shapes_are_in_step(week: DialingWeek, times: Times) -> None:
    fields, listed = as_fields(week, times), as_days(week, times)
    assert listed["isScheduled"] == fields["isScheduled"]
    for day in listed["schedules"]:
        name = day["day"].lower()
        assert [day["active"], day["startTime"], day["endTime"]] == [
            fields[f"{name}{part}"] for part in ("IsActive", "StartTime", "EndTime")
        ]


@given(week=WEEKS)
def test_what_was_set_is_read(week: DialingWeek) -> None:
    sent = as_fields(week, "HH:MM")
    assert read_fields({"scheduleSettings": sent}, DialingWeek(), as_fields(DialingWeek(), "HH:MM")) == week


@given(week=WEEKS, times=st.sampled_from(get_args(Times)), name=st.sampled_from(NAMES))
def test_day_may_go_back_as_it_came(week: DialingWeek, times: Times, name: str) -> None:
    strict, shown = as_fields(week, "HH:MM"), as_fields(week, times)
    sent = strict | {f"{name}{part}": shown[f"{name}{part}"] for part in ("StartTime", "EndTime")}
    # Other days have times that are written strictly, or none.
    assert read_fields({"scheduleSettings": sent}, week, shown) == week


@given(week=WEEKS, zone=ZONES, offset=st.integers(0, 365 * 86_400))
def test_edges_are_where_windows_open_and_close(week: DialingWeek, zone: ZoneInfo, offset: int) -> None:
    moment = NOON + offset
    edge = week.next_edge(moment, zone)
    if edge is None:
        assert not week.open_at(moment, zone)
        assert not week.scheduled or not any(day.active for day in week.days)
        return
    assume(not _clocks_change(moment, edge.at + 86_400, zone))
    # Until then nothing changes, and then it does, but where one window begins as another ends: never, within a day.
    assert edge.at > moment
    assert week.open_at(edge.at, zone) is edge.opens
    assert week.open_at(edge.at - 1, zone) is not edge.opens
    assert week.open_at(moment, zone) is not edge.opens


def _clocks_change(first: float, last: float, zone: ZoneInfo) -> bool:
    day, until = datetime.fromtimestamp(first, zone).date(), datetime.fromtimestamp(last, zone).date()
    offsets = set()
    while day <= until + timedelta(days=1):
        offsets.add(_offset(day, zone))
        day += timedelta(days=1)
    return len(offsets) > 1


def _offset(day: date, zone: ZoneInfo) -> timedelta | None:
    return datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()
