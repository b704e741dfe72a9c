"""CXone's clock, as its answers tell it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic

import httpx
import pytest
import time_machine

from campaigns.cxone.clock import RemoteClock, http_date
from campaigns.cxone.v2.gateway import V2
from tests.cxone.fakes import FakeCXone, campaign_json, ok

STATE = "/api/v2/campaigns/c-1"
CALLS = "/api/v2/analytics/outbound/conversations/details/query"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def dated(moment: datetime) -> dict[str, str]:
    return {"Date": format_datetime(moment, usegmt=True)}


@pytest.mark.parametrize(
    "text", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_each_form_of_a_date_is_read(text: str) -> None:
    assert http_date(text) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, "", "soon", "Sun, 06 Nov 1994 08:49:60 GMT"])
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert http_date(text) is None


def test_it_goes_on_between_answers() -> None:
    clock = RemoteClock()
    clock.note("Mon, 02 Mar 2026 12:00:00 GMT", monotonic())
    first, second = clock.now(), clock.now()
    assert first
    assert second
    assert NOON <= first < second < NOON + timedelta(seconds=5)


def test_slow_answer_says_little() -> None:
    clock = RemoteClock()
    clock.note("Mon, 02 Mar 2026 12:00:00 GMT", monotonic() - 20)
    assert clock.now() is None


def test_cached_answer_says_little() -> None:
    clock = RemoteClock()
    clock.note("Mon, 02 Mar 2026 12:00:00 GMT", monotonic(), age="3000")
    assert clock.now() is None


def test_refusals_tell_the_time_too(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("GET", STATE, httpx.Response(404, headers=dated(NOON)))
    with pytest.raises(Exception, match="has nothing with that id"):
        gateway.read_state("c-1")
    now = gateway.now()
    assert now
    assert abs(now - NOON) < timedelta(seconds=5)


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("minutes", "begins", "ends"),
    [
        (10, "2026-03-01T12:00:00Z", "2026-03-02T12:10:00Z"),
        (-10, "2026-03-01T11:50:00Z", "2026-03-02T12:00:00Z"),
    ],
)
def test_calls_are_counted_by_both_clocks(cxone: FakeCXone, gateway: V2, minutes: int, begins: str, ends: str) -> None:
    cxone.answers("GET", STATE, ok(campaign_json(), headers=dated(NOON + timedelta(minutes=minutes))))
    cxone.answers("POST", CALLS, ok({"groups": []}))
    gateway.read_state("c-1")
    gateway.calls_in_progress()
    assert cxone.body(CALLS)["fromTime"] == begins
    assert cxone.body(CALLS)["toTime"] == ends
