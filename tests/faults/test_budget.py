"""All processes together keep to what CXone allows in a minute."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import invariants
from tests.faults.site import Site, run_site
from tests.processes.group import wait_until

pytestmark = pytest.mark.faults

RATE = 40
PAUSES = 40


@pytest.fixture
def narrow_site(tmp_path: Path) -> Iterator[Site]:
    """A site that may send few requests; its CXone would take any number."""
    with run_site(tmp_path, postgresql=False, rate=RATE, campaigns=PAUSES) as site:
        yield site


def test_all_processes_share_one_budget(narrow_site: Site) -> None:
    campaigns = narrow_site.take(PAUSES)
    narrow_site.product.shell.call("allow_pauses", number=PAUSES)
    narrow_site.product.accepted += narrow_site.product.shell.call("pause_all", campaign_ids=campaigns, people=PAUSES)

    def is_spent() -> bool:
        states = {(each["state"], each["waiting_for"]) for each in narrow_site.operations(campaigns)}
        return ("QUEUED", "") not in states and ("WAITING", "budget") in states

    wait_until(is_spent, lambda: f"the budget isn't spent: {narrow_site.operations(campaigns)}")
    invariants.check(narrow_site.product, narrow_site.cxone)
