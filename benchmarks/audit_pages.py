"""Server time of the audit's pages with a million records, compared with Django's admin.

    .venv/bin/python -m benchmarks.audit_pages                # on SQLite and on PostgreSQL, one after the other
    .venv/bin/python -m benchmarks.audit_pages --records 50000
    .venv/bin/python -m benchmarks.audit_pages --here         # on the database that DATABASE_URL or VAR_DIR names

Requests are made by Django's test client, with production settings. Records are created by benchmarks/million.py or,
on PostgreSQL, benchmarks/large_ledger.py, and folded; each database is created and dropped (PostgreSQL's at
TEST_DATABASE_URL, as in the tests). A far page begins where page 10,000 of the whole list does. The admin shows the
same records with the same filters. The figure is the whole list, first page, and the admin's in turn, with the CPU of
PostgreSQL's backend. --quick: 20,000 records on SQLite.
"""

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from benchmarks import process
from benchmarks.figures import Figure, report

if TYPE_CHECKING:
    from django.test import Client

    from audit.models import Record

# Of a page's p95, and of the list's CPU over the admin's.
TARGET_MS = 50
MOST = 0.7
ASKED, WARM_UP = 40, 1
# Seconds for all requests of one page: the admin's can take seconds each.
PATIENCE = 10
# Records from the newest: 10,000 pages of 50.
FAR = 10_000 * 50
FOLDED_AT_ONCE = 20_000


# The filters that are also measured in the admin, which takes seconds for each.
BESIDE = {"all", "kind", "campaign", "a month a year ago", "common word", "kind and outcome"}
Filter = dict[str, str]
# Names of the filters in the product's address, and in the admin's; q is the same in both.
IN_ADMIN = {
    "kind": "kind__exact",
    "outcome": "status__exact",
    "by": "by__exact",
    "campaign": "campaign_id__exact",
    "since": "timestamp__gte",
    "until": "timestamp__lt",
}


class Figures(NamedTuple):
    """Milliseconds, and the number of queries. `cpu`: of this process; with SQLite that includes the database."""

    p50: float
    p95: float
    cpu: float
    queries: int


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the audit's pages.")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--here", action="store_true")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if arguments.here:
        return _measure_all(arguments.records, quick=arguments.quick)
    if arguments.quick:
        return process.run_on_sqlite("benchmarks.audit_pages", "--here", "--records", "20000", "--quick")
    return process.run_on_both("benchmarks.audit_pages", "--here", "--records", str(arguments.records))


def _measure_all(records: int, *, quick: bool) -> int:
    """Print a line for each page. Returns the exit status."""
    process.begin("benchmarks.admin_settings")
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    _fill(records)
    product, admin = _clients()
    for _ in range(5):
        # Templates are read and compiled once per process.
        product.get("/audit/")
    # As in gunicorn.conf.py: otherwise a full garbage collection can delay a page by some 60 ms.
    gc.freeze()
    if not quick:
        _print_pages(product, admin, records)
    ratio = _ratio(product, admin)
    where = "SQLite" if connection.vendor == "sqlite" else "PostgreSQL"
    return report([Figure(f"audit list over the admin's changelist, {records:,}", ratio, "x", where, target=MOST)])


def _ratio(product: "Client", admin: "Client") -> float:
    """Of the CPU of the list's first page to the admin's, database included."""
    worked: dict[str, float] = {"product": 0.0, "admin": 0.0}
    for number in range(WARM_UP + ASKED):
        for name, client, address in (("product", product, "/audit/"), ("admin", admin, "/admin/audit/record/")):
            before = time.process_time() + process.database_seconds()
            assert client.get(address).status_code == 200
            if number >= WARM_UP:
                worked[name] += time.process_time() + process.database_seconds() - before
    # Sums, since PostgreSQL's CPU comes in ticks.
    return worked["product"] / worked["admin"]


def _print_pages(product: "Client", admin: "Client", records: int) -> None:
    from django.db import connection

    print(f"\n{records:,} records on {connection.vendor}, up to {ASKED} times each; milliseconds", flush=True)
    print(f"{'':50}{'the product':>35}{'Django admin':>35}")
    print(f"{'page':50}" + f"{'p50':>9}{'p95':>9}{'CPU p50':>9}{'queries':>8}" * 2)
    for name, address, yardstick in _pages():
        figures = _measure(product, address)
        verdict = "" if figures.p95 <= TARGET_MS else f"  over {TARGET_MS} ms"
        print(
            f"{name:50}{_line(figures)}{_line(_measure(admin, yardstick)) if yardstick else ''}{verdict}", flush=True
        )


def _line(figures: Figures) -> str:
    return f"{figures.p50:>9.1f}{figures.p95:>9.1f}{figures.cpu:>9.1f}{figures.queries:>8}"


def _measure(client: "Client", address: str) -> Figures:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times: list[float] = []
    work: list[float] = []
    begun = time.perf_counter()
    while len(times) < WARM_UP + 2 or (len(times) < WARM_UP + ASKED and time.perf_counter() - begun < PATIENCE):
        asked, worked = time.perf_counter(), time.thread_time()
        response = client.get(address)
        times.append((time.perf_counter() - asked) * 1000)
        work.append((time.thread_time() - worked) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}")
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    p95 = statistics.quantiles(times[WARM_UP:], n=20)[-1]
    return Figures(statistics.median(times[WARM_UP:]), p95, statistics.median(work[WARM_UP:]), len(queries))


def _pages() -> Iterator[tuple[str, str, str]]:
    """For each page its name, its address, and that of the admin's page ("" for none)."""
    from audit import queries

    head = queries.read_head()[1]
    far = max(head - FAR, head // 2)
    for name, filtered in _filters().items():
        number = _count(filtered, head)
        yield f"list, {name} ({number:,})", _product(filtered), _admin(filtered, 1) if name in BESIDE else ""
        # Its search finds others, so that it may not have the page.
        beside = name in BESIDE and "q" not in filtered
        far_beside = _admin(filtered, _page_at(filtered, far, head)) if beside else ""
        yield f"list, {name}, far", _product(filtered, before=str(far)), far_beside
    yield "record", f"/audit/{head - 7}/", f"/admin/audit/record/{head - 7}/change/"
    yield "charts over a year", "/audit/charts/?last=12m", ""
    yield "verification", "/audit/verify/", ""
    yield "export", "/audit/export/", ""


def _filters() -> dict[str, Filter]:
    """Filters that meet many records, few and none, alone and together."""
    from audit import queries
    from audit.kinds import RecordKind, Status
    from audit.models import Record

    head = queries.read_head()[1]
    tried = Record.objects.filter(kind=RecordKind.OPERATION_TRIED, number__gte=head // 2).order_by("number")[0]
    month = _month_of(Record.objects.get(number=head // 20))
    person, campaign = {"by": tried.by}, {"campaign": tried.campaign_id}
    kind, failed = {"kind": RecordKind.OPERATION_TRIED.value}, {"outcome": Status.FAILURE.value}
    return {
        "all": {},
        "kind": kind,
        "outcome": failed,
        "person": person,
        "campaign": campaign,
        "a month a year ago": month,
        "common word": {"q": "pause"},
        "beginning of a common word": {"q": "wfm"},
        "three common words": {"q": "pause operation wfm_override"},
        "rare word": {"q": tried.payload_hash[:12]},
        "word of no record": {"q": "zeppelin"},
        "kind and outcome": kind | failed,
        "kind, person and campaign": kind | person | campaign,
        "kind and month": kind | month,
        "person, month and common word": person | month | {"q": "pause"},
        "campaign and common word": campaign | {"q": "override"},
        "sign-ins with a word of operations": {"kind": RecordKind.SIGNIN_SUCCEEDED.value, "q": "pause"},
    }


def _month_of(record: "Record") -> Filter:
    begin = record.timestamp.replace(hour=0, minute=0, second=0, microsecond=0)
    return {"since": f"{begin:%Y-%m-%d %H:%M}Z", "until": f"{begin + timedelta(days=30):%Y-%m-%d %H:%M}Z"}


def _count(filtered: Filter, upto: int) -> int:
    from audit import queries
    from audit.pages.filters import FilterForm

    return queries.count_records(FilterForm(filtered).records(), upto=upto)


def _page_at(filtered: Filter, before: int, head: int) -> int:
    """The number of the admin's page that contains the newest record before `before`."""
    return 1 + min(_count(filtered, head) - _count(filtered, before - 1), _count(filtered, head) - 1) // 50


def _product(filtered: Filter, **place: str) -> str:
    from audit.pages.filters import FilterForm

    return f"/audit/?{FilterForm(filtered).query_string()}&{urlencode(place)}".rstrip("?&")


def _admin(filtered: Filter, page: int) -> str:
    query = {IN_ADMIN.get(name, name): value.replace("Z", "+00:00") for name, value in filtered.items()}
    return f"/admin/audit/record/?{urlencode({**query, 'p': max(page, 1)})}"


def _clients() -> tuple["Client", "Client"]:
    """Clients of a reviewer, and of a superuser for the admin."""
    from django.contrib.auth.models import User
    from django.test import Client

    from tests.factories import make_user

    if not User.objects.filter(username="reviewer").exists():
        make_user("reviewer", username="reviewer")
        User.objects.create_superuser("root")
    clients = Client(HTTP_HOST="localhost"), Client(HTTP_HOST="localhost")
    for client, name in zip(clients, ("reviewer", "root"), strict=True):
        client.force_login(User.objects.get(username=name), backend="cxadmin.accounts.rights.RoleBackend")
    return clients


def _fill(records: int) -> None:
    """Add the missing records, and fold all of them."""
    from django.db import connection

    from audit import folding, queries
    from benchmarks import large_ledger, million

    there = queries.read_head()[1]
    if not there and connection.vendor == "postgresql":
        large_ledger.fill(records)
    elif there < records:
        million.fill(records - there)
    begun = time.perf_counter()
    while folding.fold(FOLDED_AT_ONCE):
        pass
    print(f"{records - there:,} records made; folding took {time.perf_counter() - begun:.0f} s")
    # Autovacuum would do this only later.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    sys.exit(main())
