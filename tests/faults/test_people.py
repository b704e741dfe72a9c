"""Several people, several clicks, strangers at the events' address, a clock that is wrong: all at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from campaigns.states import State
from tests.faults.site import Site
from tests.processes import servers
from tests.processes.deployment import WORKERS
from tests.processes.group import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.quick_on("postgresql")]

CLOCK_LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
EVENTS = 150


def test_one_form_posted_ten_times_at_once(site: Site) -> None:
    (campaign_id,) = site.take()
    form = site.anna.open_pause(campaign_id)
    with ThreadPoolExecutor(10) as threads:
        pages = list(threads.map(lambda _: site.anna.pause(campaign_id, form), range(10)))
    site.wait_for([campaign_id], State.CONFIRMED)
    assert len(set(pages)) == 1
    assert site.applied([campaign_id]) == [1]


def paused_campaign(site: Site) -> str:
    (campaign_id,) = site.take()
    site.anna.pause(campaign_id)
    site.wait_for([campaign_id], State.CONFIRMED)
    return campaign_id


def states(site: Site, campaign_id: str) -> list[str]:
    return [operation["state"] for operation in site.operations([campaign_id])]


def test_pause_is_cancelled_while_cxone_hangs_over_its_read(site: Site) -> None:
    (campaign_id,) = site.take()
    site.cxone.fail("GET", f"/api/v2/outbound/campaigns/{campaign_id}", delay=4)
    page = site.anna.pause(campaign_id)
    site.wait_until_read(campaign_id)
    (operation,) = site.operations([campaign_id])
    assert operation["state"] == State.RUNNING
    site.anna.cancel(page.rstrip("/").rpartition("/")[2])
    assert states(site, campaign_id) == [State.CANCELLED]
    # Its worker comes back from the read, and another pause of the campaign is on its way by then.
    site.anna.pause(campaign_id)
    wait_until(lambda: states(site, campaign_id)[1] == State.CONFIRMED, lambda: str(states(site, campaign_id)))
    assert site.applied([campaign_id]) == [1]


def test_pause_wins_over_a_resume_that_was_sent(site: Site) -> None:
    campaign_id = paused_campaign(site)
    site.cxone.fail("PUT", f"/api/v2/campaigns/{campaign_id}", delay=2)
    site.ben.resume(campaign_id)
    site.wait_until_sent(campaign_id, times=2)
    site.anna.pause(campaign_id)
    wait_until(lambda: states(site, campaign_id)[2] == State.CONFIRMED, lambda: str(states(site, campaign_id)))
    assert states(site, campaign_id) == [State.CONFIRMED, State.SUPERSEDED, State.CONFIRMED]
    assert site.cxone.status_of(campaign_id) == "PAUSED"


def test_pause_wins_over_a_resume_that_was_not_sent(site: Site) -> None:
    campaign_id = paused_campaign(site)
    site.cxone.fail("GET", f"/api/v2/outbound/campaigns/{campaign_id}", delay=2)
    site.ben.resume(campaign_id)
    site.anna.pause(campaign_id)
    wait_until(lambda: states(site, campaign_id)[2] == State.SKIPPED, lambda: str(states(site, campaign_id)))
    assert states(site, campaign_id) == [State.CONFIRMED, State.CANCELLED, State.SKIPPED]
    assert site.applied([campaign_id]) == [1]
    assert site.cxone.status_of(campaign_id) == "PAUSED"


def test_flood_at_the_events_address(site: Site) -> None:
    flooded, (clicked,) = site.take(30), site.take()

    def post(number: int) -> int:
        # Every third is a stranger's, who doesn't know the address.
        return site.post_event(flooded[number % len(flooded)], secret="" if number % 3 else "guessed")

    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(post, range(EVENTS))
        site.anna.pause(clicked)
        site.wait_for([clicked], State.CONFIRMED)
        assert set(answers) == {204, 404}
    assert [site.cxone.status_of(campaign_id) for campaign_id in flooded] == ["ACTIVE"] * len(flooded)


@pytest.mark.parametrize("running_site", ["postgresql"], indirect=True)
@pytest.mark.parametrize("off", ["+90s", "-90s"])
def test_worker_whose_clock_is_wrong(site: Site, off: str) -> None:
    if not CLOCK_LIBRARIES:
        servers.leave_out("There is no libfaketime to give a process another time.")
    (campaign_id,) = site.take()
    site.product.kill(*WORKERS)
    clock = {"LD_PRELOAD": str(CLOCK_LIBRARIES[0]), "FAKETIME": off, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    site.product.start(WORKERS[0], **clock)
    site.anna.pause(campaign_id)
    site.wait_for([campaign_id], State.CONFIRMED)
    site.product.kill(WORKERS[0])
    assert site.applied([campaign_id]) == [1]
    assert site.cxone.status_of(campaign_id) == "PAUSED"
