"""The previous version and this one, side by side on one database and one Redis, while one replaces the other."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from campaigns.states import State
from tests.faults import invariants
from tests.faults.floor import Floor
from tests.faults.site import AMPLE_RATE, start_postgresql
from tests.processes.cxone import SimulatedCXone
from tests.processes.deployment import Deployment
from tests.processes.person import Person
from tests.processes.product import PASSWORD
from tests.processes.servers import OwnRedis
from tests.upgrade import previous

pytestmark = pytest.mark.faults
WORKS = ("worker 1", "background", "dispatcher 1")
PARTS = ("web", *WORKS)


class TwoVersions(Floor):
    """olive is at the pages of the previous version, anna at those of this one, which isn't there at first."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self._stack = stack
        cxone = SimulatedCXone(directory, "--campaigns", "0", "--rate", "0")
        stack.callback(cxone.close)
        cxone.start()
        redis = OwnRedis()
        stack.callback(redis.kill)
        redis.start()
        common = {**cxone.settings, "DATABASE_URL": start_postgresql(stack).url, "REDIS_URL": redis.url}
        self.old = self._deploy(directory / "old", common, previous.unpack(directory))
        common |= {"VAR_DIR": self.old.environment["VAR_DIR"]}
        self.new = self._deploy(directory / "new", common)
        super().__init__(cxone, self.new, 30)

    def start_old(self) -> None:
        self.manage_old("migrate", "--verbosity", "0")
        self.manage_old("collectstatic", "--no-input", "--verbosity", "0")
        self.manage_old("create_user", "olive", "--role", "supervisor", said=f"{PASSWORD}\n")
        self.old.start(*PARTS)
        self.olive = self._sign_in(self.old, "olive")

    def start_new(self) -> None:
        self.new.start(*PARTS)
        self.anna = self._sign_in(self.new, "anna")

    def manage_old(self, *words: str, said: str = "") -> None:
        tree, settings = self.old.tree, self.old.environment
        command = [sys.executable, str(tree / "manage.py"), *words]
        ran = subprocess.run(command, env=settings, cwd=tree, input=said, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr

    def all_confirmed_once(self, campaign_ids: list[str]) -> None:
        self.wait_for(campaign_ids, State.CONFIRMED)
        assert self.applied(campaign_ids) == [1] * len(campaign_ids)

    def _deploy(self, directory: Path, settings: dict[str, str], *tree: Path) -> Deployment:
        directory.mkdir()
        own = {"STATIC_ROOT": str(directory / "static")}
        deployment = Deployment(directory, settings | own, AMPLE_RATE, *tree)
        self._stack.callback(deployment.close)
        return deployment

    def _sign_in(self, deployment: Deployment, name: str) -> Person:
        # Whatever was accepted at either version's pages must be kept.
        person = Person(deployment.address, name, PASSWORD, self.new.accepted)
        return self._stack.enter_context(closing(person))


@pytest.fixture
def both(tmp_path: Path) -> Iterator[TwoVersions]:
    with ExitStack() as stack:
        yield TwoVersions(tmp_path, stack)


def test_one_replaces_the_other(both: TwoVersions) -> None:
    both.start_old()
    both.new.prepare()
    migrated, by_new, by_old, *mixed = both.take(9)

    # Old processes, new tables: also for a campaign that they see first.
    first_seen = both.cxone.add()
    both.manage_old("sync_campaigns")
    for campaign_id in (migrated, first_seen):
        both.olive.pause(campaign_id)
    both.all_confirmed_once([migrated, first_seen])

    # Asked for at the old pages, done by the new version; and the other way round.
    both.start_new()
    both.old.terminate(*WORKS)
    both.olive.pause(by_new)
    both.all_confirmed_once([by_new])
    both.old.start_soon(*WORKS)
    both.new.terminate(*WORKS)
    both.anna.pause(by_old)
    both.all_confirmed_once([by_old])

    # All at once, and a bulk of each.
    both.new.start_soon(*WORKS)
    both.olive.pause_many(mixed[:3])
    both.anna.pause_many(mixed[3:])
    both.all_confirmed_once(mixed)

    both.old.terminate(*PARTS)
    both.anna.resume(migrated)
    both.wait_for([migrated], State.CONFIRMED)
    assert both.cxone.status_of(migrated) == "ACTIVE"
    invariants.check(both.new, both.cxone)
