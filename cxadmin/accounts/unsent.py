"""What somebody asked for after their session had ended: where signing in leads them, and what they are shown.

It was refused, so nothing was sent. A page that can be shown is shown again. An address that only takes what a button
sends can't be, so its person is led back to the page that had the button, with a message that it did nothing.
"""

from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from campaigns.models import Operation

# Addresses that only take what a button sends, and what did not happen. A test holds that none is missing.
# Empty where there was nothing to do: who signs out is signed out.
NOT_DONE = {
    "logout": "",
    "campaigns:cancel": "The {operation} was not cancelled.",
    "campaigns:resolve": "Your choice was not saved.",
    "campaigns:schedule_check": "The dialing hours were not checked.",
    "campaigns:delivery_again": "The delivery was not sent again.",
    "campaigns:deliveries_again": "The deliveries were not sent again.",
    "campaigns:reason_delete": "The reason code was not deleted.",
    "campaigns:hours_default": "The default rule was not changed.",
    "campaigns:hours_delete": "The rule was not deleted.",
    "campaigns:holiday_delete": "The holiday was not deleted.",
    "campaigns:holiday_upload": "The file was not read. Choose it again.",
}


def address_of_sign_in(request: HttpRequest) -> str:
    """The sign-in page that leads on from a refused request."""
    query = {"next": request.get_full_path()}
    match = request.resolver_match
    if match and match.view_name in NOT_DONE:
        if not NOT_DONE[match.view_name]:
            return reverse("login")
        query["next"] = _page_before(request) or page_above(request.path)
    if request.method not in {"GET", "HEAD"}:
        query["unsent"] = request.path
    return f"{reverse('login')}?{urlencode(query, safe='/')}"


def is_form(address: str) -> bool:
    """What was refused came from a page that can be shown again, with a form on it."""
    match = _resolve(address)
    return match is not None and match.view_name not in NOT_DONE


def sentence(address: str, *, named: bool) -> str:
    """What did not happen; "" for a form, which its person sees again, and for an address that isn't one.

    `named`: of what it was, which a stranger isn't to learn.
    """
    match = _resolve(address)
    words = NOT_DONE.get(match.view_name, "") if match else ""
    if match is None or not words:
        return ""
    return words.format(operation=_kind_of(match.kwargs.get("operation_id")) if named else "operation")


def _kind_of(operation_id: UUID | None) -> str:
    """Pause, resume or schedule change, as its button said."""
    operation = Operation.objects.filter(pk=operation_id).first() if operation_id else None
    return operation.get_kind_display().lower() if operation else "operation"


def _page_before(request: HttpRequest) -> str:
    """The page that had the button, as the browser says; "" where it doesn't, or where that is no page of ours."""
    referrer = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(referrer, {request.get_host()}):
        return ""
    parts = urlsplit(referrer)
    if not _is_page(parts.path):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def page_above(path: str) -> str:
    """The nearest page above an address: /operations/7/ for /operations/7/cancel/."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if _is_page(path):
            return path
    return path


def _is_page(path: str) -> bool:
    match = _resolve(path)
    return match is not None and match.view_name not in {*NOT_DONE, "login"}


def _resolve(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None
