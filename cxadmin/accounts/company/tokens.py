"""Whether an ID token is the provider's, for us, for this sign-in, and of now (OpenID Connect Core 1.0, 3.1.3.7).

allauth 65.22 checks audience, issuer and expiry of a token that it fetched itself, but not its signature and its
nonce, compares the issuer with what the provider says of itself, and allows no clock to be a second off.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
from django.conf import settings

from campaigns.queueing.rows import database_now
from cxadmin.accounts.company import discovery
from cxadmin.accounts.company.errors import Untrusted, WrongClock
from cxadmin.accounts.company.identity import LONGEST_SUBJECT

Claims = Mapping[str, Any]

# With a public key only: with a shared secret (HS256) whoever has OIDC_CLIENT_SECRET could write tokens.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
# Seconds by which the two clocks may differ. More would show in the audit, whose times are by ours.
LEEWAY = 120


def verify(token: object, nonce: str) -> Claims:
    """The claims of an ID token. Untrusted or WrongClock: why it isn't used."""
    if not isinstance(token, str):
        raise Untrusted("the provider sent no ID token.")
    key = _key_of(token)
    try:
        claims: Claims = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=settings.OIDC_CLIENT_ID,
            issuer=str(discovery.configuration()["issuer"]),
            # Times are compared below, by the database's clock.
            options={
                "require": ["iss", "aud", "sub", "exp", "iat"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.InvalidAudienceError:
        raise Untrusted("the ID token is for another client than OIDC_CLIENT_ID.") from None
    except jwt.InvalidIssuerError:
        raise Untrusted("the ID token is of another issuer than OIDC_ISSUER.") from None
    except jwt.InvalidSignatureError:
        raise Untrusted("the ID token’s signature is not by the provider’s key.") from None
    except jwt.PyJWTError as error:
        raise Untrusted(f"the ID token can’t be read ({type(error).__name__}).") from None
    _check_sign_in(claims, nonce)
    _check_times(claims)
    return claims


def _check_sign_in(claims: Claims, nonce: str) -> None:
    """That it was made for this sign-in, and for us."""
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise Untrusted("the ID token is of another sign-in (nonce).")
    party = claims.get("azp")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if party != settings.OIDC_CLIENT_ID and (party is not None or several):
        raise Untrusted("the ID token was issued to another client (azp).")
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise Untrusted("the ID token doesn’t say whose it is (sub).")
    if len(claims["sub"]) > LONGEST_SUBJECT or not claims["sub"].isprintable():
        raise Untrusted(f"the ID token’s sub isn’t text of at most {LONGEST_SUBJECT} characters.")


def _check_times(claims: Claims) -> None:
    """Only a token that has ended shows that our clock is ahead: Entra ID dates its tokens back by five minutes."""
    now = int(database_now().timestamp())
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if not all(isinstance(value, int | float) for value in times.values()):
        raise Untrusted("the ID token has a time that is no number.")
    begins = max(times["iat"], times.get("nbf", 0))
    if begins > now + LEEWAY:
        raise WrongClock(f"here it is {_time(now)}, and the sign-in is dated {_time(begins)}.")
    if times["exp"] <= now - LEEWAY:
        raise WrongClock(f"here it is {_time(now)}, and the sign-in was valid until {_time(times['exp'])}.")


def _key_of(token: str) -> jwt.PyJWK:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise Untrusted("the ID token can’t be read.") from None
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise Untrusted(
            f"the ID token is signed with {algorithm!r:.40}; set the client’s ID token signature to RS256 or ES256."
        )
    for again in (False, True):
        if key := _find_key(discovery.key_set(again=again), header.get("kid"), algorithm):
            return key
    raise Untrusted("the ID token is signed with a key that the provider doesn’t publish.")


def _find_key(document: Mapping[str, Any], key_id: object, algorithm: str) -> jwt.PyJWK | None:
    """The key of that id; without an id, the only one there is."""
    published = document.get("keys")
    entries = [entry for entry in published if isinstance(entry, dict)] if isinstance(published, list) else []
    signing = [entry for entry in entries if entry.get("use", "sig") == "sig"]
    fitting = [entry for entry in signing if entry.get("kid") == key_id] if key_id is not None else signing
    keys = [key for entry in fitting if (key := _read_key(entry, algorithm))]
    return keys[0] if len(keys) == 1 or (keys and key_id is not None) else None


def _read_key(entry: dict[str, Any], algorithm: str) -> jwt.PyJWK | None:
    # A key for one algorithm is for no other.
    if entry.get("kty") == "oct" or entry.get("alg", algorithm) != algorithm:
        return None
    try:
        return jwt.PyJWK(entry, algorithm)
    except jwt.PyJWTError:
        return None


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S UTC on %-d %B %Y")
