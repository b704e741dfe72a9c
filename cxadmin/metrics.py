"""/metrics, for Prometheus: for whoever has METRICS_TOKEN; without one, for this machine alone."""

import secrets
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import DisallowedHost
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cxadmin.accounts.client_address import is_on_this_machine


@login_not_required
@require_safe
@never_cache
def show_metrics(request: HttpRequest) -> HttpResponse:
    if refusal := _refusal_of(request):
        return refusal
    # What writes the format is in no memory of a process that nobody asks for it.
    from cxadmin.metric_families import write_metrics

    try:
        content, kind = write_metrics(request.headers.get("Accept", ""))
    except Error:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse(content, content_type=kind)


def _refusal_of(request: HttpRequest) -> HttpResponse | None:
    if settings.METRICS_TOKEN:
        if _has_token(request):
            return None
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    if is_on_this_machine(request) and _has_known_host(request):
        return None
    # As if there were no such page.
    return HttpResponse(status=404, content_type="text/plain")


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    # Digests have one length, so that the time tells nothing of the token's.
    is_right = secrets.compare_digest(_digest(token.strip()), _digest(settings.METRICS_TOKEN))
    return is_right and scheme.lower() == "bearer"


def _has_known_host(request: HttpRequest) -> bool:
    """Not a page of somebody else's, which has given its own name this machine's address to read what is here."""
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
