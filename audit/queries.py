"""Queries of records for pages, exports and checks.

`select` describes which records are wanted; `read_record_page`, `chunks` and `count_records` read them. All are exact,
whether or not records are indexed already, with one exception: a page searches only a limited number of unindexed
records for words (`RecordPage.complete`).
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

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
# Records read by one query: some MB.
CHUNK = 2000
# The most unindexed records that a page searches for words, so that its time doesn't grow with the backlog of folding.
SEARCHED = 2000
# Of one operation, on its page. An outage can leave hundreds.
MOST_OF_OPERATION = 50
# People or campaigns in a datalist, which is part of each page of the list.
SUGGESTED = 200
NOTHING = RecordSelection(nothing=True)
# The most names that one text finds. A few dozen campaigns can share a part of their names, and be meant together.
NAMES_FOUND = 200

# A column from index.COLUMNS, and the values of which a record must have one.
Condition = tuple[str, Sequence[str]]


class NamedCampaign(NamedTuple):
    """A campaign on record, with a name that it has or had."""

    id: str
    name: str


@dataclass(frozen=True)
class RecordPage:
    """A page of records, newest first.

    `older`, `newer`: the number from which to continue in that direction; None at the end. `complete`: False if there
    were so many unindexed records that some weren't searched for words.
    """

    records: list[Record]
    older: int | None
    newer: int | None
    complete: bool = True


def select(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    campaign: str | Sequence[str] = "",
    kind: RecordKind | None = None,
    outcome: Status | None = None,
    by: str = "",
    action: str = "",
    operation: uuid.UUID | None = None,
    text: str = "",
    also: Sequence[Condition] = (),
) -> RecordSelection:
    """The records that meet all conditions that are given; nothing is read yet.

    `since`, `until`: aware times, since <= timestamp < until. `campaign`: an id, or several of which a record has one.
    `text`: all its words must occur (audit.search.words). `also`: further conditions on columns.
    """
    campaigns = [campaign] if isinstance(campaign, str) else campaign
    columns: list[Condition] = [
        ("kind", [kind or ""]),
        ("status", [outcome or ""]),
        ("by", [by]),
        ("campaign_id", campaigns),
        ("action", [action]),
        *also,
    ]
    return RecordSelection(
        since=since,
        until=until,
        columns=tuple((column, tuple(map(str, values))) for column, values in columns if any(values)),
        operation=operation,
        words=words.sought(text),
    )


def read_record_page(selection: RecordSelection, *, before: int | None = None, after: int | None = None) -> RecordPage:
    """The newest records, or those directly before or after a number. Costs the same anywhere in the ledger."""
    reader = SelectionReader(selection, most=CHUNK, searched=SEARCHED)
    # One record more than the page shows tells whether there is another page.
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
    """The records up to a number, oldest first, as querysets of at most `CHUNK` records each.

    No cursor stays open between them. They may be read in any form (`values_list`).
    """
    return SelectionReader(selection, most=CHUNK).parts(0, upto, downwards=False, size=CHUNK)


def count_records(selection: RecordSelection, *, upto: int) -> int:
    """How many records up to a number match. Without a range of time, indexed ones are counted without being read."""
    return SelectionReader(selection, most=CHUNK).count(upto)


def people() -> list[str]:
    """User names on the newest records, sorted, to suggest in a filter."""
    return sorted(value for value, _ in _suggestions("by"))


def campaigns() -> list[tuple[str, str]]:
    """Campaigns on the newest records as (id, newest name), sorted by name, to suggest in a filter."""
    return sorted(_suggestions("campaign_id"), key=lambda suggested: (suggested[1].casefold(), suggested[0]))


def find_campaigns(text: str) -> list[NamedCampaign]:
    """Campaigns on record that a text means, most recently recorded first, whatever became of them since.

    The one with that id; otherwise those of that name, in any case of letters; otherwise those whose names contain
    each of its words, in any order. A campaign has the newest of its names that match.
    """
    named = _names_containing(text)
    exact = [each for each in named if each.id == text]
    alike = [each for each in named if each.name.casefold() == text.casefold()]
    best = exact or alike or named
    return list({each.id: each for each in reversed(best)}.values())[::-1]


def _names_containing(text: str) -> list[NamedCampaign]:
    words = text.casefold().split()
    unfolded = [
        NamedCampaign(id_, name)
        for id_, name in _unfolded("campaign_id", "campaign_name")
        if id_ == text or all(word in name.casefold() for word in words)
    ]
    found = [NamedCampaign(each.campaign_id, each.name) for each in index.find_names(text, NAMES_FOUND)]
    return [*dict.fromkeys(unfolded), *found]


def campaign_names(ids: Sequence[str]) -> dict[str, str]:
    """The newest names on record of these campaigns."""
    return {**index.labels("campaign_id", ids), **{id_: name for id_, name in _newest_last() if name and id_ in ids}}


def _newest_last() -> list[tuple[str, str]]:
    return list(_unfolded("campaign_id", "campaign_name"))[::-1]


def _unfolded(column: str, label: str) -> Iterator[tuple[str, str]]:
    """Values and labels on the newest records that aren't folded yet, newest first."""
    folded = FoldingProgress.objects.values("number")[:1]
    newest = Record.objects.filter(number__gt=Subquery(folded)).exclude(**{column: ""}).order_by("-number")
    yield from newest.values_list(column, label)[:CHUNK]


def _suggestions(column: str) -> list[tuple[str, str]]:
    found = dict(index.suggestions(column, SUGGESTED))
    unfolded = list(_unfolded(column, index.LABELS[column]))
    return list({**found, **dict(reversed(unfolded))}.items())


def _take(reader: SelectionReader, limit: int, *, first: int = 0, last: int = LAST, downwards: bool) -> list[Record]:
    """The first `limit` records of a range in the direction of reading."""
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
    """An operation's records, in the order in which they were written; the newest 50 of very many."""
    newest = Record.objects.defer("body").filter(operation=operation).order_by("-number")[:MOST_OF_OPERATION]
    return list(newest)[::-1]


def read_head() -> tuple[chain.Head | None, int]:
    """The head, and the highest number among the records, read by one statement. Head None: its row is missing.

    Values are as stored: on SQLite a number can be text, which sorts after all numbers. A digest that can't be read as
    text is None.
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
