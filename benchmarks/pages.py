"""Server time and number of queries of each page.

    .venv/bin/python -m benchmarks.pages                   # with 1,000 campaigns, then with 5,000

Requests are made by Django's test client, on a new SQLite database in a temporary directory, with production settings.
The campaigns are the simulator's, a tenth of them have operations in each final state, and the audit has 5,000
records. CPU is the time of the page itself, whatever else the machine does. The exit status is 1 if the p95 of a page
exceeds the target.
"""

import gc
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from benchmarks import process
from tests.processes.product import environment_in

if TYPE_CHECKING:
    from django.test import Client

# Of the p95.
TARGET_MS = 50
ASKED = 60
WARM_UP = 5
RECORDS = 5_000
HTMX = {"HX-Request": "true", "X-Automatic-Refresh": "1"}


class Page(Protocol):
    status_code: int
    content: bytes

    @property
    def text(self) -> str: ...


Ask = Callable[[], Page]


def main() -> int:
    if len(sys.argv) == 1:
        return max(_run_apart(number) for number in ("1000", "5000"))
    return int(_measure_all(int(sys.argv[1])))


def _run_apart(campaigns: str) -> int:
    """Measure in a new process with its own database: settings are read once per process."""
    with tempfile.TemporaryDirectory() as directory:
        return process.run_apart("benchmarks.pages", campaigns, environment=environment_in(Path(directory)))


def _measure_all(campaigns: int) -> bool:
    """Print a line for each page. Returns True if one of them missed the target."""
    process.begin()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    _fill(campaigns)
    # As in gunicorn.conf.py: otherwise a full garbage collection can delay a page by some 60 ms.
    gc.freeze()
    print(f"\n{campaigns:,} campaigns, {RECORDS:,} audit records; {ASKED} times each, on SQLite")
    print(f"{'page':28}{'status':>8}{'queries':>9}{'p50':>10}{'p95':>10}{'CPU p50':>10}{'bytes':>10}")
    slowest = max(_measure(name, ask) for name, ask in _pages(_signed_in("admin")).items())
    return slowest > TARGET_MS


def _measure(name: str, ask: Ask) -> float:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times, work = [], []
    for _ in range(WARM_UP + ASKED):
        began, worked = time.perf_counter(), time.thread_time()
        response = ask()
        times.append((time.perf_counter() - began) * 1000)
        work.append((time.thread_time() - worked) * 1000)
    with CaptureQueriesContext(connection) as queries:
        ask()
    p50, p95 = statistics.median(times[WARM_UP:]), statistics.quantiles(times[WARM_UP:], n=20)[-1]
    verdict = "" if p95 <= TARGET_MS else f"  over {TARGET_MS} ms"
    size = len(response.content)
    figures = f"{p50:>7.1f} ms{p95:>7.1f} ms{statistics.median(work[WARM_UP:]):>7.1f} ms"
    print(f"{name:28}{response.status_code:>8}{len(queries):>9}{figures}{size:>10,}{verdict}")
    return p95


def _pages(client: "Client") -> dict[str, Ask]:
    from campaigns.models import Campaign, Operation
    from campaigns.states import State

    campaign = Campaign.objects.exclude(operations=None).order_by("pk")[0]
    operation = Operation.objects.filter(state=State.CONFIRMED)[0]

    def get(address: str, **headers: str) -> Ask:
        return lambda: client.get(address, headers=headers)

    seen = [_refresh_address(client.get("/campaigns/"))]

    def unchanged() -> Page:
        rows = client.get(seen[0], headers=HTMX)
        # With a new minute, every row's local time changes, and the rows are sent again.
        if rows.status_code == 200:
            seen[0] = _refresh_address(rows)
        return rows

    return {
        "list": get("/campaigns/"),
        "list, searched and sorted": get("/campaigns/?q=loan&status=ACTIVE&sort=-calls"),
        "list, needs attention": get("/campaigns/?attention=1"),
        "list, its last page": get("/campaigns/?page=9999"),
        "rows, unchanged": unchanged,
        "rows, changed": get("/campaigns/rows/?seen=older", **HTMX),
        "campaign": get(f"/campaigns/{campaign.pk}/"),
        "pause form": get(f"/campaigns/{campaign.pk}/pause/"),
        "operation": get(f"/operations/{operation.pk}/"),
        "operations": get("/operations/"),
        "audit": get("/audit/"),
    }


def _refresh_address(page: Page) -> str:
    (address,) = re.findall(r'hx-get="(/campaigns/rows/[^"]*)"', page.text)
    return str(address).replace("&amp;", "&")


def _signed_in(role: str) -> "Client":
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(username=role), backend="cxadmin.accounts.rights.RoleBackend")
    return client


def _fill(campaigns: int) -> None:
    from django.db import transaction
    from django.utils import timezone

    from audit import ledger
    from audit.kinds import RecordKind
    from campaigns.models import SyncState
    from tests.factories import make_user

    make_user("admin", username="admin")
    with transaction.atomic():
        _add_campaigns(campaigns)
        _add_operations(campaigns // 10)
        SyncState.objects.update(last_good_at=timezone.now(), version=1, interval_seconds=3600)
    for _ in range(RECORDS // 500):
        with transaction.atomic():
            for number in range(500):
                ledger.append(
                    RecordKind.OPERATION_TRIED, by="admin", campaign_id=f"c-{number}", details={"attempt": 1}
                )


def _add_campaigns(number: int) -> None:
    from django.utils import timezone

    from campaigns.models import Campaign
    from campaigns.simulator.population import populate

    now = timezone.now()
    Campaign.objects.bulk_create(
        Campaign(
            id=profile.id,
            name=profile.name,
            status=profile.status,
            schedule=profile.schedule,
            timezone=profile.schedule["timezone"],
            active_calls=profile.traffic.calls,
            read_at=now,
        )
        for profile in populate(number, 1, now.timestamp())
    )


def _add_operations(campaigns: int) -> None:
    from django.utils import timezone

    from campaigns.models import Campaign
    from campaigns.states import ENDS, State
    from tests.factories import make_attempt, make_drain, make_operation

    for campaign in Campaign.objects.all()[:campaigns]:
        for hours, state in enumerate(ENDS):
            operation = make_operation(campaign, state=state, requested_at=timezone.now() - timedelta(hours=hours))
            make_attempt(operation)
            if state == State.CONFIRMED:
                make_drain(operation, 40, 25, 12, 4, 1, 0)


if __name__ == "__main__":
    sys.exit(main())
