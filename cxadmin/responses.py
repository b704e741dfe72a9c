"""What holds for every response, whichever view returns it."""

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers

# What browsers can be asked for and no page here needs. Chromium complains about a name that it doesn't know.
UNUSED_FEATURES = (
    "accelerometer",
    "camera",
    "clipboard-read",
    "display-capture",
    "encrypted-media",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "serial",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES)

Respond = Callable[[HttpRequest], HttpResponseBase]


def show_bad_request(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing of the request is repeated or looked at: that is what is wrong with it."""
    page = render_to_string("400.html", {"is_host": isinstance(exception, DisallowedHost)})
    return HttpResponseBadRequest(page)


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


class IsolationMiddleware:
    """Nothing of the product is usable on another site's page, and its pages use nothing of the machine.

    For static files as well, which Django's own middleware gives the remaining headers. What a page may load and run
    is in CONTENT_SECURITY_POLICY.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Cross-Origin-Embedder-Policy"] = "require-corp"
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
