"""The time by CXone's own clock, as the Date of its answers gives it (RFC 9110, 6.6.1).

Clocks of two machines differ. What CXone compares with its clock is worked out by that clock, not by ours.
"""

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_EXCHANGE = 5.0  # seconds; an answer that took longer says too little about the time when it came
_DATES_ARE_CUT = timedelta(seconds=0.5)  # a Date has whole seconds: on average it is half a second old


def http_date(text: str | None) -> datetime | None:
    """A date of HTTP, in any of its three forms (RFC 9110, 5.6.7). None: it isn't one."""
    try:
        date = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


class RemoteClock:
    """Another machine's clock, read off its answers; between them the monotonic clock goes on. Safe for threads."""

    def __init__(self) -> None:
        self._seen: tuple[datetime, float] | None = None

    def note(self, date: str | None, asked_at: float, *, age: str | None = None) -> None:
        """Take in an answer's Date; it was asked for at `asked_at` by the monotonic clock. One with an Age comes from
        a cache, and its Date from long ago."""
        now = time.monotonic()
        told = http_date(date)
        if told is not None and age is None and now - asked_at <= LONGEST_EXCHANGE:
            self._seen = (told + _DATES_ARE_CUT, (asked_at + now) / 2)

    def now(self) -> datetime | None:
        """None: no answer has given it yet."""
        if self._seen is None:
            return None
        told, at = self._seen
        return told + timedelta(seconds=time.monotonic() - at)
