"""Hours of UTC, by which figures and spans are kept: in other zones an hour may begin half past. Pure."""

from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)


def hour_of(at: datetime) -> datetime:
    """The beginning of the hour that an aware time lies in."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def next_hour(at: datetime) -> datetime:
    """The first beginning of an hour from then on."""
    hour = hour_of(at)
    return hour if hour == at else hour + HOUR
