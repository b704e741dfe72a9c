"""What allauth asks of us, and what we ask of it: the address of a sign-in, and the tokens for its code."""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from cxadmin.accounts.company import bounded, discovery


class CompanyAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Named by the setting SOCIALACCOUNT_ADAPTER."""

    def get_requests_session(self) -> bounded.BoundedSession:
        return bounded.session()


class CompanyProvider(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """The one provider, from the settings: it has no row, and its configuration is read once for all."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, settings.OIDC_ISSUER)
        app = SocialApp(
            provider=OpenIDConnectProvider.id,
            provider_id=settings.OIDC_ISSUER,
            name="company",
            client_id=settings.OIDC_CLIENT_ID,
            secret=settings.OIDC_CLIENT_SECRET,
            settings={"server_url": settings.OIDC_ISSUER, "oauth_pkce_enabled": True},
        )
        self._provider = OpenIDConnectProvider(request, app=app)

    @property
    def openid_config(self) -> discovery.Document:
        return discovery.configuration()

    def get_provider(self) -> OpenIDConnectProvider:
        return self._provider

    def get_callback_url(self, request: HttpRequest, app: object) -> str:
        return callback_address(request)

    def client(self) -> Any:  # noqa: ANN401 (allauth has no types)
        return self.get_client(self.request, self._provider.app)


def callback_address(request: HttpRequest) -> str:
    """The redirect URI, which the provider must know."""
    return absolute(request, reverse("company_callback"))


def absolute(request: HttpRequest, path: str) -> str:
    """By PUBLIC_BASE_URL, as people and the provider know the product; without it, by the address that was asked."""
    if settings.PUBLIC_BASE_URL:
        return f"{settings.PUBLIC_BASE_URL}{path}"
    return request.build_absolute_uri(path)
