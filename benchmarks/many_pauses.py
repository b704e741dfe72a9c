"""150 pauses that are requested one by one, at once, beside 150 bare PUTs one after the other; and a bulk of 150.

    .venv/bin/python -m benchmarks.many_pauses            # SQLite, everything in one process
    TEST_DATABASE_URL=… TEST_REDIS_URL=… .venv/bin/python -m benchmarks.many_pauses     # and PostgreSQL with Redis
    .venv/bin/python -m benchmarks.many_pauses --quick    # 20 pauses on SQLite

`up` and the simulated CXone run in their own processes; the simulated CXone has 400 other campaigns, and answers every
request after 20 ms. One process requests all pauses as one person, each in a transaction of its own. The measurement
begins with the first of them, so that counts, and ends when the last PUT has arrived. The bare PUTs go over one open
connection, in the same run; the product has noticed them before it begins.

A click is another person's pause of another campaign, from the form's first byte until its PUT arrives: some before,
and in a round of their own as many as fit in while the pauses go on.

Requests are all that CXone got from the first pause on until the last one was confirmed, with regular reads and the
samples of calls that came in between. At 200 requests a minute, the floor is what three for each pause take (a read, a
count of calls, a PUT): 122 s for 150.
"""

import argparse
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import bulk, earlier
from benchmarks.bulk import Bench
from benchmarks.figures import Figure, report
from tests.processes.group import ROOT, wait_until

PAUSES, FEW = 150, 20
UNLIMITED, LIMITED = 10_000, 200
CLICKS, MOST_CLICKS = 5, 20
# A version that doesn't come to an end is given up after so many times the bare PUTs' time.
MOST_BARES = 20
# A click whose PUT doesn't come.
LOST_SECONDS = 30.0
# Of the bare PUTs' time, by the number of pause slots.
TARGETS = {1: 6.0, 10: 1.5}
REQUESTS, BULK_REQUESTS = 3.0, 1.1
CLICK, OVER_FLOOR = 2.0, 1.2
ASK = """
import time, uuid
from django.conf import settings
from django.db import connection
from campaigns.models import Campaign, ReasonCode
try:
    from campaigns.operations.requests import request_pause
except ImportError:
    from campaigns.actions import pause as request_pause
reason = ReasonCode.objects.get(pk="MAINTENANCE")
print(time.monotonic())
for campaign in Campaign.objects.filter(pk__in={ids}):
    pause = request_pause(campaign=campaign, by="{name}", reason=reason, key=uuid.uuid4().hex)
    if not settings.REDIS_URL:
        # The other process doesn't hear the wake-up of this one: its dispatcher enqueues them.
        with connection.cursor() as cursor:
            cursor.execute("UPDATE campaigns_operation SET rung_at = NULL WHERE id = %s", [pause.pk.hex])
print(time.monotonic())
"""
UNITS = {"_requests": "requests", "_processor": "s"}
# The two versions have different columns, but not these.
COUNT = "SELECT count(*) FROM campaigns_operation WHERE \"by\" = '{name}' AND {condition}"


@dataclass(frozen=True, slots=True)
class Shape:
    """What is measured: on which database, with how many requests a minute, slots and pauses."""

    where: str
    slots: int
    pauses: int = PAUSES
    rate: int = UNLIMITED

    def __str__(self) -> str:
        limit = f", {self.rate} requests a minute" if self.rate == LIMITED else ""
        return f"{self.pauses} pauses at once, {self.slots} at a time{limit}"


@dataclass(slots=True)
class Round:
    """What came of it. Seconds from the first pause on; `processor`: those of all of the product's processes;
    `clicks`: those of each click during it, `idle`: before."""

    pauses: int
    bare: float
    asked: float
    last_put: float
    requests: int
    processor: float
    idle: list[float]
    clicks: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        clicks, idle = ([round(each * 1000) for each in these] for these in (self.clicks, self.idle))
        return (
            f"requested in {self.asked:.1f} s, last PUT after {self.last_put:.1f} s, bare {self.bare:.1f} s; "
            f"{self.requests} requests, {self.processor / self.pauses * 1000:.0f} ms of CPU each; clicks {clicks} ms, "
            f"before {idle} ms"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{FEW} pauses on SQLite, one round")
    if parser.parse_args().quick:
        return report(_figures_of(Shape("SQLite", 10, FEW), rounds=(False,)))
    figures: list[Figure] = []
    for where in ("SQLite", "PostgreSQL") if os.environ.get("TEST_DATABASE_URL") else ("SQLite",):
        for slots in TARGETS:
            figures += _figures_of(Shape(where, slots), rounds=(False, False, True))
        figures += [_figure_of_floor(Shape(where, 10, rate=LIMITED)), _figure_of_bulk(where)]
    return report(figures)


def _figures_of(shape: Shape, rounds: tuple[bool, ...]) -> list[Figure]:
    """`rounds`: whether somebody clicks during each. The earlier version, which may not come to an end, has one."""
    runs, base = _measure(shape, rounds, ROOT), _measure_earlier(shape, rounds[-1:])
    alone = [each for each in runs if not each.clicks] or runs
    # Of a few, the first ones, which are carried out alone, are too large a part.
    target = TARGETS[shape.slots] if shape.pauses == PAUSES else None
    figures = [
        _figure(f"{shape}: last PUT over the PUTs alone", shape, (alone, base), _ratio, target),
        _figure(f"{shape}: requests for each", shape, (alone, base), _requests, REQUESTS),
        _figure(f"{shape}: CPU for each", shape, (alone, base), _processor),
    ]
    if any(each.clicks for each in runs):
        clicked = [each for each in runs if each.clicks], [each for each in base if each.clicks]
        figures.append(_figure(f"{shape}: a click meanwhile over an idle one", shape, clicked, _click, CLICK))
    return figures


def _figure_of_floor(shape: Shape) -> Figure:
    runs = _measure(shape, (False,), ROOT), _measure_earlier(shape, (False,))
    return _figure(f"{shape}: last PUT over the floor", shape, runs, _over_floor, OVER_FLOOR)


def _figure_of_bulk(where: str) -> Figure:
    """The earlier version has no bulks."""
    with _started(Shape(where, 10), ROOT, in_bulk=PAUSES) as (bench, _):
        _, _, requests = bulk.run_bulk(bench, 10, "in_bulk")
    return Figure(f"a bulk of {PAUSES}: requests for each", requests / PAUSES, "requests", where, BULK_REQUESTS)


def _figure(
    what: str,
    shape: Shape,
    runs: tuple[list[Round], list[Round]],
    of: Callable[[Round], float],
    target: float | None = None,
) -> Figure:
    own, base = (statistics.median(map(of, each)) if each else math.nan for each in runs)
    return Figure(what, own, UNITS.get(of.__name__, "x"), shape.where, target, None if math.isnan(base) else base)


def _ratio(run: Round) -> float:
    return run.last_put / run.bare


def _over_floor(run: Round) -> float:
    return run.last_put / (61 * (math.ceil(3 * run.pauses / LIMITED) - 1))


def _click(run: Round) -> float:
    return statistics.median(run.clicks) / statistics.median(run.idle)


def _requests(run: Round) -> float:
    return run.requests / run.pauses


def _processor(run: Round) -> float:
    return run.processor / run.pauses


@contextmanager
def _started(shape: Shape, tree: Path, **campaigns: int) -> Iterator[tuple[Bench, dict[str, list[str]]]]:
    with ExitStack() as resources:
        bench = Bench(shape.where == "PostgreSQL", shape.rate, resources, tree)
        yield bench, bench.start(**campaigns)


def _measure_earlier(shape: Shape, rounds: tuple[bool, ...]) -> list[Round]:
    tree = earlier.checkout()
    return _measure(shape, rounds, tree) if tree else []


def _measure(shape: Shape, rounds: tuple[bool, ...], tree: Path) -> list[Round]:
    number = len(rounds)
    numbers = {"together": number * shape.pauses, "bare": number * shape.pauses}
    runs = []
    with _started(shape, tree, **numbers, single=number * (CLICKS + MOST_CLICKS)) as (bench, ids):
        bench.ask(bulk.SET_SLOTS.format(shape.slots))
        for place, has_clicks in enumerate(rounds):
            own = {name: found[place::number] for name, found in ids.items()}
            runs.append(_measure_round(bench, f"person {place}", own, MOST_CLICKS if has_clicks else 0))
            print(f"{tree.name}, {shape.where}, {shape}: {runs[-1]}", flush=True)
    return runs


def _measure_round(bench: Bench, name: str, ids: dict[str, list[str]], most_clicks: int) -> Round:
    bare, pauses = bench.pause_bare(ids["bare"]), len(ids["together"])
    # Somebody else's changes, of which each is put on record: not while it is measured.
    wait_until(lambda: _count_paused(bench, ids["bare"]) == len(ids["bare"]), lambda: "the bare PUTs weren't noticed")
    idle = [bulk.click(bench, ids["single"].pop()) for _ in range(CLICKS)]
    if bench.rate == LIMITED:
        # Until nothing of before counts.
        time.sleep(62)
    worked = _processor_seconds(bench)
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(bench.ask, ASK.format(ids=ids["together"], name=name))
        wait_until(lambda: _count(bench, name, "1 = 1"), lambda: "no pause was requested")
        clicks = list(_click_meanwhile(bench, name, pauses, ids["single"][:most_clicks]))
        began, ended = asking.result()
    _wait_for(bench, name, "sent_at IS NOT NULL", pauses, max(MOST_BARES * bare, 400 * (bench.rate == LIMITED)))
    worked, given_up = _processor_seconds(bench) - worked, time.monotonic() - began
    _wait_for(bench, name, "confirmed_at IS NOT NULL", pauses, 60)
    made, wanted = bench.requests_since(began), set(ids["together"])
    puts = [request["arrived"] - began for request in made if request["applied"] and request["campaign_id"] in wanted]
    last_put = max(puts) if len(puts) == pauses else given_up
    return Round(pauses, bare, ended - began, last_put, len(made), worked, idle, clicks)


def _wait_for(bench: Bench, name: str, condition: str, pauses: int, seconds: float) -> None:
    """Until as many pauses are so, or for so long."""
    with suppress(AssertionError):
        wait_until(lambda: _count(bench, name, condition) >= pauses, str, seconds)


def _click_meanwhile(bench: Bench, name: str, pauses: int, ids: list[str]) -> Iterator[float]:
    """As many clicks as fit in while others wait."""
    while ids and _count(bench, name, "sent_at IS NOT NULL") < pauses * 0.9:
        try:
            yield bulk.click(bench, ids.pop())
        except AssertionError:
            yield LOST_SECONDS


def _count(bench: Bench, name: str, condition: str) -> int:
    return int(bench.query(COUNT.format(name=name, condition=condition))[0])


def _count_paused(bench: Bench, ids: list[str]) -> int:
    listed = ", ".join(f"'{each}'" for each in ids)
    return int(bench.query(f"SELECT count(*) FROM campaigns_campaign WHERE status = 'PAUSED' AND id IN ({listed})")[0])  # noqa: S608


def _processor_seconds(bench: Bench) -> float:
    """Of all of the product's processes that live, without the database's."""
    return sum(map(_seconds_of, bench.product.group.members()))


def _seconds_of(process: int) -> float:
    numbers = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
