"""One sign-in on its way to the company and back: what it must come back with, in a cookie of this browser.

Not in a session, as allauth keeps it: whoever opens the address would make a row in the database.
"""

import hmac
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

SALT = "cxadmin.company"
LASTS_SECONDS = 10 * 60
# One cookie for each sign-in that is under way: a person may have begun in two tabs.
COOKIE = "company_"


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """`verifier`: of PKCE; `next` and `unsent`: as on the sign-in page; `link_to`: the account that asked to be
    linked, 0 for a sign-in."""

    state: str
    nonce: str
    verifier: str
    next: str = ""
    unsent: str = ""
    link_to: int = 0


def begin_attempt(verifier: str, *, next_page: str, unsent: str, link_to: int) -> SignInAttempt:
    return SignInAttempt(secrets.token_urlsafe(24), secrets.token_urlsafe(24), verifier, next_page, unsent, link_to)


def keep_attempt(response: HttpResponseBase, attempt: SignInAttempt) -> None:
    response.set_cookie(
        _cookie_of(attempt.state),
        signing.dumps(asdict(attempt), salt=SALT),
        max_age=LASTS_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        # The provider sends the browser here from its own page.
        samesite="Lax",
    )


def read_attempt(request: HttpRequest) -> SignInAttempt | None:
    """What this browser began under the state in the address; None if it began nothing like it."""
    state = request.GET.get("state", "")
    try:
        kept: dict[str, Any] = signing.loads(
            request.COOKIES.get(_cookie_of(state), ""), salt=SALT, max_age=LASTS_SECONDS
        )
        attempt = SignInAttempt(**kept)
    except (signing.BadSignature, TypeError):
        return None
    if hmac.compare_digest(attempt.state.encode(), state.encode("utf-8", "surrogatepass")):
        return attempt
    return None


def forget_attempt(request: HttpRequest, response: HttpResponseBase) -> None:
    """Its address works once."""
    response.delete_cookie(_cookie_of(request.GET.get("state", "")), samesite="Lax")


def _cookie_of(state: str) -> str:
    return (
        settings.COOKIE_PREFIX
        + COOKIE
        + "".join(letter for letter in state[:12] if letter.isascii() and letter.isalnum())
    )
