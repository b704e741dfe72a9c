"""The addresses from which somebody has signed in: failures elsewhere lock nobody out of them.

Only keyed digests of name and address together are stored: whoever has a copy of the database can't tell where
somebody works.
"""

from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from campaigns.queueing.rows import database_now
from cxadmin.accounts import client_address
from cxadmin.accounts.digests import keyed_digest
from cxadmin.models import KnownAddress

KNOWN_FOR = timedelta(days=90)
# For each account: offices, home, a phone's networks.
MOST_ADDRESSES = 20


def is_known(name: str, address: str) -> bool:
    """Whether the name has signed in from there (an address as `client_of` returns it) in the last 90 days."""
    known = KnownAddress.objects.filter(digest=_digest(name, address), seen_at__gt=database_now() - KNOWN_FOR)
    return bool(address) and known.exists()


def learn_address(request: HttpRequest, user: AbstractBaseUser) -> None:
    """After a sign-in. Those not used for longest are forgotten."""
    address = client_address.client_of(request)
    if not address:
        return
    KnownAddress.objects.update_or_create(
        digest=_digest(user.get_username(), address), defaults={"user_id": user.pk, "seen_at": database_now()}
    )
    newest = KnownAddress.objects.filter(user_id=user.pk).order_by("-seen_at", "-pk")
    surplus = list(newest.values_list("pk", flat=True)[MOST_ADDRESSES:])
    if surplus:
        KnownAddress.objects.filter(pk__in=surplus).delete()


def forget_old() -> None:
    """Delete what is no longer known; a periodic job does this every hour."""
    KnownAddress.objects.filter(seen_at__lte=database_now() - KNOWN_FOR).delete()


def _digest(name: str, address: str) -> str:
    # No name has a line break in it.
    return keyed_digest("known_address", f"{address}\n{name}")
