"""A CXone that speaks the published API: a stop that nobody has confirmed is read back, and never sent twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import SignIn, StartProduct
from tests.processes.cxone import PublishedCXone
from tests.processes.group import wait_until

pytestmark = pytest.mark.faults


@pytest.fixture
def cxone(tmp_path: Path) -> Iterator[PublishedCXone]:
    cxone = PublishedCXone(tmp_path, "--campaigns", "40")
    cxone.start()
    yield cxone
    cxone.close()


def test_stop_whose_answer_is_lost_is_read_back(
    start_product: StartProduct, cxone: PublishedCXone, sign_in: SignIn
) -> None:
    skill = cxone.add()
    product = start_product()
    cxone.fail("POST", f"*/skills/{skill}/stop", cut=True, done=True)
    sign_in(product).pause(skill)
    product.wait_for_confirmed()
    assert (cxone.applied(skill), cxone.status_of(skill)) == (1, "PAUSED")
    assert product.verification()["ok"] is True


# What was under way waits for its lease, which nobody shortens here.
@pytest.mark.long
def test_stop_survives_the_product(start_product: StartProduct, cxone: PublishedCXone, sign_in: SignIn) -> None:
    skill = cxone.add()
    product = start_product()
    cxone.fail("POST", f"*/skills/{skill}/stop", delay=30)
    sign_in(product).pause(skill)
    wait_until(lambda: cxone.applied(skill), lambda: "the product has sent nothing")
    product.kill()
    product.start()
    (operation,) = product.wait_for_confirmed()
    assert (operation["attempts"], cxone.applied(skill), cxone.status_of(skill)) == (1, 1, "PAUSED")


def test_stop_survives_cxone(start_product: StartProduct, cxone: PublishedCXone, sign_in: SignIn) -> None:
    skill = cxone.add()
    product = start_product()
    person = sign_in(product)
    form = person.open_pause(skill)
    cxone.kill()
    page = person.pause(skill, form)
    wait_until(lambda: "CXone could not be reached" in person.read(page), lambda: person.read(page))
    cxone.start()
    product.wait_for_confirmed()
    assert (cxone.applied(skill), cxone.status_of(skill)) == (1, "PAUSED")
