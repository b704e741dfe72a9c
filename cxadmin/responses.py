"""What holds for every response, whichever view returns it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import add_never_cache_headers

Respond = Callable[[HttpRequest], HttpResponseBase]


class HeadMiddleware:
    """Empties responses to HEAD. Waitress would send the body, and the client would read it as the next response."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method != "HEAD":
            return response
        if isinstance(response, StreamingHttpResponse):
            # Close what it would have read from.
            response.close()
            response.streaming_content = []
        elif isinstance(response, HttpResponse):
            # The length that the body would have (RFC 9110, section 9.3.2).
            response.headers.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response


class NoStoreMiddleware:
    """Keeps pages out of the caches of browsers and proxies, unless their view says otherwise: they show people."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response
