"""A whole installation of processes: the product, a simulated CXone, Redis, and SQLite or a PostgreSQL of its own."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from campaigns.states import State
from tests.processes.cxone import SimulatedCXone
from tests.processes.deployment import Deployment
from tests.processes.group import wait_until
from tests.processes.person import Person
from tests.processes.product import PASSWORD
from tests.processes.servers import OwnPostgreSQL, OwnRedis
from tests.processes.within import PEOPLE

# Nobody's test waits for the budget, unless it is about the budget.
AMPLE_RATE = 5000
# More campaigns than the tests of one site take: the product knows them all from its first read on.
CAMPAIGNS = 250


class Site:
    """campaigns: ids of those that no test has taken yet."""

    def __init__(
        self, cxone: SimulatedCXone, redis: OwnRedis, postgres: OwnPostgreSQL | None, product: Deployment
    ) -> None:
        self.cxone, self.redis, self.postgres, self.product = cxone, redis, postgres, product
        self.campaigns: list[str] = []
        self.people: list[Person] = []

    @property
    def anna(self) -> Person:
        return self.people[0]

    @property
    def ben(self) -> Person:
        return self.people[1]

    def start(self, stack: ExitStack, campaigns: int, patience: float) -> None:
        self.campaigns = [self.cxone.add() for _ in range(campaigns)]
        self.product.prepare()
        self.product.start()
        for name in PEOPLE:
            person = Person(self.product.address, name, PASSWORD, self.product.accepted, patience)
            self.people.append(stack.enter_context(closing(person)))

    def recover(self) -> None:
        """All of it runs, whatever the last test has left."""
        self.cxone.resume()
        self.cxone.calm()
        self.redis.resume()
        self.product.resume()
        self.product.start()

    def take(self, number: int = 1) -> list[str]:
        """So many campaigns that dial, and that nothing was asked for yet."""
        taken, self.campaigns = self.campaigns[:number], self.campaigns[number:]
        assert len(taken) == number, "the site has no more campaigns"
        return taken

    def post_event(self, campaign_id: str, *, secret: str = "") -> int:
        """What somebody who says to be CXone is answered; with the right secret if none is given."""
        secret = secret or (Path(self.product.environment["VAR_DIR"]) / "webhook_token").read_text().strip()
        address = f"{self.product.address}/webhooks/cxone/{secret}/"
        body = json.dumps({"campaignId": campaign_id, "status": "PAUSED"})
        return httpx.post(address, content=body, timeout=60, trust_env=False).status_code

    def operations(self, campaign_ids: list[str]) -> list[dict[str, Any]]:
        """Those of these campaigns, oldest first."""
        operations: list[dict[str, Any]] = self.product.shell.call("read_operations", campaign_ids=campaign_ids)
        return operations

    def wait_for(self, campaign_ids: list[str], state: State) -> list[dict[str, Any]]:
        """The campaigns' operations, once all are in that state, and there is one for each campaign at least."""
        found: list[dict[str, Any]] = []

        def all_are() -> bool:
            found[:] = self.operations(campaign_ids)
            states = {operation["state"] for operation in found}
            return states == {state} and {each["campaign_id"] for each in found} == set(campaign_ids)

        wait_until(all_are, lambda: f"not all are {state}: {_shown(found)}", 120)
        return found

    def applied(self, campaign_ids: list[str]) -> list[int]:
        """How many changes of each campaign's status CXone has applied."""
        record = self.cxone.whole_record()
        writes = [each["campaign_id"] for each in record if each["method"] == "PUT" and each["applied"]]
        return [writes.count(campaign_id) for campaign_id in campaign_ids]

    def sent(self, campaign_id: str) -> list[dict[str, Any]]:
        """The requests that were to change its status, applied or not."""
        record = self.cxone.whole_record()
        return [each for each in record if each["method"] == "PUT" and each["campaign_id"] == campaign_id]

    def is_read(self, campaign_id: str) -> bool:
        """Somebody has asked CXone for this campaign alone."""
        record = self.cxone.whole_record()
        return any(each["method"] == "GET" and each["campaign_id"] == campaign_id for each in record)

    def wait_until_read(self, campaign_id: str) -> None:
        wait_until(lambda: self.is_read(campaign_id), lambda: f"campaign {campaign_id} was never read")

    def came_between(self, start: float, end: float) -> list[dict[str, Any]]:
        """All requests of that time, in seconds since the epoch."""
        return [request for request in self.cxone.whole_record() if start < request["at"] < end]

    def wait_until_sent(self, campaign_id: str, times: int = 1) -> None:
        wait_until(lambda: len(self.sent(campaign_id)) >= times, lambda: f"sent: {self.sent(campaign_id)}")


@contextmanager
def run_site(
    directory: Path, *, postgresql: bool, rate: int = AMPLE_RATE, campaigns: int = CAMPAIGNS, patience: float = 60
) -> Iterator[Site]:
    """Start all of it, and leave no process behind. patience: seconds for which people wait for a page."""
    settings = {}
    with ExitStack() as stack:
        cxone = SimulatedCXone(directory, "--campaigns", "0", "--rate", "0")
        stack.callback(cxone.close)
        redis = OwnRedis()
        stack.callback(redis.kill)
        postgres = OwnPostgreSQL() if postgresql else None
        if postgres:
            stack.callback(postgres.close)
            postgres.start()
            settings["DATABASE_URL"] = postgres.url
        cxone.start()
        redis.start()
        product = Deployment(directory, {**cxone.settings, "REDIS_URL": redis.url, **settings}, rate)
        stack.callback(product.close)
        site = Site(cxone, redis, postgres, product)
        site.start(stack, campaigns, patience)
        yield site


def _shown(operations: list[dict[str, Any]]) -> list[str]:
    return [f"{each['kind']} {each['state']} {each['waiting_for']} {each['error']}" for each in operations]
