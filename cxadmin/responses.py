"""What is true of every response, whichever view made it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import add_never_cache_headers

Respond = Callable[[HttpRequest], HttpResponseBase]


class HeadMiddleware:
    """A response to HEAD has no body. Waitress sends what it gets, and a client takes it for the next response."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method != "HEAD":
            return response
        if isinstance(response, StreamingHttpResponse):
            response.close()  # what it would have read from
            response.streaming_content = []
        elif isinstance(response, HttpResponse):
            # How long it would have been (RFC 9110, section 9.3.2).
            response.headers.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response


class NoStoreMiddleware:
    """Pages show records and people: neither browser nor proxy keeps one whose view says nothing about it."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response
