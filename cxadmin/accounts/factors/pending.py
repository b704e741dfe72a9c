"""A sign-in whose password was right, and whose second factor is still to come. Nobody is signed in yet."""

from dataclasses import asdict, dataclass

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

KEY = "second_factor"
LASTS_SECONDS = 10 * 60


@dataclass(frozen=True, slots=True)
class Pending:
    """`proof`: of the password that was right; another one ends this. `next` and `unsent`: as on the sign-in page."""

    user_id: int
    proof: str
    began: int
    next: str
    unsent: str


def begin_pending(request: HttpRequest, user: User, *, next_page: str, unsent: str) -> None:
    # Whoever planted this session doesn't share the rest of the sign-in.
    request.session.cycle_key()
    pending = Pending(user.pk, user.get_session_auth_hash(), _now(), next_page, unsent)
    request.session[KEY] = asdict(pending)
    request.session.set_expiry(LASTS_SECONDS)


def read_pending(request: HttpRequest) -> tuple[User, Pending] | None:
    kept = request.session.get(KEY)
    if not kept:
        return None
    pending = Pending(**kept)
    user = User.objects.filter(pk=pending.user_id, is_active=True).first()
    if user is None or user.get_session_auth_hash() != pending.proof or _now() - pending.began > LASTS_SECONDS:
        del request.session[KEY]
        return None
    return user, pending


def end_pending(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
    request.session.set_expiry(None)


def _now() -> int:
    """By this process's clock, like the session's own end."""
    return int(timezone.now().timestamp())
