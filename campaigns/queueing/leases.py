"""Who works on a row: a lease by the database's clock, a fence that each later write must match, and when to retry.

Rows that workers claim have the columns `lease_until` and `fence`. A worker that dies leaves a lease that runs out.
One that was overtaken finds its fence outdated and writes nothing more.
"""

import random
from datetime import timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from campaigns.queueing.rows import Row

FIRST_BACKOFF = 1.0
# Doubling stops here in any case: 2.0 to the power of some thousand failures is no longer a number.
MOST_DOUBLINGS = 10


class LeaseLost(Exception):
    """Another worker has the row now, or its work has ended. Whatever was to be written wasn't."""


def is_free() -> Q:
    """Nobody holds the row: it was never claimed or was released, or its holder's lease has run out."""
    return Q(lease_until=None) | Q(lease_until__lte=Now())


def is_held() -> Q:
    return Q(lease_until__gt=Now())


def claim_row(rows: QuerySet[Row], lease: timedelta, /, **changes: Any) -> bool:
    """Claim the one row in `rows` if it is free, and make `changes` to it. False: somebody else has it."""
    # One conditional update, so that of two workers exactly one changes the row.
    return bool(rows.filter(is_free()).update(fence=F("fence") + 1, lease_until=Now() + lease, **changes))


def write_fenced(rows: QuerySet[Row], fence: int, /, **changes: Any) -> None:
    """Make `changes` to the one row in `rows` unless it was claimed since. LeaseLost: nothing was written."""
    if not rows.filter(fence=fence).update(**changes):
        raise LeaseLost


def backoff(failures: int, longest: float) -> float:
    """Seconds to wait after the `failures`-th failure (from 1): 1, 2, 4, 8 … `longest`."""
    doublings = min(max(failures, 1) - 1, MOST_DOUBLINGS)
    return min(FIRST_BACKOFF * 2.0**doublings, longest)


def jittered(seconds: float) -> float:
    """Between half of `seconds` and all of them: those that failed together don't return together."""
    return seconds * random.uniform(0.5, 1.0)  # noqa: S311
