"""How many people can keep the list open on two cores, beside an earlier version of this product.

    .venv/bin/python -m benchmarks.people [--quick]

Two processes of gunicorn on PostgreSQL serve 5,000 campaigns to 60 people: half look at the list in its usual order, a
quarter by name, a quarter at what dials. Pages refresh themselves every 5 s, and CXone is read every 15 s, which
changes 1 % of the campaigns: of three refreshes one has news. The CPU of gunicorn's workers and of PostgreSQL's
sessions, for each refresh, tells how many people two cores alone would carry: readers ask one after the other, so that
nothing waits. BASE names the earlier version (benchmarks/earlier.py).
"""

import argparse
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import httpx

from benchmarks import earlier, list_worker
from benchmarks.figures import Figure, report
from benchmarks.process import ROOT
from benchmarks.versions import Version

CAMPAIGNS, PEOPLE, ROUNDS = 5_000, 60, 5
QUICK = 1_000, 8, 2
# Refreshes of each person between two reads of CXone.
REFRESHES = 3
SECONDS = 5
CORES = 2
MOST_PEOPLE = 1_000
LISTS = ("", "", "?sort=name", "?state=dialing")
TICKS = os.sysconf("SC_CLK_TCK")


class OpenPage:
    """The list as somebody has it open."""

    def __init__(self, http: httpx.Client, cookie: str, query: str) -> None:
        self._http = http
        self._cookie = {"cookie": f"sessionid={cookie}"}
        page = http.get(f"/campaigns/{query}", headers=self._cookie).raise_for_status().text
        self._address, self._rows = list_worker.address_in(page), list_worker.rows_in(page, [])

    def refresh(self) -> None:
        headers = list_worker.HTMX | self._cookie | {"accept-encoding": "gzip"}
        if self._rows:
            headers["x-rows"] = ",".join(self._rows)
        answer = self._http.get(self._address, headers=headers).raise_for_status()
        if answer.status_code == 200:
            self._address = list_worker.address_in(answer.text)
            self._rows = list_worker.rows_in(answer.text, self._rows)


class Site:
    """A version that gunicorn serves."""

    def __init__(self, tree: Path, database: str, campaigns: int, people: int, resources: ExitStack) -> None:
        from tests.processes.product import free_port

        self.version = Version(tree, database, campaigns, resources)
        self.database = database
        port = free_port()
        command = [earlier.python_of(tree), "-m", "gunicorn", "cxadmin.wsgi", "--bind", f"127.0.0.1:{port}"]
        log = (self.version.directory / "gunicorn.log").open("w")
        self._gunicorn = subprocess.Popen(
            [*command, "--workers", "2"], env=self.version.environment, cwd=tree, stdout=log, stderr=log
        )
        resources.callback(self._gunicorn.wait)
        resources.callback(self._gunicorn.terminate)
        http = resources.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
        _wait_for(http)
        cookies = self.version.ask(f"sessions {people}")
        self.pages = [OpenPage(http, cookie, LISTS[index % len(LISTS)]) for index, cookie in enumerate(cookies)]

    def cost(self, seed: int) -> float:
        """CPU seconds of all refreshes between two reads."""
        self.version.ask(f"change {seed}")
        before = self._processor()
        for _ in range(REFRESHES):
            for page in self.pages:
                page.refresh()
        return self._processor() - before

    def _processor(self) -> float:
        children = Path(f"/proc/{self._gunicorn.pid}/task/{self._gunicorn.pid}/children").read_text().split()
        return sum(seconds_of(pid) for pid in (*map(int, children), *_sessions_of(self.database)))


def _sessions_of(database: str) -> list[int]:
    import psycopg

    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    return [pid for (pid,) in rows]


def seconds_of(pid: int) -> float:
    numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / TICKS


def _wait_for(http: httpx.Client) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            http.get("/healthz")
        except httpx.TransportError:
            assert time.monotonic() < end, "gunicorn doesn't answer"
            time.sleep(0.2)
        else:
            return


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure how many people two cores carry.")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if not os.environ.get("TEST_DATABASE_URL"):
        print("No TEST_DATABASE_URL: this is measured on PostgreSQL only.")
        return 0
    from tests.processes import servers

    campaigns, people, rounds = QUICK if arguments.quick else (CAMPAIGNS, PEOPLE, ROUNDS)
    trees = [ROOT, *filter(None, [earlier.checkout()])]
    with ExitStack() as resources:
        sites = [
            Site(tree, resources.enter_context(servers.database()), campaigns, people, resources) for tree in trees
        ]
        for site in sites:
            site.cost(0)  # templates are read, plans are made
        costs = [[site.cost(seed) for site in sites] for seed in range(1, rounds + 1)]
    carried = [CORES * SECONDS * rounds * people * REFRESHES / sum(of_site) for of_site in zip(*costs, strict=True)]
    base = carried[1] if len(carried) > 1 else None
    what = f"people at a refresh every {SECONDS} s, {campaigns:,} campaigns"
    return report([Figure(what, carried[0], "people", "PostgreSQL", target=MOST_PEOPLE, base=base, most=False)])


if __name__ == "__main__":
    sys.exit(main())
