"""The mark of a browser in which somebody has signed in: a signed cookie with a random number for each name.

It says no more than "this name has signed in here before", and only sign-in reads it
(cxadmin.accounts.failed_sign_ins). It holds names as keyed digests, since several people may share a browser.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from cxadmin.accounts.digests import keyed_digest

COOKIE = "signed_in_before"
SALT = "cxadmin.device"
YEAR_SECONDS = 365 * 24 * 60 * 60
# Enough for a shared machine in a control room. The name that signed in longest ago is dropped first.
MOST_NAMES = 10


def mark_of(request: HttpRequest, name: str) -> str:
    """The random number that this browser got when `name` signed in here; "" if it has none."""
    return _marks(request).get(keyed_digest("device_name", name), "")


def remember(request: HttpRequest, response: HttpResponseBase, name: str) -> None:
    """Mark the browser, after `name` has signed in."""
    marks = _marks(request)
    key = keyed_digest("device_name", name)
    mark = marks.pop(key, "") or secrets.token_hex(16)
    newest = [*marks.items(), (key, mark)][-MOST_NAMES:]
    response.set_cookie(
        settings.COOKIE_PREFIX + COOKIE,
        signing.dumps(newest, salt=SALT),
        max_age=YEAR_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        # The company's sign-in service sends the browser back from its own site.
        samesite="Lax",
    )


def _marks(request: HttpRequest) -> dict[str, str]:
    """The marks by name, oldest first. A cookie with a bad signature, or one that is too old, holds none."""
    try:
        cookie = request.COOKIES.get(settings.COOKIE_PREFIX + COOKIE, "")
        pairs: Any = signing.loads(cookie, salt=SALT, max_age=YEAR_SECONDS)
    except signing.BadSignature:
        return {}
    return dict(pairs)
