"""Signing in, signing out, and how long a sign-in still lasts."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cxadmin.accounts import remembered, sessions, unsent
from cxadmin.accounts.company import signed_out
from cxadmin.accounts.factors.views import ask_or_let_in


class SignIn(LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.PASSWORD_SIGN_IN:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        address = self.request.GET.get("unsent", "")
        return super().get_context_data(
            **kwargs,
            not_done=unsent.not_done_message(address, named=False),
            form_unsent=unsent.is_form(address),
            session_ended=remembered.is_marked(self.request),
            password_sign_in=settings.PASSWORD_SIGN_IN,
            company=_address_of_company(self.request) if settings.OIDC_IS_ON else "",
            cxone_host=urlsplit(settings.CXONE_BASE_URL).hostname,
            is_simulated=settings.CXONE_SIMULATED,
        )

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        return ask_or_let_in(self.request, form.get_user(), next_page=self.get_success_url())


class SignOut(LogoutView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        company = signed_out.address_after(request) if request.method == "POST" else None
        response = super().dispatch(request, *args, **kwargs)
        if company is not None:
            # A page, from which the browser goes on: a form may lead to no other site (form-action 'self').
            response = render(request, "accounts/signed_out.html", {"company": company})
        if not request.user.is_authenticated:
            remembered.forget_signed_in(response)
        return response


def _address_of_company(request: HttpRequest) -> str:
    query = {name: request.GET[name] for name in ("next", "unsent") if name in request.GET}
    return f"{reverse('company_sign_in')}?{urlencode(query)}" if query else reverse("company_sign_in")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def show_session(request: HttpRequest) -> JsonResponse:
    """The seconds until the sign-in ends: if its person does nothing more, and whatever they do.

    A page's own request (X-Automatic-Refresh) doesn't extend the session; the POST of "Stay signed in" does.
    """
    return JsonResponse(
        {"seconds_left": sessions.seconds_left(request), "at_most": sessions.seconds_left_at_most(request)}
    )
