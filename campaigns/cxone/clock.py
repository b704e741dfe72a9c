"""The time by CXone's own clock, as the Date of its responses shows it (RFC 9110, 6.6.1).

The clocks of two machines differ. What CXone compares with its clock is computed by that clock, not by ours.
"""

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Seconds. A response that took longer says too little about the moment when it arrived.
LONGEST_EXCHANGE = 5.0

# A Date has whole seconds, rounded down: on average it is half a second old.
_DATE_ROUNDING = timedelta(seconds=0.5)


def http_date(text: str | None) -> datetime | None:
    """A date of HTTP, in any of its three forms (RFC 9110, 5.6.7), aware. None: it isn't one."""
    try:
        date = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


class RemoteClock:
    """Another machine's clock, read off its responses; in between, our monotonic clock goes on. Safe for threads."""

    def __init__(self) -> None:
        self._reading: tuple[datetime, float] | None = None

    def note(self, date: str | None, asked_at: float, *, age: str | None = None) -> None:
        """Take in the Date of a response that was requested at `asked_at`, by the monotonic clock."""
        # A response with an Age comes from a cache, and its Date is from long ago.
        if age is not None:
            return
        now = time.monotonic()
        remote = http_date(date)
        if remote is not None and now - asked_at <= LONGEST_EXCHANGE:
            # Nobody knows when within the exchange the Date was written: the middle is off by half of it at most. Both
            # values are set in one assignment, so that no other thread sees half of them.
            self._reading = (remote + _DATE_ROUNDING, (asked_at + now) / 2)

    def now(self) -> datetime | None:
        """None: no response has shown it yet."""
        if self._reading is None:
            return None
        remote, read_at = self._reading
        return remote + timedelta(seconds=time.monotonic() - read_at)
