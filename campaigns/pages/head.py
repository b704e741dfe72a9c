"""The head of a page that doesn't refresh itself: whether CXone answers must not grow old there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.pages.access import PAUSE, SEE_AUDIT
from campaigns.pages.live import HtmxRequest


@require_safe
@never_cache
def show_freshness(request: HtmxRequest) -> HttpResponse:
    """For everybody who may sign in, as the head itself."""
    if not request.htmx:
        return redirect("home")
    return render(request, "_live_head.html", {"oob": True})


@require_safe
@never_cache
def go_home(request: HttpRequest) -> HttpResponse:
    """To where the person's work is: the audit for whoever only looks, the campaigns for everybody else."""
    only_looks = request.user.has_perm(SEE_AUDIT) and not request.user.has_perm(PAUSE)
    return redirect("audit:list" if only_looks else "campaigns:list")
