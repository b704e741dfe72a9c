"""How long a sign-in lasts: until its person has done nothing for an hour, and twelve hours in all."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from cxadmin.accounts.browsers import browser_in_words
from cxadmin.models import Person

IDLE = timedelta(seconds=settings.SESSION_COOKIE_AGE)
# A shift and its handover. NIST SP 800-63B asks for the same at its second level, OWASP ASVS 7.3.2 for some limit.
LONGEST = timedelta(hours=12)
# A session in use is written this often, not with each request.
TOUCH = timedelta(minutes=1)


def start_session(request: HttpRequest, user: AbstractBaseUser, **_: Any) -> None:
    """On signing in."""
    request.session["began"] = request.session["touched"] = _now()
    request.session["browser"] = browser_in_words(request.META.get("HTTP_USER_AGENT", ""))
    _note_seen(user.pk)


def end_if_over(request: HttpRequest) -> None:
    """Sign out somebody who has been signed in for the maximum time, and delete the session."""
    # Sessions from before an upgrade have no beginning: they begin now.
    if _now() - request.session.setdefault("began", _now()) >= LONGEST.total_seconds():
        request.session.flush()
        request.user = AnonymousUser()


def prolong(request: HttpRequest) -> None:
    """After its person did something. Django's own expiry moves along, so that it deletes the session in time."""
    now = _now()
    if now - request.session.get("touched", 0) < TOUCH.total_seconds():
        return
    request.session["touched"] = now
    request.session.set_expiry(seconds_left(request))
    _note_seen(request.user.pk or 0)


def seconds_left(request: HttpRequest) -> int:
    """Until the session ends if its person does nothing more."""
    return min(_until(request, "touched", IDLE), seconds_left_at_most(request))


def seconds_left_at_most(request: HttpRequest) -> int:
    """Until it ends whatever its person does."""
    return _until(request, "began", LONGEST)


def session_countdown(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what static/js/session.js starts with."""
    return {
        "session_seconds_left": SimpleLazyObject(lambda: seconds_left(request)),
        "session_longest_hours": LONGEST // timedelta(hours=1),
    }


def _note_seen(user_id: int) -> None:
    """Whenever their session is written, which is once a minute at most."""
    seen = Person(user_id=user_id, seen_at=Now())
    Person.objects.bulk_create([seen], update_conflicts=True, unique_fields=["user"], update_fields=["seen_at"])


def _until(request: HttpRequest, since: str, most: timedelta) -> int:
    started: int = request.session.get(since, _now())
    return max(started + int(most.total_seconds()) - _now(), 0)


def _now() -> int:
    """By this process's clock, like Django's own expiry: a minute more or less doesn't matter here."""
    return int(timezone.now().timestamp())
