"""Three hundred pauses asked for at once, on the servers of production."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.queueing.wakeups import MOST_WAITING
from cxadmin.celery import QUEUES
from tests.faults.conftest import StartProduct
from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.long]

PAUSES = 300
# Half of the time that a worker took which listened again only at its next timer: it sent 40 of 150 in 149 s.
SECONDS = 120.0
DISPATCHERS = 2
ASK = f"""
import uuid
from campaigns.models import Campaign, Policy, ReasonCode
from campaigns.operations.requests import request_pause
Policy.objects.update(max_concurrent_pauses=10)
emergency = ReasonCode.objects.get(code="EMERGENCY")
for campaign in Campaign.objects.filter(status="ACTIVE")[:{PAUSES}]:
    request_pause(campaign=campaign, by="anna", reason=emergency, override=True, key=str(uuid.uuid4()))
"""


@pytest.fixture
def cxone(tmp_path: Path) -> Iterator[SimulatedCXone]:
    cxone = SimulatedCXone(tmp_path, "--campaigns", "400", "--rate", "0", "--no-events")
    cxone.start()
    yield cxone
    cxone.close()


def test_three_hundred_pauses_at_once(cxone: SimulatedCXone, start_product: StartProduct) -> None:
    servers.require()
    with servers.database() as database, servers.empty_redis() as redis_url:
        product = start_product(DATABASE_URL=database, REDIS_URL=redis_url, CXONE_RATE_PER_MINUTE="10000")
        opened_before = servers.sessions(database)
        product.run_code(ASK)

        most = 0

        def all_sent() -> bool:
            nonlocal most
            most = max(most, servers.waiting_messages(redis_url, "interactive"))
            return len(cxone.record(applied=1, method="PUT")) >= PAUSES

        wait_until(all_sent, lambda: f"{len(cxone.record(applied=1, method='PUT'))} pauses were sent", SECONDS)
        product.wait_for_confirmed(PAUSES)
        assert len(cxone.record(applied=1, method="PUT")) == PAUSES
        # One message each, and no heap of repetitions on top of them.
        assert most <= PAUSES + DISPATCHERS * (MOST_WAITING + 100)
        # A connection a thread, not one a task. The rest is the command above, and what looked at the database here.
        threads = sum(QUEUES.values())
        assert servers.sessions(database) - opened_before <= threads + 12
        product.kill()
