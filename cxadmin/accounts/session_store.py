"""Sessions in the database, as Django's own, with whose they are, and found by a query that is worked out once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.db.models import QuerySet
from django.utils import timezone

from campaigns.prepared import fetch_objects
from cxadmin.models import Session


class SessionStore(DatabaseSessions):
    def create_model_instance(self, data: Mapping[str, Any]) -> Session:
        return Session(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]
            session_data=self.encode(dict(data)),
            expire_date=self.get_expiry_date(),
            user_id=data.get(SESSION_KEY),
            began_at=_moment(data.get("began")),
            seen_at=_moment(data.get("touched")),
            browser=data.get("browser", ""),
        )

    def _get_session_from_db(self) -> Session | None:
        found = fetch_objects(_by_key, key=str(self.session_key))
        if found and found[0].expire_date > timezone.now():
            return found[0]
        self._session_key = None
        return None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session


def _by_key(key: str) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key)


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
