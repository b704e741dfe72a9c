"""Workers are killed and stopped at the worst moment: nothing is lost, nothing is done twice."""

import time

import pytest

from campaigns.states import State
from tests.faults.site import Site
from tests.processes.deployment import DISPATCHERS, PARTS, WORKERS
from tests.processes.group import wait_until

pytestmark = pytest.mark.faults


def put(campaign_id: str) -> tuple[str, str]:
    return "PUT", f"/api/v2/campaigns/{campaign_id}"


def test_worker_killed_before_it_is_applied(site: Site) -> None:
    (campaign_id,) = site.take()
    site.cxone.fail(*put(campaign_id), delay=30, done=False)
    site.anna.pause(campaign_id)
    site.wait_until_sent(campaign_id)
    site.product.kill(*WORKERS)
    site.product.shell.call("expire_leases")
    site.product.start(*WORKERS)
    site.wait_for([campaign_id], State.CONFIRMED)
    assert [request["applied"] for request in site.sent(campaign_id)] == [False, True]


def test_worker_killed_after_it_was_applied(site: Site) -> None:
    (campaign_id,) = site.take()
    site.cxone.fail(*put(campaign_id), delay=30)
    site.anna.pause(campaign_id)
    site.wait_until_sent(campaign_id)
    site.product.kill(*WORKERS)
    site.product.shell.call("expire_leases")
    site.product.start(*WORKERS)
    site.wait_for([campaign_id], State.CONFIRMED)
    assert [request["applied"] for request in site.sent(campaign_id)] == [True]


@pytest.mark.quick_on("postgresql")
def test_worker_killed_while_it_reads(site: Site) -> None:
    (campaign_id,) = site.take()
    site.cxone.fail("GET", f"/api/v2/*campaigns/{campaign_id}", delay=30)
    site.anna.pause(campaign_id)
    site.wait_until_read(campaign_id)
    site.product.kill(*WORKERS)
    site.product.shell.call("expire_leases")
    site.product.start(*WORKERS)
    site.wait_for([campaign_id], State.CONFIRMED)
    assert site.applied([campaign_id]) == [1]


@pytest.mark.quick_on("postgresql")
def test_overtaken_worker_sends_nothing(site: Site) -> None:
    (campaign_id,) = site.take()
    first, second = WORKERS
    site.product.kill(second)
    site.cxone.fail("GET", f"/api/v2/*campaigns/{campaign_id}", delay=2)
    site.cxone.fail(*put(campaign_id), delay=3)
    site.anna.pause(campaign_id)
    site.wait_until_read(campaign_id)
    site.product.stop(first)
    site.product.shell.call("expire_leases")
    site.product.start(second)
    site.wait_until_sent(campaign_id)
    site.product.resume(first)
    site.wait_for([campaign_id], State.CONFIRMED)
    assert len(site.sent(campaign_id)) == 1


@pytest.mark.quick_on
def test_overtaken_bulk_begins_nothing_more(site: Site) -> None:
    campaigns = sorted(site.take(30))
    site.product.shell.call("allow_pauses", number=10)
    first, second = WORKERS
    site.product.kill(second)
    for campaign_id in campaigns[:10]:
        site.cxone.fail(*put(campaign_id), delay=3)
    site.anna.pause_many(campaigns)
    wait_until(lambda: all(map(site.sent, campaigns[:10])), lambda: f"applied: {site.applied(campaigns)}")
    site.product.stop(first)
    site.product.shell.call("expire_leases")
    site.product.start(second)
    wait_until(lambda: all(map(site.sent, campaigns[10:20])), lambda: f"applied: {site.applied(campaigns)}")
    site.product.resume(first)
    site.wait_for(campaigns, State.CONFIRMED)
    assert [len(site.sent(campaign_id)) for campaign_id in campaigns] == [1] * len(campaigns)


@pytest.mark.quick_on
def test_everything_killed_amid_sixty_pauses(site: Site) -> None:
    campaigns = site.take(60)
    site.product.shell.call("allow_pauses", number=10)
    site.product.accepted += site.product.shell.call("pause_all", campaign_ids=campaigns)
    wait_until(lambda: sum(site.applied(campaigns)) >= 10, lambda: f"applied: {site.applied(campaigns)}")
    site.product.kill()
    site.product.shell.call("expire_leases")
    site.product.start()
    site.wait_for(campaigns, State.CONFIRMED)
    assert site.applied(campaigns) == [1] * len(campaigns)


def test_everything_killed_amid_a_bulk_of_sixty(site: Site) -> None:
    # In the order in which the bulk takes them, ten at once.
    campaigns = sorted(site.take(60))
    site.product.shell.call("allow_pauses", number=10)
    # Of its second ten, half is carried out, and half never arrives.
    for campaign_id in campaigns[10:15]:
        site.cxone.fail(*put(campaign_id), delay=30)
    for campaign_id in campaigns[15:20]:
        site.cxone.fail(*put(campaign_id), delay=30, done=False)
    site.anna.pause_many(campaigns)
    wait_until(lambda: all(map(site.sent, campaigns[:20])), lambda: f"applied: {site.applied(campaigns)}")
    site.product.kill()
    site.cxone.calm()
    site.product.shell.call("expire_leases")
    site.product.start()
    site.wait_for(campaigns, State.CONFIRMED)
    assert site.applied(campaigns) == [1] * len(campaigns)


@pytest.mark.quick_on
def test_dispatchers_die_and_come_back(site: Site) -> None:
    (campaign_id,) = site.take()
    site.product.kill(*PARTS[1:])
    site.anna.pause(campaign_id)
    site.redis.kill()
    site.redis.start()
    site.product.start(*WORKERS, *DISPATCHERS)
    site.wait_for([campaign_id], State.CONFIRMED)
    assert site.applied([campaign_id]) == [1]


@pytest.mark.quick_on("sqlite")
def test_time_passes_while_everything_is_down(site: Site) -> None:
    paused, dialing = site.take(2)
    site.anna.pause(paused)
    site.wait_for([paused], State.CONFIRMED)
    seconds = 4.0
    due = time.time() + seconds
    # The dispatchers would hand the pause to CXone before its time; it is to be late.
    site.product.kill()
    for verb, campaign_id in (("resume", paused), ("pause", dialing)):
        operation = site.product.shell.call("change_later", verb=verb, campaign_id=campaign_id, seconds=seconds)
        site.product.accepted.append(operation)
    wait_until(lambda: time.time() > due + 1, lambda: "time stands still")
    site.product.start()
    site.wait_for([paused, dialing], State.CONFIRMED)
    assert site.applied([paused, dialing]) == [2, 1]
    assert [site.cxone.status_of(each) for each in (paused, dialing)] == ["ACTIVE", "PAUSED"]
