"""To the provider and back: the address to send somebody to, and who they are when they return."""

from collections.abc import Mapping
from typing import Any

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from django.conf import settings
from django.http import HttpRequest

from cxadmin.accounts.company import bounded, discovery, tokens
from cxadmin.accounts.company.adapter import CompanyProvider
from cxadmin.accounts.company.attempt import SignInAttempt, begin_attempt
from cxadmin.accounts.company.errors import Cancelled, CompanyUnreachable, Misconfigured, Stale, Untrusted
from cxadmin.accounts.company.identity import Identity

# Of a session's row: a token with hundreds of groups would be read with every page.
MOST_OF_A_TOKEN = 8192
SCOPES = ("openid", "profile", "email")
# Of the provider's errors, those that are the settings' (RFC 6749, 4.1.2.1).
OF_THE_SETTINGS = frozenset({"invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope"})


def address_of_provider(
    request: HttpRequest, *, next_page: str, unsent: str, link_to: int
) -> tuple[str, SignInAttempt]:
    """Where to send the browser, and what it must come back with. NotSignedIn: the provider can't be asked."""
    provider = CompanyProvider(request)
    pkce = generate_code_challenge()
    attempt = begin_attempt(pkce.pop("code_verifier"), next_page=next_page, unsent=unsent, link_to=link_to)
    client = provider.client()
    client.state = attempt.state
    options = {"nonce": attempt.nonce, **pkce}
    if link_to:
        # Whoever is signed in there at a shared desk is asked for, not taken for, the person.
        options["prompt"] = "login"
    return client.get_redirect_url(provider.authorize_url, _scopes(), options), attempt


def identify(request: HttpRequest, attempt: SignInAttempt) -> Identity:
    """Who came back. NotSignedIn: why that isn't known."""
    _refuse_errors(request)
    answer = _redeem(request, attempt)
    claims = tokens.verify(answer.get("id_token"), attempt.nonce)
    groups = _groups_of(claims)
    if groups is None:
        claims = {**_userinfo(answer, claims), **claims}
        groups = _groups_of(claims)
    return Identity(claims["iss"], claims["sub"], _names_of(claims), groups, _kept_token(answer["id_token"]))


def _scopes() -> list[str]:
    """Some providers give the claim with a scope of its name."""
    offered = discovery.configuration().get("scopes_supported")
    claim = settings.OIDC_ROLE_CLAIM
    return [*SCOPES, claim] if isinstance(offered, list) and claim in offered else [*SCOPES]


def _refuse_errors(request: HttpRequest) -> None:
    # RFC 9207: a provider that names itself in the answer must be the one that was asked.
    issuer = request.GET.get("iss")
    if issuer is not None and issuer != discovery.configuration()["issuer"]:
        raise Untrusted("another provider answered than the one that was asked (iss).")
    error = request.GET.get("error")
    if error == "access_denied":
        raise Cancelled
    if error in OF_THE_SETTINGS:
        raise Misconfigured(f"the provider refuses this product’s requests ({error}).")
    if error is not None:
        raise CompanyUnreachable("The provider answered a sign-in with an error.")


def _redeem(request: HttpRequest, attempt: SignInAttempt) -> Mapping[str, Any]:
    """The tokens for the code."""
    try:
        answer: object = (
            CompanyProvider(request)
            .client()
            .get_access_token(request.GET.get("code", ""), pkce_code_verifier=attempt.verifier)
        )
    except bounded.CodeRefused:
        raise Stale from None
    # What it has in it is the answer, tokens included.
    except (OAuth2Error, ValueError):
        raise CompanyUnreachable("The provider’s answer to the code has no token in it.") from None
    if not isinstance(answer, dict):
        raise CompanyUnreachable("The provider’s answer to the code is not an object.")
    return answer


def _userinfo(answer: Mapping[str, Any], claims: tokens.Claims) -> tokens.Claims:
    """What the provider says about the same person elsewhere; nothing if it has no such address."""
    address = discovery.configuration().get("userinfo_endpoint")
    if not address:
        return {}
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    response = bounded.session().request("GET", address, headers=headers)
    try:
        said = response.json()
    except ValueError:
        # Signed, as a JWT: nobody asked for that.
        raise Misconfigured("the provider’s userinfo is not JSON.") from None
    if not isinstance(said, dict) or said.get("sub") != claims["sub"]:
        raise Untrusted("the provider’s userinfo is about somebody else (sub).")
    return said


def _names_of(claims: tokens.Claims) -> tuple[str, ...]:
    """The best first. Those with control characters are none: no database keeps all of these."""
    texts = (claims.get(name) for name in ("preferred_username", "email", "sub"))
    return tuple(text for text in texts if isinstance(text, str) and text and text.isprintable())


def _groups_of(claims: tokens.Claims) -> frozenset[str] | None:
    value = claims.get(settings.OIDC_ROLE_CLAIM)
    if isinstance(value, str):
        return frozenset({value})
    if isinstance(value, list):
        return frozenset(text for text in value if isinstance(text, str))
    return None


def _kept_token(token: str) -> str:
    return token if len(token) <= MOST_OF_A_TOKEN else ""
