"""A cookie that says that somebody signed in here and has not signed out.

With it the sign-in page distinguishes a session that ended from a first visit: the session's own cookie is gone by
then.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from cxadmin.accounts import sessions

COOKIE = "signed_in"


def mark_signed_in(response: HttpResponseBase) -> None:
    response.set_cookie(
        settings.COOKIE_PREFIX + COOKIE,
        "1",
        max_age=2 * sessions.LONGEST,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def is_marked(request: HttpRequest) -> bool:
    return bool(request.COOKIES.get(settings.COOKIE_PREFIX + COOKIE))


def forget_signed_in(response: HttpResponseBase) -> None:
    response.delete_cookie(settings.COOKIE_PREFIX + COOKIE, samesite="Lax")
