"""A cache of past days and weeks: a year is 26,000 hourly rows, but 365 cached figures.

A zone's day or week is cached once it is closed, which is two hours or more before the newest folded record, so that
hardly any record of it is still to come. A record that does come late changes the generation; entries of the old one
are never read again. Only the figures of all campaigns together are cached: a single campaign has few rows.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone

from audit.hours import HOUR
from audit.models import Record, Span
from audit.statistics.figures import Figures, combine

# From the last write of a month; after that it is computed again when it is next needed.
KEEP = timedelta(days=30)
# To be increased with each change of the cached values or their pickled classes: the cache outlives a release, and an
# old entry would be unpickled into new classes.
SHAPE = 7
T = TypeVar("T")
log = logging.getLogger(__name__)


class Month(NamedTuple):
    """The cached days or weeks that begin in a month, keyed by the day on which they begin, and their sum."""

    days: dict[date, Figures]
    total: Figures


class DayCache(NamedTuple):
    """The days or weeks (`grain`) of one zone and action, with one cache key for each month."""

    generation: int
    grain: str
    zone: ZoneInfo
    action: str

    def read(self, days: Iterable[date]) -> list[Month]:
        """The cached entries of the months in which these days lie; months that aren't cached are left out."""
        keys = {self._key(day) for day in days}
        return list(_with_cache_or({}, lambda: cache.get_many(keys)).values())

    def store(self, days: Mapping[date, Figures], added: Iterable[date]) -> None:
        """Store the months in which the `added` days lie, each with all of its `days`."""
        months: dict[str, dict[date, Figures]] = {self._key(day): {} for day in added}
        for day, figures in days.items():
            key = self._key(day)
            if key in months:
                months[key][day] = figures
        values = {key: Month(of_month, combine(of_month.values())) for key, of_month in months.items()}
        # Of two processes that store a month at the same time, the later one overwrites the other's days. They are
        # computed again when they are next needed.
        _with_cache_or([], lambda: cache.set_many(values, KEEP.total_seconds()))

    def _key(self, day: date) -> str:
        # Hashed, since memcached keys have at most 250 characters, none of them a blank or a control character.
        view = sha256(f"{self.grain}/{self.zone.key}/{self.action}".encode())
        return f"audit-days:{SHAPE}:{self.generation}:{view.hexdigest()[:32]}:{day:%Y-%m}"


def closed_before() -> datetime | None:
    """The time up to which days are closed (UTC); None if none is. Never decreases within a generation."""
    settled = _settled()
    # The clocks of two processes may differ by up to an hour.
    return settled and settled - HOUR


def are_late(records: Iterable[Record]) -> bool:
    """Whether a day of one of the records may be cached already. Call it before the records' spans are added."""
    settled = _settled()
    return settled is not None and any(record.timestamp < settled for record in records)


def _settled() -> datetime | None:
    newest: datetime | None = Span.objects.aggregate(newest=Max("hour"))["newest"]
    # A clock that runs ahead would close days that aren't over, so the time is limited to now.
    return newest and min(newest, timezone.now()) - HOUR


def _with_cache_or(default: T, use_cache: Callable[[], T]) -> T:
    """The result of `use_cache`, or `default` if the cache fails: the page is then slower, but correct."""
    try:
        return use_cache()
    # Backends share no base class for their errors: redis, memcached and the file system each raise their own.
    except Exception as error:
        log.warning("The cache failed (%s); days are added up from their hours.", type(error).__name__)
        return default
