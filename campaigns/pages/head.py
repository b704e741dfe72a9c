"""The head of a page that doesn't refresh itself: whether CXone answers must not grow old there."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.pages.live import HtmxRequest


@require_safe
@never_cache
def show_freshness(request: HtmxRequest) -> HttpResponse:
    """For everybody who may sign in, as the head itself."""
    if not request.htmx:
        return redirect("home")
    return render(request, "_live_head.html")
