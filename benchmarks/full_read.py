"""What a full read of CXone costs, beside bare httpx that reads the same pages and parses each.

    .venv/bin/python -m benchmarks.full_read            # SQLite, and PostgreSQL if TEST_DATABASE_URL is set
    .venv/bin/python -m benchmarks.full_read --dialect published
    BASE=43e0a93 .venv/bin/python -m benchmarks.full_read

The simulated CXone has 5,000 campaigns and a clock that stands still, so nothing changes but what is changed here: the
counts of calls of 1 % of the campaigns, or their statuses. The process that reads also makes the bare reads, in turn.
CPU is that process's own: on PostgreSQL the database's isn't in it. Statements are those of one read, with BEGIN and
COMMIT. Memory is the peak of the first read in a new process, beyond what the process had before it.

The first read of each minute also keeps a sample of all calls, which 43e0a93 did not; `same minute` means another one.
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
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from benchmarks.figures import Figure
    from campaigns.simulator import PublishedSimulator, Simulator

CAMPAIGNS = 5_000
CHANGED = CAMPAIGNS // 100
PAGE = 100
ROUNDS, WARM_UP = 7, 1
CHANGES = ("nothing changed", "nothing changed, same minute", "calls", "statuses")
# Times bare httpx, and statements.
TARGETS: dict[str, tuple[float, int | None]] = {
    "nothing changed": (1.5, 10),
    "nothing changed, same minute": (1.5, 10),
    "calls": (2.0, None),
    "statuses": (2.0, None),
}
MOST_MEMORY_MB = 30


# --- In the process of one version ---


def work() -> None:
    """Answer each line of standard input with a line of JSON."""
    from benchmarks import process

    process.begin()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    connection.ensure_connection()
    read, bare = _read_all(), Bare()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(line.strip(), read, bare)), flush=True)


def _answer(what: str, read: Callable[[], Any], bare: "Bare") -> list[float]:
    _prepare(is_new_minute="same minute" not in what)
    if what == "memory":
        return [_memory_of(read)]
    if what.startswith("count"):
        return [_statements_of(read)]
    if what.startswith("database"):
        return [_database_time(read)]
    ours = _processor_time(read)
    return [ours, _processor_time(bare.read)]


def _read_all() -> Callable[[], Any]:
    try:
        from campaigns.sync.full_read import read_all_campaigns
    except ImportError:
        from campaigns.runner.reading import read_all as read_all_campaigns  # type: ignore[import-not-found,no-redef]
    return read_all_campaigns


def _prepare(*, is_new_minute: bool) -> None:
    """As if the last read had been a minute ago: all requests of the budget are free again."""
    from django.apps import apps
    from django.db.models.functions import Now

    apps.get_model("campaigns", "RequestSlot").objects.update(free_at=Now())
    # 43e0a93 keeps no samples.
    if is_new_minute and "callsminute" in apps.all_models["campaigns"]:
        from datetime import timedelta

        apps.get_model("campaigns", "CallsMinute").objects.all().delete()
        # Its pace is set to that, too: a read that is late for its pace would be put down as a gap.
        last = {"last_good_at": Now() - timedelta(minutes=1), "interval_seconds": 60}
        apps.get_model("campaigns", "SyncState").objects.update(**last)


class Bare:
    """The same requests on one open connection, each answer parsed, and nothing made of it."""

    def __init__(self) -> None:
        import httpx
        from django.conf import settings

        self._client = httpx.Client(base_url=settings.CXONE_BASE_URL, trust_env=False)
        self._is_published = os.environ.get("CXONE_DIALECT") == "published"
        if self._is_published:
            form = {"grant_type": "password", "username": settings.CXONE_ACCESS_KEY_ID}
            form["password"] = settings.CXONE_ACCESS_KEY_SECRET
            app = (settings.CXONE_CLIENT_ID, settings.CXONE_CLIENT_SECRET)
            granted = self._client.post("/auth/token", data=form, auth=app).raise_for_status().json()
            self._client.headers["Authorization"] = f"Bearer {granted['access_token']}"
            self._client.headers["Accept"] = "application/json"
            return
        form = {"grant_type": "client_credentials", "scope": "outbound:campaign:read analytics:read"}
        form |= {"client_id": settings.CXONE_CLIENT_ID, "client_secret": settings.CXONE_CLIENT_SECRET}
        token = self._client.post("/oauth/token", data=form).raise_for_status().json()["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def read(self) -> None:
        from datetime import UTC, datetime, timedelta

        if self._is_published:
            self._read_to_the_end("/skills?mediaTypeId=4&isActive=true", "skills")
            self._read_to_the_end("/skills/activity?mediaTypeId=4&IsOutbound=true", "skillActivity")
            return
        number, pages = 1, 1
        while number <= pages:
            pages = self._parsed(self._client.get(f"/api/v2/outbound/campaigns?pageSize={PAGE}&pageNumber={number}"))[
                "pageCount"
            ]
            number += 1
        now = datetime.now(UTC)
        query = {
            "fromTime": (now - timedelta(hours=24)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "toTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "groupBy": ["campaignId"],
            "filter": "status eq 'IN_PROGRESS'",
            "metrics": ["conversationCount"],
        }
        self._parsed(self._client.post("/api/v2/analytics/outbound/conversations/details/query", json=query))

    def _read_to_the_end(self, address: str, name: str) -> None:
        rows, total = 0, 1
        while rows < total:
            page = self._parsed(self._client.get(f"/incontactapi/services/v34.0{address}&top={PAGE}&skip={rows}"))
            rows, total = rows + len(page[name]), page["totalRecords"]

    def _parsed(self, response: "httpx.Response") -> dict[str, Any]:
        content: dict[str, Any] = json.loads(response.raise_for_status().content)
        return content


def _processor_time(read: Callable[[], Any]) -> float:
    before = time.process_time()
    assert read() is not False
    return time.process_time() - before


def _database_time(read: Callable[[], Any]) -> float:
    """The CPU of PostgreSQL's backend, in ticks of 10 ms."""
    from benchmarks import process

    before = process.database_seconds()
    assert read()
    return process.database_seconds() - before


def _statements_of(read: Callable[[], Any]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as statements:
        assert read()
    return len(statements)


def _memory_of(read: Callable[[], Any]) -> float:
    """MB of a read at its peak, beyond what this process had before it."""
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    assert read()
    return (_memory("VmHWM") - before) / 1024


def _memory(what: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:"))


# --- Taking turns ---


class Version:
    """A version of the product in a process of its own, on a database of its own. `rate`: requests a minute."""

    def __init__(
        self, tree: Path, database: str, cxone: str, resources: ExitStack, rate: int = 200, *, dialect: str = "v2"
    ) -> None:
        self._tree = tree
        directory = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        from tests.processes.product import environment_in

        self._environment = environment_in(directory, tree) | {
            "DATABASE_URL": database,
            "PYTHONPATH": str(tree),
            "CXONE_BASE_URL": cxone,
            "CXONE_CLIENT_ID": "simulator",
            "CXONE_CLIENT_SECRET": "simulator-secret",
            "CXONE_RATE_PER_MINUTE": str(rate),
        }
        if dialect == "published":
            self._environment |= {
                "CXONE_DIALECT": dialect,
                "CXONE_TOKEN_URL": f"{cxone}/auth/token",
                "CXONE_ACCESS_KEY_ID": "simulator====",
                "CXONE_ACCESS_KEY_SECRET": "simulator-secret====",
            }
        self._process: subprocess.Popen[str] | None = None
        resources.callback(self.end)

    def begin(self) -> None:
        from benchmarks import earlier

        self.end()
        # -P: the modules beside this file are not those of the other version.
        self._process = subprocess.Popen(
            [earlier.python_of(self._tree), "-P", __file__, "work"],
            env=self._environment,
            cwd=self._tree,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        while self._process.stdout.readline() != "ready\n":
            assert self._process.poll() is None, f"the process of {self._tree} ended"

    def ask(self, what: str) -> list[float]:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        numbers: list[float] = json.loads(self._process.stdout.readline())
        return numbers

    def end(self) -> None:
        if self._process:
            with self._process:
                self._process.kill()
            self._process = None


def main() -> int:
    from benchmarks import figures

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds, on SQLite")
    parser.add_argument("--dialect", choices=("v2", "published"), default="v2")
    options = parser.parse_args()
    return figures.report(_measure_all(options.dialect, 2 if options.quick else ROUNDS, on_both=not options.quick))


def _measure_all(dialect: str, rounds: int, *, on_both: bool) -> list["Figure"]:
    from benchmarks import earlier

    trees = [Path(__file__).parents[1], *filter(None, [earlier.checkout()])]
    found = _measure("SQLite", [(tree, "") for tree in trees], rounds, dialect)
    if on_both and os.environ.get("TEST_DATABASE_URL"):
        from tests.processes import servers

        with ExitStack() as databases:
            places = [(tree, databases.enter_context(servers.database())) for tree in trees]
            found += _measure("PostgreSQL", places, rounds, dialect)
    return found


def _measure(where: str, places: list[tuple[Path, str]], rounds: int, dialect: str) -> list["Figure"]:
    """`places`: the versions, this one first, each with its database."""
    from campaigns.simulator import PublishedSimulator, Simulator, serve

    began = time.time()
    simulator: Simulator | PublishedSimulator
    if dialect == "published":
        simulator = PublishedSimulator(CAMPAIGNS, rate_per_minute=None, clock=lambda: began)
    else:
        simulator = Simulator(CAMPAIGNS, rate_per_minute=None, post_events=False, clock=lambda: began)
    # Its pages of the list and of the calls, in one go.
    rate = 1000 if dialect == "published" else 200
    with ExitStack() as resources:
        server = resources.enter_context(serve(simulator))
        versions = [Version(tree, database, server.url, resources, rate, dialect=dialect) for tree, database in places]
        for version in versions:
            version.begin()
            version.ask("new minute")
        found: list[Figure] = []
        for change in CHANGES:
            found += _in_turn(where, change, versions, simulator, rounds)
        memory = []
        for version in versions:
            version.begin()
            memory += version.ask("memory")
    return [*found, _figure("first of a process, above idle", where, "MB", memory, MOST_MEMORY_MB)]


def _in_turn(
    where: str, change: str, versions: list[Version], simulator: "Simulator | PublishedSimulator", rounds: int
) -> Iterator["Figure"]:
    draw, ratios = random.Random(1), [list[float]() for _ in versions]
    for number in range(WARM_UP + rounds):
        _change(change, simulator, draw)
        for version, found in zip(versions, ratios, strict=True):
            ours, bare = version.ask(change)
            if number >= WARM_UP:
                found.append(ours / bare)
    _change(change, simulator, draw)
    statements = [version.ask(f"count {change}")[0] for version in versions]
    words = change if change.startswith("nothing") else f"1 % other {change}"
    most, most_statements = TARGETS[change]
    yield _figure(f"{words}, x bare httpx", where, "x", [statistics.median(found) for found in ratios], most)
    yield _figure(words, where, "statements", statements, most_statements)


def _change(what: str, simulator: "Simulator | PublishedSimulator", draw: random.Random) -> None:
    if what.startswith("nothing"):
        return
    from campaigns.simulator import PublishedSimulator

    if isinstance(simulator, PublishedSimulator):
        for skill_id in draw.sample(simulator.skill_ids(), CHANGED):
            if what == "calls":
                simulator.change(skill_id, calls=draw.randrange(60))
            else:
                simulator.change(skill_id, running=not simulator.skill(skill_id)["running"])
        return
    for campaign_id in draw.sample(simulator.campaign_ids(), CHANGED):
        if what == "calls":
            simulator.change(campaign_id, calls=draw.randrange(60))
        else:
            paused = simulator.campaign(campaign_id)["status"] == "PAUSED"
            simulator.change(campaign_id, status="ACTIVE" if paused else "PAUSED")


def _figure(what: str, where: str, unit: str, of_versions: list[float], target: float | None) -> "Figure":
    from benchmarks.figures import Figure

    base = of_versions[1] if len(of_versions) > 1 else None
    return Figure(f"full read, {what}", of_versions[0], unit, where, target, base)


if __name__ == "__main__":
    if sys.argv[1:] == ["work"]:
        work()
    else:
        sys.exit(main())
