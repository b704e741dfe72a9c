"""The calls in progress of all campaigns, as CXone last counted them: one query answers for all that don't hurry.

Where a count of all takes many requests (`counts_at_once`), only full reads make one. Single pauses count by
themselves, unless they are one of many and override the check: with a count every 10 s, or one for each of many,
little would be left to send.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.cxone.gateway import Counts, Gateway
from campaigns.dialect import cxone_can
from campaigns.models import CallsReading, SyncState
from campaigns.queueing.rows import database_now

# A pause that goes by an older count could meet calls that have begun since.
LONGEST_AGE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class CallsCount:
    """`calls[id]` of a campaign without calls is 0. `at`: when the query began."""

    calls: Counts
    at: datetime


def longest_age() -> timedelta:
    """How old a count may be by which many pauses go: where only full reads make one, as old as the last but one."""
    if cxone_can().counts_at_once:
        return LONGEST_AGE
    return max(LONGEST_AGE, timedelta(seconds=2 * SyncState.current().interval_seconds))


def last_count(longest_age: timedelta = LONGEST_AGE) -> CallsCount | None:
    """The newest count, if it is at most that old."""
    reading = CallsReading.objects.filter(at__gte=database_now() - longest_age).first()
    return CallsCount(Counts(reading.calls), reading.at) if reading else None


def recent_count(gateway: Gateway, longest_age: timedelta = LONGEST_AGE) -> CallsCount:
    """The newest count, or one that is made now because that is too old. CXoneError: CXone gave none."""
    if count := last_count(longest_age):
        return count
    at = database_now()
    count = CallsCount(gateway.calls_in_progress(), at)
    keep_count(count)
    return count


def recent_calls(gateway: Gateway, campaign_id: str) -> int:
    """The same for one campaign, for a single request."""
    if count := last_count():
        return count.calls[campaign_id]
    if cxone_can().counts_at_once:
        return recent_count(gateway).calls[campaign_id]
    return gateway.calls_in_progress(campaign_id)[campaign_id]


def keep_count(count: CallsCount) -> None:
    """Save it for others, unless there is a newer one."""
    newest = CallsReading.objects.filter(pk=1, at__lte=count.at)
    if not newest.update(at=count.at, calls=count.calls):
        CallsReading.objects.bulk_create([CallsReading(pk=1, at=count.at, calls=count.calls)], ignore_conflicts=True)
