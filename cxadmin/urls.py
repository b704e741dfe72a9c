"""Every address of the product."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from cxadmin import gate, health

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="campaigns:list"), name="home"),
    path("accounts/login/", gate.SignIn.as_view(), name="login"),
    path("accounts/logout/", gate.SignOut.as_view(), name="logout"),
    path("accounts/session/", gate.show_session, name="session"),
    path("healthz", health.show_process, name="healthz"),
    path("readyz", health.show_readiness, name="readyz"),
    path("audit/", include("audit.urls")),
    path("", include("campaigns.urls")),
]
