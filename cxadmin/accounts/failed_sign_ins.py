"""Failed sign-ins, counted: when a name is locked, where, and for how long.

A name is counted in two *scopes*, the person's address and everywhere together, so that neither many attempts from one
address nor a few from each of many go on without end. A browser in which somebody has signed in with the name before
(cxadmin.accounts.device) is a scope of its own: the failures of others never lock it, and its own never lock others.
That is OWASP's "Slow Down Online Guessing Attacks with Device Cookies".

A lock begins with the attempt that reaches the limit and ends after a fixed time. Nothing extends it: while it lasts,
nothing is written. All times are by the database's clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest

from campaigns.queueing.rows import database_now, takeable
from cxadmin.accounts import client_address, device
from cxadmin.accounts.digests import keyed_digest
from cxadmin.models import FailedSignIn

# Attempts count for an hour after the first of them.
COUNTED_FOR = timedelta(hours=1)
# Somebody who mistypes a password gives up or asks long before the tenth time; 40 guesses an hour get nowhere.
LIMIT, LOCKED_FOR = 10, timedelta(minutes=15)
# Over all addresses. Five times the limit of one address: a team behind one proxy reaches its own limit first.
LIMIT_EVERYWHERE, LOCKED_EVERYWHERE_FOR = 50, timedelta(hours=1)
# Each failure from a new address takes two rows; these are 8 MB on PostgreSQL. To fill them with locked ones, which
# are deleted last, takes 50,000 attempts within 15 min; checking that many passwords takes hours of a core.
MOST_ROWS = 10_000
# Deleted beyond what is necessary, so that not every attempt has to sort all rows.
SPARE = 100


@dataclass(frozen=True, slots=True)
class Scope:
    """Where failures are counted together: `limit` of them lock the name there."""

    key: str
    limit: int = LIMIT
    locked_for: timedelta = LOCKED_FOR


EVERYWHERE = Scope("everywhere", LIMIT_EVERYWHERE, LOCKED_EVERYWHERE_FOR)


def scopes_of(request: HttpRequest, name: str) -> tuple[Scope, ...]:
    """Where a failure of this request counts."""
    if mark := device.mark_of(request, name):
        return (Scope(keyed_digest("device", mark)),)
    return (Scope(keyed_digest("address", client_address.client_of(request))), EVERYWHERE)


def seconds_locked(name: str, scopes: Sequence[Scope]) -> float:
    """How long the name is still locked in any of these scopes; 0 if it isn't."""
    rows = FailedSignIn.objects.filter(name=keyed_digest("name", name), place__in=_keys(scopes), locked=True)
    ends_at: datetime | None = rows.aggregate(last=Max("ends_at"))["last"]
    if ends_at is None:
        return 0
    return max((ends_at - database_now()).total_seconds(), 0)


def count_failure(name: str, scopes: Sequence[Scope]) -> bool:
    """Count one more failure of a name that isn't locked. True: it reached a limit, and the name is locked now."""
    now = database_now()
    name_digest = keyed_digest("name", name)
    with transaction.atomic():
        # In one order always: two requests that lock the same rows in different orders would wait for each other.
        counted = [_count_in(scope, name_digest, now) for scope in sorted(scopes, key=lambda each: each.key)]
    if any(is_new for is_new, _ in counted):
        _delete_excess(now)
    return any(is_locked for _, is_locked in counted)


def forget_failures(name: str, scopes: Sequence[Scope]) -> None:
    """After a sign-in. The count over all addresses stays: whoever signs in must not give a guesser a fresh start."""
    own = [scope for scope in scopes if scope is not EVERYWHERE]
    FailedSignIn.objects.filter(name=keyed_digest("name", name), place__in=_keys(own)).delete()


def delete_ended() -> None:
    """Delete the rows that no longer count; a periodic job does this every hour."""
    FailedSignIn.objects.filter(ends_at__lte=database_now()).delete()


def _keys(scopes: Sequence[Scope]) -> list[str]:
    return [scope.key for scope in scopes]


def _count_in(scope: Scope, name_digest: str, now: datetime) -> tuple[bool, bool]:
    """Whether a row was created for it, and whether the name is locked by this failure."""
    row, is_new = FailedSignIn.objects.select_for_update().get_or_create(
        name=name_digest, place=scope.key, defaults={"ends_at": now + COUNTED_FOR}
    )
    if row.ends_at <= now:
        row.tries, row.locked, row.ends_at = 0, False, now + COUNTED_FOR
    # Another request has locked it since this one was let through.
    if row.locked:
        return is_new, True
    row.tries += 1
    if row.tries >= scope.limit:
        row.locked, row.ends_at = True, now + scope.locked_for
    row.save()
    return is_new, row.locked


def _delete_excess(now: datetime) -> None:
    """Keep the table below MOST_ROWS.

    The rows that are furthest from a lock go first, so a flood of made-up names displaces itself and no count that
    matters. In a transaction of its own, and skipping rows that others have locked: no sign-in waits for it.
    """
    with transaction.atomic():
        excess = FailedSignIn.objects.count() - MOST_ROWS
        if excess <= 0:
            return
        ended, _ = FailedSignIn.objects.filter(ends_at__lte=now).delete()
        if ended >= excess:
            return
        least = takeable(FailedSignIn.objects.order_by("locked", "tries", "ends_at"))
        surplus = list(least[: excess - ended + SPARE].values_list("pk", flat=True))
        FailedSignIn.objects.filter(pk__in=surplus).delete()
