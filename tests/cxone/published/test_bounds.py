"""However much a server sends, a reading ends, and says what it doesn't know."""

from collections.abc import Callable

import httpx
import pytest

from campaigns.cxone import errors
from campaigns.cxone.published import assumed
from campaigns.cxone.published.address import Whereabouts
from campaigns.cxone.published.gateway import Published
from campaigns.cxone.published.memory import Memory
from tests.cxone.published.asking import BASE, Hand, gateway_to


def endless(after_each: Callable[[], None] = lambda: None, memory: Memory | None = None) -> Published:
    """Of a server that has another skill on each page, and never a last one."""

    def answer(request: httpx.Request) -> httpx.Response:
        after_each()
        number = 1 + int(request.url.params.get("skip", "0"))
        row = {"skillId": number, "isOutbound": True, "outboundStrategy": "Personal Connection", "isRunning": True}
        calls = {"skillId": number, "contactsActive": 1}
        content = {"access_token": "t", "skills": [row], "skillActivity": [calls]}
        return httpx.Response(200, json=content | {"businessUnits": [{"defaultTimeZone": "UTC"}]})

    return gateway_to(httpx.MockTransport(answer), where=Whereabouts(BASE, "", ""), memory=memory)


def test_endless_pages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assumed, "MOST_PAGES", 5)
    listed = endless().list_campaigns()
    assert (len(listed.digests), listed.complete) == (5, False)


def test_endless_pages_of_calls_are_no_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assumed, "MOST_PAGES", 5)
    gateway = endless()
    with pytest.raises(errors.ServerTrouble):
        gateway.calls_in_progress()
    assert gateway.requests == 6


def test_all_pages_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assumed, "MOST_LIST_BYTES", 1000)
    with pytest.raises(errors.ServerTrouble, match="longer than 1,000 bytes"):
        endless().list_campaigns()


def test_time_of_all_pages_is_bounded(hand: Hand) -> None:
    def pass_a_minute() -> None:
        hand.now += 60

    gateway = endless(pass_a_minute, Memory(hand))
    with pytest.raises(errors.ServerTrouble, match="took longer than 600 s"):
        gateway.list_campaigns()
    assert gateway.requests < 15
