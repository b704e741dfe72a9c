"""Making, revoking and recognising links to the wallboard.

A token has 192 random bits, so that a plain digest of it is enough: nobody tries that many. A link signs nobody in,
and nothing of it is in a session.
"""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from audit import ledger
from audit.flood_limit import tally
from audit.kinds import RecordKind, Status
from campaigns.audited_changes import record_change, unless_taken
from campaigns.errors import Refusal
from campaigns.models import WallLink, WallTheme
from campaigns.queueing.rows import database_now

TOKEN_BYTES = 24
# A longer text is no token, and isn't looked for.
LONGEST_TOKEN = 64
SEEN_EVERY = timedelta(minutes=1)
# A screen that was revoked asks no more; others may be typed by anybody.
REFUSED = "wall.refused"


class WallSettings(TypedDict):
    name: str
    group_by: str
    zone: str
    theme: WallTheme
    shows_people: bool
    offers_sound: bool
    expires_at: datetime | None


def make_link(*, key: str, by: str, **settings: Unpack[WallSettings]) -> tuple[WallLink, str]:
    """The link and its token, which nobody can learn later. Refusal: the form was sent before."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    again = Refusal(
        "This link was made already, and its address was shown then. If you don’t have it, revoke the link and make "
        "another."
    )
    with unless_taken(WallLink.objects.filter(key=key), again):
        link = WallLink.objects.create(
            **settings, key=key, token_hash=_digest(token), made_at=database_now(), made_by=by
        )
        expires = f"{link.expires_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if link.expires_at else None
        record_change(
            RecordKind.WALL_LINK_MADE,
            by=by,
            link=link.name,
            number=link.pk,
            expires=expires,
            shows_people=link.shows_people,
        )
    return link, token


def revoke_link(link: WallLink, by: str) -> bool:
    """False: it was revoked before."""
    with transaction.atomic():
        alive = WallLink.objects.filter(pk=link.pk, revoked_at=None)
        if not alive.update(revoked_at=Now(), revoked_by=by):
            return False
        record_change(RecordKind.WALL_LINK_REVOKED, by=by, link=link.name, number=link.pk)
    return True


def working_links(now: datetime) -> QuerySet[WallLink]:
    return WallLink.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


def find_link(token: str, now: datetime) -> WallLink | None:
    """The link with this token, if it works."""
    if len(token) > LONGEST_TOKEN:
        return None
    return working_links(now).filter(token_hash=_digest(token)).first()


def note_shown(link: WallLink, now: datetime) -> None:
    """So that admins see which screens are on. At most a write a minute for each link."""
    long_ago = Q(shown_at=None) | Q(shown_at__lt=now - SEEN_EVERY)
    if link.shown_at is None or link.shown_at < now - SEEN_EVERY:
        WallLink.objects.filter(long_ago, pk=link.pk).update(shown_at=now)


def record_refused() -> None:
    """Somebody asked for a link that doesn't work, or never did: on record at counts 1, 2, 4, 8, … within an hour."""
    with transaction.atomic():
        if times := tally(REFUSED):
            ledger.append(RecordKind.WALL_REFUSED, by="", status=Status.REJECTED, details={"times": times})


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
