"""PostgreSQL's primary is lost, and a streaming replica takes over: the product finds it, and goes on."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from campaigns.restoring.noticing import LOOK_SECONDS
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import wait_until
from tests.processes.person import Person
from tests.processes.product import PASSWORD, Product
from tests.processes.servers import OwnPostgreSQL

pytestmark = [pytest.mark.faults, pytest.mark.long]

WRITTEN = "SELECT pg_current_wal_lsn()::text"
STREAMS = "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver)"


class Pair:
    """A product on a primary and its replica, with one pause confirmed."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self.cxone = stack.enter_context(closing(SimulatedCXone(directory, "--campaigns", "5")))
        self.cxone.start()
        self.campaigns = [self.cxone.add() for _ in range(3)]
        self.primary = stack.enter_context(closing(OwnPostgreSQL()))
        self.primary.start()
        self.replica = stack.enter_context(closing(self.primary.make_replica()))
        hosts = f"host=127.0.0.1,127.0.0.1&port={self.primary.port},{self.replica.port}"
        database = f"postgres://postgres@/postgres?{hosts}&target_session_attrs=read-write"
        self.product = Product(directory, {**self.cxone.settings, "DEMO_PASSWORD": PASSWORD, "DATABASE_URL": database})
        stack.callback(self.product.kill)
        self.product.start()
        self.pause(0)

    def pause(self, index: int) -> None:
        with closing(Person(self.product.address, "supervisor", PASSWORD)) as anna:
            anna.pause(self.campaigns[index])
        wait_until(lambda: self.cxone.status_of(self.campaigns[index]) == "PAUSED", lambda: self.product.group.log)

    def fail_over(self) -> None:
        self.primary.end()
        self.replica.query("SELECT pg_promote()")
        wait_until(self._is_ready, lambda: self.product.group.log[-3000:])

    def has_noticed(self) -> bool:
        return self._readiness()["restore_noticed_at"] is not None

    def _is_ready(self) -> bool:
        return bool(self._readiness()["ready"])

    def _readiness(self) -> dict[str, object]:
        answered: dict[str, object] = httpx.get(f"{self.product.address}/readyz", timeout=30, trust_env=False).json()
        return answered


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with ExitStack() as stack:
        yield Pair(tmp_path, stack)


def test_replica_takes_over_and_nothing_is_lost(pair: Pair) -> None:
    written = pair.primary.query(WRITTEN)
    has_all = f"SELECT pg_last_wal_replay_lsn() >= '{written}'"
    wait_until(lambda: pair.replica.query(has_all) is True, lambda: "the replica lags behind")
    pair.fail_over()
    pair.pause(1)
    assert not pair.has_noticed()
    assert pair.product.verification()["ok"]
    assert json.loads(pair.product.manage("protect_audit").stdout) == {"missing": []}


def test_records_that_the_replica_lacks_are_noticed(pair: Pair) -> None:
    pair.replica.query("ALTER SYSTEM SET primary_conninfo = ''")
    pair.replica.query("SELECT pg_reload_conf()")
    wait_until(
        lambda: pair.replica.query("SELECT count(*) FROM pg_stat_wal_receiver") == 0, lambda: "it still streams"
    )
    pair.pause(1)
    # The dispatcher looks at what there is.
    time.sleep(2 * LOOK_SECONDS)
    pair.fail_over()
    wait_until(pair.has_noticed, lambda: pair.product.group.log[-3000:])
    acknowledged = pair.product.manage("acknowledge_restore", "--yes", "--note", "The primary was lost")
    assert acknowledged.returncode == 0, acknowledged.stderr
    assert pair.product.verification()["ok"]
    pair.pause(2)
