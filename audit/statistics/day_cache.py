"""Days and weeks gone by, added up once: a year is 26,000 hourly rows, and 365 figures from the cache.

A zone's day or week is kept once it is closed: two hours or more behind the newest folded record, so that hardly any
record of it can still come. One that does come late gives everything kept another generation, and nothing old is seen
again.
Only figures of all campaigns are kept: one campaign alone has few rows.
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

KEEP = timedelta(days=30)  # since a month was last added to
SHAPE = 4  # another one with each change of what is kept, for caches that outlive a release
T = TypeVar("T")
log = logging.getLogger(__name__)


class Month(NamedTuple):
    """The days or weeks kept that begin in a month, by the day on which they do, and all of them as one."""

    days: dict[date, Figures]
    total: Figures


class Shelf(NamedTuple):
    """Where the days or weeks (`grain`) of one view are kept, each month under a key of its own."""

    generation: int
    grain: str
    zone: ZoneInfo
    action: str

    def read(self, days: Iterable[date]) -> list[Month]:
        """What is kept of these days' months."""
        return list(_tried(lambda: cache.get_many({self._key(day) for day in days}), {}).values())

    def keep(self, days: Mapping[date, Figures], more: Iterable[date]) -> None:
        """Keep the months that `more` belong to, with all their days that are known. What two keep at once, one loses:
        it is added up again."""
        months: dict[str, dict[date, Figures]] = {self._key(day): {} for day in more}
        for day, figures in days.items():
            if (key := self._key(day)) in months:
                months[key][day] = figures
        kept = {key: Month(known, combine(known.values())) for key, known in months.items()}
        _tried(lambda: cache.set_many(kept, KEEP.total_seconds()), [])

    def _key(self, day: date) -> str:
        view = sha256(f"{self.grain}/{self.zone.key}/{self.action}".encode())  # a key may hold no odd characters
        return f"audit-days:{SHAPE}:{self.generation}:{view.hexdigest()[:32]}:{day:%Y-%m}"


def closed_before() -> datetime | None:
    """Days that end by then are closed. None: none is. It never goes back while the generation is the same."""
    settled = _settled()
    return settled and settled - HOUR  # two processes' clocks may differ by that


def are_late(records: Iterable[Record]) -> bool:
    """Whether a day that such a record belongs to may be kept already. To be asked before their spans are added."""
    settled = _settled()
    return settled is not None and any(record.timestamp < settled for record in records)


def _settled() -> datetime | None:
    newest: datetime | None = Span.objects.aggregate(newest=Max("hour"))["newest"]
    return newest and min(newest, timezone.now()) - HOUR


def _tried(use_cache: Callable[[], T], otherwise: T) -> T:
    """Without its cache a page is slower, and right."""
    try:
        return use_cache()
    except Exception as error:  # each cache has errors of its own
        log.warning("The cache failed (%s); days are added up from their hours.", type(error).__name__)
        return otherwise
