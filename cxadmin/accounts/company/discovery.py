"""What the provider says of itself: its addresses and its keys, kept for a while in each process.

A provider that is down is asked again after a few seconds, not by each person who tries; and what it said before is
used for a day, so that signing in needs no more of it than the two requests that are a sign-in.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from cxadmin.accounts.company.bounded import session
from cxadmin.accounts.company.errors import CompanyUnreachable, Misconfigured, NotSignedIn
from cxadmin.environment import is_loopback

CONFIGURATION = "/.well-known/openid-configuration"
FRESH_SECONDS = 10 * 60
# While the provider can't be asked.
USABLE_SECONDS = 24 * 60 * 60
ASKED_AGAIN_SECONDS = 5
# A token with a key that isn't known has the keys read again, but not once a request: anybody can make such a token.
KEYS_AGAIN_SECONDS = 30
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")

Document = Mapping[str, Any]


@dataclass
class _Kept:
    """A document that is read at most so often, by one thread at a time."""

    read: Callable[[], Document]
    document: Document | None = None
    read_at: float = 0.0
    failed_at: float = 0.0
    failure: NotSignedIn | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, fresh_seconds: float = FRESH_SECONDS) -> Document:
        with self.lock:
            now = time.monotonic()
            if self.document is not None and now - self.read_at < fresh_seconds:
                return self.document
            if self.failure is None or now - self.failed_at >= ASKED_AGAIN_SECONDS:
                self._renew()
            return self._usable()

    def _renew(self) -> None:
        try:
            self.document, self.failure, self.read_at = self.read(), None, time.monotonic()
        except NotSignedIn as failure:
            self.failure, self.failed_at = failure, time.monotonic()

    def _usable(self) -> Document:
        if self.document is not None and time.monotonic() - self.read_at < USABLE_SECONDS:
            return self.document
        # Another exception each time: one that is raised twice keeps both tracebacks.
        if isinstance(self.failure, Misconfigured):
            raise Misconfigured(self.failure.detail)
        raise CompanyUnreachable(getattr(self.failure, "detail", "It was not read yet."))


def configuration() -> Document:
    """The provider's configuration. CompanyUnreachable or Misconfigured: why there is none."""
    return _configuration.get()


def key_set(*, again: bool = False) -> Document:
    """The provider's keys. `again`: read them once more, unless that was done just now."""
    return _keys.get(KEYS_AGAIN_SECONDS if again else FRESH_SECONDS)


def end_session_endpoint() -> str:
    """Where to sign out at the provider; "" if it has no such address, or can't be asked."""
    try:
        return str(configuration().get("end_session_endpoint") or "")
    except NotSignedIn:
        return ""


def forget_provider() -> None:
    """What was read: for the doctor, which reads it now, and for another provider."""
    global _configuration, _keys
    _configuration, _keys = _Kept(_read_configuration), _Kept(_read_keys)


def _read_configuration() -> Document:
    document = _read_json(settings.OIDC_ISSUER.rstrip("/") + CONFIGURATION)
    issuer = document.get("issuer")
    # People write an issuer with or without the slash at its end; tokens are compared with the provider's own.
    if not isinstance(issuer, str) or issuer.rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
        raise Misconfigured(
            f"OIDC_ISSUER is {settings.OIDC_ISSUER}, but the provider there calls itself {str(issuer)[:200]}."
        )
    for name in NEEDED:
        if not _is_usable(document.get(name)):
            raise Misconfigured(f"the provider’s configuration has no usable {name}.")
    for name in ("userinfo_endpoint", "end_session_endpoint"):
        if document.get(name) is not None and not _is_usable(document[name]):
            raise Misconfigured(f"the provider’s configuration has no usable {name}.")
    return document


def _read_keys() -> Document:
    return _read_json(str(configuration()["jwks_uri"]))


def _read_json(url: str) -> Document:
    response = session().request("GET", url)
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Misconfigured(f"{url} is not JSON: is OIDC_ISSUER an OpenID Connect provider?")
    return document


def _is_usable(url: object) -> bool:
    """Whether it may be asked: by TLS, or on this machine."""
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or is_loopback(parts.hostname or ""))


_configuration, _keys = _Kept(_read_configuration), _Kept(_read_keys)
# Another thread may have held a lock when the process was forked.
os.register_at_fork(after_in_child=forget_provider)
