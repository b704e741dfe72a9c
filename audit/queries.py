"""The read side: records for pages, for the export and for the check.

`select` says which records are meant; `read_page`, `chunks` and `count` read them. All are exact, whether
records are indexed already or not; only a page's search for words leaves out what lies too far back (`complete`).
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Subquery

from audit import chain, stored_rows
from audit.kinds import RecordKind, Status
from audit.models import Progress, Record
from audit.search import index, words
from audit.search import selection as selections
from audit.search.selection import Reading
from audit.search.time_spans import LAST

PAGE = 50
CHUNK = 2000
SEARCHED = 2000  # of the newest records, where they aren't in the index yet
SUGGESTED = 200
Selection = selections.Selection
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
    kind: RecordKind | None = None,
    outcome: Status | None = None,
    by: str = "",
    action: str = "",
    operation: uuid.UUID | None = None,
    text: str = "",
) -> Selection:
    """Records of that time (`until` itself is out) and so on, with all words of the text (audit.search.index).

    What isn't given doesn't matter. Nothing is read yet.
    """
    columns = {"kind": kind, "status": outcome, "by": by, "campaign_id": campaign, "action": action}
    return Selection(
        since=since,
        until=until,
        columns=tuple((column, str(value)) for column, value in columns.items() if value),
        operation=operation,
        words=words.sought(text),
    )


def read_page(selection: Selection, *, before: int | None = None, after: int | None = None) -> Page:
    """The newest records; or those just before, or just after, a number. Costs the same anywhere in the ledger."""
    reading = Reading(selection, most=CHUNK, searched=SEARCHED)
    if after is None:
        last = LAST if before is None else min(before - 1, LAST)
        records = _take(reading, PAGE + 1, last=last, downwards=True)
        is_older, is_newer = len(records) > PAGE, before is not None
        records = records[:PAGE]
    else:
        records = _take(reading, PAGE + 1, first=min(after, LAST - 1) + 1, downwards=False)
        is_older, is_newer = True, len(records) > PAGE
        records = records[:PAGE][::-1]
    if not records:
        return Page([], None, None, reading.complete)
    oldest, newest = records[-1].number, records[0].number
    if after is None:
        is_newer = is_newer and bool(_take(reading, 1, first=newest + 1, downwards=False))
    else:
        is_older = bool(_take(reading, 1, last=oldest - 1, downwards=True))
    return Page(records, oldest if is_older else None, newest if is_newer else None, reading.complete)


def chunks(selection: Selection, *, upto: int) -> Iterator[QuerySet[Record]]:
    """The records up to a number, oldest first, in parts of at most `CHUNK`: memory doesn't grow with them.

    Each part is a query of its own, so no cursor stays open; read it in any form (`values_list`).
    """
    return Reading(selection, most=CHUNK).parts(0, upto, downwards=False, size=CHUNK)


def count(selection: Selection, *, upto: int) -> int:
    """How many of the records up to a number are meant. Without a time, they need not be read."""
    return Reading(selection, most=CHUNK).count(upto)


def people() -> list[str]:
    """User names to suggest, in their order: those on the newest records."""
    return sorted(value for value, _ in _suggestions("by"))


def campaigns() -> list[tuple[str, str]]:
    """Campaigns to suggest, id and newest name, in the order of names: those on the newest records."""
    return sorted(_suggestions("campaign_id"), key=lambda suggested: (suggested[1].casefold(), suggested[0]))


def _suggestions(column: str) -> list[tuple[str, str]]:
    folded = Progress.objects.values("number")[:1]
    newest = Record.objects.filter(number__gt=Subquery(folded)).exclude(**{column: ""}).order_by("-number")
    found = dict(index.suggestions(column, SUGGESTED))
    unfolded = newest.values_list(column, index.LABELS[column])[:CHUNK]
    return list({**found, **dict(reversed(unfolded))}.items())


def _take(reading: Reading, limit: int, *, first: int = 0, last: int = LAST, downwards: bool) -> list[Record]:
    """The first records of a range, in its order."""
    records: list[Record] = []
    for part in reading.parts(first, last, downwards=downwards, size=limit):
        records += part[: limit - len(records)]
        if len(records) == limit:
            break
    return records


def newest_of_campaign(campaign_id: str, limit: int = 20) -> list[Record]:
    """A campaign's records, newest first."""
    return list(Record.objects.defer("body").filter(campaign_id=campaign_id).order_by("-number")[:limit])


def of_operation(operation: uuid.UUID) -> list[Record]:
    """An operation's records, in the order in which they were written."""
    return list(Record.objects.defer("body").filter(operation=operation).order_by("number"))


def read_head() -> tuple[chain.Head | None, int]:
    """The head, and the highest number among the records, as of one moment. No head: somebody took it away.

    As they are kept: on SQLite a number can be text, which is beyond all numbers, and a digest can be no text at all,
    which comes as None.
    """
    try:
        number, digest, highest = _read_head("number, digest")
    except stored_rows.UnreadableError:
        number, digest, highest = _read_head("0, NULL")
    return (None if number is None else chain.Head(number, digest)), highest or 0


def _read_head(columns: str) -> tuple[Any, Any, Any]:
    highest = "(SELECT MAX(number) FROM audit_record)"
    with connection.cursor() as cursor, stored_rows.reading():
        cursor.execute(f"SELECT {columns}, {highest} FROM audit_head WHERE id = 1")  # noqa: S608
        found: tuple[Any, Any, Any] | None = cursor.fetchone()
        if found is None:
            cursor.execute(f"SELECT NULL, NULL, {highest}")
            found = cursor.fetchone()
    return found or (None, None, None)
