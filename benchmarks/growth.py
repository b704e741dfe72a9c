"""How the product's cost grows with the number of campaigns, and with that of audit records.

    .venv/bin/python -m benchmarks.growth                         # both on PostgreSQL, the list on SQLite, too
    .venv/bin/python -m benchmarks.growth --only records --records 100000 1000000
    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.growth --here   # what benchmarks.large_ledger has filled

It takes an hour, and 20 GB of disk for ten million records, so `make bench` leaves it out. PostgreSQL is the one at
TEST_DATABASE_URL, where databases are created and dropped. CPU is that of the process and of PostgreSQL's backend for
it; statements are counted with BEGIN and COMMIT. Tables have been analyzed, as autovacuum would have done.

Campaigns: the list and its refresh after 1 % of the campaigns got other counts of calls (benchmarks/list_worker.py),
and a full read of CXone that finds nothing changed, beside bare httpx (benchmarks/full_read.py). Records: the audit's
pages, exports, verification and appends on a ledger of that length (benchmarks/large_ledger.py), beside
`values().iterator()` and a bare SHA-256 of the same records. Pages are read by Django's test client.
"""

import argparse
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import process

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from django.test import Client

CAMPAIGNS = (1_000, 5_000, 20_000)
RECORDS = (100_000, 1_000_000, 10_000_000)
ROUNDS, WARM_UP = 20, 3
# Seconds for all requests of one page.
PATIENCE = 10
# Records of an export or a verification, the newest of the ledger; rounds of them.
SLICE, TURNS = 200_000, 3
APPENDS = 500
# Enough for 20,000 campaigns, which CXone's own 200 a minute aren't.
RATE = 1_000
LISTED = {
    "refresh as usual": "changed refresh, first reader",
    "refresh as usual, next": "changed refresh, next reader",
    "refresh, unchanged": "unchanged refresh",
    "list": "whole list after a change, first reader",
    "list, next": "whole list, next reader",
    "search": "search by name after a change",
}


class Cost(NamedTuple):
    """`cpu`: of both processes, in seconds. `statements`: None where they aren't counted."""

    cpu: float
    statements: int | None = None

    def __str__(self) -> str:
        counted = "" if self.statements is None else f", {self.statements}"
        return f"{self.cpu * 1000:.1f} ms{counted}"


# What was measured, in words: its cost, or another figure as it is printed.
Costs = dict[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("campaigns", "records"))
    parser.add_argument("--campaigns", type=int, nargs="+", default=CAMPAIGNS)
    parser.add_argument("--records", type=int, nargs="+", default=RECORDS)
    parser.add_argument("--here", action="store_true", help="measure the ledger that DATABASE_URL names")
    arguments = parser.parse_args()
    if arguments.here:
        print(json.dumps(_measure_ledger()))
        return 0
    if arguments.only != "records":
        for where in ("SQLite", "PostgreSQL"):
            columns = {f"{count:,}": _measure_campaigns(count, where) for count in arguments.campaigns}
            _print_table(f"{where}, campaigns: CPU, statements", columns)
    if arguments.only != "campaigns":
        columns = {f"{count:,}": _measure_new_ledger(count) for count in arguments.records}
        _print_table("PostgreSQL, audit records: CPU, statements", columns)
    return 0


def _print_table(title: str, columns: Mapping[str, Costs]) -> None:
    names = dict.fromkeys(chain.from_iterable(columns.values()))
    print(f"\n| {title} | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    for name in names:
        print(f"| {name} | {' | '.join(costs.get(name, '') for costs in columns.values())} |", flush=True)


# --- Campaigns ---


def _measure_campaigns(count: int, where: str) -> Costs:
    from tests.processes import servers

    with ExitStack() as resources:
        databases = ["", ""]
        if where == "PostgreSQL":
            databases = [resources.enter_context(servers.database()) for _ in databases]
        return _measure_list(count, databases[0]) | _measure_full_read(count, databases[1])


def _measure_list(count: int, database: str) -> Costs:
    from benchmarks.versions import Version

    with ExitStack() as resources:
        version = Version(process.ROOT, database, count, resources)
        rounds = []
        for seed in range(WARM_UP + ROUNDS):
            measured = version.ask(f"round {seed}")
            rounds.append(measured | {"search": version.ask(f"search {seed}")})
        statements = version.ask("statements 1000")
    # Not medians, since PostgreSQL's CPU comes in ticks.
    means = {name: statistics.fmean(each[name][0] for each in rounds[WARM_UP:]) for name in LISTED}
    return {label: str(Cost(means[name], statements.get(name))) for name, label in LISTED.items()}


def _measure_full_read(count: int, database: str) -> Costs:
    from benchmarks.full_read import Version
    from campaigns.simulator import Simulator, serve

    began = time.time()
    simulator = Simulator(count, rate_per_minute=None, post_events=False, clock=lambda: began)
    what, turns = "nothing changed, same minute", range(1 + TURNS)
    with ExitStack() as resources:
        server = resources.enter_context(serve(simulator))
        version = Version(process.ROOT, database, server.url, resources, rate=RATE)
        version.begin()
        version.ask("new minute")
        if database:
            _analyze(database)
        (ours, bare) = zip(*[version.ask(what) for _ in turns][1:], strict=True)
        backend = statistics.fmean(version.ask(f"database {what}")[0] for _ in turns)
        simulator.record.clear()
        (statements,) = version.ask(f"count {what}")
        requests = len(simulator.record.requests())
    ratio = (statistics.fmean(ours) + backend) / statistics.fmean(bare)
    return {
        "full read, nothing changed": str(Cost(statistics.fmean(ours) + backend, int(statements))),
        "bare reads of the same": str(Cost(statistics.fmean(bare))),
        "full read over bare reads": f"{ratio:.1f} x",
        "requests of a full read": str(requests),
    }


def _analyze(database: str) -> None:
    import psycopg

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


# --- Audit records ---


def _measure_new_ledger(records: int) -> Costs:
    from tests.processes import servers
    from tests.processes.product import environment_in

    with TemporaryDirectory() as directory, servers.database() as database:
        environment = environment_in(Path(directory)) | {"DATABASE_URL": database}
        assert process.run_apart("benchmarks.large_ledger", str(records), environment=environment) == 0
        os.environ.update(environment)
        measured: Costs = json.loads(process.read_apart("benchmarks.growth", "--here"))
    return measured


def _measure_ledger() -> Costs:
    process.begin("benchmarks.admin_settings")
    from django.core.management import call_command

    from audit import queries
    from audit.integrity import checkpoints
    from audit.models import Watch
    from benchmarks import audit_pages

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    head = queries.read_head()[0]
    assert head, "the ledger is empty"
    # As the check in the background would have left it.
    Watch.objects.update(checked_number=head.number, checked_digest=head.digest)
    checkpoints.write()
    client, _ = audit_pages._clients()
    for _ in range(5):
        # Templates are read and compiled once per process.
        client.get("/audit/")
    # As in gunicorn.conf.py.
    gc.freeze()
    costs: Costs = {"bytes on disk for each record": _size(head.number)}
    for name, address in _pages(head.number).items():
        costs[name] = _measure_page(client, address)
        print(f"{name}: {costs[name]}", file=sys.stderr, flush=True)
    for measure in (_measure_charts, _measure_export, _measure_rates, _measure_appends):
        found = measure(client)
        print(found, file=sys.stderr, flush=True)
        costs |= found
    return costs


def _size(records: int) -> str:
    from django.db import connection

    tables = {"records": "audit_record", "words": "audit_posting", "figures": "audit_rollup"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        whole = cursor.fetchone()[0]
        sizes = {}
        for name, table in tables.items():
            cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [table])
            sizes[name] = cursor.fetchone()[0]
    parts = ", ".join(f"{name} {size / records:,.0f}" for name, size in sizes.items())
    return f"{whole / records:,.0f} ({parts})"


def _pages(head: int) -> dict[str, str]:
    from audit.kinds import RecordKind
    from audit.models import Record

    tried = Record.objects.filter(kind=RecordKind.OPERATION_TRIED, number__gte=head // 2).order_by("number")[0]
    by, campaign, week = f"by={tried.by}", f"campaign={tried.campaign_id}", "range=last-week"
    return {
        "list, first page": "/audit/",
        "list, in the middle of the ledger": f"/audit/?before={head // 2}",
        "list, a person last week": f"/audit/?{week}&{by}",
        "list, a campaign last week": f"/audit/?{campaign}&{week}",
        "list, a campaign ever": f"/audit/?{campaign}",
        "words of many records": "/audit/?q=pause+wfm_override",
        "words of one operation": f"/audit/?q={tried.payload_hash[:12]}",
        "words of no record": "/audit/?q=zeppelin",
        "a person and words of no record": f"/audit/?{by}&q=zeppelin",
        "record": f"/audit/{head // 2}/",
        "export page": "/audit/export/",
        "export page, a person last week": f"/audit/export/?{week}&{by}",
        "verification page": "/audit/verify/",
    }


def _measure_page(client: "Client", address: str) -> str:
    def ask() -> "HttpResponseBase":
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, f"{address} answered {answer.status_code}"
        return answer

    return str(Cost(_mean(ask), _statements(ask)))


def _mean(work: Callable[[], object], most: int = ROUNDS) -> float:
    """CPU seconds of the process and of PostgreSQL's backend."""
    work()
    begun, before, times = time.perf_counter(), _processor(), 0
    while times < most and (times < 2 or time.perf_counter() - begun < PATIENCE):
        work()
        times += 1
    return (_processor() - before) / times


def _processor() -> float:
    return time.process_time() + process.database_seconds()


def _statements(work: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


def _measure_charts(client: "Client") -> Costs:
    from django.core.cache import cache

    from audit.models import Record

    campaign = Record.objects.exclude(campaign_id="").order_by("number")[0].campaign_id
    costs = {}
    for name, address in {
        "charts, a year": "/audit/charts/?range=12m",
        "charts, last week": "/audit/charts/?range=last-week",
        "charts, a campaign's year": f"/audit/charts/?campaign={campaign}&range=12m",
    }.items():

        def ask(address: str = address) -> None:
            assert client.get(address, follow=True).status_code == 200

        def ask_first(ask: Callable[[], None] = ask) -> None:
            cache.clear()
            ask()

        costs[f"{name}, with nothing in the cache"] = str(Cost(_mean(ask_first, 5), _statements(ask_first)))
        costs[name] = str(Cost(_mean(ask), _statements(ask)))
    return costs


def _measure_export(client: "Client") -> Costs:
    """Until the first byte of an export of everything. The checkpoint before it is that of the export before."""
    from audit import exports, queries

    def first_byte() -> None:
        blocks = exports.export(queries.select(), exports.Format.JSONL, by="benchmark", filters={}).blocks
        assert next(iter(blocks))

    return {"export, until its first byte": str(Cost(_mean(first_byte), _statements(first_byte)))}


def _measure_rates(client: "Client") -> Costs:
    """Of the newest records. All take turns."""
    from audit import queries, stored_rows
    from audit.integrity.chain_walk import verify_range

    head, _ = queries.read_head()
    assert head
    begin = stored_rows.find_head(max(head.number - SLICE, 0))
    assert begin

    def verify() -> None:
        found, reached = verify_range(begin, head.number)
        assert found is None
        assert reached == head

    records = head.number - begin.number
    ways: dict[str, Callable[[], object]] = {
        "JSON lines": lambda: _drain(_export("jsonl", begin.number, head.number)),
        "CSV": lambda: _drain(_export("csv", begin.number, head.number)),
        "iterator": lambda: _drain(_plain(begin.number)),
        "verification": verify,
        "SHA-256": lambda: _hash(begin.number, head.number),
    }
    worked = dict.fromkeys(ways, 0.0)
    for _ in range(TURNS):
        for name, work in ways.items():
            before = _processor()
            work()
            worked[name] += (_processor() - before) / TURNS
    rates = {name: f"{cpu / records * 1e6:.1f} µs" for name, cpu in worked.items()}
    lines, table = worked["JSON lines"] / worked["iterator"], worked["CSV"] / worked["iterator"]
    return {
        "export as JSON lines, a record": f"{rates['JSON lines']} ({lines:.2f} x)",
        "export as CSV, a record": f"{rates['CSV']} ({table:.2f} x)",
        "values().iterator(), a record": rates["iterator"],
        "verification, a record": f"{rates['verification']} ({worked['verification'] / worked['SHA-256']:.1f} x)",
        "bare SHA-256, a record": rates["SHA-256"],
    }


def _export(form: str, after: int, upto: int) -> Iterable[bytes]:
    """The newest records as an export writes them."""
    from audit import exports, queries
    from audit.queries import CHUNK
    from audit.search.reader import SelectionReader

    parts = SelectionReader(queries.select(), most=CHUNK).parts(after + 1, upto, downwards=False, size=CHUNK)
    return exports.WRITE[exports.Format(form)](parts)


def _plain(after: int) -> Iterator[bytes]:
    from audit.chain import FIELDS
    from audit.models import Record

    rows = Record.objects.filter(number__gt=after).order_by("number").values(*FIELDS)
    for values in islice(rows.iterator(), SLICE):
        yield f"{json.dumps(values, default=str)}\n".encode()


def _drain(blocks: Iterable[bytes]) -> None:
    assert sum(map(len, blocks))


def _hash(after: int, upto: int) -> None:
    from hashlib import sha256

    from django.db import connection

    with connection.cursor() as cursor:
        for first in range(after, upto, 10_000):
            bounds = [first, min(first + 10_000, upto)]
            cursor.execute("SELECT body FROM audit_record WHERE number > %s AND number <= %s ORDER BY number", bounds)
            for (body,) in cursor.fetchall():
                sha256(body).hexdigest()


def _measure_appends(client: "Client") -> Costs:
    """Each in a transaction of its own, then folded as they come: a few at a time."""
    import uuid

    from django.db import transaction

    from audit import folding, ledger
    from audit.kinds import RecordKind, Status
    from benchmarks.appends import FACTS

    def append() -> None:
        with transaction.atomic():
            # Of an operation of its own: one of very many records would make the list's first page another one.
            facts = FACTS | {"operation": uuid.uuid4()}
            ledger.append(RecordKind.OPERATION_ENDED, status=Status.SUCCESS, **facts)

    while folding.fold():
        pass
    appended = Cost(_mean(append, APPENDS), _statements(append))
    before, folded = _processor(), 0
    # A minute of a busy day has about so many.
    while step := folding.fold(20):
        folded += step
    return {
        "append, a record": str(appended),
        "folding, a record": str(Cost((_processor() - before) / folded)),
    }


if __name__ == "__main__":
    sys.exit(main())
