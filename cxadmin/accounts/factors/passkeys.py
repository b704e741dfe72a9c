"""Passkeys, by allauth and fido2: what the browser is asked for, and whether its answer is good.

allauth checks challenge, origin, host and signature. The challenge is in the session, and is used once.
"""

import json
from ipaddress import ip_address
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from campaigns.queueing.rows import database_now

# As WebAuthn's answers are made of; one with an attestation has a few kilobytes.
MOST_CHARACTERS = 20_000


def can_be_used(request: HttpRequest) -> bool:
    """Browsers have passkeys for names only, and with TLS, or at localhost."""
    host = request.get_host().rsplit(":", 1)[0].strip("[]")
    try:
        ip_address(host)
    except ValueError:
        return request.is_secure() or host == "localhost" or host.endswith(".localhost")
    return False


def ask_for_new_passkey(user: User) -> str:
    """What the browser makes a passkey from, as JSON."""
    from allauth.mfa.webauthn.internal import auth

    return json.dumps(auth.begin_registration(user, False))


def read_new(text: str) -> dict[str, Any] | None:
    """The passkey that the browser made; None if it isn't one for this challenge and this host."""
    from allauth.mfa.webauthn.internal import auth

    credential = _read(text)
    try:
        auth.parse_registration_response(credential)
        auth.complete_registration(credential)
    except (ValidationError, ValueError, TypeError, KeyError):
        return None
    return credential


def ask_for_passkey(user: User) -> str:
    """What the browser signs with a passkey of this person, as JSON."""
    from allauth.mfa.webauthn.internal import auth

    return json.dumps(auth.begin_authentication(user))


def uses_passkey(user: User, text: str) -> Authenticator | None:
    """The person's passkey that signed this session's challenge; None if none did."""
    from allauth.mfa.webauthn.internal import auth

    try:
        response = auth.parse_authentication_response(_read(text))
        factor: Authenticator = auth.complete_authentication(user, response)
    except (ValidationError, ValueError, TypeError, KeyError):
        return None
    Authenticator.objects.filter(pk=factor.pk).update(last_used_at=database_now())
    return factor


def _read(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text[:MOST_CHARACTERS])
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
