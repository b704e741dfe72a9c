"""Notices that the database is a restored or older copy of the one that the product has worked on until now.

It goes by what PostgreSQL says of itself, by what this process has seen, and by the signed checkpoints, which are
outside the database (decision 0027).
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models.functions import Now

from audit import chain, queries
from audit.integrity import restores
from audit.models import Record
from campaigns.models import KnownDatabase, NoticedRestore
from campaigns.queueing.rows import database_now
from campaigns.restoring.identity import read_identity
from campaigns.restoring.settling import settle_restore

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
# A replica takes over sooner than that; nobody restores a backup as fast. Dispatchers look every few seconds.
FAILOVER = timedelta(minutes=2)

OTHER_SERVER = "it is on another PostgreSQL server than before"
OTHER_TABLES = "its tables were created again, as by pg_restore"
OTHER_TIMELINE = "PostgreSQL went back to an earlier point in time, or a replica took over after a long silence"
RESTORED_COPY = "it is the copy that back_up made"
LOST_RECORDS = "records that a dispatcher had seen are gone"
SIGNED_RECORDS = "records that were signed are gone"
# By part of the identity, the most telling one first.
_CAUSES = {"copy": RESTORED_COPY, "cluster": OTHER_SERVER, "database": OTHER_TABLES, "table": OTHER_TABLES}


class DatabaseWatch:
    """Looks every few seconds; each dispatcher has one, and a worker looks once when it starts."""

    def __init__(self) -> None:
        self._seen = chain.START
        self._seen_at: datetime | None = None
        self._looked_at: float | None = None

    def look_if_due(self) -> None:
        if self._looked_at is None or monotonic() - self._looked_at >= LOOK_SECONDS:
            self.look()

    def look(self) -> None:
        """End what was open if this is a restored copy. Outside of any transaction."""
        is_first, identity = self._looked_at is None, read_identity()
        known = KnownDatabase.objects.filter(pk=1).first() or KnownDatabase(pk=1)
        is_other = _differing(known.identity, identity) != set()
        cause = self._find_cause(known, identity, reads_checkpoints=is_first or is_other)
        if cause:
            _notice(cause, known.identity, identity, since=self._seen_at)
        elif is_other:
            log.warning("PostgreSQL has changed over to timeline %s; nothing is missing.", identity["timeline"])
        KnownDatabase.objects.update_or_create(pk=1, defaults={"identity": identity, "seen_at": Now()})
        # The time after the record: every record up to it was written before.
        self._seen, self._seen_at = queries.read_head()[0] or chain.START, database_now()
        self._looked_at = monotonic()

    def _find_cause(self, known: KnownDatabase, identity: dict[str, str], *, reads_checkpoints: bool) -> str:
        """Why this must be a restored copy; "" if it isn't."""
        differing = _differing(known.identity, identity)
        cause = next((words for part, words in _CAUSES.items() if part in differing), "")
        if not cause and differing and _is_long_silent(known):
            cause = OTHER_TIMELINE
        if not cause and self._has_lost():
            cause = LOST_RECORDS
        if not cause and reads_checkpoints and _is_behind_checkpoints():
            cause = SIGNED_RECORDS
        return cause

    def _has_lost(self) -> bool:
        """The last record that this process saw is gone, and nothing or a newer one is in its place."""
        if self._seen == chain.START or self._seen_at is None:
            return False
        record = Record.objects.filter(number=self._seen.number).values_list("digest", "timestamp").first()
        return record is None or (record[0] != self._seen.digest and record[1] > self._seen_at)


def _differing(known: dict[str, str], identity: dict[str, str]) -> set[str]:
    return {part for part in known.keys() & identity.keys() if known[part] != identity[part]}


def _is_long_silent(known: KnownDatabase) -> bool:
    return known.seen_at is None or database_now() - known.seen_at > FAILOVER


def _is_behind_checkpoints() -> bool:
    # What is wrong with the files or the key is reported by whoever writes checkpoints.
    with suppress(OSError, ValueError):
        return restores.is_behind_checkpoints() and not NoticedRestore.objects.filter(acknowledged_at=None).exists()
    return False


def _is_noticed(cause: str, since: datetime | None) -> bool:
    if since and NoticedRestore.objects.filter(noticed_at__gt=since).exists():
        return True
    return cause == SIGNED_RECORDS and not _is_behind_checkpoints()


def _notice(cause: str, known: dict[str, str], identity: dict[str, str], *, since: datetime | None) -> None:
    """End what was open, once for all processes. `since`: when this one last saw that nothing was missing."""
    with transaction.atomic():
        KnownDatabase.objects.get_or_create(pk=1)
        row = KnownDatabase.objects.select_for_update().get(pk=1)
        # Another process may have noticed the same loss just now. A second end would also be that of what people have
        # asked for since the first.
        if row.identity != known or _is_noticed(cause, since):
            return
        row.identity = identity
        row.save(update_fields=["identity"])
        settle_restore(cause)
    log.error(
        "The database is a restored or older copy: %s. What was open has ended, since it is unknown whether it was "
        "carried out afterwards. Run manage.py acknowledge_restore.",
        cause,
    )
