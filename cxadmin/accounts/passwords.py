"""A person's password, changed in any of the ways there are, always on record and never in a record."""

from enum import StrEnum

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from audit.kinds import RecordKind
from campaigns.audited_changes import lock, record_change
from cxadmin.accounts.open_sessions import delete_sessions
from cxadmin.models import PasswordLink


class Way(StrEnum):
    """How it was changed, as its record has it."""

    OWN = "own"
    LINK = "link"
    SHELL = "shell"
    START = "start"


def knows_password(request: HttpRequest, user: User, password: str, *, step: str) -> bool:
    """Whether it is the password of somebody who is signed in. A wrong one counts as it does at the sign-in, and while
    their name is locked none is looked at. `step`: what was wrong, for its record."""
    request.failed_step = step  # type: ignore[attr-defined]
    return authenticate(request, username=user.username, password=password) is not None


def change_password(user: User, password: str, *, by: str, way: Way, keep: str | None = None) -> int:
    """Ends their sessions, but for the one with the key `keep`, and their one-time link. How many sessions it ended.

    The password is not validated here.
    """
    # Before the transaction: the digest takes some tenths of a second, by intention.
    user.set_password(password)
    with transaction.atomic():
        return save_password(user, by=by, way=way, keep=keep)


def save_password(user: User, *, by: str, way: Way, keep: str | None = None, link_by: str | None = None) -> int:
    """The same for a password that is set already, as the last step of the caller's transaction."""
    # The person first, as in every other change of people: two that lock in different orders could block each other.
    lock(user, user.username)
    PasswordLink.objects.filter(user=user).delete()
    ended = delete_sessions(user.pk, keep=keep)
    user.save(update_fields=["password"])
    record_change(
        RecordKind.PASSWORD_CHANGED,
        by=by,
        user=user.username,
        how=str(way),
        link_by=link_by,
        sessions=ended,
    )
    return ended
