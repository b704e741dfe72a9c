"""Retry-After: seconds or an HTTP date, capped; nonsense is ignored."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.cxone.retry_after import LONGEST_WAIT, retry_after

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("header", "seconds"), [("0", 0), ("7", 7), (" 12 ", 12), ("1.5", 1.5), ("9" * 400, 300)])
def test_seconds_are_taken_up_to_cap(header: str, seconds: float) -> None:
    assert retry_after(header, NOW) == seconds


@pytest.mark.parametrize(("ahead", "seconds"), [(30, 30), (-30, 0), (86_400, 300)])
def test_date_becomes_seconds(ahead: int, seconds: float) -> None:
    header = format_datetime(NOW + timedelta(seconds=ahead), usegmt=True)
    assert retry_after(header, NOW) == seconds


def test_date_without_zone_means_utc() -> None:
    assert retry_after("Mon, 02 Mar 2026 12:00:20 -0000", NOW) == 20


@pytest.mark.parametrize("header", [None, "", "-5", "soon", "1e3", "٣", "NaN", "Mon, 99 Foo 2026", "12, 15"])
def test_nonsense_is_ignored(header: str | None) -> None:
    assert retry_after(header, NOW) is None


@given(st.one_of(st.text(max_size=60), st.integers().map(str), st.datetimes().map(format_datetime)))
def test_any_header_gives_bounded_wait(header: str) -> None:
    wait = retry_after(header, NOW)
    assert wait is None or 0 <= wait <= LONGEST_WAIT
