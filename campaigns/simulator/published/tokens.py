"""Tokens for an access key, both ways: as the password of a registered client, or the key alone."""

import hmac
import json
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_plus

from campaigns.simulator.exchange import RefusalError, Request, Response, json_response
from campaigns.simulator.published.switches import Switches

# A real key ends like these.
ACCESS_KEY_ID = "simulator===="
ACCESS_KEY_SECRET = "simulator-secret===="  # noqa: S105
TENANT_ID = "11eb6d0e-1f2a-4b6e-8c11-0242ac110002"


@dataclass(frozen=True, slots=True)
class AppAndKey:
    """`client`: id and secret of the registered app."""

    key: tuple[str, str]
    client: tuple[str, str]


@dataclass(slots=True)
class KeyToken:
    expires: float
    calls_left: int | None


class KeyTokens:
    def __init__(
        self, credentials: AppAndKey, tenant_id: str, *, switches: Switches, clock: Callable[[], float]
    ) -> None:
        self._credentials = credentials
        self._tenant_id = tenant_id
        self._switches = switches
        self._clock = clock
        self._tokens: dict[str, KeyToken] = {}

    def issue_for_client(self, request: Request) -> Response:
        """OAuth's password grant: the key is user name and password, the client is in the Basic header."""
        form = read_form(request.body)
        if form.get("grant_type") != "password":
            return self._refuse("unsupported_grant_type", "Only the grant type password is supported.")
        if not _same(_basic(request.headers.get("authorization", "")), self._credentials.client):
            return self._refuse("invalid_client", "The client is unknown or not approved.")
        return self._issue((form.get("username", ""), form.get("password", "")))

    def issue_for_key(self, request: Request) -> Response:
        content = request.json_object()
        return self._issue((str(content.get("accessKeyId")), str(content.get("accessKeySecret"))))

    def check(self, request: Request) -> None:
        """A call that its token lets through counts as one of the token's."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        token = self._tokens.get(value) if scheme.lower() == "bearer" else None
        if token is None or token.expires <= self._clock() or token.calls_left == 0:
            raise RefusalError(401, "The access token is unknown or has expired.")
        if token.calls_left is not None:
            token.calls_left -= 1

    def expire_all(self) -> None:
        self._tokens.clear()

    def _issue(self, key: tuple[str, str]) -> Response:
        if not _same(key, self._credentials.key):
            return self._refuse("invalid_grant", "The access key is unknown, revoked, or its user is not active.")
        now, seconds = self._clock(), self._switches.token_seconds
        # Expired ones go, or a simulator that runs for weeks would keep them all.
        self._tokens = {key: token for key, token in self._tokens.items() if token.expires > now}
        value = secrets.token_urlsafe(32)
        self._tokens[value] = KeyToken(now + seconds, self._switches.token_calls)
        content = {
            "access_token": value,
            "token_type": "Bearer",
            "expires_in": int(seconds),
            "id_token": self._id_token(now, seconds),
            "refresh_token": secrets.token_urlsafe(32),
        }
        return json_response(200, content, {"Cache-Control": "no-store"})

    def _id_token(self, now: float, seconds: float) -> str:
        claims = {"tenantId": self._tenant_id, "iat": int(now), "exp": int(now + seconds)}
        parts = [json.dumps(part).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
        # Nobody can check this signature, as nobody has the key of one that is drawn.
        return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in [*parts, secrets.token_bytes(256)])

    def _refuse(self, error: str, description: str) -> Response:
        return json_response(self._switches.token_refusal, {"error": error, "error_description": description})


def read_form(body: bytes) -> dict[str, str]:
    """A form as a strict server reads it: a `=` in a value that wasn't encoded ends it."""
    form = {}
    for pair in body.decode("utf-8", "replace").split("&"):
        name, _, value = pair.partition("=")
        form[unquote_plus(name)] = unquote_plus(value.partition("=")[0])
    return form


def _basic(header: str) -> tuple[str, str]:
    """Id and secret, each form-encoded (RFC 6749, 2.3.1); ("", "") if they can't be read."""
    scheme, _, encoded = header.partition(" ")
    try:
        client_id, _, client_secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    if scheme.lower() != "basic":
        return "", ""
    return unquote_plus(client_id), unquote_plus(client_secret)


def _same(given: tuple[str, str], expected: tuple[str, str]) -> bool:
    id_matches = hmac.compare_digest(given[0].encode(), expected[0].encode())
    return hmac.compare_digest(given[1].encode(), expected[1].encode()) and id_matches
