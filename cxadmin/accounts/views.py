"""Signing in, signing out, and how long a sign-in still lasts."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cxadmin.accounts import device, sessions, unsent

# A cookie that says that somebody signed in here and has not signed out. With it the sign-in page distinguishes a
# session that ended from a first visit: the session's own cookie is gone by then.
SIGNED_IN = "signed_in"
SIGNED_IN_PATH = "/accounts/"


class SignIn(LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        address = self.request.GET.get("unsent", "")
        return super().get_context_data(
            **kwargs,
            not_done=unsent.not_done_message(address, named=False),
            form_unsent=unsent.is_form(address),
            session_ended=bool(self.request.COOKIES.get(SIGNED_IN)),
        )

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        device.remember(self.request, response, form.get_user().get_username())
        response.set_cookie(
            SIGNED_IN,
            "1",
            max_age=2 * sessions.LONGEST,
            path=SIGNED_IN_PATH,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        if not_done := unsent.not_done_message(self.request.GET.get("unsent", ""), named=True):
            messages.warning(self.request, f"You were signed out. {not_done}")
        return response


class SignOut(LogoutView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        if not request.user.is_authenticated:
            response.delete_cookie(SIGNED_IN, path=SIGNED_IN_PATH)
        return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def show_session(request: HttpRequest) -> JsonResponse:
    """The seconds until the sign-in ends: if its person does nothing more, and whatever they do.

    A page's own request (X-Automatic-Refresh) doesn't extend the session; the POST of "Stay signed in" does.
    """
    return JsonResponse(
        {"seconds_left": sessions.seconds_left(request), "at_most": sessions.seconds_left_at_most(request)}
    )
