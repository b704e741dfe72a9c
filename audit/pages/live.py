"""Live fragments: the part of a page that requests itself again while somebody looks at it (decision 0008)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """A request after django-htmx's middleware: `htmx` is true if htmx sent it."""

    htmx: HtmxDetails


def live_fragment(
    request: HtmxRequest, template: str, version: str, read_context: Callable[[], Mapping[str, Any]]
) -> HttpResponse:
    """The rendered fragment, or 204 if the page already shows this version of it.

    `read_context` is called only if the fragment is rendered.
    """
    if request.GET.get("seen") == version:
        return HttpResponse(status=204)
    # The response also contains parts of the page outside of the fragment, which htmx swaps "out of band".
    return render(request, template, {**read_context(), "oob": True})
