"""The read side: records for pages, for the export and for the check.

`select` says which records are meant; `read_page`, `chunks`, `read_all` and `count` read them.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet, Subquery

from audit import chain, search
from audit.kinds import Kind, Status
from audit.models import Head, Record

PAGE = 50
CHUNK = 2000


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which records are meant: those that meet every condition. Made by `select`."""

    conditions: tuple[tuple[str, object], ...] = ()  # lookups and their values
    words: tuple[str, ...] = ()  # search.sought
    nothing: bool = False

    def rows(self) -> QuerySet[Record]:
        """The records that meet the conditions, the words aside, without their stored bytes."""
        records = Record.objects.defer("body").filter(**dict(self.conditions))
        return records.none() if self.nothing else records


NOTHING = Selection(nothing=True)


@dataclass(frozen=True)
class Page:
    """Records, newest first, and the numbers to go on from; None where there is nothing further.

    `complete`: False where so many records weren't yet indexed that some of them were not searched for words.
    """

    records: list[Record]
    older: int | None
    newer: int | None
    complete: bool = True


def select(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    campaign: str = "",
    kind: Kind | None = None,
    outcome: Status | None = None,
    by: str = "",
    action: str = "",
    operation: uuid.UUID | None = None,
    text: str = "",
) -> Selection:
    """Records of that time (`until` itself is out) and so on, with all words of the text (audit.search).

    What isn't given doesn't matter. Nothing is read yet.
    """
    conditions = {
        "timestamp__gte": since,
        "timestamp__lt": until,
        "campaign_id": campaign,
        "kind": kind,
        "status": outcome,
        "by": by,
        "action": action,
        "operation": operation,
    }
    given = tuple((lookup, value) for lookup, value in conditions.items() if value)
    return Selection(conditions=given, words=search.sought(text))


def read_page(selection: Selection, *, before: int | None = None, after: int | None = None) -> Page:
    """The newest records; or those just before, or just after, a number. Costs the same anywhere in the ledger."""
    records = _last(selection, PAGE, below=before) if after is None else _first(selection, PAGE, above=after)[::-1]
    if not records:
        return Page([], None, None)
    oldest, newest = records[-1].number, records[0].number
    return Page(
        records,
        older=oldest if _last(selection, 1, below=oldest) else None,
        newer=newest if _first(selection, 1, above=newest) else None,
    )


def _first(selection: Selection, limit: int, *, above: int) -> list[Record]:
    return _some(selection, selection.rows().filter(number__gt=above).order_by("number"), limit)


def _last(selection: Selection, limit: int, *, below: int | None) -> list[Record]:
    rows = selection.rows().order_by("-number")
    return _some(selection, rows if below is None else rows.filter(number__lt=below), limit)


def _some(selection: Selection, rows: QuerySet[Record], limit: int) -> list[Record]:
    if not selection.words:
        return list(rows[:limit])
    return [record for record in rows if search.has(record, selection.words)][:limit]


def chunks(selection: Selection, *, upto: int) -> Iterator[QuerySet[Record]]:
    """The records up to a number, oldest first, in parts of at most `CHUNK`: memory doesn't grow with them.

    Each part is a query of its own, so no cursor stays open; read it once, in any form (`values_list`).
    """
    last = 0
    while records := _first(selection, CHUNK, above=last):
        last = records[-1].number
        yield selection.rows().filter(number__in=[r.number for r in records if r.number <= upto]).order_by("number")


def read_all(selection: Selection, *, upto: int) -> Iterator[Record]:
    """The records up to a number, oldest first, without their stored bytes; in chunks."""
    for chunk in chunks(selection, upto=upto):
        yield from chunk


def count(selection: Selection, *, upto: int) -> int:
    """How many of the records up to a number are meant."""
    if not selection.words:
        return selection.rows().filter(number__lte=upto).count()
    return sum(1 for _ in read_all(selection, upto=upto))


def people() -> list[str]:
    """User names to suggest: those on the newest records first."""
    return list(dict.fromkeys(Record.objects.exclude(by="").order_by("-number").values_list("by", flat=True)[:CHUNK]))


def campaigns() -> list[tuple[str, str]]:
    """Campaigns to suggest, each with its newest name: those on the newest records first."""
    newest = Record.objects.exclude(campaign_id="").order_by("-number").values_list("campaign_id", "campaign_name")
    names: dict[str, str] = {}
    for campaign_id, name in newest[:CHUNK]:
        names.setdefault(campaign_id, name)
    return list(names.items())


def newest_of_campaign(campaign_id: str, limit: int = 20) -> list[Record]:
    """A campaign's records, newest first."""
    return list(Record.objects.defer("body").filter(campaign_id=campaign_id).order_by("-number")[:limit])


def of_operation(operation: uuid.UUID) -> list[Record]:
    """An operation's records, in the order in which they were written."""
    return list(Record.objects.defer("body").filter(operation=operation).order_by("number"))


def in_order(records: QuerySet[Record], *, upto: int) -> Iterator[Record]:
    """The records up to a number, oldest first, in chunks: memory doesn't grow with them, no cursor stays open."""
    rest = records.filter(number__lte=upto).order_by("number")
    chunk = list(rest[:CHUNK])
    while chunk:
        yield from chunk
        chunk = list(rest.filter(number__gt=chunk[-1].number)[:CHUNK])


def read_head() -> tuple[chain.Head | None, int]:
    """The head, and the highest number among the records, as of one moment. No head: somebody took it away."""
    highest = Record.objects.order_by("-number").values("number")[:1]
    row = Head.objects.annotate(highest=Subquery(highest)).first()
    if row is None:
        return None, Record.objects.aggregate(highest=Max("number"))["highest"] or 0
    return chain.Head(row.number, row.digest), row.highest or 0
