"""The read side: records for pages, for the export and for the check.

`select` says which records are meant; `read_record_page`, `chunks` and `count_records` read them. All are exact,
whether records are indexed already or not; only a page's search for words leaves out what lies too far back
(`complete`).
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
from audit.models import FoldingProgress, Record
from audit.search import index, words
from audit.search.reader import SelectionReader
from audit.search.selection import RecordSelection
from audit.search.time_spans import LAST

PAGE = 50
CHUNK = 2000
# Records that a page looks through for words where they aren't indexed yet. However far folding is behind, it takes
# no longer.
SEARCHED = 2000
SUGGESTED = 200
NOTHING = RecordSelection(nothing=True)


@dataclass(frozen=True)
class RecordPage:
    """Records, newest first, and the numbers to go on from; None where there is nothing further.

    `complete`: False where so many records weren't indexed yet that some of them were not searched for words.
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
) -> RecordSelection:
    """Records of that time (`until` is exclusive) and so on, with all words of the text (audit.search.words).

    What isn't given doesn't matter. Nothing is read yet.
    """
    columns = {"kind": kind, "status": outcome, "by": by, "campaign_id": campaign, "action": action}
    return RecordSelection(
        since=since,
        until=until,
        columns=tuple((column, str(value)) for column, value in columns.items() if value),
        operation=operation,
        words=words.sought(text),
    )


def read_record_page(selection: RecordSelection, *, before: int | None = None, after: int | None = None) -> RecordPage:
    """The newest records; or those just before, or just after, a number. Costs the same anywhere in the ledger."""
    reader = SelectionReader(selection, most=CHUNK, searched=SEARCHED)
    # One record more than fits shows that the page isn't the last one.
    if after is None:
        last = LAST if before is None else min(before - 1, LAST)
        taken = _take(reader, PAGE + 1, last=last, downwards=True)
        records = taken[:PAGE]
        has_older = len(taken) > PAGE
        has_newer = before is not None and _has_newer(reader, records)
    else:
        taken = _take(reader, PAGE + 1, first=min(after, LAST - 1) + 1, downwards=False)
        records = taken[:PAGE][::-1]
        has_older = _has_older(reader, records)
        has_newer = len(taken) > PAGE
    return RecordPage(
        records,
        older=records[-1].number if has_older else None,
        newer=records[0].number if has_newer else None,
        complete=reader.complete,
    )


def _has_newer(reader: SelectionReader, records: list[Record]) -> bool:
    return bool(records) and bool(_take(reader, 1, first=records[0].number + 1, downwards=False))


def _has_older(reader: SelectionReader, records: list[Record]) -> bool:
    return bool(records) and bool(_take(reader, 1, last=records[-1].number - 1, downwards=True))


def chunks(selection: RecordSelection, *, upto: int) -> Iterator[QuerySet[Record]]:
    """The records up to a number, oldest first, in parts of at most `CHUNK`: memory doesn't grow with them.

    Each part is a query of its own, so no cursor stays open; read it in any form (`values_list`).
    """
    return SelectionReader(selection, most=CHUNK).parts(0, upto, downwards=False, size=CHUNK)


def count_records(selection: RecordSelection, *, upto: int) -> int:
    """How many of the records up to a number are meant. Without a time, they need not be read."""
    return SelectionReader(selection, most=CHUNK).count(upto)


def people() -> list[str]:
    """User names to suggest, in their order: those on the newest records."""
    return sorted(value for value, _ in _suggestions("by"))


def campaigns() -> list[tuple[str, str]]:
    """Campaigns to suggest, id and newest name, in the order of names: those on the newest records."""
    return sorted(_suggestions("campaign_id"), key=lambda suggested: (suggested[1].casefold(), suggested[0]))


def _suggestions(column: str) -> list[tuple[str, str]]:
    folded = FoldingProgress.objects.values("number")[:1]
    newest = Record.objects.filter(number__gt=Subquery(folded)).exclude(**{column: ""}).order_by("-number")
    found = dict(index.suggestions(column, SUGGESTED))
    unfolded = newest.values_list(column, index.LABELS[column])[:CHUNK]
    return list({**found, **dict(reversed(unfolded))}.items())


def _take(reader: SelectionReader, limit: int, *, first: int = 0, last: int = LAST, downwards: bool) -> list[Record]:
    """The first records of a range, in its order."""
    records: list[Record] = []
    for part in reader.parts(first, last, downwards=downwards, size=limit):
        records += part[: limit - len(records)]
        if len(records) == limit:
            break
    return records


def newest_of_campaign(campaign_id: str, limit: int = 20) -> list[Record]:
    """A campaign's records, newest first."""
    return list(Record.objects.defer("body").filter(campaign_id=campaign_id).order_by("-number")[:limit])


def records_of_operation(operation: uuid.UUID) -> list[Record]:
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
