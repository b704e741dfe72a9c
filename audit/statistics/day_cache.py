"""Past days and weeks, added up once: a year is 26,000 hourly rows, and 365 figures from the cache.

A zone's day or week is cached once it is closed: two hours or more behind the newest folded record, so that hardly any
record of it can still come. One that does come late changes the generation, and what was cached is never read again.
Only figures of all campaigns are cached: one campaign alone has few rows.
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

# Since a month was last added to.
KEEP = timedelta(days=30)
# Another number with each change of what is cached or of the classes it is pickled from: the cache outlives a release.
SHAPE = 5
T = TypeVar("T")
log = logging.getLogger(__name__)


class Month(NamedTuple):
    """The cached days or weeks that begin in a month, by the day on which they begin, and all of them as one."""

    days: dict[date, Figures]
    total: Figures


class DayCache(NamedTuple):
    """The days or weeks (`grain`) of one view, each month under a key of its own."""

    generation: int
    grain: str
    zone: ZoneInfo
    action: str

    def read(self, days: Iterable[date]) -> list[Month]:
        """What is cached of these days' months."""
        keys = {self._key(day) for day in days}
        return list(_with_cache_or({}, lambda: cache.get_many(keys)).values())

    def store(self, days: Mapping[date, Figures], added: Iterable[date]) -> None:
        """Store the months that the `added` days belong to, each with all of its `days`."""
        months: dict[str, dict[date, Figures]] = {self._key(day): {} for day in added}
        for day, figures in days.items():
            key = self._key(day)
            if key in months:
                months[key][day] = figures
        values = {key: Month(of_month, combine(of_month.values())) for key, of_month in months.items()}
        # Of two processes that store a month at once, one loses its days; they are added up again at the next look.
        _with_cache_or([], lambda: cache.set_many(values, KEEP.total_seconds()))

    def _key(self, day: date) -> str:
        # Hashed: memcached allows no blanks and no control characters in a key, and 250 characters at most.
        view = sha256(f"{self.grain}/{self.zone.key}/{self.action}".encode())
        return f"audit-days:{SHAPE}:{self.generation}:{view.hexdigest()[:32]}:{day:%Y-%m}"


def closed_before() -> datetime | None:
    """Days that end by then are closed. None: none is. It never goes back while the generation is the same."""
    settled = _settled()
    # The clocks of two processes may differ by an hour.
    return settled and settled - HOUR


def are_late(records: Iterable[Record]) -> bool:
    """Whether a day of one of the records may be cached already. To be called before their spans are added."""
    settled = _settled()
    return settled is not None and any(record.timestamp < settled for record in records)


def _settled() -> datetime | None:
    newest: datetime | None = Span.objects.aggregate(newest=Max("hour"))["newest"]
    return newest and min(newest, timezone.now()) - HOUR


def _with_cache_or(default: T, use_cache: Callable[[], T]) -> T:
    """Without its cache a page is slower, but right."""
    try:
        return use_cache()
    # Each cache backend raises errors of its own.
    except Exception as error:
        log.warning("The cache failed (%s); days are added up from their hours.", type(error).__name__)
        return default
