"""The time from a click until the PUT reaches CXone, on an idle system, and how often it asks the database.

    .venv/bin/python -m benchmarks.click_to_put [--quick] [--pauses 40]

It runs on SQLite, everything in one process, and then on PostgreSQL if there is one (TEST_DATABASE_URL), with a Redis
of its own; BASE names an earlier version (benchmarks/earlier.py).

`up` and the simulated CXone run in processes of their own, and a second pair for the earlier version. A signed-in HTTP
client sends pause forms; a click lasts from just before the form's first byte until the PUT's arrival in the
simulator's record (both read the machine's monotonic clock). In turn with the clicks, the same three calls (state,
calls in progress, PUT) are made with bare httpx on one open connection. The request budget is raised, so that nothing
waits for it.

Then CXone answers after 100 ms, and a click lasts until the PUT is answered, beside two bare answers: that many round
trips it takes, since what is read before the PUT is read side by side.

Statements are those that the web process and the worker send for one click, BEGIN, COMMIT and health checks included
(benchmarks/click_worker.py). Not the new connection that 43e0a93 opened for each task.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from benchmarks import click_worker, earlier
from benchmarks.figures import Figure, report
from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import ROOT, wait_until
from tests.processes.person import Person
from tests.processes.product import PASSWORD, Product, environment_in

DATABASES = ("SQLite", "PostgreSQL")
TO_PUT, TO_CONFIRMED, OVER_BARE, OVER_TWO_ANSWERS = 25, 42, 8.0, 1.2
ANSWER_SECONDS = 0.1
# Each of the web's processes works out its statements once.
WARM_UP = 15


@dataclass(slots=True)
class Times:
    """Of one version, in seconds. `answers`: of two bare ones, while CXone takes its time; `sent`: of clicks then,
    until the PUT was answered."""

    clicks: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)

    def over_bare(self) -> float:
        return statistics.median(self.clicks) / statistics.median(self.bare)

    def over_two_answers(self) -> float:
        return statistics.median(self.sent) / statistics.median(self.answers)

    def __str__(self) -> str:
        milliseconds = (
            f"{name} {statistics.median(times) * 1000:.1f} (slowest {max(times) * 1000:.1f})"
            for name, times in (
                ("click", self.clicks),
                ("bare", self.bare),
                ("click until its answer", self.sent),
                ("two answers", self.answers),
            )
        )
        return f"ms, medians: {', '.join(milliseconds)}"


class Bench:
    """One version of the product, the simulated CXone beside it, and a person and a bare client of both."""

    def __init__(self, where: str, tree: Path, pauses: int, resources: ExitStack) -> None:
        directory = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        self.cxone = resources.enter_context(closing(SimulatedCXone(directory, "--rate", "0")))
        self.cxone.start()
        self._campaigns = [self.cxone.add() for _ in range(pauses)]
        settings = {**self.cxone.settings, "CXONE_RATE_PER_MINUTE": "10000", "DEMO_PASSWORD": PASSWORD}
        if where != "SQLite":
            settings["DATABASE_URL"] = resources.enter_context(servers.database())
            settings["REDIS_URL"] = resources.enter_context(_redis())
        product = Product(directory, settings, tree)
        resources.callback(product.kill)
        product.start()
        self._person = resources.enter_context(closing(Person(product.address, "supervisor", PASSWORD)))
        self._client = resources.enter_context(closing(_bare_client(self.cxone)))

    def click(self) -> float:
        """Seconds until the PUT's arrival."""
        campaign_id = self._campaigns.pop()
        form = self._person.open_pause(campaign_id)
        # A random pause, so that clicks aren't in phase with the product's periodic work.
        time.sleep(random.uniform(0.2, 0.7))
        began = time.monotonic()
        page = self._person.pause(campaign_id, form)
        wait_until(lambda: self.cxone.applied(campaign_id), lambda: f"nothing was sent: {self._person.read(page)}")
        return self._until_put(campaign_id, began)

    def call_bare(self) -> float:
        campaign_id = self._campaigns.pop()
        began = time.monotonic()
        self.read_bare(campaign_id)
        change = {"status": "PAUSED", "pauseReason": "MAINTENANCE", "effectiveTime": _wire(datetime.now(UTC))}
        self._client.put(f"/api/v2/campaigns/{campaign_id}", json=change).raise_for_status()
        return self._until_put(campaign_id, began)

    def read_bare(self, campaign_id: str) -> float:
        """Seconds until both answers are there, one after the other."""
        began, now = time.monotonic(), datetime.now(UTC)
        query = {
            "fromTime": _wire(now - timedelta(days=1)),
            "toTime": _wire(now),
            "groupBy": ["campaignId"],
            "filter": f"status eq 'IN_PROGRESS' and campaignId eq '{campaign_id}'",
            "metrics": ["conversationCount"],
        }
        self._client.get(f"/api/v2/campaigns/{campaign_id}").raise_for_status()
        calls = "/api/v2/analytics/outbound/conversations/details/query"
        self._client.post(calls, json=query).raise_for_status()
        return time.monotonic() - began

    def two_answers(self) -> float:
        return self.read_bare(self._campaigns[-1])

    def _until_put(self, campaign_id: str, began: float) -> float:
        (put,) = self.cxone.record(applied=1, campaign=campaign_id, method="PUT")
        return float(put["arrived"]) - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="on SQLite, a few pauses")
    parser.add_argument("--pauses", type=int, default=40)
    options = parser.parse_args()
    trees = [ROOT] if options.quick else [ROOT, *filter(None, [earlier.checkout()])]
    is_real = "TEST_DATABASE_URL" in os.environ and not options.quick
    pauses, warm_up = (3, 3) if options.quick else (options.pauses, WARM_UP)
    figures: list[Figure] = []
    for where in DATABASES if is_real else DATABASES[:1]:
        figures += _figures(where, trees, pauses, warm_up)
    return report(figures)


def _figures(where: str, trees: list[Path], pauses: int, warm_up: int) -> list[Figure]:
    statements = [_count_statements(where, tree) for tree in trees]
    times = _measure(where, trees, pauses, warm_up)
    for tree, measured in zip(trees, times, strict=True):
        print(f"{where}, {tree.name}: {measured}", flush=True)
    # SQLite's take no round trip, and it needs more of them: for each audit record, and for a claim.
    to_put, to_confirmed = (None, None) if where == "SQLite" else (TO_PUT, TO_CONFIRMED)
    rows: list[tuple[str, str, float | None, list[float]]] = [
        ("statements from a click to the PUT", "statements", to_put, [each["put"] for each in statements]),
        ("statements to CONFIRMED", "statements", to_confirmed, [each["confirmed"] for each in statements]),
        ("click to PUT over the bare calls", "x", OVER_BARE, [each.over_bare() for each in times]),
        (
            "click to the PUT's answer, at 100 ms each, over two answers",
            "x",
            OVER_TWO_ANSWERS,
            [each.over_two_answers() for each in times],
        ),
    ]
    return [
        Figure(what, ours, unit, where, target, base[0] if base else None)
        for what, unit, target, (ours, *base) in rows
    ]


def _measure(where: str, trees: list[Path], pauses: int, warm_up: int) -> list[Times]:
    """They take turns."""
    times = [Times() for _ in trees]
    with ExitStack() as resources:
        benches = [Bench(where, tree, 3 * pauses + 2 * warm_up, resources) for tree in trees]
        for place in range(-warm_up, pauses):
            for bench, measured in zip(benches, times, strict=True):
                click, bare = bench.click(), bench.call_bare()
                if place >= 0:
                    measured.clicks.append(click)
                    measured.bare.append(bare)
        for bench in benches:
            bench.cxone.fail("*", "/api/*", delay=ANSWER_SECONDS, times=None)
        for _ in range(pauses):
            for bench, measured in zip(benches, times, strict=True):
                answers = bench.two_answers()
                measured.sent.append(bench.click() + answers / 2)
                measured.answers.append(answers)
    return times


def _count_statements(where: str, tree: Path) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as name, _database(where) as database:
        directory = Path(name)
        with closing(SimulatedCXone(directory, "--rate", "0", "--campaigns", "10")) as cxone:
            cxone.start()
            campaigns = [cxone.add() for _ in range(3)]
            settings = {**cxone.settings, "DATABASE_URL": database, "PYTHONPATH": str(tree), "SECRET_KEY": "x" * 50}
            # -P: the modules beside that file are not those of the other version.
            command = [earlier.python_of(tree), "-P", click_worker.__file__, *campaigns]
            environment = environment_in(directory, tree) | settings
            told = subprocess.run(command, env=environment, cwd=tree, check=True, stdout=subprocess.PIPE, text=True)
    counted: dict[str, int] = json.loads(told.stdout.splitlines()[-1])
    return counted


@contextmanager
def _database(where: str) -> Iterator[str]:
    with nullcontext("") if where == "SQLite" else servers.database() as address:
        yield address


@contextmanager
def _redis() -> Iterator[str]:
    """One for each version: they must not take each other's wake-ups."""
    own = servers.OwnRedis()
    own.start()
    try:
        yield own.url
    finally:
        own.kill()


def _bare_client(cxone: SimulatedCXone) -> httpx.Client:
    # As in the product's client: no proxies from the environment.
    client = httpx.Client(base_url=cxone.address, trust_env=False)
    form = {"grant_type": "client_credentials", "client_id": "simulator", "client_secret": "simulator-secret"}
    token = client.post("/oauth/token", data=form).raise_for_status().json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def _wire(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    sys.exit(main())
