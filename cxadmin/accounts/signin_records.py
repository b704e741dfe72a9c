"""Sign-ins, sign-outs and refused pages on record.

No address, no browser, no typed text: a name that no account has may be a password in the wrong field, so it is never
kept. What can come in floods is recorded at counts 1, 2, 4, 8, … within an hour (audit.flood_limit).
"""

from collections.abc import Mapping

from django.contrib.auth.models import AbstractBaseUser, User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.http import HttpRequest

from audit import ledger
from audit.flood_limit import tally
from audit.kinds import Kind, Status
from cxadmin.accounts import sessions
from cxadmin.accounts.lockout import Outcome, outcome_of

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def connect() -> None:
    """Once, at the start. After axes, whose handler knows then how the sign-in failed."""
    user_logged_in.connect(record_success)
    user_logged_in.connect(sessions.begin)
    user_logged_out.connect(record_end)
    user_login_failed.connect(record_failure)


def record_success(user: AbstractBaseUser, **_: object) -> None:
    with transaction.atomic():
        ledger.append(Kind.SIGNIN_SUCCEEDED, by=user.get_username(), status=Status.SUCCESS)


def record_end(user: AbstractBaseUser | None, **_: object) -> None:
    if user is None:  # the session had ended before
        return
    with transaction.atomic():
        ledger.append(Kind.SIGNIN_ENDED, by=user.get_username())


def record_failure(credentials: Mapping[str, object], request: HttpRequest | None = None, **_: object) -> None:
    """The try that locks a name is on record; those that are refused while the lock lasts write nothing at all."""
    outcome = outcome_of(request)
    if outcome is Outcome.REFUSED:
        return
    name, locks = _known(str(credentials.get(User.USERNAME_FIELD, ""))), outcome is Outcome.LOCKS
    _record_some(
        f"signin.{'locked' if locks else 'failed'}:{name}",
        Kind.SIGNIN_FAILED,
        by=name,
        status=Status.REJECTED if locks else Status.FAILURE,
        reason=outcome.value,
    )


def record_denied(request: HttpRequest) -> None:
    """A signed-in person was answered 403.

    Each address that differs is on record, so that many harmless ones don't hide what comes after them. Of whoever
    tries so many that the list is full, each sort of address still is, as the list of addresses has them.
    """
    address = f"{request.method} {request.path}"
    _record_some(
        f"denied:{request.user.pk}",
        Kind.ACCESS_DENIED,
        by=request.user.get_username(),
        status=Status.REJECTED,
        reason=address,
        distinct=address,
        sort=_pattern(request),
    )


def _pattern(request: HttpRequest) -> str:
    """Which sort of request it was; there are as many as the product has addresses, a few times over."""
    method = request.method if request.method in METHODS else "OTHER"
    return f"{method} {request.resolver_match.route if request.resolver_match else ''}"


def _record_some(
    key: str, kind: Kind, *, by: str, status: Status, reason: str, distinct: str = "", sort: str = ""
) -> None:
    with transaction.atomic():
        if times := tally(key, distinct=distinct, sort=sort):
            ledger.append(kind, by=by, status=status, reason=reason, details={"times": times})


def _known(name: str) -> str:
    """The name if an account has it, else ""."""
    if "\x00" in name:  # PostgreSQL refuses to look for it
        return ""
    return name if User.objects.filter(username=name).exists() else ""
