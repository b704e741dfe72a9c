"""How much a request may bring. What is larger is refused by its head, before any of its body is read."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

# A calendar file may have 2 MB, the largest form of a schedule about 1 MB.
MOST_BYTES = 3 * 1024 * 1024

Respond = Callable[[HttpRequest], HttpResponseBase]


class BodyLimitMiddleware:
    """Stands before whatever reads a body: the check for forged forms would take in any file to find its token.

    A body in chunks has no length to go by. Waitress puts it together within its own limit and gives it one; gunicorn
    doesn't, and Django would take it for an empty form.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = str(request.META.get("CONTENT_LENGTH") or "")
        if length.isdecimal() and int(length) > MOST_BYTES:
            return HttpResponse(too_large_page(), status=413)
        if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
            return HttpResponse("Send it with a Content-Length.\n", status=411, content_type="text/plain")
        return self.get_response(request)


def too_large_page() -> str:
    """Without the request: to find out who sent it, a body might be read."""
    return render_to_string("413.html")
