"""What monitoring needs to know of the ledger: its length, how far it is checked, and what has happened since."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Subquery
from django.db.models.fields.json import KeyTextTransform

from audit import clock
from audit.kinds import RecordKind
from audit.models import Head, Record, Watch


@dataclass(frozen=True, slots=True)
class LedgerProgress:
    """`records`: how many there are; `checked`: up to which number they are; ages in seconds, None for never."""

    records: int
    checked: int
    is_broken: bool
    checked_seconds: float | None
    checkpoint_seconds: float | None
    has_checkpoint_trouble: bool

    @property
    def checked_ratio(self) -> float:
        return min(self.checked / self.records, 1.0) if self.records else 1.0


@dataclass(frozen=True, slots=True)
class Happened:
    """A record, without its body. `details`: those that were asked for, as text."""

    kind: str
    action: str
    status: str
    at: datetime
    operation: UUID | None
    details: dict[str, str | None]


def read_ledger_progress() -> LedgerProgress:
    """However many records there are, no one of them is read."""
    head = Head.objects.filter(pk=1).values("number")
    row: Any = Watch.objects.filter(pk=1).annotate(records=Subquery(head)).first() or Watch(pk=1)
    now = clock.now()
    return LedgerProgress(
        records=getattr(row, "records", None) or 0,
        checked=row.checked_number,
        is_broken=row.break_number is not None,
        checked_seconds=_age(now, row.checked_at),
        checkpoint_seconds=_age(now, row.checkpoint_at),
        has_checkpoint_trouble=bool(row.checkpoint_error),
    )


def newest_number() -> int:
    """The number of the last record that is committed, and so are all before it: appends wait for one another."""
    return Head.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def happened(after: int, until: int, kinds: Collection[RecordKind], details: Collection[str]) -> Iterator[Happened]:
    """The records of these kinds whose numbers are above `after`, and not above `until`, in their order."""
    wanted = {f"detail_{name}": KeyTextTransform(name, "details") for name in details}
    records = Record.objects.filter(number__gt=after, number__lte=until, kind__in=list(kinds)).order_by("number")
    rows = records.values_list("kind", "action", "status", "timestamp", "operation", *wanted.values())
    for kind, action, status, at, operation, *found in rows:
        yield Happened(kind, action, status, at, operation, dict(zip(details, found, strict=True)))


def _age(now: datetime, at: datetime | None) -> float | None:
    return None if at is None else max((now - at).total_seconds(), 0.0)
