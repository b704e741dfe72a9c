"""What the list of campaigns and its refresh cost, beside Django's admin, a trivial view and an earlier version.

    .venv/bin/python -m benchmarks.list_refresh [--quick] [--campaigns 5000]

It runs on SQLite, and then on PostgreSQL if there is one (TEST_DATABASE_URL); BASE names the earlier version
(benchmarks/earlier.py). 43e0a93 sent all rows whenever one had changed.

Each version runs in a process of its own, on a database of its own with the same campaigns, and they take turns: 1 %
of the campaigns get other counts of calls, then a page that was open before is refreshed, or the whole page is read.
CPU is that of the web process and, on PostgreSQL, of its backend. Bytes are those of the response's body: without
compression, and as compressed for a browser.

`trivial` is a signed-in view that says who it is, which this benchmark adds; `next` is a second reader of the same
state; `admin` is the admin's changelist of the same campaigns, with ten columns and 50 rows. At last Chromium opens
the list on a processor slowed down by four: `usable` is the time until its first row can be clicked and the keys work.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext

from benchmarks import earlier, interactive
from benchmarks.figures import Figure, report
from benchmarks.list_worker import Measured
from benchmarks.process import ROOT
from benchmarks.versions import Version

CAMPAIGNS = 5_000
# The list's cost shouldn't depend on how many there are.
FEWER = 1_000
WARM_UP = 3
MEASURED = (
    "refresh by name",
    "refresh by name, next",
    "refresh as usual",
    "refresh as usual, next",
    "refresh, unchanged",
    "list",
    "list, next",
    "admin",
    "trivial",
)
# At most so many times the trivial view's CPU.
MOST_TRIVIAL = {
    "refresh by name": 8,
    "refresh as usual": 8,
    "refresh by name, next": 3,
    "refresh as usual, next": 3,
    "refresh, unchanged": 1.6,
}
# And the admin's.
MOST_ADMIN = {"list": 0.7, "list, next": 0.7}
MOST_GROWTH = 1.1
MOST_WIRE = 9_000


def main() -> int:
    """Print the table, on one or two databases."""
    parser = argparse.ArgumentParser(description="Measure the list and its refresh.")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--campaigns", type=int, default=CAMPAIGNS)
    arguments = parser.parse_args()
    if arguments.quick:
        return report(_compare(FEWER, "SQLite", rounds=5, looks=False)[0])
    figures = _on_database("SQLite", arguments.campaigns, lambda: nullcontext(""))
    if os.environ.get("TEST_DATABASE_URL"):
        from tests.processes import servers

        figures += _on_database("PostgreSQL", arguments.campaigns, servers.database)
    return report(figures)


def _on_database(name: str, campaigns: int, make: Callable[[], AbstractContextManager[str]]) -> list[Figure]:
    figures, many = _compare(campaigns, name, make=make)
    _, few = _compare(FEWER, name, make=make, looks=False)
    growth = (many["list"][0] + many["list, next"][0]) / (few["list"][0] + few["list, next"][0])
    what = f"list at {campaigns:,} over the same at {FEWER:,}"
    return [*figures, Figure(what, growth, "x", name, target=MOST_GROWTH)]


def _compare(
    campaigns: int,
    name: str,
    *,
    make: Callable[[], AbstractContextManager[str]] = lambda: nullcontext(""),
    rounds: int = 20,
    looks: bool = True,
) -> tuple[list[Figure], Measured]:
    """The figures, and the means of this version. `looks`: a browser looks, too."""
    trees = [ROOT, *filter(None, [earlier.checkout()])]
    with ExitStack() as resources:
        versions = [Version(tree, resources.enter_context(make()), campaigns, resources) for tree in trees]
        found = [[version.ask(f"round {seed}") for version in versions] for seed in range(WARM_UP + rounds)]
        usable = [interactive.Served(*version.ask("serve")) for version in versions] if looks else []
        times = interactive.measure(usable) if looks else []
    ours, *base = [_means([each[side] for each in found[WARM_UP:]]) for side in range(len(versions))]
    print(f"\n{campaigns:,} campaigns, 1 % changed before each figure; {rounds} rounds, {name}")
    _print_means(ours, base[0] if base else None)
    for each, of in zip(times, ("", " (earlier version)"), strict=False):
        print(f"usable at a quarter of the speed{of}: first visit {each.first:.0f} ms, later {each.next:.0f} ms")
    return _figures(ours, base[0] if base else None, campaigns, name), ours


def _means(rounds: list[Measured]) -> Measured:
    """Not medians, since PostgreSQL's CPU comes in ticks."""
    return {key: [statistics.fmean(each[key][place] for each in rounds) for place in range(3)] for key in MEASURED}


def _figures(ours: Measured, base: Measured | None, campaigns: int, name: str) -> list[Figure]:
    def over(key: str, yardstick: str, most: float) -> Figure:
        before = base[key][0] / base[yardstick][0] if base else None
        beside = "a trivial view" if yardstick == "trivial" else "the admin's changelist"
        what = f"{key} over {beside}, {campaigns:,}"
        return Figure(what, ours[key][0] / ours[yardstick][0], "x", name, target=most, base=before)

    wire = max("refresh by name", "refresh as usual", key=lambda key: ours[key][2])
    return [
        *(over(key, "trivial", most) for key, most in MOST_TRIVIAL.items()),
        *(over(key, "admin", most) for key, most in MOST_ADMIN.items()),
        Figure(
            f"changed refresh on the wire, {campaigns:,}",
            ours[wire][2],
            "bytes",
            name,
            target=MOST_WIRE,
            # It didn't compress.
            base=base[wire][1] if base else None,
        ),
    ]


def _print_means(ours: Measured, base: Measured | None) -> None:
    print(f"{'':24}{'CPU':>10}{'earlier':>10}{'ratio':>7}{'x trivial':>10}{'x admin':>9}{'bytes':>9}{'gzip':>8}")
    for key in MEASURED:
        cpu, size, wire = ours[key]
        before = base[key][0] if base else 0
        beside = f"{before * 1000:>7.1f} ms{cpu / before:>7.2f}" if before else " " * 17
        print(f"{key:24}{cpu * 1000:>7.1f} ms{beside}", end="")
        print(f"{cpu / ours['trivial'][0]:>10.1f}{cpu / ours['admin'][0]:>9.2f}{size:>9,.0f}{wire:>8,.0f}")


if __name__ == "__main__":
    sys.exit(main())
