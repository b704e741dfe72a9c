"""The URLs of the product."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from cxadmin import health
from cxadmin.accounts import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="campaigns:list"), name="home"),
    path("accounts/login/", views.SignIn.as_view(), name="login"),
    path("accounts/logout/", views.SignOut.as_view(), name="logout"),
    path("accounts/session/", views.show_session, name="session"),
    path("healthz", health.show_process, name="healthz"),
    path("readyz", health.show_readiness, name="readyz"),
    path("audit/", include("audit.urls")),
    path("", include("campaigns.urls")),
]
