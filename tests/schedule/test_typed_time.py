"""Times as people type them: what is clear is understood, what isn't is asked about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.schedule.typed_time import Edge, as_clock, meanings, on_twelve_hours

CLEAR = {
    "9": "09:00",
    "9:30": "09:30",
    "9.30": "09:30",
    "9h30": "09:30",
    "9h": "09:00",
    "930": "09:30",
    "0930": "09:30",
    "09:30": "09:30",
    " 17.30 ": "17:30",
    "1730": "17:30",
    "5pm": "17:00",
    "5 PM": "17:00",
    "5p": "17:00",
    "5:30 PM": "17:30",
    "5:30\N{NO-BREAK SPACE}p.m.": "17:30",
    "530pm": "17:30",
    "12am": "00:00",
    "12:15 AM": "00:15",
    "12pm": "12:00",
    "12": "12:00",
    "noon": "12:00",
    "5 p.m.": "17:00",
    "17h": "17:00",
    "0": "00:00",
    "0000": "00:00",
    "05": "05:00",
    "5:00": "05:00",
    "2359": "23:59",
    "\uff19\uff1a\uff13\uff10": "09:30",
}
TWO = {"5": (300, 1020), "530": (330, 1050), "1": (60, 780), "midnight": (0, 1439)}
NONE = ["", "soon", "25", "24:00", "9:5", "9:60", "13pm", "0am", "-9", "9-17", "12345", "9:30:15", "1.5"]
NONE += ["9" * 30, "9:30" + " " * 30]


@pytest.mark.parametrize(("typed", "shown"), CLEAR.items())
def test_clear_time_is_shown_as_clock(typed: str, shown: str) -> None:
    assert as_clock(typed) == shown


@pytest.mark.parametrize(("typed", "both"), TWO.items())
def test_what_can_mean_two_things_stays_as_typed(typed: str, both: tuple[int, int]) -> None:
    assert (meanings(typed), as_clock(typed)) == (both, typed)


@pytest.mark.parametrize("typed", NONE)
def test_what_is_no_time_stays_as_typed(typed: str) -> None:
    assert (meanings(typed), as_clock(typed)) == ((), typed)


@given(st.times())
def test_clock_time_means_itself(time: object) -> None:
    assert as_clock(f"{time:%H:%M}") == f"{time:%H:%M}" == as_clock(f"{time:%H%M}") == as_clock(f"{time:%I:%M %p}")


@given(st.text(max_size=24))
def test_any_text_has_at_most_two_meanings(text: str) -> None:
    assert len(meanings(text)) <= 2
    assert all(0 <= minutes < 1440 for minutes in meanings(text))


ENDS = {
    "24:00": "24:00",
    "2400": "24:00",
    "24": "24:00",
    "24h": "24:00",
    "midnight": "24:00",
    "12am": "24:00",
    "12:00 AM": "24:00",
    "0:00": "24:00",
    "0": "24:00",
    "12": "12:00",
    "5pm": "17:00",
    "5": "5",
}
STARTS = {"midnight": "00:00", "12am": "00:00", "0": "00:00", "24:00": "24:00", "24": "24", "5": "5"}
# An end, with the start before it.
AFTER = {
    ("5", "9"): "17:00",
    ("530", "8am"): "17:30",
    ("6", "05:00"): "6",
    ("6", "5"): "6",
    ("6", "20:00"): "6",
    ("9", "9"): "09:00",
    ("banana", "9"): "banana",
}


@pytest.mark.parametrize(("typed", "shown"), ENDS.items())
def test_midnight_as_an_end_ends_the_day(typed: str, shown: str) -> None:
    assert as_clock(typed, Edge.END) == shown


@pytest.mark.parametrize(("typed", "shown"), STARTS.items())
def test_midnight_as_a_start_begins_the_day(typed: str, shown: str) -> None:
    assert as_clock(typed, Edge.START) == shown


@pytest.mark.parametrize(("typed", "shown"), AFTER.items())
def test_end_comes_after_its_start(typed: tuple[str, str], shown: str) -> None:
    assert as_clock(typed[0], Edge.END, typed[1]) == shown


@given(st.times())
def test_twelve_hours_say_the_same_time(time: object) -> None:
    minutes = meanings(f"{time:%H:%M}")[0]
    assert as_clock(on_twelve_hours(minutes)) == f"{time:%H:%M}"


@given(st.text(max_size=24), st.sampled_from(Edge))
def test_only_an_end_is_at_the_end_of_the_day(text: str, edge: Edge) -> None:
    assert all(0 <= minutes < 1440 or edge == Edge.END for minutes in meanings(text, edge))
