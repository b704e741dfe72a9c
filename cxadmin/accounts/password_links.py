"""One-time links by which people set their own passwords: new people, and those who forgot theirs.

An admin makes one and hands it over; nobody but its person ever knows the password. A link has 192 random bits, so a
plain digest of it is enough. It signs nobody in: whoever has used it signs in as always.
"""

import secrets
from datetime import UTC, timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from audit.kinds import RecordKind
from campaigns.audited_changes import lock, record_change
from campaigns.errors import Refusal
from campaigns.queueing.rows import database_now
from cxadmin.accounts.lockout import unlock_name
from cxadmin.accounts.passwords import Way, save_password
from cxadmin.models import PasswordLink

TOKEN_BYTES = 24
# A longer text is no token, and isn't looked for.
LONGEST_TOKEN = 64
# Long enough for somebody whose shift begins tomorrow.
LASTS = timedelta(hours=24)


def make_password_link(person: User, *, by: str) -> tuple[PasswordLink, str]:
    """The link and its token, which nobody can learn later. One that the person had before no longer works.

    Refusal: the account is disabled, or nobody signs in with a password here.
    """
    if not settings.PASSWORD_SIGN_IN:
        raise Refusal(
            "Nobody signs in with a password here (the setting PASSWORD_SIGN_IN is off), so no link was created. "
            f"{person.username} signs in through your company."
        )
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        user = lock(person, person.username)
        if not user.is_active:
            raise Refusal(f"The account {user.username} is disabled. Enable it first. No link was created.")
        now = database_now()
        values = {"token_hash": _digest(token), "made_by": by, "made_at": now, "expires_at": now + LASTS}
        link, _ = PasswordLink.objects.update_or_create(user=user, defaults=values)
        expires = f"{link.expires_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        record_change(RecordKind.PASSWORD_LINK_MADE, by=by, user=user.username, expires=expires)
    return link, token


def revoke_password_link(person: User, *, by: str) -> bool:
    """False: there was none that works."""
    with transaction.atomic():
        deleted, _ = PasswordLink.objects.filter(user=person, expires_at__gt=Now()).delete()
        if deleted:
            record_change(RecordKind.PASSWORD_LINK_REVOKED, by=by, user=person.username)
    return bool(deleted)


def find_password_link(token: str) -> PasswordLink | None:
    """The link with this token and its person, if it works."""
    if len(token) > LONGEST_TOKEN:
        return None
    working = PasswordLink.objects.filter(expires_at__gt=Now(), user__is_active=True)
    return working.filter(token_hash=_digest(token)).select_related("user").first()


def use_password_link(link: PasswordLink, password: str) -> None:
    """Set the person's password, which is not validated here. Refusal: the link was used or replaced meanwhile."""
    user = link.user
    user.set_password(password)
    with transaction.atomic():
        # Two people with one link wait for each other here, and the second finds it gone.
        is_active = lock(user, user.username).is_active
        if not is_active or not PasswordLink.objects.filter(pk=link.pk, token_hash=link.token_hash).exists():
            raise Refusal("This link was used meanwhile, or replaced by another one. Nothing was changed.")
        unlock_name(user.username)
        save_password(user, by=user.username, way=Way.LINK, link_by=link.made_by)


def delete_expired() -> None:
    PasswordLink.objects.filter(expires_at__lte=Now()).delete()


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
