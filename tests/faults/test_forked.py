"""What `up` forks from one process where there is a Redis: it is forked again if it ends, and ends with its parent."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import SignIn, StartProduct
from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import wait_until
from tests.processes.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.long]


@pytest.fixture
def campaign_id(cxone: SimulatedCXone) -> str:
    return cxone.add()


@pytest.fixture
def product(start_product: StartProduct, campaign_id: str) -> Iterator[Product]:
    servers.require()
    with servers.empty_redis() as redis_url:
        yield start_product(REDIS_URL=redis_url)


def forked(product: Product) -> dict[int, list[int]]:
    """The children of each process that runs the workers' command."""
    children: dict[int, list[int]] = {}
    for pid in product.group.members():
        if "run_workers" in Path(f"/proc/{pid}/cmdline").read_text():
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(pid)
    return children


def test_killed_workers_and_dispatchers_are_forked_again(product: Product, campaign_id: str, sign_in: SignIn) -> None:
    before = max(forked(product).values(), key=len)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: product.group.log.count("it is started again") == 4, lambda: product.group.log)
    sign_in(product).pause(campaign_id)
    product.wait_for_confirmed()


def test_all_of_them_come_back_when_their_parent_was_killed(product: Product) -> None:
    parent = max(forked(product), key=lambda each: len(forked(product)[each]))
    children = forked(product)[parent]
    os.kill(parent, signal.SIGKILL)
    wait_until(lambda: "The workers and dispatchers ended" in product.group.log, lambda: product.group.log)
    wait_until(lambda: not set(children) & set(product.group.members()), lambda: "they go on living")
    wait_until(lambda: max(map(len, forked(product).values())) == 4, lambda: f"{forked(product)}")
