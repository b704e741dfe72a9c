"""Subscribers hear of each status that changes, and can do no harm."""

import json
from collections.abc import Iterator
from queue import Queue
from threading import enumerate as enumerate_threads
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx
import pytest
from standardwebhooks import Webhook

from campaigns.simulator import Simulator, serve
from campaigns.simulator.v2 import events
from tests.cxone.wire_server import MOST_DRIPS, Connection, WireServer
from tests.simulator.calling import NOON, Clock, connect, pause, subscribe, wire_time

PATIENCE = 60.0
SECRET = "whsec_" + "a" * 43 + "="


class Subscriber:
    """An address that keeps what is posted to it."""

    def __init__(self) -> None:
        self.events: Queue[tuple[str, Any]] = Queue()
        self.headers: dict[str, str] = {}
        self.url = ""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        named = (name for name in environ if name.startswith("HTTP_WEBHOOK_"))
        self.headers = {name.removeprefix("HTTP_").replace("_", "-"): environ[name] for name in named}
        self.body = body
        self.events.put((environ["PATH_INFO"], json.loads(body)))
        start_response("204 No Content", [])
        return []


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    subscriber = Subscriber()
    with serve(subscriber) as server:
        subscriber.url = f"{server.url}/hook/"
        yield subscriber


def test_status_change_is_posted(simulator: Simulator, client: httpx.Client, subscriber: Subscriber) -> None:
    campaign = simulator.add()
    subscribe(client, campaign, subscriber.url)
    pause(client, campaign)
    path, event = subscriber.events.get(timeout=PATIENCE)
    assert path == "/hook/"
    assert event == {
        "eventType": "outbound.campaign.status.changed",
        "campaignId": campaign,
        "status": "PAUSED",
        "timestamp": wire_time(NOON),
    }


def test_event_is_signed_with_a_secret(subscriber: Subscriber) -> None:
    simulator = Simulator(0, webhook_secret=SECRET)
    campaign = simulator.add()
    subscribe(connect(simulator), campaign, subscriber.url)
    simulator.change(campaign, status="STOPPING")
    subscriber.events.get(timeout=PATIENCE)
    simulator.close()
    Webhook(SECRET).verify(subscriber.body, subscriber.headers)


def test_event_is_not_signed_without_one(simulator: Simulator, client: httpx.Client, subscriber: Subscriber) -> None:
    campaign = simulator.add()
    subscribe(client, campaign, subscriber.url)
    simulator.change(campaign, status="STOPPING")
    subscriber.events.get(timeout=PATIENCE)
    assert subscriber.headers == {}


def test_outside_change_is_posted(simulator: Simulator, client: httpx.Client, subscriber: Subscriber) -> None:
    campaign = simulator.add()
    subscribe(client, campaign, subscriber.url)
    simulator.change(campaign, status="STOPPING")
    assert subscriber.events.get(timeout=PATIENCE)[1]["status"] == "STOPPING"


def test_deferred_pause_is_posted_unasked(
    simulator: Simulator, client: httpx.Client, subscriber: Subscriber, clock: Clock
) -> None:
    campaign = simulator.add()
    subscribe(client, campaign, subscriber.url)
    pause(client, campaign, at=NOON + 60)
    clock.advance(61)
    assert subscriber.events.get(timeout=PATIENCE)[1]["timestamp"] == wire_time(NOON + 60)


def test_other_campaigns_are_not_posted(simulator: Simulator, client: httpx.Client, subscriber: Subscriber) -> None:
    campaign, other = simulator.add(), simulator.add()
    subscribe(client, campaign, subscriber.url)
    pause(client, other)
    pause(client, campaign)
    assert subscriber.events.get(timeout=PATIENCE)[1]["campaignId"] == campaign


def test_trickling_subscriber_holds_up_no_other(
    simulator: Simulator, client: httpx.Client, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trickle(connection: Connection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.0 200 OK\r\n\r\n")
        connection.drip()

    monkeypatch.setattr(events, "TIMEOUT_SECONDS", 0.2)
    first, second = simulator.add(), simulator.add()
    server = WireServer(trickle)
    subscribe(client, first, f"http://127.0.0.1:{server.port}/")
    subscribe(client, second, subscriber.url)
    pause(client, first)
    pause(client, second)
    assert subscriber.events.get(timeout=PATIENCE)[1]["campaignId"] == second
    assert server.sent < MOST_DRIPS / 2
    server.stop()


def test_dead_subscriber_harms_nothing(simulator: Simulator, client: httpx.Client, subscriber: Subscriber) -> None:
    campaign = simulator.add()
    subscribe(client, campaign, "http://127.0.0.1:1/nobody")
    subscribe(client, campaign, subscriber.url)
    assert pause(client, campaign).status_code == 200
    assert subscriber.events.get(timeout=PATIENCE)[1]["campaignId"] == campaign


def test_events_can_be_off(clock: Clock) -> None:
    simulator = Simulator(0, clock=clock, post_events=False)
    client, campaign, before = connect(simulator), simulator.add(), set(enumerate_threads())
    subscribe(client, campaign, "http://127.0.0.1:1/nobody")
    pause(client, campaign)
    assert set(enumerate_threads()) == before
