"""A Redis that goes away slows the work, and stops none of it."""

from collections.abc import Iterator

import pytest

from cxadmin.celery import QUEUES
from tests.faults.conftest import SignIn, StartProduct
from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import wait_until
from tests.processes.servers import OwnRedis

pytestmark = pytest.mark.faults


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    own_redis = OwnRedis()
    own_redis.start()
    yield own_redis
    own_redis.kill()


@pytest.fixture
def database() -> Iterator[str]:
    servers.require()
    with servers.database() as url:
        yield url


def test_pauses_go_on_without_redis(
    own_redis: OwnRedis, database: str, start_product: StartProduct, cxone: SimulatedCXone, sign_in: SignIn
) -> None:
    product = start_product(DATABASE_URL=database, REDIS_URL=own_redis.url)
    person, campaigns = sign_in(product), [cxone.add(), cxone.add()]
    product.manage("sync_campaigns")
    forms = {campaign_id: person.open_pause(campaign_id) for campaign_id in campaigns}

    own_redis.kill()
    person.pause(campaigns[0], forms[campaigns[0]])
    product.wait_for_confirmed(1)

    own_redis.start()
    wait_until(lambda: own_redis.listeners() == len(QUEUES), lambda: "the workers don't listen again")
    person.pause(campaigns[1], forms[campaigns[1]])
    product.wait_for_confirmed(2)
    assert [cxone.applied(campaign_id) for campaign_id in campaigns] == [1, 1]
