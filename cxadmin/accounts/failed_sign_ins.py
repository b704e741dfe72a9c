"""Failed sign-ins, counted: when a name is locked, where, and for how long.

A name is counted at two *places*, the person's address and everywhere together, so that neither many tries from one
address nor few from each of many go on without end. A browser in which somebody has signed in with the name before
(cxadmin.accounts.device) is a place of its own: others' failures never lock it, and its own never lock others. That
is OWASP's "Slow Down Online Guessing Attacks with Device Cookies".

A lock begins with the try that reaches the limit and ends after a fixed time. Nothing prolongs it: while it lasts
nothing is written. All times are the database's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest

from campaigns.queueing.rows import database_now, takeable
from cxadmin.accounts import client_address, device
from cxadmin.accounts.digests import digest
from cxadmin.models import FailedSignIn

# Tries count for an hour after the first of them.
COUNTED_FOR = timedelta(hours=1)
LIMIT, LOCKED_FOR = 10, timedelta(minutes=15)
# Over all addresses. Five addresses' worth: a team behind one proxy reaches its own limit first.
LIMIT_EVERYWHERE, LOCKED_EVERYWHERE_FOR = 50, timedelta(hours=1)
# Each failure from a new place takes two rows; all of them are 8 MB on PostgreSQL. To fill these with locked ones,
# which are the last to go, takes 50,000 tries within 15 min; checking that many passwords takes a core hours.
MOST_ROWS = 10_000
# So many more are deleted than need be, so that not every try has to sort them all.
SPARE = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where failures are counted together: `limit` of them lock the name there."""

    key: str
    limit: int = LIMIT
    locked_for: timedelta = LOCKED_FOR


EVERYWHERE = Place("everywhere", LIMIT_EVERYWHERE, LOCKED_EVERYWHERE_FOR)


def places_of(request: HttpRequest, name: str) -> tuple[Place, ...]:
    """Where a failure of this request counts."""
    if mark := device.mark_of(request, name):
        return (Place(digest("device", mark)),)
    return (Place(digest("address", client_address.of(request))), EVERYWHERE)


def seconds_locked(name: str, places: Sequence[Place]) -> float:
    """How long the name is still locked at any of these places; 0 if it isn't."""
    rows = FailedSignIn.objects.filter(name=digest("name", name), place__in=_keys(places), locked=True)
    ends_at: datetime | None = rows.aggregate(last=Max("ends_at"))["last"]
    if ends_at is None:
        return 0
    return max((ends_at - database_now()).total_seconds(), 0)


def count(name: str, places: Sequence[Place]) -> bool:
    """One more failure, of a name that isn't locked. True: it reached a limit, and the name is locked now."""
    now = database_now()
    with transaction.atomic():
        counted = [_count_at(place, digest("name", name), now) for place in sorted(places, key=lambda each: each.key)]
    if any(is_new for is_new, _ in counted):
        _bound(now)
    return any(is_locked for _, is_locked in counted)


def forget(name: str, places: Sequence[Place]) -> None:
    """After a sign-in. What was counted everywhere stays: a person who signs in must not set a guesser free."""
    own = [place for place in places if place is not EVERYWHERE]
    FailedSignIn.objects.filter(name=digest("name", name), place__in=_keys(own)).delete()


def delete_ended() -> None:
    """Delete what means nothing any more; a periodic job does so each hour."""
    FailedSignIn.objects.filter(ends_at__lte=database_now()).delete()


def _keys(places: Sequence[Place]) -> list[str]:
    return [place.key for place in places]


def _count_at(place: Place, name: str, now: datetime) -> tuple[bool, bool]:
    """Whether a row was made for it, and whether it is locked by this."""
    row, is_new = FailedSignIn.objects.select_for_update().get_or_create(
        name=name, place=place.key, defaults={"ends_at": now + COUNTED_FOR}
    )
    if row.ends_at <= now:
        row.tries, row.locked, row.ends_at = 0, False, now + COUNTED_FOR
    if row.locked:
        # Another request locked it since this one was let through.
        return is_new, True
    row.tries += 1
    if row.tries >= place.limit:
        row.locked, row.ends_at = True, now + place.locked_for
    row.save()
    return is_new, row.locked


def _bound(now: datetime) -> None:
    """Keep the rows below their bound. Those that are furthest from a lock go first, so a flood of made-up names
    drives out itself and no count that matters. In a transaction of its own, passing over rows that others hold."""
    with transaction.atomic():
        excess = FailedSignIn.objects.count() - MOST_ROWS
        if excess <= 0:
            return
        ended, _ = FailedSignIn.objects.filter(ends_at__lte=now).delete()
        if ended >= excess:
            return
        least = takeable(FailedSignIn.objects.order_by("locked", "tries", "ends_at"))
        doomed = list(least[: excess - ended + SPARE].values_list("pk", flat=True))
        FailedSignIn.objects.filter(pk__in=doomed).delete()
