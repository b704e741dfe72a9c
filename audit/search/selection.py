"""A selection of records: the conditions of a filter or search, as a query and as terms of the index."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import QuerySet

from audit.models import Record
from audit.search import index, words


@dataclass(frozen=True, kw_only=True)
class RecordSelection:
    """The records that meet all conditions: since <= timestamp < until (aware times), columns, operation and words.

    `nothing`: no record matches. Created by `queries.select`, read by `reader.SelectionReader`.
    """

    since: datetime | None = None
    until: datetime | None = None
    # Pairs of a name from index.COLUMNS and the values that it may have. A column can have several conditions.
    columns: tuple[tuple[str, tuple[str, ...]], ...] = ()
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
        records = Record.objects.defer("body")
        for column, values in self.columns:
            records = records.filter(**_condition(column, values))
        if self.since:
            records = records.filter(timestamp__gte=self.since)
        if self.until:
            records = records.filter(timestamp__lt=self.until)
        if self.operation:
            records = records.filter(operation=self.operation)
        return records.none() if self.nothing else records

    @cached_property
    def terms(self) -> tuple[index.Alternatives, ...]:
        """The terms of the index: a record must have one of each group."""
        columns = [tuple(index.column_term(column, value) for value in values) for column, values in self.columns]
        return (*columns, *((index.word_term(word),) for word in self.words))

    def matches(self, record: Record) -> bool:
        """Whether a record that was read meets all conditions."""
        meets_all = all(getattr(record, column) in values for column, values in self.columns)
        if self.nothing or not meets_all or not self._is_in_time(record):
            return False
        if self.operation and record.operation != self.operation:
            return False
        return words.has_words(record, self.words)

    def _is_in_time(self, record: Record) -> bool:
        if self.since and record.timestamp < self.since:
            return False
        return not (self.until and record.timestamp >= self.until)


def _condition(column: str, values: Sequence[str]) -> dict[str, str | Sequence[str]]:
    if len(values) == 1:
        return {column: values[0]}
    return {f"{column}__in": values}
