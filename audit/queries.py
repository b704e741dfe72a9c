"""The read side: records for pages, for the export and for the check."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet, Subquery

from audit import chain
from audit.kinds import Kind, Status
from audit.models import Head, Record

PAGE = 50
CHUNK = 2000


@dataclass(frozen=True)
class Page:
    """Records, newest first, and the numbers to go on from; None where there is nothing further."""

    records: list[Record]
    older: int | None
    newer: int | None


def read_page(*, before: int | None = None, after: int | None = None) -> Page:
    """The newest records; or those just before, or just after, a number. Costs the same anywhere in the ledger."""
    rows = Record.objects.defer("body")
    if after is not None:
        records = list(rows.filter(number__gt=after).order_by("number")[:PAGE])[::-1]
    elif before is not None:
        records = list(rows.filter(number__lt=before).order_by("-number")[:PAGE])
    else:
        records = list(rows.order_by("-number")[:PAGE])
    if not records:
        return Page([], None, None)
    oldest, newest = records[-1].number, records[0].number
    return Page(
        records,
        older=oldest if Record.objects.filter(number__lt=oldest).exists() else None,
        newer=newest if Record.objects.filter(number__gt=newest).exists() else None,
    )


def newest_of_campaign(campaign_id: str, limit: int = 20) -> list[Record]:
    """A campaign's records, newest first."""
    return list(Record.objects.defer("body").filter(campaign_id=campaign_id).order_by("-number")[:limit])


def of_operation(operation: uuid.UUID) -> list[Record]:
    """An operation's records, in the order in which they were written."""
    return list(Record.objects.defer("body").filter(operation=operation).order_by("number"))


def select(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    campaign: str = "",
    kind: Kind | None = None,
    outcome: Status | None = None,
) -> QuerySet[Record]:
    """Records of that time (`until` itself is out), campaign, kind and outcome; what isn't given doesn't matter."""
    conditions = {
        "timestamp__gte": since,
        "timestamp__lt": until,
        "campaign_id": campaign,
        "kind": kind,
        "status": outcome,
    }
    return Record.objects.filter(**{field: value for field, value in conditions.items() if value})


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
