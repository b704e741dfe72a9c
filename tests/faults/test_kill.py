"""`kill -9` of what `up` runs in one process, and nothing is lost, nothing is done twice."""

import random
import signal
import subprocess
import threading

import httpx
import pytest

from tests.faults.conftest import SignIn, StartProduct
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import ROOT, wait_until
from tests.processes.person import Form, Person
from tests.processes.product import MANAGE, Product

pytestmark = pytest.mark.faults

SEED = 20261121


def ask_until_killed(person: Person, forms: dict[str, Form], product: Product, moment: random.Random) -> list[str]:
    """Send one form after the other; the campaigns whose answer never came, since all was killed meanwhile."""
    asked: set[str] = set()
    fatal = moment.randrange(2, len(forms))
    killer = threading.Timer(moment.uniform(0, 0.3), product.kill)
    for number, (campaign_id, form) in enumerate(forms.items()):
        if number == fatal:
            killer.start()
        try:
            person.pause(campaign_id, form)
        except httpx.TransportError:
            break
        asked.add(campaign_id)
    killer.join()
    return [campaign_id for campaign_id in forms if campaign_id not in asked]


# What was under way waits for its lease, which nobody shortens here.
@pytest.mark.long
def test_twenty_pauses_survive_killing(start_product: StartProduct, cxone: SimulatedCXone, sign_in: SignIn) -> None:
    campaigns = [cxone.add() for _ in range(20)]
    product = start_product()
    person = sign_in(product)
    forms = {campaign_id: person.open_pause(campaign_id) for campaign_id in campaigns}
    unanswered = ask_until_killed(person, forms, product, random.Random(SEED))
    product.start()
    for campaign_id in unanswered:
        person.pause(campaign_id, forms[campaign_id])
    operations = product.wait_for_confirmed(len(campaigns))
    assert {operation["campaign_id"] for operation in operations} == set(campaigns)
    assert [cxone.applied(campaign_id) for campaign_id in campaigns] == [1] * len(campaigns)
    assert product.verification()["ok"] is True


# The same goes for the command's.
@pytest.mark.long
def test_killed_command_is_recovered(start_product: StartProduct, cxone: SimulatedCXone) -> None:
    campaign_id = cxone.add()
    product = start_product()
    cxone.fail("PUT", f"/api/v2/campaigns/{campaign_id}", delay=30)
    command = [*MANAGE, "pause_campaign", campaign_id, "--reason", "MAINTENANCE"]
    with subprocess.Popen(command, env=product.environment, cwd=ROOT) as process:
        wait_until(lambda: cxone.applied(campaign_id), lambda: "the command has sent nothing")
        process.send_signal(signal.SIGKILL)
    (operation,) = product.wait_for_confirmed()
    assert operation["attempts"] == 1
    assert cxone.applied(campaign_id) == 1


def test_lost_cxone_is_told_in_words(start_product: StartProduct, cxone: SimulatedCXone, sign_in: SignIn) -> None:
    campaign_id = cxone.add()
    product = start_product()
    person = sign_in(product)
    form = person.open_pause(campaign_id)
    cxone.kill()
    page = person.pause(campaign_id, form)
    wait_until(lambda: "Waiting to try again" in person.read(page), lambda: person.read(page))
    assert "CXone could not be reached" in person.read(page)
    cxone.start()
    product.wait_for_confirmed()
    assert cxone.applied(campaign_id) == 1


def test_answer_lost_with_cxone_is_read_back(
    start_product: StartProduct, cxone: SimulatedCXone, sign_in: SignIn
) -> None:
    campaign_id = cxone.add()
    product = start_product()
    cxone.fail("PUT", f"/api/v2/campaigns/{campaign_id}", delay=30)
    sign_in(product).pause(campaign_id)
    wait_until(lambda: cxone.applied(campaign_id), lambda: "nothing was sent")
    cxone.kill()
    cxone.start()
    product.wait_for_confirmed()
    assert cxone.applied(campaign_id) == 0  # by the record of the one that came after
    assert cxone.status_of(campaign_id) == "PAUSED"
