"""The contract's table "What goes wrong, and what right looks like", as far as the gateway decides it.

What the network and CXone do in general is in test_failures.py; here is what one call makes of it.
What follows from each error (SKIPPED, a place, a merge, the next attempt) is the runner's, and tested there.
"""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from campaigns.cxone import errors
from campaigns.cxone.gateway import Gateway
from campaigns.cxone.v2.gateway import V2
from tests.cxone.calls import (
    CALLS,
    COUNT,
    EDIT,
    PAUSE,
    READ_STATE,
    READS,
    RESUME,
    STATE,
    SUBSCRIBE,
    WRITE_SCHEDULE,
    WRITES,
    GatewayCall,
    failure,
    pause,
    read_for_edit,
)
from tests.cxone.fakes import SCHEDULE, FakeCXone, campaign_json, ok


@pytest.mark.parametrize("groups", [[], [{"campaignId": "other", "count": 80}]])
def test_missing_group_means_zero(cxone: FakeCXone, gateway: V2, groups: object) -> None:
    cxone.answers("POST", CALLS, ok({"groups": groups}))
    assert gateway.calls_in_progress("c-1")["c-1"] == 0


@pytest.mark.parametrize("words", ["Campaign is already paused.", "Too many concurrent pauses."])
def test_conflict_tells_cxone_words(cxone: FakeCXone, gateway: V2, words: str) -> None:
    cxone.answers("PUT", STATE, ok({"message": words}, 409))
    error = failure(pause, gateway)
    assert (type(error), error.words, error.status) == (errors.Conflict, words, 409)
    assert len(cxone.to(STATE)) == 1


@pytest.mark.parametrize("date", ["soon", "Mon, 99 Foo 2026"])
def test_retry_after_without_a_date_goes_by_our_clock(cxone: FakeCXone, gateway: V2, date: str) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    cxone.answers("PUT", STATE, httpx.Response(429, headers={"Retry-After": until, "Date": date}))
    error = failure(pause, gateway)
    assert isinstance(error, errors.RateLimited)
    assert 50 < (error.wait or 0) <= 60


@pytest.mark.parametrize(
    ("call", "scope"),
    [
        (READ_STATE, "outbound:campaign:read"),
        (COUNT, "analytics:read"),
        (PAUSE, "outbound:campaign:write"),
        (WRITE_SCHEDULE, "outbound:campaign:write"),
        (SUBSCRIBE, "events:write"),
    ],
)
def test_403_names_missing_scope(cxone: FakeCXone, gateway: V2, call: GatewayCall, scope: str) -> None:
    challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
    cxone.answers(call.method, call.path, ok({"message": "Because."}, 403, challenge))
    said = str(failure(call.act, gateway))
    assert '"Because."' in said
    assert f"The scope {scope} is missing" in said


@pytest.mark.parametrize("call", [*READS, *WRITES], ids=lambda call: call.doing)
def test_401_is_tried_once_more(cxone: FakeCXone, gateway: V2, call: GatewayCall) -> None:
    cxone.answers(call.method, call.path, httpx.Response(401))
    assert isinstance(failure(call.act, gateway), errors.WrongCredentials)
    sent = [request.headers["Authorization"] for request in cxone.to(call.path)]
    assert sent == ["Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize("call", [PAUSE, RESUME, WRITE_SCHEDULE], ids=lambda call: call.doing)
@pytest.mark.parametrize("content", [{}, {"id": "c-1"}, {"status": "PAUSED"}])
def test_write_answered_without_its_campaign_is_unknown(
    cxone: FakeCXone, gateway: V2, call: GatewayCall, content: object
) -> None:
    cxone.answers(call.method, call.path, ok(content))
    error = failure(call.act, gateway)
    assert (type(error), error.status) == (errors.OutcomeUnknown, 200)


@pytest.mark.parametrize("headers", [{}, {"ETag": "*"}, {"ETag": ""}])
def test_read_without_etag_refuses(cxone: FakeCXone, gateway: V2, headers: dict[str, str]) -> None:
    cxone.answers("GET", EDIT, ok(campaign_json(), headers=headers))
    error = failure(read_for_edit, gateway)
    assert isinstance(error, errors.NoETag)


@pytest.mark.parametrize("etag", ["", "*", '"a", "b"'])
def test_write_without_etag_refuses(cxone: FakeCXone, gateway: V2, etag: str) -> None:
    def act(it: Gateway) -> object:
        return it.write_schedule("c-1", SCHEDULE, etag=etag, sending=lambda _: None)

    assert isinstance(failure(act, gateway), errors.NoETag)
    assert cxone.requests == []
