"""The help page, for everybody who may sign in, and how to connect one's own CXone, for admins."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.first_tenant import TRIALS
from campaigns.pages.access import MANAGE_POLICY, require
from campaigns.pages.help.connecting import TROUBLES
from campaigns.pages.help.glossary import glossary


@require_safe
def show_help(request: HttpRequest) -> HttpResponse:
    return render(request, "help/help.html", {"glossary": glossary()})


@require_safe
@never_cache
def show_connecting(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_POLICY)
    about = {"is_simulated": settings.CXONE_SIMULATED, "troubles": TROUBLES, "trials": TRIALS}
    return render(request, "help/connecting.html", about)
