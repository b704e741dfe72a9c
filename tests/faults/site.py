"""A whole installation of processes: the product, a simulated CXone, Redis, and SQLite or a PostgreSQL of its own."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx

from tests.faults.floor import Floor
from tests.processes.cxone import SimulatedCXone
from tests.processes.deployment import Deployment
from tests.processes.person import Person
from tests.processes.pgbouncer import OwnPgBouncer
from tests.processes.product import PASSWORD
from tests.processes.servers import OwnPostgreSQL, OwnRedis
from tests.processes.within import PEOPLE

# Nobody's test waits for the budget, unless it is about the budget.
AMPLE_RATE = 5000
# More campaigns than the tests of one site take: the product knows them all from its first read on.
CAMPAIGNS = 250


class Site(Floor):
    """All of it on this machine: each process, Redis and PostgreSQL can be ended."""

    def __init__(
        self,
        cxone: SimulatedCXone,
        redis: OwnRedis,
        postgres: OwnPostgreSQL | None,
        product: Deployment,
        campaigns: int,
        pooler: OwnPgBouncer | None = None,
    ) -> None:
        super().__init__(cxone, product, campaigns)
        self.redis, self.postgres, self.product, self.pooler = redis, postgres, product, pooler
        self.people: list[Person] = []

    @property
    def anna(self) -> Person:
        return self.people[0]

    @property
    def ben(self) -> Person:
        return self.people[1]

    def start(self, stack: ExitStack, patience: float) -> None:
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

    def post_event(self, campaign_id: str, *, secret: str = "") -> int:
        """What somebody who says to be CXone is answered; with the right secret if none is given."""
        secret = secret or (Path(self.product.environment["VAR_DIR"]) / "webhook_token").read_text().strip()
        address = f"{self.product.address}/webhooks/cxone/{secret}/"
        body = json.dumps({"campaignId": campaign_id, "status": "PAUSED"})
        return httpx.post(address, content=body, timeout=60, trust_env=False).status_code


@contextmanager
def run_site(
    directory: Path,
    *,
    postgresql: bool,
    rate: int = AMPLE_RATE,
    campaigns: int = CAMPAIGNS,
    patience: float = 60,
    pooled: bool = False,
) -> Iterator[Site]:
    """Start all of it, and leave no process behind. patience: seconds for which people wait for a page.

    pooled: a PgBouncer is before PostgreSQL.
    """
    with ExitStack() as stack:
        cxone = SimulatedCXone(directory, "--campaigns", "0", "--rate", "0")
        stack.callback(cxone.close)
        redis = OwnRedis()
        stack.callback(redis.kill)
        postgres = start_postgresql(stack) if postgresql else None
        settings = {"DATABASE_URL": postgres.url} if postgres else {}
        pooler = _start_pooler(stack, postgres) if postgres and pooled else None
        if pooler:
            settings |= {"DATABASE_URL": pooler.url, "DATABASE_POOLED": "on"}
        cxone.start()
        redis.start()
        product = Deployment(directory, {**cxone.settings, "REDIS_URL": redis.url, **settings}, rate)
        stack.callback(product.close)
        site = Site(cxone, redis, postgres, product, campaigns, pooler)
        site.start(stack, patience)
        yield site


def start_postgresql(stack: ExitStack) -> OwnPostgreSQL:
    postgres = OwnPostgreSQL()
    stack.callback(postgres.close)
    postgres.start()
    return postgres


def _start_pooler(stack: ExitStack, postgres: OwnPostgreSQL) -> OwnPgBouncer:
    postgres.limit_sessions()
    pooler = OwnPgBouncer(postgres.url)
    stack.callback(pooler.close)
    pooler.start()
    return pooler
