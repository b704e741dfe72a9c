"""The open sessions of a person: listed, and ended at once.

A session's key signs its holder in, so that no page shows it. A page names a session by a keyed digest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from audit import ledger
from audit.kinds import RecordKind, Status
from cxadmin.accounts.digests import keyed_digest
from cxadmin.models import Session


@dataclass(frozen=True, slots=True)
class OpenSession:
    """`name`: for forms. `is_own`: the page that shows it was asked for in this session."""

    name: str
    began_at: datetime | None
    seen_at: datetime | None
    browser: str
    is_own: bool


def open_rows(user_id: int) -> QuerySet[Session]:
    return Session.objects.filter(user=user_id, expire_date__gt=Now())


def sessions_of(user_id: int, own_key: str | None) -> list[OpenSession]:
    """The own one first, then those that were used last."""
    rows = open_rows(user_id).defer("session_data").order_by("-seen_at", "session_key")
    found = [
        OpenSession(shown_name(row.session_key), row.began_at, row.seen_at, row.browser, row.session_key == own_key)
        for row in rows
    ]
    return sorted(found, key=lambda each: not each.is_own)


def shown_name(key: str) -> str:
    return keyed_digest("session", key)[:32]


def delete_sessions(user_id: int, *, names: Iterable[str] | None = None, keep: str | None = None) -> int:
    """End those of these names, or all of the person's, but for the one with the key `keep`. How many were open.

    Pages that are open in them learn it by their next refresh, which gets the sentence of a session that has ended.
    """
    keys = [key for key in open_rows(user_id).values_list("session_key", flat=True) if key != keep]
    if names is not None:
        wanted = set(names)
        keys = [key for key in keys if shown_name(key) in wanted]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)


def end_sessions(
    person: User, *, by: str, names: Iterable[str] | None = None, keep: str | None = None, reason: str = ""
) -> int:
    """The same, on record if any was open."""
    with transaction.atomic():
        ended = delete_sessions(person.pk, names=names, keep=keep)
        if ended:
            details = {"user": person.username, "sessions": ended}
            ledger.append(RecordKind.SESSIONS_ENDED, by=by, status=Status.SUCCESS, reason=reason, details=details)
    return ended
