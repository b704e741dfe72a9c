"""Who may see a page, how long a sign-in lasts, and which time zone is shown."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from campaigns.schedule.zones import known_zones
from cxadmin.accounts import sessions, unsent

# The header that a page's own refreshes carry, and nothing that a person does.
AUTOMATIC = "HTTP_X_AUTOMATIC_REFRESH"

Respond = Callable[[HttpRequest], HttpResponseBase]


class SessionMiddleware:
    """Extends a session when its person does something, not when a page refreshes itself; ends one that is over."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            sessions.end_if_over(request)
        if request.user.is_authenticated and AUTOMATIC not in request.META:
            sessions.prolong(request)
        return self.get_response(request)


class LoginRequiredMiddleware(DjangoLoginRequired):
    """Redirects to the sign-in page; a request for a fragment takes the whole page there."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if super().process_view(request, view_func, view_args, view_kwargs) is None:
            return None
        if AUTOMATIC in request.META:
            return HttpResponse("You are signed out.", status=401, content_type="text/plain")
        address = unsent.address_of_sign_in(request)
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect(address)
        return HttpResponseRedirect(address)


class ReaderZoneMiddleware:
    """Shows times in the zone that the reader has chosen; else in that of their browser, which static/js/zone.js
    stores in a cookie; else in UTC."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # It comes with the person: see cxadmin.accounts.rights.
        name = getattr(request.user, "time_zone", "") or _zone_of_browser(request)
        zone = ZoneInfo(name) if name in known_zones() else None
        with timezone.override(zone):
            return self.get_response(request)


def _zone_of_browser(request: HttpRequest) -> str:
    """zone.js chooses the name by whether the browser sees TLS, of which a proxy may have told nothing here."""
    found = request.COOKIES.get("__Host-zone", "")
    return found if settings.HTTPS else found or request.COOKIES.get("zone", "")


class AccessDeniedMiddleware:
    """Records in the audit that a signed-in person asked for a page without having the right to it."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 403 and request.user.is_authenticated:
            from cxadmin.accounts.signin_records import record_denied

            record_denied(request)
        return response


class MethodNotAllowedMiddleware:
    """Shows a page, instead of Django's empty answer, to somebody who opens an address that only takes a POST."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or "text/html" not in request.headers.get("Accept", ""):
            return response
        page = render(request, "405.html", {"above": unsent.page_above(request.path)}, status=405)
        page["Allow"] = response["Allow"]
        return page
