"""A real sliding minute for each client."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from campaigns.simulator import Simulator
from tests.simulator.calling import NOON, Clock, connect, sign_in

LIST = "/api/v2/outbound/campaigns"


@pytest.fixture
def limited(clock: Clock) -> httpx.Client:
    return connect(Simulator(0, clock=clock, rate_per_minute=3))


def test_one_too_many_is_refused(limited: httpx.Client) -> None:
    assert [limited.get(LIST).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_retry_after_says_when(limited: httpx.Client, clock: Clock) -> None:
    limited.get(LIST)
    clock.advance(20)
    answers = [limited.get(LIST) for _ in range(3)]
    assert answers[-1].headers["Retry-After"] == "40"


def test_retry_after_as_a_date(clock: Clock) -> None:
    client = connect(Simulator(0, clock=clock, rate_per_minute=1, retry_after="date"))
    answers = [client.get(LIST) for _ in range(2)]
    named = parsedate_to_datetime(answers[-1].headers["Retry-After"])
    assert named == datetime.fromtimestamp(NOON + 60, UTC)


def test_window_slides(limited: httpx.Client, clock: Clock) -> None:
    limited.get(LIST)
    clock.advance(30)
    limited.get(LIST)
    limited.get(LIST)
    clock.advance(30)
    assert [limited.get(LIST).status_code for _ in range(2)] == [200, 429]


def test_refused_calls_dont_count(limited: httpx.Client, clock: Clock) -> None:
    for _ in range(10):
        limited.get(LIST)
    clock.advance(60)
    assert [limited.get(LIST).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_tokens_are_not_limited(limited: httpx.Client) -> None:
    for _ in range(5):
        sign_in(limited)
    assert limited.get(LIST).status_code == 200


def test_no_limit_at_all(clock: Clock) -> None:
    client = connect(Simulator(0, clock=clock, rate_per_minute=None))
    assert {client.get(LIST).status_code for _ in range(300)} == {200}
