"""What somebody did after their session had ended: where they go after signing in, and what they are shown.

It was refused, so nothing was sent. A page is shown again. An address that only takes a button's POST can't be, so its
person goes back to the page that had the button, with a message that it did nothing.
"""

from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from campaigns.models import Operation

# Addresses that only take a button's POST, and what did not happen. A test checks that none is missing.
# Empty where nothing is lost: somebody who wanted to sign out is signed out.
NOT_DONE = {
    "logout": "",
    "campaigns:finding_take": "Nobody was told that you are on it.",
    "campaigns:star": "The star was not changed.",
    "campaigns:columns": "The columns were not changed.",
    "campaigns:view_save": "The view was not saved.",
    "campaigns:view": "The view was not changed.",
    "campaigns:list_csv": "The list was not exported.",
    "campaigns:cancel": "The {operation} was not cancelled.",
    "campaigns:undo": "The {operation} was not undone.",
    "campaigns:tray_seen": "",
    "campaigns:bulk_cancel": "The bulk was not cancelled.",
    "campaigns:bulk_retry": "Nothing was tried again.",
    "campaigns:resolve": "Your choice was not saved.",
    "campaigns:hours_back": "The old hours were not put back.",
    "campaigns:schedule_check": "The dialing hours were not checked.",
    "campaigns:delivery_again": "The delivery was not sent again.",
    "campaigns:deliveries_again": "The deliveries were not sent again.",
    "campaigns:approve": "Nothing was approved.",
    "campaigns:reason_move": "The order of the reasons was not changed.",
    "campaigns:reason_delete": "The reason code was not deleted.",
    "campaigns:hours_default": "The default rule was not changed.",
    "campaigns:hours_delete": "The rule was not deleted.",
    "campaigns:calendar_guard": "The holiday guard was not switched.",
    "campaigns:calendar_rule_delete": "The rule was not deleted.",
    "campaigns:holiday_delete": "The holiday was not deleted.",
    "campaigns:handover_acknowledge": "The handover was not acknowledged.",
    "campaigns:wall_revoke": "The link was not revoked.",
    "own_sessions_end": "No session was ended.",
    "person_role": "The role was not changed.",
    "person_enable": "The account was not enabled.",
    "person_link": "No link was created.",
    "person_link_revoke": "The link was not revoked.",
    "person_sessions_end": "No session was ended.",
    "campaigns:holiday_upload": "The file was not read. Choose it again.",
}


def address_of_sign_in(request: HttpRequest) -> str:
    """The sign-in page, with where to go from there after a refused request."""
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
    """Whether the refused request came from a form that can be shown again."""
    match = _resolve(address)
    return match is not None and match.view_name not in NOT_DONE


def not_done_message(address: str, *, named: bool) -> str:
    """What did not happen; "" for a form, which its person sees again, and for an unknown address.

    `named`: says which kind of operation it was, which only somebody who is signed in may see.
    """
    match = _resolve(address)
    if match is None or match.view_name not in NOT_DONE:
        return ""
    operation = _kind_of(match.kwargs.get("operation_id")) if named else "operation"
    return NOT_DONE[match.view_name].format(operation=operation)


def _kind_of(operation_id: UUID | None) -> str:
    """Pause, resume or schedule change, as its button said."""
    if operation_id is None:
        return "operation"
    operation = Operation.objects.filter(pk=operation_id).first()
    if operation:
        return operation.get_kind_display().lower()
    return "operation"


def _page_before(request: HttpRequest) -> str:
    """The page that had the button, by the Referer header; "" without one, or if it isn't a page of ours."""
    referrer = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(referrer, {request.get_host()}):
        return ""
    parts = urlsplit(referrer)
    path: str = parts.path
    if not _is_page(path):
        return ""
    if parts.query:
        return f"{path}?{parts.query}"
    return path


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
