"""Live fragments of pages that show what CXone last reported: each carries the age of that."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse

from audit.pages import live
from audit.pages.live import HtmxRequest
from campaigns.pages.freshness import Freshness

__all__ = ["HtmxRequest", "aged_fragment"]


def aged_fragment(
    request: HtmxRequest,
    template: str,
    version: str,
    fresh: Freshness,
    read_context: Callable[[], Mapping[str, Any]],
) -> HttpResponse:
    """The fragment, or 204 if the page already shows this version of it. `read_context` is called only if it is drawn.

    The header X-Data-Age sets the page's clock, so that an unchanged fragment need not be sent to say how old it is.
    """
    response = live.live_fragment(request, template, version, lambda: {"freshness": fresh, **read_context()})
    # So does X-Notices: where it is another one than the page's, the page asks for its head.
    response["X-Notices"] = fresh.notices
    response["X-Data-Age"] = "" if fresh.age_seconds is None else str(fresh.age_seconds)
    return response
