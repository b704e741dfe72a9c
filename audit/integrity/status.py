"""The audit's state as far as it is known, for the verification page and its live updates."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db import connection

from audit import chain, clock, queries, triggers
from audit.integrity import signing
from audit.integrity.restores import Restore
from audit.models import Watch

# The background check runs each minute. One that is late for ten minutes isn't just slow: new records go unchecked.
PATIENCE = timedelta(minutes=10)


class IntegrityLevel(StrEnum):
    BROKEN = "broken"
    # No break is known, but checkpoints can't be written.
    UNSIGNED = "unsigned"
    # The background check hasn't run for `PATIENCE`.
    UNWATCHED = "unwatched"
    WHOLE = "whole"


@dataclass(frozen=True)
class IntegrityStatus:
    """What the page shows.

    `head`: its record number; None if its row is missing or unreadable. `fingerprint`: of the key that signs now; ""
    if it can't be read.
    """

    level: IntegrityLevel
    row: Watch
    found: chain.Break | None
    head: int | None
    fingerprint: str
    missing_triggers: list[str]

    @property
    def restores(self) -> list[Restore]:
        """The acknowledged ones, oldest first."""
        return [Restore.from_values(values) for values in self.row.restores]

    @property
    def unwalked(self) -> int:
        """How many records are newer than the last checked one."""
        return max((self.head or 0) - self.row.checked_number, 0)

    @property
    def version(self) -> str:
        """16 hex digits that change whenever the page would look different."""
        row = self.row
        seen = (self.level, self.found, row.checked_at, row.round_number, row.round_ended_at, row.wanted_at)
        return hashlib.sha256(repr((*seen, row.checkpoint_number, row.restores)).encode()).hexdigest()[:16]


def read_status(row: Watch) -> IntegrityStatus:
    """The status from that row. Two more queries, neither of which reads records besides the newest."""
    found = row.known_break
    head = queries.read_head()[0]
    # SQLite keeps a value of any type in any column.
    number = head.number if head and type(head.number) is int else None
    return IntegrityStatus(
        _level(row, found), row, found, number, signing.own_fingerprint(), triggers.missing(connection)
    )


def _level(row: Watch, found: chain.Break | None) -> IntegrityLevel:
    if found:
        return IntegrityLevel.BROKEN
    if row.checkpoint_error:
        return IntegrityLevel.UNSIGNED
    if row.checked_at is None or clock.now() - row.checked_at > PATIENCE:
        return IntegrityLevel.UNWATCHED
    return IntegrityLevel.WHOLE
