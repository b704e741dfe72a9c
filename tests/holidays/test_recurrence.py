"""Rules of recurrence: the same days as python-dateutil finds, and an end to looking for those that never come."""

from datetime import date, datetime, time

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from campaigns.ics.lines import Property, Unreadable
from campaigns.ics.recurrence import read_rule

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


def ours(rule: str, start: date = START, last: date = LAST) -> list[date]:
    return sorted(set(read_rule(Property(1, "RRULE", {}, rule), start).days(start, last)))


def theirs(rule: str, start: date) -> list[date]:
    """Theirs may leave the first day out."""
    found = rrulestr(f"{rule};UNTIL={LAST:%Y%m%d}", dtstart=datetime.combine(start, time()))
    return sorted({start, *(at.date() for at in found)})


@settings(deadline=None)
@given(rules(), st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_same_days_as_dateutil(rule: str, start: date) -> None:
    found = ours(rule, start)
    assume(len(found) > 3)  # what is never met keeps dateutil looking until the year 9999
    assert found == theirs(rule, start)


def test_never_met_ends() -> None:
    assert ours("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", date(1000, 1, 1)) == [date(1000, 1, 1)]


def test_last_monday_of_may() -> None:
    assert ours("FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", date(2026, 5, 25), date(2028, 12, 31)) == [
        *(date(2026, 5, 25), date(2027, 5, 31), date(2028, 5, 29)),
    ]


@pytest.mark.parametrize("rule", ["", "FREQ", "FREQ=YEARLY;WKST=2MO", "FREQ=YEARLY;BYDAY=XX", "FREQ=YEARLY;COUNT=x"])
def test_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(Unreadable, match="no rule of recurrence"):
        ours(rule)
