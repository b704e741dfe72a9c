"""Connections to PostgreSQL that keep their statements, and are looked at rather than asked whether they still work.

Both are round trips between a click and its PUT.
"""

import select
from time import monotonic
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg.pq import TransactionStatus

# A server that restarts or ends a session says so on its socket. A connection that was dropped without a word, as by a
# firewall after it has rested for long, is noticed only by asking.
LOOK_SECONDS = 60.0
_PREPARED = "prepared"


class DatabaseWrapper(base.DatabaseWrapper):
    _used_at = 0.0

    def prepared_cursor(self) -> CursorWrapper:
        """A cursor for a statement whose text is the same each time, and is planned for any values.

        PostgreSQL plans it anew until it has seen it a few times on this connection (prepare_threshold). Without that
        option each statement may reach another session, and this is a cursor like any other.
        """
        if self.settings_dict["OPTIONS"].get("prepare_threshold") is None:
            return self.cursor()
        # As Django opens a named one. Its stubs don't have this method.
        cursor: CursorWrapper = self._cursor(_PREPARED)  # type: ignore[attr-defined]
        return cursor

    def create_cursor(self, name: str | None = None) -> Any:  # noqa: ANN401 (one of psycopg's)
        self._used_at = monotonic()
        if name == _PREPARED:
            return base.ServerBindingCursor(self.connection)  # type: ignore[call-arg]
        return super().create_cursor(name)

    def is_usable(self) -> bool:
        # What it keeps may be why: the plan of a statement whose columns have other types since a migration, or one
        # that a pooler has dropped. It would fail each time, on a connection that is fine otherwise.
        if self.errors_occurred:
            return False
        if self.connection is not None and monotonic() - self._used_at < LOOK_SECONDS and not self._has_news():
            return True
        return super().is_usable()

    def _has_news(self) -> bool:
        """The server has sent what nobody asked for, such as that the session ends; or it takes no statement until a
        rollback."""
        if self.connection.closed or self.connection.info.transaction_status == TransactionStatus.INERROR:
            return True
        # Not select.select, which takes no number above 1,023.
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return bool(poll.poll(0))
