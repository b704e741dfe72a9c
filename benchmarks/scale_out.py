"""What a second machine costs: the same work on one machine for the pages and one that works, and on two of each.

    .venv/bin/python -m benchmarks.scale_out [--quick]

Each machine is a network namespace with processes of its own; PostgreSQL, Redis and the simulated CXone are outside.
CPU is that of the product's processes and of PostgreSQL: a machine that is added brings its own cores, so what tells
whether it helps is how much of the work is done twice. It needs root, for the namespaces.

People: the list of 1,000 campaigns is open in 40 browsers, half of them at each machine if there are two, and is read
again after each read of CXone. Pauses: 100 are requested at once, by as many people.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from benchmarks import process
from benchmarks.figures import Figure, report
from benchmarks.people import LISTS, OpenPage, seconds_of

if TYPE_CHECKING:
    from tests.processes.machines import Machines
    from tests.processes.servers import OwnPostgreSQL

CAMPAIGNS, PEOPLE, PAUSES, ROUNDS = 1_000, 40, 100, 6
WARM_UP = 3
PATIENCE = 300
QUICK = 200, 8, 20, 2
ONE, TWO = ("web-1", "work-1"), ("web-1", "web-2", "work-1", "work-2")
# Of the work of one machine.
MOST = 1.15


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of one refresh and of one pause; of the pauses, the part of the busiest machine that works."""

    refresh: float
    pause: float
    busiest: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    if os.geteuid():
        print("Not root: there are no namespaces to measure in.")
        return 0
    process.begin()
    sizes = QUICK if parser.parse_args().quick else (CAMPAIGNS, PEOPLE, PAUSES, ROUNDS)
    one, two = measure(ONE, *sizes), measure(TWO, *sizes)
    print(f"one of each: {one}\ntwo of each: {two}")
    return report([
        Figure("CPU of a refresh, two machines for the pages over one", two.refresh / one.refresh, "x", "", MOST),
        Figure("CPU of a pause, two machines that work over one", two.pause / one.pause, "x", "", MOST),
        Figure("of the pauses, the part of the busier machine", two.busiest, "", ""),
    ])  # fmt: skip


def measure(machines: tuple[str, ...], campaigns: int, people: int, pauses: int, rounds: int) -> Cost:
    # It imports Django's models.
    from tests.processes.machines import run_machines

    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        site = run_machines(Path(directory), *machines, campaigns=campaigns + 2 * pauses)
        product, _, postgres = stack.enter_context(site)
        product.start()
        webs, workers = ([name for name in machines if name.startswith(kind)] for kind in ("web", "work"))
        pages = [stack.enter_context(_open_list(product, webs[each % len(webs)], each)) for each in range(people)]
        refresh = _cost_of_refreshes(product, webs, pages, rounds)
        return Cost(refresh, *_cost_of_pauses(product, postgres, workers, pauses))


@contextmanager
def _open_list(product: "Machines", machine: str, number: int) -> Iterator[OpenPage]:
    from tests.processes.person import Person
    from tests.processes.product import PASSWORD
    from tests.processes.within import PEOPLE as NAMES

    address = product.address(machine)
    with (
        closing(Person(address, NAMES[number % len(NAMES)], PASSWORD)) as person,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as http,
    ):
        yield OpenPage(http, person.session, LISTS[number % len(LISTS)])


def _cost_of_refreshes(product: "Machines", webs: list[str], pages: list[OpenPage], rounds: int) -> float:
    """Of one, in the processes of the pages alone: PostgreSQL's part is the same wherever they run."""
    for _ in range(WARM_UP):
        for page in pages:
            page.refresh()
    before = _processor_of(product, webs)
    for _ in range(rounds):
        _wait_for_news(product)
        for page in pages:
            page.refresh()
    return (_processor_of(product, webs) - before) / rounds / len(pages)


def _wait_for_news(product: "Machines") -> None:
    """The next read of CXone, in which some calls have ended and others begun."""
    read = product.shell.call("read_version")
    while product.shell.call("read_version") == read:
        time.sleep(0.5)


def _cost_of_pauses(
    product: "Machines", postgres: "OwnPostgreSQL", workers: list[str], pauses: int
) -> tuple[float, float]:
    """Of one, with PostgreSQL's part; and the busiest machine's part of what the machines did."""
    product.shell.call("allow_pauses", number=10)
    dialing = product.shell.call("find_dialing", number=2 * pauses)
    # Modules are imported, connections are open.
    _pause(product, dialing[:pauses])
    at_postgres, at = _seconds(postgres.members()), {each: _processor_of(product, [each]) for each in workers}
    _pause(product, dialing[pauses:])
    parts = [_processor_of(product, [each]) - at[each] for each in workers]
    total = sum(parts)
    return (total + _seconds(postgres.members()) - at_postgres) / pauses, max(parts) / total


def _pause(product: "Machines", campaign_ids: list[str]) -> None:
    from tests.processes.group import wait_until

    product.shell.call("pause_all", campaign_ids=campaign_ids, people=len(campaign_ids))

    def all_have_ended() -> bool:
        operations = product.shell.call("read_operations", campaign_ids=campaign_ids)
        return all(each["ended_at"] for each in operations)

    wait_until(all_have_ended, lambda: "some pauses don't end", PATIENCE)


def _processor_of(product: "Machines", machines: Iterable[str]) -> float:
    return sum(_seconds(product.members(machine)) for machine in machines)


def _seconds(pids: Iterable[int]) -> float:
    return sum(map(seconds_of, pids))


if __name__ == "__main__":
    sys.exit(main())
