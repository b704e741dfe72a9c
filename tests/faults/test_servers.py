"""Redis and PostgreSQL end, hang and come back: work is slower meanwhile, and none of it is lost."""

from functools import partial

import pytest

from campaigns.states import State
from cxadmin.celery import QUEUES
from tests.faults.site import Site
from tests.processes.deployment import WORKERS
from tests.processes.group import wait_until
from tests.processes.servers import waiting_messages

pytestmark = [pytest.mark.faults, pytest.mark.quick_on("postgresql")]


def test_redis_killed_with_twenty_queued(site: Site) -> None:
    campaigns = site.take(20)
    site.product.kill(*WORKERS)
    # Of one person, most would be gathered, with one message for all.
    site.product.accepted += site.product.shell.call("pause_all", campaign_ids=campaigns, people=len(campaigns))
    assert waiting_messages(site.redis.url, "interactive") >= len(campaigns)
    site.redis.kill()
    site.redis.start()
    assert waiting_messages(site.redis.url, "interactive") == 0
    site.product.start(*WORKERS)
    site.wait_for(campaigns, State.CONFIRMED)
    assert site.applied(campaigns) == [1] * len(campaigns)


def test_click_while_redis_hangs(site: Site) -> None:
    (campaign_id,) = site.take()
    form = site.anna.open_pause(campaign_id)
    site.redis.stop()
    site.anna.pause(campaign_id, form)
    site.wait_for([campaign_id], State.CONFIRMED)
    assert site.applied([campaign_id]) == [1]


def test_click_while_there_is_no_redis(site: Site) -> None:
    before, after = site.take(2)
    forms = {campaign_id: site.anna.open_pause(campaign_id) for campaign_id in (before, after)}
    site.redis.kill()
    site.anna.pause(before, forms[before])
    site.wait_for([before], State.CONFIRMED)
    site.redis.start()
    listeners = len(WORKERS) + len(QUEUES) - 1
    wait_until(lambda: site.redis.listeners() == listeners, lambda: "the workers don't listen again")
    site.anna.pause(after, forms[after])
    site.wait_for([after], State.CONFIRMED)
    assert site.applied([before, after]) == [1, 1]


@pytest.mark.parametrize("running_site", ["postgresql"], indirect=True)
def test_database_restarted_between_sending_and_answer(site: Site) -> None:
    (campaign_id,) = site.take()
    assert site.postgres
    site.cxone.fail("PUT", f"/api/v2/campaigns/{campaign_id}", delay=3)
    site.anna.pause(campaign_id)
    site.wait_until_sent(campaign_id)
    site.postgres.end()
    site.postgres.start()
    site.product.shell.call("expire_leases")
    site.wait_for([campaign_id], State.CONFIRMED)
    assert len(site.sent(campaign_id)) == 1


@pytest.mark.long
@pytest.mark.parametrize("running_site", ["postgresql"], indirect=True)
def test_answer_while_the_database_is_down(site: Site) -> None:
    (campaign_id,) = site.take()
    assert site.postgres
    site.cxone.fail("PUT", f"/api/v2/campaigns/{campaign_id}", delay=1)
    site.anna.pause(campaign_id)
    site.wait_until_sent(campaign_id)
    site.postgres.end()
    noticed = partial(site.product.count_logged, WORKERS, "OperationalError")
    before = noticed()
    wait_until(lambda: noticed() > before, lambda: "no worker has noticed")
    site.postgres.start()
    # The lease of the worker that could write nothing runs out by itself.
    site.wait_for([campaign_id], State.CONFIRMED)
    assert len(site.sent(campaign_id)) == 1
