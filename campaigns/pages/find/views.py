"""Finding by name. The palette asks for the results alone; without a script it is a page with a search field."""

import re

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.pages.find.queries import find
from campaigns.pages.live import HtmxRequest

LONGEST = 100
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


@require_safe
@never_cache
def show_found(request: HtmxRequest) -> HttpResponse:
    """For everybody who may sign in: each group has its own right."""
    typed = _UNSAFE.sub(" ", request.GET.get("q", "")).strip()[:LONGEST]
    template = "find/_found.html" if request.htmx else "find/find.html"
    return render(request, template, {"found": find(request.user, typed)})


@require_safe
@never_cache
def show_keys(request: HtmxRequest) -> HttpResponse:
    """For everybody who may sign in. A script asks for the dialog alone, when somebody wants it."""
    return render(request, "find/_keys.html" if request.htmx else "find/keys.html")
