"""Several people, several clicks, strangers at the events' address, a clock that is wrong: all at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from campaigns.states import State
from tests.faults.site import Site
from tests.processes import servers
from tests.processes.deployment import WORKERS

pytestmark = pytest.mark.faults

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


def test_flood_at_the_events_address(site: Site) -> None:
    flooded, (clicked,) = site.take(30), site.take()
    token = (Path(site.product.environment["VAR_DIR"]) / "webhook_token").read_text().strip()

    events = httpx.Client(base_url=site.product.address, timeout=60, trust_env=False)

    def post(number: int) -> int:
        # Every third is a stranger's, who doesn't know the address.
        secret = token if number % 3 else "guessed"
        body = json.dumps({"campaignId": flooded[number % len(flooded)], "status": "PAUSED"})
        return events.post(f"/webhooks/cxone/{secret}/", content=body).status_code

    with events, ThreadPoolExecutor(4) as threads:
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
