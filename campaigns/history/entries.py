"""The entries of a campaign's history and their one order, newest first. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import Self
from uuid import UUID

from campaigns.operations.labels import Tone
from campaigns.schedule.in_words import PartChange

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile("([0-9]{1,18})-([0-9]{1,2})-(?:([0-9]{1,18})|([0-9a-f]{32}))")

# What tells entries of one source apart: the primary key of their row.
RowKey = int | UUID


class HistoryKind(StrEnum):
    """What the history can be narrowed to."""

    DIALING = "dialing", "Pauses and resumes"
    HOURS = "hours", "Hours"
    CXONE = "cxone", "Changes in CXone"
    DRAINS = "drains", "Calls ending"
    HOLIDAYS = "holidays", "Holidays"
    HOLDS = "holds", "Compliance holds"
    FINDINGS = "findings", "Needs you"

    label: str

    def __new__(cls, value: str, *described: str) -> Self:
        kind = str.__new__(cls, value)
        kind._value_ = value
        (kind.label,) = described
        return kind


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an entry stands: no two entries have the same. `rank`: of its source, which never changes."""

    at: datetime
    rank: int
    key: RowKey

    def __str__(self) -> str:
        key = self.key.hex if isinstance(self.key, UUID) else str(self.key)
        return f"{(self.at - _EPOCH) // _MICROSECOND}-{self.rank}-{key}"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line. `what`: in a few words; `by`: who did it, "" for CXone and for what happens by itself; `why`: the
    reason's label; `detail`: a sentence; `changes`: before and after. `campaigns`: how many its bulk is about.
    `records`: the audit's address parameters of its records."""

    place: Place
    kind: HistoryKind
    what: str
    tone: Tone = Tone.QUIET
    shape: str = "dot"
    by: str = ""
    why: str = ""
    note: str = ""
    detail: str = ""
    changes: tuple[PartChange, ...] = field(default=())
    operation: UUID | None = None
    bulk: UUID | None = None
    campaigns: int = 0
    records: str = ""

    @property
    def at(self) -> datetime:
        return self.place.at

    @property
    def id(self) -> str:
        """For its element on a page."""
        return f"history-{self.place}"


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`older`: the cursor of the next page; "" on the last one."""

    entries: list[HistoryEntry]
    older: str


def read_place(text: str) -> Place | None:
    """None for a malformed cursor in an address: it means the first page."""
    found = _CURSOR.fullmatch(text)
    if found is None:
        return None
    microseconds, rank, number, hexadecimal = found.groups()
    key = UUID(hexadecimal) if hexadecimal else int(number)
    try:
        return Place(_EPOCH + int(microseconds) * _MICROSECOND, int(rank), key)
    except OverflowError:
        return None


def merge_newest(sources: Iterable[Iterable[HistoryEntry]], limit: int) -> HistoryPage:
    """The newest `limit` entries of all sources, of which each is in order and has one more than that if it can."""
    merged = list(islice(merge(*sources, key=lambda entry: entry.place, reverse=True), limit + 1))
    more = len(merged) > limit
    return HistoryPage(merged[:limit], str(merged[limit - 1].place) if more else "")
