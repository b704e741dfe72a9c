"""How long a sign-in lasts: an hour since its person last did something, and twelve hours in all."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

IDLE = timedelta(seconds=settings.SESSION_COOKIE_AGE)
# A shift and its handover; NIST SP 800-63B has the same for its second level, OWASP ASVS 7.3.2 asks for some limit.
LONGEST = timedelta(hours=12)
# How often a session that is in use is written.
TOUCH = timedelta(minutes=1)


def begin(request: HttpRequest, **_: Any) -> None:
    """On signing in: both times begin now."""
    request.session["began"] = request.session["touched"] = _now()


def end_if_over(request: HttpRequest) -> None:
    """Sign out who has been signed in for the longest that there is; nothing of the session is left."""
    # Sessions of before an upgrade have no beginning: theirs is now.
    if _now() - request.session.setdefault("began", _now()) >= LONGEST.total_seconds():
        request.session.flush()
        request.user = AnonymousUser()


def prolong(request: HttpRequest) -> None:
    """Its person did something. Django's own end of the session follows, so that it is deleted in time as well."""
    now = _now()
    if now - request.session.get("touched", 0) < TOUCH.total_seconds():
        return
    request.session["touched"] = now
    request.session.set_expiry(seconds_left(request))


def seconds_left(request: HttpRequest) -> int:
    """Until it ends if nothing more is done."""
    return min(_until(request, "touched", IDLE), seconds_left_at_most(request))


def seconds_left_at_most(request: HttpRequest) -> int:
    """Until it ends whatever is done."""
    return _until(request, "began", LONGEST)


def for_pages(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what static/js/session.js begins with."""
    return {
        "session_seconds_left": SimpleLazyObject(lambda: seconds_left(request)),
        "session_longest_hours": LONGEST // timedelta(hours=1),
    }


def _until(request: HttpRequest, since: str, most: timedelta) -> int:
    started: int = request.session.get(since, _now())
    return max(started + int(most.total_seconds()) - _now(), 0)


def _now() -> int:
    """By this process's clock, as Django itself ends sessions: a minute more or less is no matter here."""
    return int(timezone.now().timestamp())
