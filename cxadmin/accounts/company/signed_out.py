"""Signing out at the company too, of whoever signed in there (OpenID Connect RP-Initiated Logout 1.0)."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

KEY = "company"


def keep_token(request: HttpRequest, token: str) -> None:
    """In the session, with which it goes. It opens nothing: the provider knows by it whom to sign out."""
    request.session[KEY] = {"issuer": settings.OIDC_ISSUER, "token": token}


def address_after(request: HttpRequest) -> str | None:
    """Where this person, who is about to be signed out here, is signed out there.

    None: they signed in by password, or through another provider than today's. "": the provider has no such address,
    or can't be asked.
    """
    kept = request.session.get(KEY)
    if not kept or not settings.OIDC_IS_ON or kept["issuer"] != settings.OIDC_ISSUER:
        return None
    from cxadmin.accounts.company import discovery
    from cxadmin.accounts.company.adapter import absolute

    endpoint = discovery.end_session_endpoint()
    if not endpoint:
        return ""
    query = {
        "client_id": settings.OIDC_CLIENT_ID,
        "post_logout_redirect_uri": absolute(request, reverse("login")),
        "id_token_hint": kept["token"],
    }
    joint = "&" if "?" in endpoint else "?"
    return endpoint + joint + urlencode({name: value for name, value in query.items() if value})
