"""Processes are restarted one after the other while people click: no request fails, and nothing is done twice."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from campaigns.states import State
from tests.faults.site import Site
from tests.processes.deployment import DISPATCHERS, WORKERS
from tests.processes.group import wait_until
from tests.processes.person import NotAccepted

pytestmark = [
    pytest.mark.faults,
    pytest.mark.parametrize("running_site", ["postgresql"], indirect=True),
    pytest.mark.quick_on("postgresql"),
]
# Seconds that a worker may take to end that waits for CXone for three.
SOON = 10


class Clicks:
    """Anna opens a form and sends it, again and again. Each request is a connection of its own."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.done: list[str] = []
        self.failed: list[str] = []
        self.stop = threading.Event()

    def go_on(self) -> None:
        while not self.stop.wait(0.1):
            (campaign_id,) = self._site.take()
            try:
                self._site.anna.pause(campaign_id)
            except (httpx.HTTPError, NotAccepted) as error:
                self.failed.append(f"{campaign_id}: {error!r}")
            else:
                self.done.append(campaign_id)

    def wait_for(self, more: int) -> None:
        before = len(self.done)
        wait_until(
            lambda: len(self.done) >= before + more or self.failed, lambda: f"{len(self.done) - before} clicks came on"
        )


@contextmanager
def clicking(site: Site) -> Iterator[Clicks]:
    """Until the block ends; then each click has had its effect, once."""
    clicks = Clicks(site)
    thread = threading.Thread(target=clicks.go_on)
    thread.start()
    try:
        clicks.wait_for(1)
        yield clicks
    finally:
        clicks.stop.set()
        thread.join()
    assert clicks.failed == []
    site.wait_for(clicks.done, State.CONFIRMED)
    assert site.applied(clicks.done) == [1] * len(clicks.done)


def test_workers_and_dispatchers_one_after_the_other(site: Site) -> None:
    with clicking(site) as clicks:
        for name in (*WORKERS, "background", *DISPATCHERS):
            site.product.restart(name)
            clicks.wait_for(1)


def test_pages_are_reloaded(site: Site) -> None:
    """SIGHUP: other processes for the pages, of the same version."""
    with clicking(site) as clicks:
        site.product.signal_web(signal.SIGHUP)
        clicks.wait_for(4)


def test_pages_are_handed_over(site: Site) -> None:
    """SIGUSR2: gunicorn starts itself again beside itself, with the new version, and hands its socket over."""
    with clicking(site) as clicks:
        site.product.signal_web(signal.SIGUSR2)
        wait_until(lambda: len(site.product.masters()) > 1, lambda: "no second gunicorn")
        clicks.wait_for(2)
        site.product.signal_web(signal.SIGTERM)
        clicks.wait_for(4)
    site.product.kill("web")


def test_pages_restart_below_a_socket_that_stays(site: Site) -> None:
    site.product.hold_socket()
    with clicking(site) as clicks:
        site.product.restart("web")
        clicks.wait_for(2)


def test_worker_that_waits_for_cxone_ends_what_it_has_begun(site: Site) -> None:
    (campaign_id,) = site.take()
    site.cxone.fail("PUT", f"/api/v2/campaigns/{campaign_id}", delay=3)
    site.anna.pause(campaign_id)
    site.wait_until_sent(campaign_id)
    began = time.monotonic()
    site.product.terminate(*WORKERS)
    assert time.monotonic() - began < SOON
    assert site.operations([campaign_id])[0]["state"] in {State.ACCEPTED, State.CONFIRMED}
    site.product.start(*WORKERS)
    site.wait_for([campaign_id], State.CONFIRMED)
    assert site.applied([campaign_id]) == [1]
