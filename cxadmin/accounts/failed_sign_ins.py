"""Failed sign-ins, counted: when a name is locked, where, and for how long.

A *scope* is where failures count together; so many of them lock the name there, and nowhere else.

- The browser, if somebody has signed in with the name in it before (cxadmin.accounts.device). The failures of others
  never lock it, and its own never lock others: OWASP's "Slow Down Online Guessing Attacks with Device Cookies".
- Otherwise the address. If the name has signed in from there before (cxadmin.accounts.known_addresses), nothing else.
- At addresses that the name doesn't know, failures also count everywhere together. Too many put the name *on guard*
  for a day: each such address then has few attempts, and so have the networks around it. Nobody is locked out of an
  address, or a network, where others haven't used these up.
- Behind trusted proxies the address counts for all names together as well, against one password for many names.

A lock begins with the attempt that reaches the limit and ends after a fixed time. Nothing extends it: while it lasts,
nothing is written. All times are by the database's clock.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest

from campaigns.queueing.rows import database_now, takeable
from cxadmin.accounts import client_address, device, known_addresses
from cxadmin.accounts.digests import keyed_digest
from cxadmin.models import FailedSignIn

QUARTER_HOUR, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures within `counted_for` after the first of them lock for `locked_for`."""

    failures: int
    counted_for: timedelta
    locked_for: timedelta


# Somebody who mistypes a password gives up or asks long before the tenth time; 40 guesses an hour get nowhere.
USUAL = Limit(10, HOUR, QUARTER_HOUR)
# At unknown addresses, all together. Five times the limit of one address: a person at a new one reaches that first.
# It locks nothing, but puts the name on guard.
EVERYWHERE = Limit(50, DAY, DAY)
# On guard. Two mistakes and the right password.
GUARDED = Limit(3, DAY, DAY)
# On guard, in the networks around an address, the smaller first. To lock one takes ten addresses in it, or 34.
GUARDED_NETWORKS = (Limit(30, DAY, DAY), Limit(100, DAY, DAY))
# All names together. An office behind one address has many people, whose browsers are mostly known.
EVERY_NAME = Limit(100, HOUR, QUARTER_HOUR)
# Each failure from a new address takes two to five rows; these are 8 MB on PostgreSQL. Locked ones are deleted last,
# and to fill the table with them takes thousands of addresses and checks of passwords, hours of a core.
MOST_ROWS = 10_000
# Deleted beyond what is necessary, so that not every attempt has to sort all rows.
SPARE = 100


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Both are keyed digests, as stored."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Scope:
    place: _Place
    limit: Limit
    # Forgotten when the person signs in. The others would give a guesser a fresh start.
    own: bool = False


@dataclass(frozen=True, slots=True)
class LimitsReached:
    """Which limits one more failure reached."""

    locks: bool
    puts_on_guard: bool


def scopes_of(request: HttpRequest, name: str) -> tuple[Scope, ...]:
    """Where a failure of this request counts."""
    name_digest = keyed_digest("name", name)
    if mark := device.mark_of(request, name):
        return (Scope(_Place(name_digest, keyed_digest("device", mark)), USUAL, own=True),)
    address = client_address.client_of(request)
    return tuple(_at_address(name, name_digest, address))


def seconds_locked(scopes: Sequence[Scope]) -> float:
    """How long the name is still locked in any of these scopes; 0 if it isn't."""
    rows = _rows_of(scope for scope in scopes if scope.limit is not EVERYWHERE).filter(locked=True)
    ends_at: datetime | None = rows.aggregate(last=Max("ends_at"))["last"]
    if ends_at is None:
        return 0
    return max((ends_at - database_now()).total_seconds(), 0)


def count_failure(scopes: Sequence[Scope]) -> LimitsReached:
    """Count one more failure of a name that isn't locked."""
    now = database_now()
    has_new, reached = False, set()
    with transaction.atomic():
        # In one order always: two requests that lock the same rows in different orders would wait for each other.
        for scope in sorted(scopes, key=lambda each: each.place):
            is_new, is_locked = _count_in(scope, now)
            has_new |= is_new
            if is_locked:
                reached.add(scope.limit)
    if has_new:
        _delete_excess(now)
    return LimitsReached(locks=bool(reached - {EVERYWHERE}), puts_on_guard=EVERYWHERE in reached)


def forget_failures(scopes: Sequence[Scope]) -> None:
    """After a sign-in. Only those of the browser or the address: whoever signs in must not set a guesser free."""
    _rows_of(scope for scope in scopes if scope.own).delete()


def delete_ended() -> None:
    """Delete the rows that no longer count; a periodic job does this every hour."""
    FailedSignIn.objects.filter(ends_at__lte=database_now()).delete()


def _at_address(name: str, name_digest: str, address: str) -> Iterator[Scope]:
    address_digest = keyed_digest("address", address)
    here = _Place(name_digest, address_digest)
    everywhere = _Place(name_digest, "everywhere")
    # Without them it may be the address of a proxy, which everybody shares.
    if settings.TRUSTED_PROXIES and address:
        yield Scope(_Place(keyed_digest("every_name", ""), address_digest), EVERY_NAME)
    if known_addresses.is_known(name, address):
        yield Scope(here, USUAL, own=True)
    elif not _is_on_guard(everywhere):
        yield Scope(here, USUAL, own=True)
        yield Scope(everywhere, EVERYWHERE)
    else:
        yield Scope(here, GUARDED, own=True)
        for network, limit in zip(client_address.networks_around(address), GUARDED_NETWORKS, strict=False):
            yield Scope(_Place(name_digest, keyed_digest("network", network)), limit)


def _is_on_guard(everywhere: _Place) -> bool:
    rows = FailedSignIn.objects.filter(name=everywhere.name, place=everywhere.key, locked=True)
    return rows.filter(ends_at__gt=database_now()).exists()


def _rows_of(scopes: Iterator[Scope]) -> QuerySet[FailedSignIn]:
    wanted = Q(pk__in=[])
    for scope in scopes:
        wanted |= Q(name=scope.place.name, place=scope.place.key)
    return FailedSignIn.objects.filter(wanted)


def _count_in(scope: Scope, now: datetime) -> tuple[bool, bool]:
    """Whether a row was created for it, and whether this failure reached its limit."""
    limit = scope.limit
    row, is_new = FailedSignIn.objects.select_for_update().get_or_create(
        name=scope.place.name, place=scope.place.key, defaults={"ends_at": now + limit.counted_for}
    )
    if row.ends_at <= now:
        row.tries, row.locked, row.ends_at = 0, False, now + limit.counted_for
    # Another request has locked it since this one was let through.
    if row.locked:
        return is_new, True
    row.tries += 1
    if row.tries >= limit.failures:
        row.locked, row.ends_at = True, now + limit.locked_for
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
