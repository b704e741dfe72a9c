"""How long a click takes to reach CXone while a long read spends the background's share of the request budget.

    .venv/bin/python -m benchmarks.click_while_reading [--quick] [--clicks 12]

It runs on SQLite, everything in one process, and then on PostgreSQL if there is one (TEST_DATABASE_URL), with a Redis
of its own.

`up` and a simulated CXone that speaks the published API run in processes of their own. It has 5,000 campaigns, lets a
client make 60 requests a minute, and answers each after 100 ms. A first read, at a rate that lets it be one go, makes
the campaigns known; then the product starts again with the default rate, and its next read takes several minutes: as
many pages a minute as background reads may have, in one go. As soon as another page of it has arrived, a person sends
a pause form, and two others five and twenty seconds later; so a click meets pages that are being read, and an emptied
lane. A click lasts from just before the form's first byte until the stop's arrival in the simulator's record (both
read the machine's monotonic clock). Only clicks that a page came after count: they were in the middle of the read.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, report
from tests.processes import servers
from tests.processes.cxone import PublishedCXone
from tests.processes.group import wait_until
from tests.processes.person import Person
from tests.processes.product import PASSWORD, Product

DATABASES = ("SQLite", "PostgreSQL")
# Requests a minute: what the published dialect has by default.
RATE = 60
CAMPAIGNS, FEW_CAMPAIGNS = 5_000, 1_500
ANSWER_SECONDS = 0.1
# After the first page of a go.
CLICK_AFTER = (0.0, 5.0, 20.0)
# Seconds for the slowest click.
MOST_SECONDS = 1.0
PAGES = ("v34.0/skills", "v34.0/skills/activity")
# Longer than a go waits for the next.
TWO_MINUTES, TEN_MINUTES = 120.0, 600.0


@dataclass
class Measured:
    """`clicks`: seconds of each. `read`: seconds from the first page of the read to its last; `pages`: of one read."""

    clicks: list[float] = field(default_factory=list)
    read: float = 0.0
    pages: int = 0


class Bench:
    def __init__(self, where: str, campaigns: int, resources: ExitStack) -> None:
        directory = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        self.cxone = resources.enter_context(
            closing(PublishedCXone(directory, "--campaigns", str(campaigns), "--rate", "0"))
        )
        self.cxone.start()
        self._skills = [self.cxone.add(calls=0, name=f"Clicked {number}") for number in range(1, 101)]
        settings = {**self.cxone.settings, "CXONE_RATE_PER_MINUTE": "10000", "DEMO_PASSWORD": PASSWORD}
        if where != "SQLite":
            settings["DATABASE_URL"] = resources.enter_context(servers.database())
            settings["REDIS_URL"] = resources.enter_context(_redis())
        self._product = Product(directory, settings)
        resources.callback(self._product.kill)

    def read_in_one_go(self) -> None:
        self._product.start()
        self._product.kill()

    def begin_long_read(self) -> None:
        self.cxone.fail("*", "/incontactapi/*", delay=ANSWER_SECONDS, times=None)
        self._product.environment["CXONE_RATE_PER_MINUTE"] = str(RATE)
        self._product.start()

    def pages_of_a_read(self) -> int:
        """By the reads until now, of which there may be several."""
        return len({(each["path"], each["query"]["skip"]) for each in self._requested()})

    def pages(self) -> list[float]:
        """When each page has arrived, since the beginning."""
        return [float(each["arrived"]) for each in self._requested()]

    def _requested(self) -> list[dict[str, Any]]:
        """Requests for pages of the list and of the calls."""
        record = self.cxone.whole_record()
        return [each for each in record if each["method"] == "GET" and each["path"].endswith(PAGES)]

    @contextmanager
    def person(self) -> Iterator[Person]:
        with closing(Person(self._product.address, "supervisor", PASSWORD)) as person:
            yield person

    def click(self, person: Person) -> tuple[float, float]:
        """When the stop arrived, and seconds until then."""
        skill = self._skills.pop()
        form = person.open_pause(skill)
        began = time.monotonic()
        page = person.pause(skill, form)
        wait_until(lambda: self.cxone.applied(skill), lambda: f"nothing was sent: {person.read(page)}", TWO_MINUTES)
        (stop,) = self.cxone.record(applied=1, campaign=skill, method="POST")
        return float(stop["arrived"]), float(stop["arrived"]) - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="on SQLite, a shorter read, a few clicks")
    parser.add_argument("--clicks", type=int, default=12)
    options = parser.parse_args()
    is_real = "TEST_DATABASE_URL" in os.environ and not options.quick
    campaigns, clicks = (FEW_CAMPAIGNS, 3) if options.quick else (CAMPAIGNS, options.clicks)
    figures: list[Figure] = []
    for where in DATABASES if is_real else DATABASES[:1]:
        figures += _figures(where, campaigns, clicks)
    return report(figures)


def _figures(where: str, campaigns: int, clicks: int) -> list[Figure]:
    measured = _measure(where, campaigns, clicks)
    middle = statistics.median(measured.clicks)
    print(
        f"{where}: a read of {measured.pages} pages took {measured.read:.0f} s; {len(measured.clicks)} clicks within "
        f"it: {', '.join(f'{each * 1000:.0f}' for each in measured.clicks)} ms; a load of {os.getloadavg()[0]:.0f}",
        flush=True,
    )
    return [
        Figure("click to stop within a long read, slowest", max(measured.clicks), "s", where, MOST_SECONDS),
        Figure("click to stop within a long read, median", middle, "s", where),
    ]


def _measure(where: str, campaigns: int, clicks: int) -> Measured:
    with ExitStack() as resources:
        bench = Bench(where, campaigns, resources)
        bench.read_in_one_go()
        measured = Measured(pages=bench.pages_of_a_read())
        before = len(bench.pages())
        last = before + measured.pages
        bench.begin_long_read()
        person = resources.enter_context(bench.person())
        arrivals: list[tuple[float, float]] = []
        while len(arrivals) < clicks and len(bench.pages()) < last:
            arrivals += _click_through_a_go(bench, person, clicks - len(arrivals))
        wait_until(lambda: len(bench.pages()) >= last, lambda: "the read didn't end", TEN_MINUTES)
        pages = bench.pages()[before:last]
        measured.read = pages[-1] - pages[0]
        measured.clicks = [seconds for at, seconds in arrivals if pages[0] < at < pages[-1]]
    return measured


def _click_through_a_go(bench: Bench, person: Person, most: int) -> list[tuple[float, float]]:
    """Wait for another page, and click at and after its arrival."""
    before = len(bench.pages())
    wait_until(lambda: len(bench.pages()) > before, lambda: "no page was read", TWO_MINUTES)
    began, arrivals = time.monotonic(), []
    for after in CLICK_AFTER[:most]:
        time.sleep(max(0.0, began + after - time.monotonic()))
        arrivals.append(bench.click(person))
    return arrivals


@contextmanager
def _redis() -> Iterator[str]:
    own = servers.OwnRedis()
    own.start()
    try:
        yield own.url
    finally:
        own.kill()


if __name__ == "__main__":
    sys.exit(main())
