"""Times as people type them: what is clear is understood, what isn't is asked about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.schedule.typed_time import as_clock, meanings

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
