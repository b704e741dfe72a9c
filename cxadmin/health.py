"""Signs of life for those who watch the product: /healthz for the process, /readyz for what it stands on.

Ages are by the database's clock, never by this process's own.
The age of the last good read is shown, not judged: while CXone is away this process is still the place that says so.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.models import Heartbeat
from campaigns.pages import freshness
from campaigns.schedule.zones import ZONE_DATA

HEARTBEAT_SECONDS = 15


class ProbeMiddleware:
    """Answers the two addresses before a session, a sign-in or a host name is looked at.

    A load balancer addresses each machine by its IP, and a browser's session is in the database that may be down.
    Neither answer repeats anything of the request, so it may come under any host name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/healthz":
            return show_process(request)
        if request.path_info == "/readyz":
            return show_readiness(request)
        return self.get_response(request)


@login_not_required
@require_safe
@never_cache
def show_process(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def show_readiness(request: HttpRequest) -> JsonResponse:
    try:
        facts, reasons = _look()
    except Error as error:
        facts, reasons = (
            {},
            [f"The database does not answer ({type(error).__name__}). Check DATABASE_URL and the server."],
        )
    return JsonResponse({"ready": not reasons, "reasons": reasons, **facts}, status=503 if reasons else 200)


def _look() -> tuple[dict[str, Any], list[str]]:
    cxone = freshness.read()
    now = cxone.now
    beat = Heartbeat.objects.aggregate(latest=Max("at"))["latest"]
    facts = {
        "dispatcher_heartbeat_seconds": None if beat is None else round((now - beat).total_seconds(), 1),
        "last_good_read_seconds": cxone.age_seconds,
        "cxone": cxone.level,
        "cxone_clock_ahead_seconds": cxone.clock_ahead_seconds,
        "zone_data": ZONE_DATA,
    }
    if beat is None:
        return facts, ["No dispatcher has ever run. Start one: manage.py run_dispatcher."]
    if now - beat > timedelta(seconds=HEARTBEAT_SECONDS):
        return facts, [
            f"No dispatcher gave a sign of life since {beat.isoformat()}. Start one: manage.py run_dispatcher."
        ]
    return facts, []
