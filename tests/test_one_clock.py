"""Times that cross machines are the database's: no module asks its process's clock, but those named here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLOCKS = {
    ("timezone", "now"),
    ("timezone", "localdate"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}
# What a process's clock is good enough for. `monotonic` is everybody's: it measures a span within one process.
ALLOWED = {
    "audit/clock.py": "SQLite's database is on the same machine",
    "audit/pages/drawn.py": "whether the year stands in a date",
    "audit/pages/export.py": "the day in the name of a file",
    "audit/statistics/day_cache.py": "which days are over, with an hour to spare",
    "campaigns/attention/descriptions.py": "whether the year stands in a date",
    "campaigns/cxone/channel.py": "compared with the date in a Retry-After where the answer has no Date of its own",
    "campaigns/cxone/published/gateway.py": "whether a change is for now, by the later of CXone's clock and ours",
    "campaigns/cxone/v2/gateway.py": "the day in which calls in progress began, together with CXone's clock",
    "campaigns/holidays/lookups.py": "the day that forms and lists of holidays begin with",
    "campaigns/management/commands/run_simulator.py": "a pretend CXone has a clock of its own",
    "campaigns/operations/phrases.py": "the reader's day: whether a date stands beside a time",
    "campaigns/pages/version.py": "the reader's day: whether a date stands beside a time",
    "campaigns/templatetags/display.py": "the reader's day: whether a date stands beside a time",
    "campaigns/deliveries/http.py": "compared with the date in a Retry-After where the answer has no Date of its own",
    "cxadmin/health.py": "this machine's clock is compared with the database's",
    "cxadmin/doctor/times.py": "this machine's clock is what is compared with the database's and CXone's",
    "cxadmin/doctor/webhooks.py": "the time in a test notice, which is sent without a database, too",
    "cxadmin/accounts/factors/pending.py": "how long a second factor is waited for, in a session, which goes by it",
    "cxadmin/accounts/session_store.py": "how long a session lasts, as Django's own store asks",
    "cxadmin/accounts/sessions.py": "how long a session lasts and was idle, to the minute",
}


def modules() -> Iterator[str]:
    for package in ("audit", "campaigns", "cxadmin"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith("campaigns/simulator/"):  # a pretend CXone has a clock of its own
                yield name


def clocks_in(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in CLOCKS:
                found.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.Call) and not node.args and ast.unparse(node.func) == "timezone.localtime":
            found.add("timezone.localtime")
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found |= {f"time.{alias.name}" for alias in node.names if ("time", alias.name) in CLOCKS}
    return found


@pytest.mark.parametrize(
    "source",
    [
        "timezone.now()",
        "field(default=timezone.now)",
        "datetime.now(UTC)",
        "time.time()",
        "from time import time",
        "timezone.localtime()",
    ],
)
def test_clock_is_found(source: str) -> None:
    assert clocks_in(source)


@pytest.mark.parametrize(
    "source", ["time.monotonic()", "database_now()", "Now()", "freshness.now", "timezone.localtime(at)"]
)
def test_what_is_no_clock_is_not(source: str) -> None:
    assert not clocks_in(source)


def test_no_module_asks_its_process_for_the_time() -> None:
    asking = {name: clocks_in((ROOT / name).read_text(encoding="utf-8")) for name in modules() if name not in ALLOWED}
    assert {name: clocks for name, clocks in asking.items() if clocks} == {}
