"""Each request has an id, which every line of the log about it has, and the response: `X-Request-ID`.

One that comes with the request is only taken from our own proxies (TRUSTED_PROXIES), whose logs then have the same.
From anybody else it could make lines of other requests look like those of this one.
"""

import re
from collections.abc import Callable
from uuid import uuid4

from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponseBase
from structlog.contextvars import bind_contextvars, clear_contextvars

from cxadmin.accounts.client_address import comes_from_trusted_proxy

HEADER = "X-Request-ID"
USABLE = re.compile(r"[A-Za-z0-9._=-]{8,64}")


class RequestIdMiddleware:
    """The first of all. What it binds is there until the response has been sent: a download may fail late, and what
    Django says of a response comes after all middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        request_finished.connect(_forget, dispatch_uid="forget_request")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Of a request before in this thread, whose client has gone away.
        clear_contextvars()
        request_id = _id_of(request)
        bind_contextvars(request=request_id)
        response = self.get_response(request)
        response.headers[HEADER] = request_id
        return response


def _id_of(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    if USABLE.fullmatch(given) and comes_from_trusted_proxy(request):
        return given
    return uuid4().hex


def _forget(**_: object) -> None:
    clear_contextvars()
