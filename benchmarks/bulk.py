"""A bulk of 150 pauses, beside 150 bare PUTs one after the other; clicks in the middle of a bulk of 500.

    .venv/bin/python -m benchmarks.bulk                # SQLite, everything in one process
    .venv/bin/python -m benchmarks.bulk --real         # PostgreSQL and Redis: TEST_DATABASE_URL, TEST_REDIS_URL
    .venv/bin/python -m benchmarks.bulk --only clicks  # one of: pauses, budget, clicks, due

`up` and the simulated CXone run in their own processes; the simulated CXone has 400 other campaigns, and answers
every request after 20 ms. A signed-in HTTP client sends the form; the bulk lasts from just before the form's first
byte until its last PUT was answered (by the simulator's record; both read the machine's monotonic clock), and until
its last operation is CONFIRMED (by the database's clock). The bare PUTs go over one open connection, in the same run.

- pauses: 150 campaigns, with 1 and with 10 pause slots, and a budget that nothing waits for
- budget: the same with the 200 requests a minute that CXone grants: everything fits into one minute's
- clicks: a person's pauses while a bulk of 500 goes on, from the form's first byte until the PUT's arrival
- due: 500 pauses for one moment. The yardstick is the budget: as many requests as were made take that long. It takes
  about ten minutes

The exit status is 1 if a target is missed.
"""

import argparse
import math
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import ROOT, wait_until
from tests.processes.person import Person
from tests.processes.product import PASSWORD, Product

ANSWER_SECONDS = 0.02
PAUSES, LONG_BULK, CLICKS, DUE = 150, 500, 30, 500
# Together with those of the largest measurement they are a thousand.
OTHERS = 400
# Of the bare PUTs' time, by the number of pause slots.
TARGETS = {1: 2.0, 10: 0.5}
REQUESTS = 1.1 * PAUSES + 10
WINDOW_SECONDS = 10
CLICK_SECONDS = 1.0
OVER_BUDGET = 1.2
SET_SLOTS = """
from campaigns.models import Policy
Policy.objects.update(max_concurrent_pauses={})
"""
ASK_DUE = """
import uuid
from datetime import timedelta
from django.utils import timezone
from campaigns.models import Campaign, Policy, ReasonCode
from campaigns.operations.requests import request_pause
from campaigns.schedule.due_times import DueTime
Policy.objects.update(max_concurrent_pauses=10)
at = timezone.now().replace(microsecond=0) + timedelta(minutes=4)
for campaign in Campaign.objects.filter(pk__in={ids}):
    request_pause(
        campaign=campaign, by="benchmark", reason=ReasonCode.objects.get(pk="MAINTENANCE"), at=DueTime(at),
        key=uuid.uuid4().hex,
    )
print(at.timestamp())
"""


class Bench:
    """The product on one of the databases, and the simulated CXone beside it."""

    def __init__(self, real: bool, rate: int, resources: ExitStack, tree: Path = ROOT) -> None:
        self.rate = rate
        directory = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        options = ["--rate", str(rate if rate <= 200 else 0), "--campaigns", str(OTHERS)]
        self.cxone = resources.enter_context(closing(SimulatedCXone(directory, *options)))
        self.cxone.start()
        self.cxone.fail("*", "/api/*", delay=ANSWER_SECONDS, times=None)
        settings = {**self.cxone.settings, "CXONE_RATE_PER_MINUTE": str(rate), "DEMO_PASSWORD": PASSWORD}
        if real:
            settings["DATABASE_URL"] = resources.enter_context(servers.database())
            settings["REDIS_URL"] = resources.enter_context(servers.empty_redis())
        self._database = settings.get("DATABASE_URL") or str(directory / "var" / "campaign-control.sqlite3")
        self.product = Product(directory, settings, tree)
        resources.callback(self.product.kill)
        self._client = resources.enter_context(closing(self._bare_client()))

    def start(self, **campaigns: int) -> dict[str, list[str]]:
        """Add so many campaigns of each name, and start the product, which has read them all then. Ids by name."""
        ids = {
            name: [self.cxone.add(name=f"{name} {each}") for each in range(number)]
            for name, number in campaigns.items()
        }
        self.product.start()
        known, number = "SELECT count(*) FROM campaigns_campaign", OTHERS + sum(campaigns.values())
        wait_until(lambda: self.query(known)[0] >= number, lambda: "the campaigns weren't read")
        self.person = Person(self.product.address, "supervisor", PASSWORD)
        return ids

    def query(self, sql: str) -> tuple[Any, ...]:
        """The first row of the product's database."""
        if self._database.startswith("postgres"):
            with psycopg.connect(self._database, autocommit=True) as connection:
                return connection.execute(sql.encode()).fetchone() or ()
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as connection:
            return tuple(connection.execute(sql).fetchone() or ())

    def ask(self, code: str) -> list[float]:
        """Run it within the product's project, and return the numbers that it prints."""
        asked = self.product.manage("shell", "--verbosity", "0", "--command", code)
        if asked.returncode:
            raise RuntimeError(asked.stderr)
        return [float(value) for value in asked.stdout.split()]

    def pause_bare(self, ids: list[str]) -> float:
        """Seconds for one PUT after the other."""
        began = time.monotonic()
        for campaign_id in ids:
            change = {"status": "PAUSED", "pauseReason": "MAINTENANCE", "effectiveTime": _wire(datetime.now(UTC))}
            self._client.put(f"/api/v2/campaigns/{campaign_id}", json=change).raise_for_status()
        return time.monotonic() - began

    def _bare_client(self) -> httpx.Client:
        # As in the product's client: no proxies from the environment.
        client = httpx.Client(base_url=self.cxone.address, trust_env=False)
        form = {"grant_type": "client_credentials", "client_id": "simulator", "client_secret": "simulator-secret"}
        token = client.post("/oauth/token", data=form).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def requests_since(self, began: float) -> list[dict[str, Any]]:
        return [request for request in self.cxone.record() if request["arrived"] >= began]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", action="store_true", help="PostgreSQL and Redis instead of SQLite in one process")
    parser.add_argument("--only", choices=MEASUREMENTS, help="one of the measurements")
    options = parser.parse_args()
    chosen = [options.only] if options.only else ["pauses", "budget", "clicks"]
    print("PostgreSQL and Redis" if options.real else "SQLite, one process")
    # All of them, whatever the first ones show.
    missed = [not MEASUREMENTS[name](options.real) for name in chosen]
    return int(any(missed))


def measure_pauses(real: bool) -> bool:
    with ExitStack() as resources:
        bench = Bench(real, 10_000, resources)
        ids = bench.start(one_slot=PAUSES, ten_slots=PAUSES, bare=2 * PAUSES)
        met = [
            _measure_bulk(bench, 1, "one_slot", ids["bare"][:PAUSES]),
            _measure_bulk(bench, 10, "ten_slots", ids["bare"][PAUSES:]),
        ]
    return all(met)


def _measure_bulk(bench: Bench, slots: int, name: str, bare: list[str]) -> bool:
    until_put, until_confirmed, requests = run_bulk(bench, slots, name)
    yardstick, target = bench.pause_bare(bare), TARGETS[slots]
    met = until_confirmed / yardstick <= target and requests <= REQUESTS
    print(
        f"{PAUSES} pauses, {slots} at a time: last PUT answered after {until_put:.2f} s, last confirmed after "
        f"{until_confirmed:.2f} s; bare {yardstick:.2f} s; ratios {until_put / yardstick:.2f} and "
        f"{until_confirmed / yardstick:.2f} (target {target}); {requests} requests (target {REQUESTS:.0f}): "
        f"{'met' if met else 'MISSED'}",
        flush=True,
    )
    return met


def run_bulk(bench: Bench, slots: int, name: str) -> tuple[float, float, int]:
    """Seconds until the last PUT was answered and until the last was confirmed, and all requests until then."""
    began = _ask_for_bulk(bench, slots, name, PAUSES)
    _wait_for_bulks(bench)
    made = bench.requests_since(began)
    puts = [request for request in made if request["method"] == "PUT"]
    if len(puts) != PAUSES:
        raise RuntimeError(f"There were {len(puts)} PUTs for {PAUSES} campaigns.")
    until_confirmed = _seconds_until_confirmed(bench)
    until_put = max(request["arrived"] for request in puts) + ANSWER_SECONDS - began
    # Other regular requests go on after it.
    return until_put, until_confirmed, sum(request["arrived"] <= began + until_confirmed for request in made)


def _ask_for_bulk(bench: Bench, slots: int, name: str, number: int) -> float:
    """Send the form, and return when that began."""
    bench.ask(SET_SLOTS.format(slots))
    form = bench.person.open_bulk_pause(name, number)
    began = time.monotonic()
    bench.person.pause_all(name, form)
    return began


def _wait_for_bulks(bench: Bench, seconds: float = 600) -> None:
    unended = "SELECT count(*) FROM campaigns_bulk WHERE ended_at IS NULL"
    wait_until(lambda: bench.query(unended)[0] == 0, lambda: bench.product.group.log[-3000:], seconds)


def _seconds_until_confirmed(bench: Bench) -> float:
    newest = "(SELECT id FROM campaigns_bulk ORDER BY requested_at DESC LIMIT 1)"
    times = f"SELECT min(requested_at), max(confirmed_at) FROM campaigns_operation WHERE bulk_id = {newest}"  # noqa: S608
    asked, confirmed = (_moment(value) for value in bench.query(times))
    return (confirmed - asked).total_seconds()


def measure_budget(real: bool) -> bool:
    with ExitStack() as resources:
        bench = Bench(real, 200, resources)
        bench.start(in_bulk=PAUSES)
        # The reads of the start have used a part of the minute.
        time.sleep(62)
        until_put, until_confirmed, requests = run_bulk(bench, 10, "in_bulk")
        refused = [request for request in bench.cxone.record() if request["status"] == 429]
    met = until_put <= WINDOW_SECONDS and not refused
    print(
        f"{PAUSES} pauses at 200 requests a minute: last PUT answered after {until_put:.2f} s (target "
        f"{WINDOW_SECONDS} s), last confirmed after {until_confirmed:.2f} s, {requests} requests, {len(refused)} "
        f"refused: {'met' if met else 'MISSED'}",
        flush=True,
    )
    return met


def measure_clicks(real: bool) -> bool:
    with ExitStack() as resources:
        bench = Bench(real, 10_000, resources)
        ids = bench.start(in_bulk=LONG_BULK, single=2 * CLICKS)["single"]
        idle = [click(bench, ids.pop()) for _ in range(CLICKS)]
        _ask_for_bulk(bench, 1, "in_bulk", LONG_BULK)
        busy: list[float] = []
        while len(busy) < CLICKS and _is_going_on(bench):
            busy.append(click(bench, ids.pop()))
        _wait_for_bulks(bench)
    p95 = statistics.quantiles(busy, n=20)[-1]
    print(
        f"{len(busy)} clicks during a bulk of {LONG_BULK}, one at a time: median {statistics.median(busy) * 1000:.0f} "
        f"ms, p95 {p95 * 1000:.0f} ms, slowest {max(busy) * 1000:.0f} ms; without a bulk median "
        f"{statistics.median(idle) * 1000:.0f} ms, p95 {statistics.quantiles(idle, n=20)[-1] * 1000:.0f} ms "
        f"(target p95 {CLICK_SECONDS:.0f} s): {'met' if p95 <= CLICK_SECONDS else 'MISSED'}",
        flush=True,
    )
    return p95 <= CLICK_SECONDS


def _is_going_on(bench: Bench) -> bool:
    sending = "SELECT count(*) FROM campaigns_bulk WHERE ended_at IS NULL AND waiting_for <> 'outcome'"
    return bool(bench.query(sending)[0])


def click(bench: Bench, campaign_id: str) -> float:
    person = bench.person
    form = person.open_pause(campaign_id)
    time.sleep(random.uniform(0.1, 0.4))
    began = time.monotonic()
    person.pause(campaign_id, form)
    wait_until(lambda: bench.cxone.applied(campaign_id), lambda: "nothing was sent", 30)
    (put,) = bench.cxone.record(applied=1, campaign=campaign_id, method="PUT")
    return float(put["arrived"]) - began


def measure_due(real: bool) -> bool:
    with ExitStack() as resources:
        bench = Bench(real, 200, resources)
        ids = bench.start(in_bulk=DUE)["in_bulk"]
        at = datetime.fromtimestamp(bench.ask(ASK_DUE.format(ids=ids))[0], UTC)
        begun = time.monotonic() + (at - datetime.now(UTC) - timedelta(minutes=2)).total_seconds()
        ended = "SELECT count(*) FROM campaigns_operation WHERE sent_at IS NULL"
        wait_until(lambda: bench.query(ended)[0] == 0, lambda: bench.product.group.log[-3000:], 1200)
        made = bench.requests_since(begun)
    last = max(request["arrived"] for request in made if request["method"] == "PUT")
    requests = sum(request["arrived"] <= last for request in made)
    # All at once within a minute, and then a minute's more for each 200.
    bound = max(math.ceil(requests / 200) - 1, 0) * 61
    took = last - begun
    met = bool(took <= OVER_BUDGET * bound)
    print(
        f"{DUE} pauses for one moment: the last PUT {took:.0f} s after the first could go, {requests} requests; the "
        f"budget's bound for them {bound} s; ratio {took / bound if bound else 0:.2f} (target {OVER_BUDGET}): "
        f"{'met' if met else 'MISSED'}",
        flush=True,
    )
    return met


def _moment(value: datetime | str) -> datetime:
    """SQLite stores text."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


def _wire(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


MEASUREMENTS: dict[str, Callable[[bool], bool]] = {
    "pauses": measure_pauses,
    "budget": measure_budget,
    "clicks": measure_clicks,
    "due": measure_due,
}

if __name__ == "__main__":
    sys.exit(main())
