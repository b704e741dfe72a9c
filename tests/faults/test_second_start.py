"""A second start finds all prepared: the product goes on in the process that looked, and is watched all the same."""

import os
import signal
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.faults.conftest import SignIn, StartProduct
from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import wait_until
from tests.processes.product import Product

pytestmark = pytest.mark.faults


@pytest.fixture
def campaign_id(cxone: SimulatedCXone) -> str:
    return cxone.add()


@pytest.fixture(params=[False, True], ids=["one process", "redis"])
def product(request: pytest.FixtureRequest, start_product: StartProduct, campaign_id: str) -> Iterator[Product]:
    if request.param:
        servers.require()
    with servers.empty_redis() if request.param else nullcontext("") as redis_url:
        started = start_product(REDIS_URL=redis_url)
        started.kill()
        started.start()
        yield started


def begun_by_up(product: Product) -> int:
    """What was forked from `up`, which has become another program by then."""
    forked = (pid for pid in product.group.members() if b"manage.py\0up" in Path(f"/proc/{pid}/cmdline").read_bytes())
    return next(pid for pid in forked if parent_of(pid) == product.group.process.pid)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_it_works_and_comes_back_when_it_was_killed(product: Product, campaign_id: str, sign_in: SignIn) -> None:
    os.kill(begun_by_up(product), signal.SIGKILL)
    wait_until(lambda: "ended with status -9" in product.group.log, lambda: product.group.log)
    wait_until(product._has_read, lambda: product.group.log)
    sign_in(product).pause(campaign_id)
    product.wait_for_confirmed()


def test_it_ends_with_the_program_that_watches_it(product: Product) -> None:
    begun = begun_by_up(product)
    os.kill(product.group.process.pid, signal.SIGKILL)
    wait_until(lambda: begun not in product.group.members(), lambda: "it goes on running")


def test_signal_ends_both(product: Product) -> None:
    product.group.process.send_signal(signal.SIGTERM)
    product.group.wait_for_end()
    assert product.group.process.returncode == 0
