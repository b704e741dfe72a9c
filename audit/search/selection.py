"""A selection of records: the conditions of a filter or search, as a query and as terms of the index."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import QuerySet

from audit.models import Record
from audit.search import index


@dataclass(frozen=True, kw_only=True)
class RecordSelection:
    """The records that meet all conditions: since <= timestamp < until (aware times), columns, operation and words.

    `nothing`: no record matches. Created by `queries.select`, read by `reader.SelectionReader`.
    """

    since: datetime | None = None
    until: datetime | None = None
    # Pairs of a name from index.COLUMNS and its value.
    columns: tuple[tuple[str, str], ...] = ()
    operation: uuid.UUID | None = None
    # As words.sought returns them.
    words: tuple[str, ...] = ()
    nothing: bool = False

    @property
    def is_timed(self) -> bool:
        return bool(self.since or self.until)

    @cached_property
    def rows(self) -> QuerySet[Record]:
        """The records that meet all conditions except the words, without their stored bytes."""
        records = Record.objects.defer("body").filter(**dict(self.columns))
        if self.since:
            records = records.filter(timestamp__gte=self.since)
        if self.until:
            records = records.filter(timestamp__lt=self.until)
        if self.operation:
            records = records.filter(operation=self.operation)
        return records.none() if self.nothing else records

    @cached_property
    def terms(self) -> tuple[index.Term, ...]:
        columns = [index.column_term(column, value) for column, value in self.columns]
        words = [index.word_term(word) for word in self.words]
        return (*columns, *words)
