"""Rules of recurrence: the same days as python-dateutil finds, and an end to looking for those that never come."""

from datetime import date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from campaigns.holidays.ical.problems import Broken, Work
from campaigns.holidays.ical.properties import Property
from campaigns.holidays.ical.rules import First, read_rule

WEEK = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
START, LAST = date(2024, 2, 29), date(2031, 6, 30)
MONTHS = st.lists(st.integers(1, 12), max_size=3, unique=True)
MONTH_DAYS = st.lists(st.integers(1, 31) | st.integers(-31, -1), max_size=3, unique=True)
YEAR_DAYS = st.lists(st.integers(1, 366) | st.integers(-366, -1), max_size=3, unique=True)
POSITIONS = st.lists(st.integers(1, 4) | st.integers(-4, -1), max_size=2, unique=True)
NAMES = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
NTHS = st.tuples(st.sampled_from([*"12345", "-1", "-2"]), NAMES).map("".join)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """As files have them; a position needs something to choose from. dateutil takes a day that is numbered and one
    that isn't for two conditions, so a rule has one sort of them."""
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    numbered = freq in {"MONTHLY", "YEARLY"} and draw(st.booleans())
    lists: dict[str, list[int] | list[str]] = {
        "BYMONTH": draw(MONTHS),
        "BYMONTHDAY": draw(MONTH_DAYS) if freq != "WEEKLY" else [],
        "BYYEARDAY": draw(YEAR_DAYS) if freq == "YEARLY" else [],
        "BYDAY": draw(st.lists(NTHS if numbered else NAMES, max_size=3, unique=True)),
    }
    if any(lists.values()):
        lists["BYSETPOS"] = draw(POSITIONS)
    parts = [f"{name}={','.join(f'{value}' for value in values)}" for name, values in lists.items() if values]
    return ";".join([f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 5))}", f"WKST={draw(NAMES)}", *parts])


def ours(rule: str, start: date = START, last: date = LAST, first: date | None = None) -> list[date]:
    work = Work()
    work.begin(1)
    read = read_rule(Property(1, "RRULE", {}, rule), First(_midnight(start), is_date=True))
    return list(read.days(start, first or start, last, work))


def theirs(rule: str, start: date) -> list[date]:
    """Theirs may leave the first day out. In the first week they count positions from the first day on, where RFC 5545
    (3.3.10) has them within the whole week: so theirs begin with that week here, and what lies before is dropped."""
    begin = start - timedelta(days=_into_week(rule, start)) if "WEEKLY" in rule and "BYSETPOS" in rule else start
    series = rrulestr(_whole(rule, start), dtstart=_midnight(begin))
    found = series.between(_midnight(begin), _midnight(LAST), inc=True)
    return sorted({start, *(at.date() for at in found if at.date() >= start)})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _into_week(rule: str, start: date) -> int:
    return (start.weekday() - WEEK.index(rule.partition("WKST=")[2][:2])) % 7


def _whole(rule: str, start: date) -> str:
    """With what it leaves open, which would come from another first day."""
    is_open = "WEEKLY" in rule and "BYDAY" not in rule
    return f"{rule};BYDAY={WEEK[start.weekday()]}" if is_open else rule


@settings(deadline=None)
@given(rules(), st.dates(date(2024, 1, 1), date(2026, 12, 31)))
@example("FREQ=WEEKLY;INTERVAL=1;WKST=TU;BYDAY=MO,TU;BYSETPOS=1", date(2024, 1, 3))
def test_same_days_as_dateutil(rule: str, start: date) -> None:
    found = ours(rule, start)
    assume(len(found) > 3)  # what is never met keeps dateutil looking until the year 9999
    assert found == theirs(rule, start)


@settings(deadline=None)
@given(rules(), st.dates(date(1960, 1, 1), date(2026, 12, 31)), st.dates(date(2024, 1, 1), date(2028, 1, 1)))
def test_late_look_finds_the_same_days(rule: str, start: date, first: date) -> None:
    assert ours(rule, start, first=first) == [day for day in ours(rule, start) if day >= first]


def test_position_counts_in_the_whole_first_week() -> None:
    """The week of Wednesday, 3 January 2024, begins on Tuesday, the 2nd: its first fitting day is past already."""
    rule = "FREQ=WEEKLY;WKST=TU;BYDAY=MO,TU;BYSETPOS=1"
    start, last = date(2024, 1, 3), date(2024, 1, 17)
    assert ours(rule, start, last) == [start, date(2024, 1, 9), date(2024, 1, 16)]
    dateutil = rrulestr(rule, dtstart=_midnight(start)).between(_midnight(start), _midnight(last))
    assert [at.date() for at in dateutil] == [date(2024, 1, 8), date(2024, 1, 9), date(2024, 1, 16)]


def test_never_met_ends() -> None:
    assert ours("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", date(1000, 1, 1), first=date(2026, 1, 1)) == []


@pytest.mark.parametrize("week_start", ["MO", "SU"])
@pytest.mark.parametrize("weeks", ["1", "7,20", "-30"])
def test_weeks_as_dateutil_has_them(weeks: str, week_start: str) -> None:
    rule = f"FREQ=YEARLY;WKST={week_start};BYWEEKNO={weeks};BYDAY=MO,SA"
    start = date(2020, 1, 1)
    assert ours(rule, start) == theirs(rule, start)


@pytest.mark.parametrize(("weeks", "numbers"), [("53", {53}), ("-1", {52, 53}), ("1", {1})])
def test_last_weeks_as_iso_has_them(weeks: str, numbers: set[int]) -> None:
    every = [date(2015, 1, 1) + timedelta(days=number) for number in range(7000)]
    expected = [day for day in every if day.isocalendar().week in numbers and not _is_52_of_53(day, weeks)]
    found = ours(f"FREQ=YEARLY;BYWEEKNO={weeks};BYDAY=MO,TU,WE,TH,FR,SA,SU", every[0], every[-1])
    assert found == sorted({every[0], *expected})


def _is_52_of_53(day: date, weeks: str) -> bool:
    year, week, _ = day.isocalendar()
    return weeks == "-1" and week == 52 and date(year, 12, 28).isocalendar().week == 53


def test_week_without_a_day_takes_the_first_days_own() -> None:
    assert ours("FREQ=YEARLY;BYWEEKNO=20", date(2026, 5, 13), date(2027, 12, 31)) == [
        *(date(2026, 5, 13), date(2027, 5, 19)),
    ]


def test_last_monday_of_may() -> None:
    assert ours("FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", date(2026, 5, 25), date(2028, 12, 31)) == [
        *(date(2026, 5, 25), date(2027, 5, 31), date(2028, 5, 29)),
    ]


@pytest.mark.parametrize("rule", ["FREQ", "FREQ=YEARLY;WKST=2MO", "FREQ=YEARLY;BYDAY=XX", "FREQ=YEARLY;COUNT=x"])
def test_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(Broken, match="isn’t a rule of recurrence"):
        ours(rule)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY",
        "freq=yearly;interval=1",
        "FREQ=YEARLY;",
        ";;FREQ=YEARLY",
        "FREQ=YEARLY;INTERVAL=;BYDAY=;UNTIL=",
        "FREQ=YEARLY;X-EVOLUTION-ENDDATE=20280704T000000Z",
        "FREQ=YEARLY;X-OTHER=",
        "FREQ=YEARLY;X-OTHER",
        "FREQ=YEARLY;X-EVOLUTION-ENDDATE=2028-07-04T00:00:00Z",
        "FREQ = YEARLY ; BYMONTH = 7",
        "FREQ=YEARLY;BYHOUR=0;BYMINUTE=0;BYSECOND=0",
        "FREQ=YEARLY;RSCALE=GREGORIAN;SKIP=OMIT",
        "FREQ=YEARLY;BYMONTH=7,7,07;BYMONTHDAY=4,+4",
    ],
)
def test_what_says_nothing_changes_nothing(rule: str) -> None:
    found = ours(rule, date(2026, 7, 4), date(2028, 12, 31))
    assert found == [date(year, 7, 4) for year in (2026, 2027, 2028)]
