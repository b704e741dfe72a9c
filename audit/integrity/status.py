"""How the audit stands, as far as is known: what the page of verification and its progress show."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db import connection

from audit import chain, clock, queries, triggers
from audit.integrity import signing
from audit.models import Watch

# The background walks each minute; after so long without it, what is new has not been looked at.
PATIENCE = timedelta(minutes=10)


class IntegrityLevel(StrEnum):
    BROKEN = "broken"
    UNSIGNED = "unsigned"  # no break, but checkpoints can't be written
    UNWATCHED = "unwatched"  # the background hasn't come by for long
    WHOLE = "whole"


@dataclass(frozen=True)
class IntegrityStatus:
    """`head` is None where its row is missing or no number, `fingerprint` is "" where the key can't be read."""

    level: IntegrityLevel
    row: Watch
    found: chain.Break | None
    head: int | None
    fingerprint: str
    missing_triggers: list[str]

    @property
    def unwalked(self) -> int:
        """How many records are newer than the last that was walked."""
        return max((self.head or 0) - self.row.checked_number, 0)

    @property
    def version(self) -> str:
        """Changes when the page would look different."""
        row = self.row
        seen = (self.level, self.found, row.checked_at, row.round_number, row.round_ended_at, row.wanted_at)
        return hashlib.sha256(repr((*seen, row.checkpoint_number)).encode()).hexdigest()[:16]


def read_status(row: Watch) -> IntegrityStatus:
    """Three queries, none of which looks at old records."""
    found = row.known_break
    head = queries.read_head()[0]
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
