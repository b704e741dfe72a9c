"""Live fragments: the part of a page that asks for itself again while somebody looks at it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """A request as django-htmx's middleware passes it on: `htmx` is true when htmx sent it."""

    htmx: HtmxDetails


def live_fragment(
    request: HtmxRequest, template: str, version: str, read_context: Callable[[], Mapping[str, Any]]
) -> HttpResponse:
    """The fragment with its context, or 204 if the page already shows this version of it.

    `read_context` is called only when the fragment is drawn.
    """
    if request.GET.get("seen") == version:
        return HttpResponse(status=204)
    # The fragment brings the parts of the page outside of it along, to be swapped "out of band".
    return render(request, template, {**read_context(), "oob": True})
