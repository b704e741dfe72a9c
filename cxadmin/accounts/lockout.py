"""What django-axes asks about failed sign-ins, answered by cxadmin.accounts.failed_sign_ins.

Axes' own handlers store what was typed, the browser and the address, or lose the counts with the cache. This one
stores counts only: docs/decisions/0015-failed-sign-ins.md.
"""

import math
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any

from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from django.contrib.auth.models import AbstractBaseUser, User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns.queueing.rows import database_now
from cxadmin.accounts import client_address, device, failed_sign_ins, known_addresses
from cxadmin.accounts.digests import keyed_digest
from cxadmin.models import FailedSignIn

Credentials = Mapping[str, Any]
MINUTE = 60


class Outcome(Enum):
    """How a sign-in failed."""

    WRONG = "wrong name or password"
    LOCKS = "locked for a while after too many failures"
    # The password was wrong as well; the name is on guard from now on (cxadmin.accounts.failed_sign_ins).
    GUARDS = "wrong password, once too often from new addresses: they have few attempts for a day"
    # It was locked before: no password was looked at, and nothing is written.
    REFUSED = "refused while locked"


class Handler(AbstractAxesHandler, AxesBaseHandler):  # type: ignore[misc]  # axes has no types
    """Named by the setting AXES_HANDLER; axes creates one for each process."""

    def is_locked(self, request: HttpRequest, credentials: Credentials | None = None) -> bool:
        return _seconds_locked(request, credentials) > 0

    def get_failures(self, request: HttpRequest, credentials: Credentials | None = None) -> int:
        """Only called by axes' own `is_locked`, which isn't used."""
        return 0

    def user_login_failed(
        self, sender: object, credentials: Credentials, request: HttpRequest | None = None, **_: object
    ) -> None:
        if request is None:
            return
        outcome = _count_unless_locked(request, _name_of(credentials))
        request.signin_outcome = outcome  # type: ignore[attr-defined]
        # Axes' middleware then shows `respond` instead of the form.
        request.axes_locked_out = outcome in {Outcome.LOCKS, Outcome.REFUSED}  # type: ignore[attr-defined]
        request.axes_credentials = credentials  # type: ignore[attr-defined]

    def user_logged_in(self, sender: object, request: HttpRequest, user: AbstractBaseUser, **_: object) -> None:
        failed_sign_ins.forget_failures(failed_sign_ins.scopes_of(request, user.get_username()))
        known_addresses.learn_address(request, user)

    def user_logged_out(self, sender: object, request: HttpRequest, user: object, **_: object) -> None:
        """Nothing to do."""

    def reset_attempts(
        self, *, ip_address: str | None = None, username: str | None = None, ip_or_username: bool = False
    ) -> int:
        """For axes' commands: unlock a name, an address, a name at an address, or all. Returns the rows deleted."""
        by_name, by_address = Q(), Q()
        if username:
            by_name = Q(name=keyed_digest("name", username))
        if ip_address:
            by_address = Q(place=keyed_digest("address", client_address.subnet_of(ip_address)))
        wanted = by_name | by_address if ip_or_username else by_name & by_address
        deleted, _ = FailedSignIn.objects.filter(wanted).delete()
        return int(deleted)


def unlock_name(name: str) -> None:
    """Wherever it is locked, and as if it had never failed: an admin has just vouched for its person."""
    FailedSignIn.objects.filter(name=keyed_digest("name", name)).delete()


def outcome_of(request: HttpRequest | None) -> Outcome:
    return getattr(request, "signin_outcome", Outcome.WRONG)


def respond(request: HttpRequest, response: HttpResponse | None, credentials: Credentials | None) -> HttpResponse:
    """The page that says how long to wait. Named by the setting AXES_LOCKOUT_CALLABLE."""
    # The lock may have ended since, and "wait 0 min" makes no sense.
    left = max(math.ceil(_seconds_locked(request, credentials)), 1)
    context = {
        "wait": MINUTE * math.ceil(left / MINUTE),
        "ends_at": database_now() + timedelta(seconds=left),
        "signed_in_before": bool(device.mark_of(request, _name_of(credentials))),
    }
    page = render(request, "accounts/locked.html", context, status=429)
    page["Retry-After"] = str(left)
    return page


def _count_unless_locked(request: HttpRequest, name: str) -> Outcome:
    # Set by axes' backend, which then checks no password.
    if getattr(request, "axes_locked_out", False):
        return Outcome.REFUSED
    reached = failed_sign_ins.count_failure(failed_sign_ins.scopes_of(request, name))
    if reached.puts_on_guard:
        return Outcome.GUARDS
    return Outcome.LOCKS if reached.locks else Outcome.WRONG


def _seconds_locked(request: HttpRequest, credentials: Credentials | None) -> float:
    return failed_sign_ins.seconds_locked(failed_sign_ins.scopes_of(request, _name_of(credentials)))


def _name_of(credentials: Credentials | None) -> str:
    return str((credentials or {}).get(User.USERNAME_FIELD) or "")
