"""The calls in progress of all campaigns, as CXone last counted them: one query answers for all that don't hurry."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.cxone.gateway import Counts, Gateway
from campaigns.models import CallsReading
from campaigns.queueing.rows import database_now

# A pause that goes by an older count could meet calls that have begun since.
LONGEST_AGE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class CallsCount:
    """`calls[id]` of a campaign without calls is 0. `at`: when the query began."""

    calls: Counts
    at: datetime


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


def keep_count(count: CallsCount) -> None:
    """Save it for others, unless there is a newer one."""
    if not CallsReading.objects.filter(pk=1).exists():
        CallsReading.objects.bulk_create([CallsReading(pk=1, at=count.at, calls={})], ignore_conflicts=True)
    CallsReading.objects.filter(pk=1, at__lte=count.at).update(at=count.at, calls=count.calls)
