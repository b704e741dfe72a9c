"""UTC hours, in which figures and spans are stored: other zones' hours may begin at half past. Pure."""

from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)


def hour_of(at: datetime) -> datetime:
    """The start of the UTC hour that contains an aware time."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def next_hour(at: datetime) -> datetime:
    """The start of the first UTC hour at or after an aware time."""
    hour = hour_of(at)
    return hour if hour == at else hour + HOUR
