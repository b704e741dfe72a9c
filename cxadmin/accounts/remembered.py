"""A cookie that says that somebody signed in here and has not signed out.

With it the sign-in page distinguishes a session that ended from a first visit: the session's own cookie is gone by
then.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from cxadmin.accounts import sessions

COOKIE = "signed_in"
PATH = "/accounts/"


def mark_signed_in(response: HttpResponseBase) -> None:
    response.set_cookie(
        COOKIE,
        "1",
        max_age=2 * sessions.LONGEST,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def is_marked(request: HttpRequest) -> bool:
    return bool(request.COOKIES.get(COOKIE))


def forget_signed_in(response: HttpResponseBase) -> None:
    response.delete_cookie(COOKIE, path=PATH)
