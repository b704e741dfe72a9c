"""The time from a click until the PUT reaches CXone, on an idle system.

    .venv/bin/python -m benchmarks.click_to_put            # SQLite, everything in one process
    .venv/bin/python -m benchmarks.click_to_put --real     # PostgreSQL and Redis: TEST_DATABASE_URL, TEST_REDIS_URL

`up` and the simulated CXone run in their own processes. A signed-in HTTP client sends pause forms, one after the
other; a click lasts from just before the form's first byte until the PUT's arrival in the simulator's record (both
read the machine's monotonic clock). Alternating with the clicks, the same three calls (state, calls in progress, PUT)
are made with bare httpx on one open connection. The request budget is raised, so that nothing waits for it. The exit
status is 1 if the median of the clicks exceeds the target.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import wait_until
from tests.processes.person import Person
from tests.processes.product import PASSWORD, Product

TARGET_MS = 150
WARM_UP = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", action="store_true", help="PostgreSQL and Redis instead of SQLite in one process")
    parser.add_argument("--pauses", type=int, default=60)
    options = parser.parse_args()
    with ExitStack() as resources:
        clicks, bare = _measure(options.pauses, options.real, resources)
    _print(clicks, bare, "PostgreSQL and Redis" if options.real else "SQLite, one process")
    return int(statistics.median(clicks) > TARGET_MS)


def _measure(pauses: int, real: bool, resources: ExitStack) -> tuple[list[float], list[float]]:
    """Milliseconds of each click, and of the same calls with bare httpx."""
    directory = Path(resources.enter_context(tempfile.TemporaryDirectory()))
    cxone = resources.enter_context(closing(SimulatedCXone(directory, "--rate", "0")))
    cxone.start()
    campaigns = [cxone.add() for _ in range(2 * (pauses + WARM_UP))]
    product = Product(directory, _settings(cxone, real, resources))
    resources.callback(product.kill)
    product.start()
    person = resources.enter_context(closing(Person(product.address, "supervisor", PASSWORD)))
    client = resources.enter_context(closing(_bare_client(cxone)))
    clicks, bare = [], []
    while campaigns:
        clicks.append(_click(person, cxone, campaigns.pop()))
        bare.append(_call_bare(client, cxone, campaigns.pop()))
    return clicks[WARM_UP:], bare[WARM_UP:]


def _settings(cxone: SimulatedCXone, real: bool, resources: ExitStack) -> dict[str, str]:
    settings = {**cxone.settings, "CXONE_RATE_PER_MINUTE": "10000", "DEMO_PASSWORD": PASSWORD}
    if real:
        settings["DATABASE_URL"] = resources.enter_context(servers.database())
        settings["REDIS_URL"] = resources.enter_context(servers.emptied_redis())
    return settings


def _click(person: Person, cxone: SimulatedCXone, campaign_id: str) -> float:
    form = person.open_pause(campaign_id)
    # A random pause, so that clicks aren't in phase with the product's periodic work.
    time.sleep(random.uniform(0.2, 0.7))
    began = time.monotonic()
    page = person.pause(campaign_id, form)
    wait_until(lambda: cxone.applied(campaign_id), lambda: f"nothing was sent: {person.read(page)}")
    return _until_put(cxone, campaign_id, began)


def _bare_client(cxone: SimulatedCXone) -> httpx.Client:
    # As in the product's client: no proxies from the environment.
    client = httpx.Client(base_url=cxone.address, trust_env=False)
    form = {"grant_type": "client_credentials", "client_id": "simulator", "client_secret": "simulator-secret"}
    token = client.post("/oauth/token", data=form).raise_for_status().json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def _call_bare(client: httpx.Client, cxone: SimulatedCXone, campaign_id: str) -> float:
    address = f"/api/v2/campaigns/{campaign_id}"
    now = datetime.now(UTC)
    query = {
        "fromTime": _wire(now - timedelta(days=1)),
        "toTime": _wire(now),
        "groupBy": ["campaignId"],
        "filter": f"status eq 'IN_PROGRESS' and campaignId eq '{campaign_id}'",
        "metrics": ["conversationCount"],
    }
    change = {"status": "PAUSED", "pauseReason": "MAINTENANCE", "effectiveTime": _wire(now)}
    calls: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", address, None),
        ("POST", "/api/v2/analytics/outbound/conversations/details/query", query),
        ("PUT", address, change),
    ]
    began = time.monotonic()
    for method, path, body in calls:
        client.request(method, path, json=body).raise_for_status()
    return _until_put(cxone, campaign_id, began)


def _until_put(cxone: SimulatedCXone, campaign_id: str, began: float) -> float:
    (put,) = cxone.record(applied=1, campaign=campaign_id, method="PUT")
    return (float(put["arrived"]) - began) * 1000


def _wire(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _print(clicks: list[float], bare: list[float], stack: str) -> None:
    print(f"{stack}: {len(clicks)} pauses on an idle system, from the form's first byte to the PUT's arrival")
    print(f"{'':14}{'median':>10}{'p95':>10}{'slowest':>10}")
    for name, times in (("click", clicks), ("bare httpx", bare)):
        figures = statistics.median(times), statistics.quantiles(times, n=20)[-1], max(times)
        print(f"{name:14}" + "".join(f"{figure:>7.1f} ms" for figure in figures))
    median = statistics.median(clicks)
    print(f"ratio of the medians: {median / statistics.median(bare):.1f}")
    print(f"target: median at most {TARGET_MS} ms: {'met' if median <= TARGET_MS else 'MISSED'}")


if __name__ == "__main__":
    sys.exit(main())
