"""Retry-After: how long a server asks its clients to wait (RFC 9110, 10.2.3)."""

import re
from datetime import datetime

from campaigns.cxone.clock import http_date

# An outage is noticed to be over after five minutes at the latest, whatever CXone asked for.
LONGEST_WAIT = 300.0

# The RFC allows whole seconds only; servers send fractions, too.
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")


def retry_after(header: str | None, sent_at: datetime, *, longest: float = LONGEST_WAIT) -> float | None:
    """Seconds to wait, from 0 to `longest`; None where the header is missing or nonsense.

    `sent_at` is the response's own Date: a date in the header was written by the same clock, and ours may differ.
    """
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), longest)
    until = http_date(text)
    if until is None:
        return None
    seconds = (until - sent_at).total_seconds()
    return min(max(seconds, 0.0), longest)
