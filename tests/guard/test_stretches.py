"""Stretches of restricted time: every instant that clocks show as restricted, joined, in any zone."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from campaigns.guard.stretches import Stretch, is_undated, stretch_from
from campaigns.holidays.agenda import Agenda
from campaigns.holidays.lookups import agenda_of
from campaigns.models import Calendar, Holiday

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NEW_YORK, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
NOW = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
# Zones, and a day on which clocks are changed there: by an hour or half of one, at night, at midnight, a minute after
# it, and by a whole day.
CHANGES = (
    ("America/New_York", date(2026, 11, 1)),
    ("America/New_York", date(2026, 3, 8)),
    ("Europe/London", date(2026, 10, 25)),
    ("Atlantic/Azores", date(2026, 10, 25)),
    ("America/Havana", date(2026, 11, 1)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Asuncion", date(2023, 3, 25)),
    ("America/Goose_Bay", date(2010, 11, 7)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kathmandu", date(2026, 6, 1)),
)


def of(day: str, starts: str = "", ends: str = "", **values: object) -> Holiday:
    hours = {"starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)} if starts else {}
    return Holiday(**{"name": "Day", "date": date.fromisoformat(day)} | hours | values)


def agenda(*holidays: Holiday, zone: str = "", name: str = "US") -> Agenda:
    return agenda_of(Calendar(name=name, zone=zone), holidays)


def span(found: Stretch | None) -> str:
    """In UTC."""
    return f"{found.begins:%m-%d %H:%M} to {found.ends:%m-%d %H:%M}" if found else "none"


def required(agendas: list[Agenda], zone: ZoneInfo, now: datetime) -> Stretch:
    found = stretch_from(agendas, zone, now)
    assert found is not None
    return found


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- Which stretch ---


def test_day_is_the_campaigns_own() -> None:
    christmas = [agenda(of("2026-12-25"))]
    assert span(stretch_from(christmas, NEW_YORK, NOW)) == "12-25 05:00 to 12-26 05:00"
    assert span(stretch_from(christmas, LONDON, NOW)) == "12-25 00:00 to 12-26 00:00"


def test_calendars_own_zone_comes_first() -> None:
    christmas = [agenda(of("2026-12-25"), zone="America/New_York")]
    assert span(stretch_from(christmas, LONDON, NOW)) == span(stretch_from(christmas, None, NOW))
    assert span(stretch_from(christmas, LONDON, NOW)) == "12-25 05:00 to 12-26 05:00"


def test_hours_are_a_part_of_the_day() -> None:
    assert (
        span(stretch_from([agenda(of("2026-12-24", "13:00", "18:00"))], LONDON, NOW)) == "12-24 13:00 to 12-24 18:00"
    )


def test_end_of_2359_is_midnight() -> None:
    evening = [agenda(of("2026-12-24", "18:00", "23:59"), of("2026-12-25"))]
    assert span(stretch_from(evening, LONDON, NOW)) == "12-24 18:00 to 12-26 00:00"


def test_days_in_a_row_are_one() -> None:
    found = required([agenda(of("2026-12-25"), of("2026-12-26", name="Boxing Day"))], LONDON, NOW)
    assert span(found) == "12-25 00:00 to 12-27 00:00"
    assert found.holidays == (("Day", "US"), ("Boxing Day", "US"))


def test_hours_that_overlap_are_one() -> None:
    both = [agenda(of("2026-12-24", "10:00", "14:00")), agenda(of("2026-12-24", "12:00", "18:00"), name="GB")]
    found = required(both, LONDON, NOW)
    assert span(found) == "12-24 10:00 to 12-24 18:00"
    assert found.holidays == (("Day", "US"), ("Day", "GB"))


def test_hours_that_adjoin_across_zones_are_one() -> None:
    """18:00 in London is 13:00 in New York."""
    both = [
        agenda(of("2026-12-24", "10:00", "18:00")),
        agenda(of("2026-12-24", "13:00", "15:00"), zone="America/New_York"),
    ]
    assert span(stretch_from(both, LONDON, NOW)) == "12-24 10:00 to 12-24 20:00"


def test_minute_between_them_parts_two() -> None:
    both = [agenda(of("2026-12-24", "10:00", "12:00"), of("2026-12-24", "12:01", "18:00"))]
    assert span(stretch_from(both, LONDON, NOW)) == "12-24 10:00 to 12-24 12:00"
    assert span(stretch_from(both, LONDON, at("2026-12-24 12:00"))) == "12-24 12:01 to 12-24 18:00"


def test_one_in_effect_keeps_its_begin() -> None:
    weeks = [agenda(*(of(f"2026-12-{day:02}") for day in range(1, 29)))]
    for now in ("2026-12-01 00:00", "2026-12-15 12:00", "2026-12-28 23:59"):
        assert span(stretch_from(weeks, LONDON, at(now))) == "12-01 00:00 to 12-29 00:00"


def test_end_is_no_longer_restricted() -> None:
    christmas = [agenda(of("2026-12-25", every_year=True))]
    assert required(christmas, LONDON, at("2026-12-26 00:00")).begins == at("2027-12-25 00:00")


def test_none_within_a_year_is_none() -> None:
    assert stretch_from([agenda(of("2028-12-25"))], LONDON, NOW) is None
    assert stretch_from([], LONDON, NOW) is None


def test_every_day_has_an_end() -> None:
    """Whatever somebody imports, the search ends."""
    days = [of(str(date(2025, 1, 1) + DAY * number)) for number in range(1200)]
    found = required([agenda(*days)], LONDON, NOW)
    assert found.contains(NOW)
    assert found.ends - found.begins > timedelta(days=600)


def test_observed_day_is_named_so() -> None:
    found = required([agenda(of("2026-12-26", observed=True))], LONDON, NOW)  # a Saturday
    assert span(found) == "12-25 00:00 to 12-27 00:00"
    assert found.holidays == (("Day (observed)", "US"), ("Day", "US"))


def test_calendar_is_named_once() -> None:
    holidays = (("Eve", "US"), ("Day", "US"), ("Day", "GB"), ("Boxing Day", "GB"))
    stretch = Stretch(NOW, NOW + DAY, holidays)
    assert stretch.names_with_calendars == "Eve, Day (calendar US), Day, Boxing Day (calendar GB)"
    assert stretch.names == "Eve, Day, Boxing Day"


# --- Unknown zones ---


def test_unknown_zone_has_no_stretch() -> None:
    agendas = [agenda(of("2026-12-25"))]
    assert stretch_from(agendas, None, NOW) is None
    assert is_undated(agendas, None)
    assert not is_undated(agendas, LONDON)


def test_unknown_zone_keeps_those_of_a_calendar_with_one() -> None:
    agendas = [agenda(of("2026-12-24")), agenda(of("2026-12-25"), zone="Europe/London")]
    assert span(stretch_from(agendas, None, NOW)) == "12-25 00:00 to 12-26 00:00"
    assert is_undated(agendas, None)
    assert not is_undated(agendas[1:], None)


# --- Clock changes ---


@pytest.mark.parametrize(
    ("zone", "holiday", "expected"),
    [
        ("America/New_York", of("2026-11-01"), "11-01 04:00 to 11-02 05:00"),
        ("America/New_York", of("2026-03-08"), "03-08 05:00 to 03-09 04:00"),
        # Of an hour that occurs twice, all.
        ("America/New_York", of("2026-11-01", "01:30", "01:45"), "11-01 05:30 to 11-01 06:45"),
        # From 01:59 clocks go to 03:00.
        ("America/New_York", of("2026-03-08", "02:30", "04:00"), "03-08 07:00 to 03-08 08:00"),
        ("America/New_York", of("2026-03-08", "01:00", "02:30"), "03-08 06:00 to 03-08 07:00"),
        # Midnight comes twice: the day before ends with the first, the day after begins with it.
        ("Atlantic/Azores", of("2026-10-24"), "10-24 00:00 to 10-25 00:00"),
        ("Atlantic/Azores", of("2026-10-25"), "10-25 00:00 to 10-26 01:00"),
        # Clocks skip midnight: the day begins at 01:00.
        ("America/Havana", of("2026-03-08"), "03-08 05:00 to 03-09 04:00"),
        # A minute after midnight it's 23:01 again: the day isn't over yet.
        ("America/Goose_Bay", of("2010-11-06"), "11-06 03:00 to 11-07 04:00"),
    ],
)
def test_days_on_which_clocks_change(zone: str, holiday: Holiday, expected: str) -> None:
    now = datetime.combine(holiday.date, time(), UTC) - 2 * DAY
    assert span(stretch_from([agenda(holiday)], ZoneInfo(zone), now)) == expected


@pytest.mark.parametrize(("starts", "ends"), [("", ""), ("02:10", "02:50")])
def test_time_that_clocks_skip_is_none(starts: str, ends: str) -> None:
    zone, day = ("America/New_York", "2026-03-08") if starts else ("Pacific/Apia", "2011-12-30")
    assert stretch_from([agenda(of(day, starts, ends))], ZoneInfo(zone), at(day) - 2 * DAY) is None


# --- What holds of all of them ---

minutes = st.integers(0, 1439)
hours = st.one_of(st.none(), st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1]))


def near(draw: st.DrawFn, day: date) -> Holiday:
    closed = draw(hours)
    starts, ends = (time(*divmod(minute, 60)) for minute in closed) if closed else (None, None)
    return Holiday(name="Day", date=day + DAY * draw(st.integers(-2, 2)), starts=starts, ends=ends)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Agenda], ZoneInfo, datetime]:
    """Calendars of a campaign, some of another zone, and a moment around a change of its clocks."""
    name, day = draw(st.sampled_from(CHANGES))
    agendas = [
        agenda(
            *(near(draw, day) for _ in range(draw(st.integers(0, 3)))),
            zone=draw(st.sampled_from(("", name, "Asia/Tokyo"))),
            name=str(number),
        )
        for number in range(draw(st.integers(1, 2)))
    ]
    now = datetime.combine(day, time(), UTC) + draw(st.integers(-4 * 1440, 4 * 1440)) * MINUTE
    return agendas, ZoneInfo(name), now


def is_shown_restricted(agendas: Iterable[Agenda], zone: ZoneInfo, moment: datetime) -> bool:
    """By the clocks on the wall, without any arithmetic with instants."""
    for one in agendas:
        local = moment.astimezone(one.zone or zone)
        minute = local.hour * 60 + local.minute
        for on in one.between(local.date(), local.date()):
            if on.closed is None or on.closed[0] <= minute < on.closed[1]:
                return True
    return False


@given(cases())
def test_restricted_instants_are_contained(case: tuple[list[Agenda], ZoneInfo, datetime]) -> None:
    agendas, zone, now = case
    if is_shown_restricted(agendas, zone, now):
        assert required(agendas, zone, now).contains(now)


@given(cases())
def test_it_begins_and_ends_where_clocks_say(case: tuple[list[Agenda], ZoneInfo, datetime]) -> None:
    agendas, zone, now = case
    found = stretch_from(agendas, zone, now)
    assume(found is not None)
    assert found
    inside, outside = (found.begins, found.ends - MINUTE), (found.begins - MINUTE, found.ends)
    assert all(is_shown_restricted(agendas, zone, moment) for moment in inside)
    assert not any(is_shown_restricted(agendas, zone, moment) for moment in outside)


@given(cases(), st.floats(0, 1))
def test_nothing_is_restricted_before_it(case: tuple[list[Agenda], ZoneInfo, datetime], share: float) -> None:
    agendas, zone, now = case
    found = stretch_from(agendas, zone, now)
    until = found.begins if found else now + 30 * DAY
    assume(now < until)
    assert not is_shown_restricted(agendas, zone, now + (until - now) * share * 0.999)


@given(cases(), st.floats(0, 1))
def test_it_is_the_same_all_along(case: tuple[list[Agenda], ZoneInfo, datetime], share: float) -> None:
    agendas, zone, now = case
    found = stretch_from(agendas, zone, now)
    assume(found is not None)
    assert found
    later = found.begins + (found.ends - found.begins) * share * 0.999
    assert stretch_from(agendas, zone, later) == found
