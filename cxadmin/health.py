"""Health checks: /healthz for the process, /readyz for what it depends on.

Ages are by the database's clock, never by this process's own. What makes a web server unready is only what another
one may have: a load balancer then sends people there. While CXone is down, these pages are the ones that say so, and
they are no worse than others, so that is a warning.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.counts import LedgerProgress, read_ledger_progress
from campaigns.models import NoticedRestore
from campaigns.pages import freshness
from campaigns.pages.freshness import Freshness, FreshnessLevel
from campaigns.queueing.circuit_breaker import Circuit
from campaigns.queueing.counts import HEARTBEAT_SECONDS, Pulse, read_pulse
from campaigns.schedule.zones import ZONE_DATA
from cxadmin import preparing
from cxadmin.broker_answer import is_silent
from cxadmin.metrics import show_metrics

# Seconds. Machines that keep time by NTP differ by milliseconds; SQLite's clock has whole seconds.
MOST_APART = 5.0
# As far as CXone's clock may differ before the log says so (campaigns/sync/full_read.py).
MOST_APART_FROM_CXONE = 30
ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class HealthProblem:
    """`code`: for programs, and always the same; `level`: an error makes the process unready, a warning doesn't;
    `means`: for people, and fit for strangers: no address, no secret, no name."""

    code: str
    level: str
    means: str


DATABASE_SILENT = HealthProblem(
    "database", ERROR, "The database does not answer. Check that it runs, and DATABASE_URL; the log has its error."
)
MIGRATIONS_MISSING = HealthProblem(
    "migrations",
    ERROR,
    "The database lacks migrations of this version. Run manage.py migrate before the processes of this version.",
)
NO_DISPATCHER = HealthProblem("dispatcher", ERROR, "No dispatcher has ever run. Start one: manage.py run_dispatcher.")
NEVER_READ = HealthProblem(
    "last_read",
    WARNING,
    "Campaigns were never read from CXone. The head of every page says why, once a read has failed.",
)
OLD_READ = HealthProblem(
    "last_read",
    WARNING,
    "Campaigns were last read too long ago to show their state. The head of every page says why reads fail.",
)
CXONE_SILENT = HealthProblem(
    "cxone", WARNING, "CXone does not answer. Clicks are still tried; background work rests until it does."
)
CLOCK_OFF = HealthProblem(
    "clock",
    WARNING,
    "This machine’s clock and the database’s differ by more than 5 s. Have both keep their time by NTP.",
)
CXONE_CLOCK_OFF = HealthProblem(
    "cxone_clock",
    WARNING,
    "CXone’s clock and the database’s differ by more than 30 s. Have the database’s machine keep its time by NTP.",
)
CXONE_LIST_UNREADABLE = HealthProblem(
    "cxone_list",
    WARNING,
    "Entries of CXone’s list can’t be read, so no page shows their campaigns. manage.py check_cxone says more.",
)
AUDIT_BROKEN = HealthProblem(
    "audit", WARNING, "The audit is known to have been changed. The page of its verification says where."
)
CHECKPOINTS_FAIL = HealthProblem(
    "checkpoints",
    WARNING,
    "Signed checkpoints of the audit can’t be written. The page of its verification says why.",
)
# Nothing to be unready for: people need the pages all the more.
RESTORED = HealthProblem(
    "restore",
    WARNING,
    "The database was restored from a backup, and nobody has acknowledged that yet. The pages say what waits for it.",
)
BROKER_SILENT = HealthProblem(
    "broker",
    WARNING,
    "Redis does not answer. The dispatchers run what is due themselves, more slowly. Check it, and REDIS_URL.",
)


class ProbeMiddleware:
    """Answers these addresses before sessions, sign-ins and host names are checked.

    A load balancer and Prometheus address each machine by its IP, and sessions are in the database, which may be down.
    No response repeats anything of the request, so any host name may be allowed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        show = PROBES.get(request.path_info, self.get_response)
        return show(request)


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
        facts, problems = _look()
    except Error:
        problems = [DATABASE_SILENT]
    reasons = [problem.means for problem in problems if problem.level == ERROR]
    answer = {"ready": not reasons, "reasons": reasons, "problems": list(map(asdict, problems)), **facts}
    return JsonResponse(answer, status=503 if reasons else 200)


def _unacknowledged_restore() -> str | None:
    noticed = NoticedRestore.objects.filter(acknowledged_at=None).aggregate(latest=Max("noticed_at"))["latest"]
    return None if noticed is None else noticed.isoformat()


def _look() -> tuple[dict[str, Any], list[HealthProblem]]:
    if preparing.lacks_migrations():
        # Nothing else can be asked: a table may be missing.
        return {}, [MIGRATIONS_MISSING]
    pulse, cxone, ledger = read_pulse(), freshness.read_freshness(), read_ledger_progress()
    restored_at = _unacknowledged_restore()
    apart = (datetime.now(UTC) - cxone.now).total_seconds()
    facts = {
        "dispatcher_heartbeat_seconds": _rounded(pulse.heartbeat_seconds),
        "last_good_read_seconds": cxone.age_seconds,
        "cxone": cxone.level,
        "cxone_circuit": cxone.circuit,
        "cxone_failing_since": cxone.failing_since,
        "cxone_clock_ahead_seconds": cxone.clock_ahead_seconds,
        "zone_data": ZONE_DATA,
        "restore_noticed_at": restored_at,
    }
    problems = [
        *_of_dispatchers(pulse),
        *_of_cxone(cxone),
        *_of_clocks(cxone, apart),
        *_of_audit(ledger),
        *_of_broker(),
        *([RESTORED] if restored_at else []),
    ]
    return facts, problems


def _of_dispatchers(pulse: Pulse) -> Iterator[HealthProblem]:
    if pulse.heartbeat_seconds is None:
        yield NO_DISPATCHER
    elif pulse.heartbeat_seconds > HEARTBEAT_SECONDS:
        since = f"{pulse.heartbeat_seconds:.0f} s"
        yield replace(
            NO_DISPATCHER,
            means=f"No dispatcher has given a sign of life for {since}. Start one: manage.py run_dispatcher.",
        )


def _of_cxone(cxone: Freshness) -> Iterator[HealthProblem]:
    if cxone.circuit != Circuit.CLOSED:
        yield CXONE_SILENT
    if cxone.level == FreshnessLevel.NEVER:
        yield NEVER_READ
    elif cxone.level == FreshnessLevel.OLD:
        yield OLD_READ
    if cxone.unreadable:
        yield CXONE_LIST_UNREADABLE


def _of_clocks(cxone: Freshness, apart: float) -> Iterator[HealthProblem]:
    """`apart`: this machine's clock from the database's, in seconds."""
    if abs(apart) > MOST_APART:
        yield CLOCK_OFF
    if abs(cxone.clock_ahead_seconds or 0) > MOST_APART_FROM_CXONE:
        yield CXONE_CLOCK_OFF


def _of_audit(ledger: LedgerProgress) -> Iterator[HealthProblem]:
    if ledger.is_broken:
        yield AUDIT_BROKEN
    if ledger.has_checkpoint_trouble:
        yield CHECKPOINTS_FAIL


def _of_broker() -> Iterator[HealthProblem]:
    if is_silent():
        yield BROKER_SILENT


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


PROBES: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {
    "/healthz": show_process,
    "/readyz": show_readiness,
    "/metrics": show_metrics,
}
