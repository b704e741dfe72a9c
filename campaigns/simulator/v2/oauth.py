"""OAuth 2.0 client credentials: tokens that expire, scopes that can be missing."""

import hmac
import secrets
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote_plus

from campaigns.simulator.exchange import RefusalError, Request, Response, json_response

SCOPES = ("outbound:campaign:read", "outbound:campaign:write", "analytics:read", "events:write")


@dataclass(frozen=True, slots=True)
class IssuedToken:
    client_id: str
    scopes: frozenset[str]
    expires: float


class TokenIssuer:
    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        scopes: Sequence[str],
        seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._client = (client_id, client_secret)
        self._scopes = frozenset(scopes)
        self._seconds = seconds
        self._clock = clock
        self._tokens: dict[str, IssuedToken] = {}

    def issue(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        basic = _basic(request.headers.get("authorization", ""))
        if basic and "client_secret" in form:
            return json_response(400, {"error": "invalid_request", "error_description": "Two ways of authentication."})
        client_id, client_secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
        if form.get("grant_type") != "client_credentials":
            return json_response(400, {"error": "unsupported_grant_type"})
        if not self._is_client(client_id, client_secret):
            challenge = {"WWW-Authenticate": "Basic"} if basic else {}
            return json_response(401, {"error": "invalid_client"}, challenge)
        asked = frozenset(form["scope"].split()) if "scope" in form else self._scopes
        now = self._clock()
        # Expired ones go, or a simulator that runs for weeks would keep them all.
        self._tokens = {key: token for key, token in self._tokens.items() if token.expires > now}
        value = secrets.token_urlsafe(32)
        self._tokens[value] = IssuedToken(client_id, asked & self._scopes, now + self._seconds)
        return json_response(
            200,
            {"access_token": value, "token_type": "Bearer", "expires_in": int(self._seconds)},
            {"Cache-Control": "no-store"},
        )

    def check(self, request: Request) -> IssuedToken:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        token = self._tokens.get(value) if scheme.lower() == "bearer" else None
        if token is None or token.expires <= self._clock():
            headers = {"WWW-Authenticate": "Bearer"}
            raise RefusalError(401, "The access token is unknown or has expired.", headers=headers)
        return token

    def expire_all(self) -> None:
        self._tokens.clear()

    def _is_client(self, client_id: str, client_secret: str) -> bool:
        expected_id, expected_secret = self._client
        id_matches = hmac.compare_digest(client_id.encode(), expected_id.encode())
        return hmac.compare_digest(client_secret.encode(), expected_secret.encode()) and id_matches


def _basic(header: str) -> tuple[str, str] | None:
    """Id and secret of Basic credentials, each form-encoded (RFC 6749, 2.3.1); ("", "") if they can't be read."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, client_secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(client_id), unquote_plus(client_secret)


def require_scope(token: IssuedToken, scope: str) -> None:
    if scope not in token.scopes:
        raise RefusalError(403, f"The token lacks the scope {scope}.", code="missing.scope", scope=scope)
