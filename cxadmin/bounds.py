"""How large a request may be. A larger one is refused by its headers, before any of its body is read."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

# A calendar file may have 2 MB; the largest form of a schedule has about 1 MB.
MOST_BYTES = 3 * 1024 * 1024

Respond = Callable[[HttpRequest], HttpResponseBase]


class BodyLimitMiddleware:
    """Comes before everything that reads a body: the CSRF check would read a file of any size to find its token.

    A chunked body has no Content-Length. Waitress assembles it within its own limit and adds the length; gunicorn
    doesn't, and Django would read it as an empty form.
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
    """Rendered without the request: finding out who sent it might read the body."""
    return render_to_string("413.html")
