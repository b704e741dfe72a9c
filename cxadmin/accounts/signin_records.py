"""Sign-ins, sign-outs and refused pages on record.

Neither addresses nor browsers nor typed text are recorded: a name that no account has may be a password in the wrong
field. What can come in floods is recorded at counts 1, 2, 4, 8, … within an hour (audit.flood_limit).
"""

from collections.abc import Mapping

from django.contrib.auth.models import AbstractBaseUser, User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.http import HttpRequest

from audit import ledger
from audit.flood_limit import tally
from audit.kinds import RecordKind, Status
from cxadmin.accounts import sessions
from cxadmin.accounts.lockout import Outcome, outcome_of

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def start_recording() -> None:
    """Once, at the start. After axes has connected its handler, which then knows how the sign-in failed."""
    user_logged_in.connect(record_success)
    user_logged_in.connect(sessions.start_session)
    user_logged_out.connect(record_end)
    user_login_failed.connect(record_failure)


def record_success(user: AbstractBaseUser, request: HttpRequest | None = None, **_: object) -> None:
    means = getattr(request, "signed_in_by", "")
    with transaction.atomic():
        ledger.append(
            RecordKind.SIGNIN_SUCCEEDED,
            by=user.get_username(),
            status=Status.SUCCESS,
            details={"means": means} if means else {},
        )


def record_end(user: AbstractBaseUser | None, **_: object) -> None:
    # None: the session had ended already.
    if user is None:
        return
    with transaction.atomic():
        ledger.append(RecordKind.SIGNIN_ENDED, by=user.get_username())


def record_failure(credentials: Mapping[str, object], request: HttpRequest | None = None, **_: object) -> None:
    """The attempt that locks a name is recorded; those that are refused while it is locked write nothing at all."""
    outcome = outcome_of(request)
    if outcome is Outcome.REFUSED:
        return
    name = _known(str(credentials.get(User.USERNAME_FIELD, "")))
    if outcome is Outcome.LOCKS:
        key, status = f"signin.locked:{name}", Status.REJECTED
    elif outcome is Outcome.GUARDS:
        key, status = f"signin.guarded:{name}", Status.REJECTED
    else:
        key, status = f"signin.failed:{name}", Status.FAILURE
    _record_some(key, RecordKind.SIGNIN_FAILED, by=name, status=status, reason=_reason(outcome, request))


def _reason(outcome: Outcome, request: HttpRequest | None) -> str:
    """What was wrong; of a second factor, its view has said it."""
    wrong: str = outcome.value
    if outcome is Outcome.WRONG:
        wrong = getattr(request, "failed_step", wrong)
    return wrong


def record_denied(request: HttpRequest) -> None:
    """A signed-in person got a 403.

    Each different address is recorded, so that many harmless ones don't hide what comes after them. Once somebody has
    tried so many that the list is full, each sort of address is still recorded.
    """
    address = f"{request.method} {request.path}"
    _record_some(
        f"denied:{request.user.pk}",
        RecordKind.ACCESS_DENIED,
        by=request.user.get_username(),
        status=Status.REJECTED,
        reason=address,
        distinct=address,
        sort=_pattern(request),
    )


def _pattern(request: HttpRequest) -> str:
    """The sort of address: its method and route. The product has some hundreds of them."""
    method = request.method if request.method in METHODS else "OTHER"
    route = request.resolver_match.route if request.resolver_match else ""
    return f"{method} {route}"


def _record_some(
    key: str, kind: RecordKind, *, by: str, status: Status, reason: str, distinct: str = "", sort: str = ""
) -> None:
    with transaction.atomic():
        if times := tally(key, distinct=distinct, sort=sort):
            ledger.append(kind, by=by, status=status, reason=reason, details={"times": times})


def _known(name: str) -> str:
    """The name if an account has it, else ""."""
    # PostgreSQL refuses a query with it.
    if "\x00" in name:
        return ""
    if User.objects.filter(username=name).exists():
        return name
    return ""
