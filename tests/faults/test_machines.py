"""Two machines for the pages and two that work: one is cut off in the middle, and nobody waits for it."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from campaigns.states import State
from tests.faults import invariants
from tests.faults.floor import Floor
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import wait_until
from tests.processes.machines import WEBS, WORKERS, Machines, run_machines
from tests.processes.network import SUBNET
from tests.processes.person import Person
from tests.processes.product import PASSWORD

pytestmark = [
    pytest.mark.faults,
    pytest.mark.allow_hosts(["127.0.0.1", *(f"{SUBNET}.{number}" for number in range(1, 20))]),
]

# Holds the audit's end, for which whoever writes a record waits, and says so.
HOLD_THE_AUDIT = """
import time
from django.db import transaction
from audit.models import Head

with transaction.atomic():
    Head.objects.select_for_update().get()
    print("held", flush=True)
    time.sleep(600)
"""


class Site(Floor):
    def __init__(self, cxone: SimulatedCXone, product: Machines) -> None:
        super().__init__(cxone, product, campaigns=150)
        self.product = product

    def person_at(self, machine: str, name: str) -> Person:
        return Person(self.product.address(machine), name, PASSWORD, self.product.accepted)


@pytest.fixture(scope="module")
def running_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("machines")
    with run_machines(directory, *WEBS, *WORKERS) as (product, cxone, _):
        site = Site(cxone, product)
        product.start()
        yield site


@pytest.fixture
def site(running_site: Site) -> Iterator[Site]:
    """All four are there. After the test, every promise must have been kept."""
    yield running_site
    for machine in (*WEBS, *WORKERS):
        running_site.product.network.reconnect(machine)
        running_site.product.resume(machine)
    running_site.cxone.calm()
    invariants.check(running_site.product, running_site.cxone)


@pytest.fixture
def anna(site: Site) -> Iterator[Person]:
    with closing(site.person_at("web-1", "anna")) as person:
        yield person


def test_sign_in_at_one_machine_holds_at_the_other(site: Site, anna: Person) -> None:
    anna.go_to(site.product.address("web-2"))
    assert "anna" in anna.read("/campaigns/")


def test_form_of_one_machine_is_taken_by_the_other(site: Site, anna: Person) -> None:
    (campaign_id,) = site.take()
    form = anna.open_pause(campaign_id)
    anna.go_to(site.product.address("web-2"))
    anna.pause(campaign_id, form)
    site.wait_for([campaign_id], State.CONFIRMED)


def test_click_at_the_other_machine_goes_through(site: Site, anna: Person) -> None:
    (campaign_id,) = site.take()
    site.product.network.cut_off("web-1")
    assert not site.product.is_ready("web-1", patience=1)
    anna.go_to(site.product.address("web-2"))
    anna.pause(campaign_id)
    site.wait_for([campaign_id], State.CONFIRMED)


def test_pages_of_a_machine_that_is_back(site: Site, anna: Person) -> None:
    site.product.network.cut_off("web-1")
    assert not site.product.is_ready("web-1", patience=3)
    site.product.network.reconnect("web-1")
    site.product.wait_until_ready("web-1")
    assert "anna" in anna.read("/campaigns/")


def test_worker_cut_off_after_its_change_was_sent(site: Site, anna: Person) -> None:
    (campaign_id,) = site.take()
    site.product.stop("work-2")
    site.cxone.fail("PUT", f"/api/v2/campaigns/{campaign_id}", delay=3)
    anna.pause(campaign_id)
    site.wait_until_sent(campaign_id)
    site.product.network.cut_off("work-1")
    site.product.shell.call("expire_leases")
    site.product.resume("work-2")
    site.wait_for([campaign_id], State.CONFIRMED)
    assert len(site.sent(campaign_id)) == 1


def test_worker_cut_off_amid_a_bulk(site: Site, anna: Person) -> None:
    campaigns = sorted(site.take(60))
    site.product.shell.call("allow_pauses", number=10)
    for campaign_id in campaigns:
        site.cxone.fail("PUT", f"/api/v2/campaigns/{campaign_id}", delay=0.2)
    anna.pause_many(campaigns)
    wait_until(lambda: sum(site.applied(campaigns)) >= 10, lambda: f"applied: {site.applied(campaigns)}")
    site.product.network.cut_off("work-1")
    site.product.shell.call("expire_leases")
    site.wait_for(campaigns, State.CONFIRMED)
    assert site.applied(campaigns) == [1] * len(campaigns)


def test_worker_that_is_back_takes_work_again(site: Site, anna: Person) -> None:
    (campaign_id,) = site.take()
    site.product.network.cut_off("work-1")
    site.product.network.forget("work-1")
    wait_until(lambda: site.product.listeners() == 2, lambda: f"{site.product.listeners()} workers listen")
    site.product.network.reconnect("work-1")
    wait_until(lambda: site.product.listeners() == 4, lambda: f"{site.product.listeners()} workers listen")
    site.product.stop("work-2")
    anna.pause(campaign_id)
    site.wait_for([campaign_id], State.CONFIRMED)


@pytest.mark.long
def test_silent_database_is_given_up(site: Site) -> None:
    site.product.network.cut_off("work-1")
    wait_until(lambda: "OperationalError" in site.product.log("work-1"), lambda: site.product.log("work-1"), 40)


def test_machine_cut_off_in_a_transaction_keeps_nobody_waiting(site: Site, anna: Person) -> None:
    (campaign_id,) = site.take()
    form = anna.open_pause(campaign_id)
    holder = site.product.command("work-1", "shell", "--verbosity", "0", "--command", HOLD_THE_AUDIT)
    wait_until(lambda: "held" in holder.log, lambda: holder.log)
    site.product.network.cut_off("work-1")
    # PostgreSQL ends its session after 15 s.
    anna.pause(campaign_id, form)
    site.wait_for([campaign_id], State.CONFIRMED)
