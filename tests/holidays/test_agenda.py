"""The restricted days of a calendar, looked up instead of worked out: the same days for any zone and moment."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.holidays import agenda as module
from campaigns.holidays.agenda import Agenda, AgendaCache, in_zone, order_of
from campaigns.holidays.dates import closed_of, occurrences
from campaigns.holidays.lookups import agenda_of
from campaigns.models import Calendar, Holiday
from campaigns.schedule import HolidayOn

ZONES = (
    *("America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"),
    *("Pacific/Kiritimati", "Pacific/Pago_Pago", "Etc/GMT+12", "UTC"),
)
DAY = timedelta(days=1)
zones = st.sampled_from(ZONES).map(ZoneInfo)
hours = st.one_of(
    st.none(),
    st.tuples(st.integers(0, 1438), st.integers(1, 1439)).filter(lambda pair: pair[0] < pair[1]),
)
# Around the days on which the clocks of these zones change, and the turn of the year.
moments = st.one_of(
    *(
        st.datetimes(datetime.fromisoformat(first), datetime.fromisoformat(last), timezones=st.just(UTC))
        for first, last in (
            ("2026-01-01", "2028-12-31"),
            ("2026-10-24", "2026-11-02"),
            ("2027-03-13", "2027-04-05"),
            ("2026-12-30", "2027-01-03"),
        )
    )
)


@st.composite
def holidays_of(draw: st.DrawFn, calendar: Calendar) -> list[Holiday]:
    return [
        Holiday(
            calendar=calendar,
            name=f"Day {number}",
            date=draw(st.dates(date(2025, 12, 25), date(2028, 2, 29))),
            every_year=draw(st.booleans()),
            observed=draw(st.booleans()),
            **dict(zip(("starts", "ends"), map(as_time, draw(hours) or (None, None)), strict=True)),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


def as_time(minutes: int | None) -> time | None:
    return None if minutes is None else time(*divmod(minutes, 60))


def worked_out(holidays: list[Holiday], zone: ZoneInfo | None, first: date, last: date) -> list[HolidayOn]:
    """The same by the plainest way: every holiday, every date, nothing remembered."""
    found = set()
    for holiday in holidays:
        calendar, closed = holiday.calendar, closed_of(holiday)
        there = ZoneInfo(calendar.zone) if calendar.zone else None
        for day, name in occurrences(holiday, first - 3 * DAY, last + 3 * DAY):
            shown: Iterator[tuple[date, tuple[int, int] | None]] = iter([(day, closed)])
            if zone and there and zone != there:
                shown = in_zone(day, closed, there, zone)
            found |= {HolidayOn(on, name, calendar.name, part) for on, part in shown if first <= on <= last}
    return sorted(found, key=order_of)


def next_worked_out(holidays: list[Holiday], zone: ZoneInfo, now: datetime) -> HolidayOn | None:
    local = now.astimezone(zone)
    for on in worked_out(holidays, zone, local.date(), local.date() + DAY * 365):
        if on.date > local.date() or on.closed is None or on.closed[1] > local.hour * 60 + local.minute:
            return on
    return None


@given(st.data(), st.sampled_from(("", *ZONES)), zones, st.lists(moments, min_size=1, max_size=3))
def test_next_is_what_working_it_out_gives(data: st.DataObject, own: str, zone: ZoneInfo, at: list[datetime]) -> None:
    """Asked several times, at moments in any order: what was remembered for one is never given for another."""
    calendar = Calendar(name="US", zone=own)
    holidays = data.draw(holidays_of(calendar))
    agenda = agenda_of(calendar, holidays)
    for now in at:
        assert agenda.next(zone, now) == next_worked_out(holidays, zone, now)


@given(st.data(), st.sampled_from(("", *ZONES)), zones, st.dates(date(2026, 1, 1), date(2028, 6, 1)))
def test_span_is_what_working_it_out_gives(data: st.DataObject, own: str, zone: ZoneInfo, first: date) -> None:
    calendar = Calendar(name="US", zone=own)
    holidays = data.draw(holidays_of(calendar))
    last = first + 59 * DAY
    assert list(agenda_of(calendar, holidays).between(first, last, zone)) == worked_out(holidays, zone, first, last)


def test_day_reaches_two_dates_back_across_the_date_line() -> None:
    """Midnight in Kiritimati is 23:00 two dates earlier in Pago Pago, 25 hours behind."""
    calendar = Calendar(name="US", zone="Pacific/Kiritimati")
    agenda = agenda_of(calendar, [Holiday(calendar=calendar, name="Day", date=date(2027, 3, 3))])
    found = agenda.between(date(2027, 3, 1), date(2027, 3, 1), ZoneInfo("Pacific/Pago_Pago"))
    assert [on.closed for on in found] == [(1380, 1440)]


def test_hour_that_comes_twice_is_restricted_twice() -> None:
    """At 01:45 before the clocks go back the restricted hour is over; at 01:15 after that it is on again."""
    zone, calendar = ZoneInfo("America/New_York"), Calendar(name="US")
    hour = Holiday(calendar=calendar, name="Hour", date=date(2026, 11, 1), starts=time(1), ends=time(1, 30))
    agenda = agenda_of(calendar, [hour])
    moments = (datetime(2026, 11, 1, 5, 15, tzinfo=UTC) + timedelta(minutes=30) * step for step in range(4))
    assert [agenda.next(zone, moment) is not None for moment in moments] == [True, False, True, False]


def test_unknown_zone_has_the_calendars_day() -> None:
    """21:00 in New York on the holiday; in UTC it is the next day."""
    calendar = Calendar(name="US", zone="America/New_York")
    agenda = agenda_of(calendar, [Holiday(calendar=calendar, name="Day", date=date(2026, 11, 26))])
    found = agenda.next(None, datetime(2026, 11, 27, 2, 0, tzinfo=UTC))
    assert found is not None
    assert found.name == "Day"


# --- How much work it is ---


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """The days that were converted from one zone to another."""
    days: list[date] = []
    real = in_zone

    def counted(day: date, *rest: object) -> object:
        days.append(day)
        return real(day, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "in_zone", counted)
    return days


def test_each_year_is_worked_out_once() -> None:
    years: list[int] = []

    def restricted(year: int) -> list[HolidayOn]:
        years.append(year)
        return [HolidayOn(date(year, 7, 4), "Day", "US")]

    agenda = Agenda(restricted, None)
    for zone in ZONES:
        for hour in range(0, 24 * 7, 5):
            agenda.next(ZoneInfo(zone), datetime(2026, 11, 16, tzinfo=UTC) + timedelta(hours=hour))
    assert sorted(years) == [2026, 2027]


@pytest.mark.parametrize("holidays", [30, 900])
def test_conversions_do_not_grow_with_the_holidays(conversions: list[date], holidays: int) -> None:
    """For each zone a fortnight and the days around it, however many holidays those have."""
    calendar = Calendar(name="US", zone="America/New_York")
    days = [
        Holiday(calendar=calendar, name=f"Day {n}", date=date(2026, 1, 1) + n % 30 * 12 * DAY, every_year=True)
        for n in range(holidays)
    ]
    agenda = agenda_of(calendar, days)
    for zone in ZONES:
        agenda.next(ZoneInfo(zone), datetime(2026, 11, 16, 15, tzinfo=UTC))
    assert len(conversions) <= 3 * len(ZONES)


def test_second_look_converts_nothing(conversions: list[date]) -> None:
    calendar = Calendar(name="US", zone="America/New_York")
    agenda = agenda_of(calendar, [Holiday(calendar=calendar, name="Day", date=date(2026, 11, 20))])
    now = datetime(2026, 11, 16, 15, tzinfo=UTC)
    agenda.next(ZoneInfo("Europe/London"), now)
    conversions.clear()
    agenda.next(ZoneInfo("Europe/London"), now + timedelta(seconds=5))
    assert conversions == []


# --- How much is kept ---


def empty() -> Agenda:
    return Agenda(lambda _: [], None)


def test_most_holidays_are_kept() -> None:
    cache = AgendaCache[str](10)
    for name in ("first", "second", "third"):
        cache.keep(name, empty(), 4)
    assert set(cache.look_up(["first", "second", "third"])) == {"second", "third"}


def test_longest_unasked_for_goes_first() -> None:
    cache = AgendaCache[str](10)
    cache.keep("first", empty(), 4)
    cache.keep("second", empty(), 4)
    cache.look_up(["first"])
    cache.keep("third", empty(), 4)
    assert set(cache.look_up(["first", "second", "third"])) == {"first", "third"}


def test_one_that_is_too_large_alone_is_kept() -> None:
    cache = AgendaCache[str](10)
    cache.keep("large", empty(), 40)
    assert set(cache.look_up(["large"])) == {"large"}


def test_outlooks_of_an_agenda_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OUTLOOKS", 3)
    agenda = empty()
    for days in range(20):
        agenda.next(None, datetime(2026, 11, 16, tzinfo=UTC) + DAY * days)
    assert len(agenda._outlooks) <= 3
