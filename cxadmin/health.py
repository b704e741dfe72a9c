"""Health checks: /healthz for the process, /readyz for what it depends on.

Ages are by the database's clock, never by this process's own. The age of the last good read is reported and makes
nothing unready: while CXone is down, these pages are the ones that say so.
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

# Three heartbeats that every dispatcher has missed (campaigns/dispatcher.py).
HEARTBEAT_SECONDS = 15


class ProbeMiddleware:
    """Answers the two addresses before sessions, sign-ins and host names are checked.

    A load balancer addresses each machine by its IP, and sessions are in the database, which may be down. Neither
    response repeats anything of the request, so any host name may be allowed.
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
    facts: dict[str, Any] = {}
    try:
        facts, reasons = _look()
    except Error as error:
        reasons = [f"The database does not answer ({type(error).__name__}). Check DATABASE_URL and the server."]
    return JsonResponse({"ready": not reasons, "reasons": reasons, **facts}, status=503 if reasons else 200)


def _look() -> tuple[dict[str, Any], list[str]]:
    cxone = freshness.read_freshness()
    now = cxone.now
    beat = Heartbeat.objects.aggregate(latest=Max("at"))["latest"]
    silence = None if beat is None else now - beat
    facts = {
        "dispatcher_heartbeat_seconds": None if silence is None else round(silence.total_seconds(), 1),
        "last_good_read_seconds": cxone.age_seconds,
        "cxone": cxone.level,
        "cxone_circuit": cxone.circuit,
        "cxone_failing_since": cxone.failing_since,
        "cxone_clock_ahead_seconds": cxone.clock_ahead_seconds,
        "zone_data": ZONE_DATA,
    }
    if silence is None:
        return facts, ["No dispatcher has ever run. Start one: manage.py run_dispatcher."]
    if silence > timedelta(seconds=HEARTBEAT_SECONDS):
        return facts, [
            f"No dispatcher gave a sign of life since {beat.isoformat()}. Start one: manage.py run_dispatcher."
        ]
    return facts, []
