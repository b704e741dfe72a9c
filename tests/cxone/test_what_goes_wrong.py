"""The contract's table "What goes wrong, and what right looks like", as far as the gateway decides it.

What follows from each error (SKIPPED, a place, a merge, the next attempt) is the runner's, and tested there.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from campaigns.cxone import errors
from campaigns.cxone.errors import CXoneError
from campaigns.cxone.v2.gateway import V2
from tests.cxone.fakes import SCHEDULE, FakeCXone, Till, campaign_json, ok

EDIT = "/api/v2/outbound/campaigns/c-1"
STATE = "/api/v2/campaigns/c-1"
CALLS = "/api/v2/analytics/outbound/conversations/details/query"
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def pause(gateway: V2) -> object:
    return gateway.pause(
        "c-1",
        reason="EMERGENCY",
        effective_at=NOW,
        drop_active_calls=False,
        max_concurrent_pauses=1,
        sending=lambda _: None,
    )


def resume(gateway: V2) -> object:
    return gateway.resume("c-1", effective_at=NOW, sending=lambda _: None)


def write_schedule(gateway: V2) -> object:
    return gateway.write_schedule("c-1", SCHEDULE, etag='"7"', sending=lambda _: None)


Act = Callable[[V2], object]
READS: list[tuple[Act, str, str]] = [
    (lambda gateway: gateway.read_state("c-1"), "GET", STATE),
    (lambda gateway: gateway.read_for_edit("c-1"), "GET", EDIT),
    (lambda gateway: gateway.list_campaigns(), "GET", "/api/v2/outbound/campaigns"),
    (lambda gateway: gateway.calls_in_progress(), "POST", CALLS),
]
WRITES: list[tuple[Act, str, str]] = [
    (pause, "PUT", STATE),
    (resume, "PUT", STATE),
    (write_schedule, "PATCH", EDIT),
]
reads = pytest.mark.parametrize(("act", "method", "path"), READS)
writes = pytest.mark.parametrize(("act", "method", "path"), WRITES)
both = pytest.mark.parametrize(("act", "method", "path"), READS + WRITES)


def failure(gateway: V2, act: Act) -> CXoneError:
    with pytest.raises(CXoneError) as caught:
        act(gateway)
    return caught.value


@pytest.mark.parametrize("groups", [[], [{"campaignId": "other", "count": 80}]])
def test_missing_group_means_zero(cxone: FakeCXone, gateway: V2, groups: object) -> None:
    cxone.answers("POST", CALLS, ok({"groups": groups}))
    assert gateway.calls_in_progress("c-1")["c-1"] == 0


@pytest.mark.parametrize("words", ["Campaign is already paused.", "Too many concurrent pauses."])
def test_conflict_tells_cxone_words(cxone: FakeCXone, gateway: V2, words: str) -> None:
    cxone.answers("PUT", STATE, ok({"message": words}, 409))
    error = failure(gateway, pause)
    assert (type(error), error.words, error.status) == (errors.Conflict, words, 409)
    assert len(cxone.to(STATE)) == 1


@both
def test_429_waits_for_nobody(cxone: FakeCXone, gateway: V2, budget: Till, act: Act, method: str, path: str) -> None:
    cxone.answers(method, path, httpx.Response(429, headers={"Retry-After": "17"}))
    error = failure(gateway, act)
    assert isinstance(error, errors.RateLimited)
    assert (error.wait, budget.closed, len(cxone.to(path))) == (17, [17], 1)


def test_retry_after_may_be_date(cxone: FakeCXone, gateway: V2, budget: Till) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    cxone.answers("PUT", STATE, httpx.Response(429, headers={"Retry-After": later}))
    error = failure(gateway, pause)
    assert isinstance(error, errors.RateLimited)
    assert (error.wait, budget.closed) == (300, [300])


@pytest.mark.parametrize("minutes", [-60, -5, 5, 60])
def test_retry_after_is_told_by_cxones_own_clock(cxone: FakeCXone, gateway: V2, budget: Till, minutes: int) -> None:
    its_time = datetime.now(UTC) + timedelta(minutes=minutes)
    until = format_datetime(its_time + timedelta(seconds=10), usegmt=True)
    headers = {"Retry-After": until, "Date": format_datetime(its_time, usegmt=True)}
    cxone.answers("PUT", STATE, httpx.Response(429, headers=headers))
    error = failure(gateway, pause)
    assert isinstance(error, errors.RateLimited)
    assert (error.wait, budget.closed) == (10, [10])


@pytest.mark.parametrize("date", ["soon", "Mon, 99 Foo 2026"])
def test_retry_after_without_a_date_goes_by_our_clock(cxone: FakeCXone, gateway: V2, date: str) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    cxone.answers("PUT", STATE, httpx.Response(429, headers={"Retry-After": until, "Date": date}))
    error = failure(gateway, pause)
    assert isinstance(error, errors.RateLimited)
    assert 50 < (error.wait or 0) <= 60


def test_nonsense_retry_after_closes_nothing(cxone: FakeCXone, gateway: V2, budget: Till) -> None:
    cxone.answers("PUT", STATE, httpx.Response(429, headers={"Retry-After": "soon"}))
    error = failure(gateway, pause)
    assert isinstance(error, errors.RateLimited)
    assert (error.wait, budget.closed) == (None, [])


def test_503_on_write_closes_lanes_too(cxone: FakeCXone, gateway: V2, budget: Till) -> None:
    cxone.answers("PUT", STATE, httpx.Response(503, headers={"Retry-After": "4"}))
    assert isinstance(failure(gateway, pause), errors.Unknown)
    assert budget.closed == [4]


@both
@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_no_connection_means_nothing_sent(
    cxone: FakeCXone, gateway: V2, act: Act, method: str, path: str, kind: type[httpx.TransportError]
) -> None:
    cxone.answers(method, path, kind("Connection refused"))
    assert type(failure(gateway, act)) is errors.Unreachable


@reads
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_5xx_on_read_is_retryable(
    cxone: FakeCXone, gateway: V2, act: Act, method: str, path: str, status: int
) -> None:
    cxone.answers(method, path, httpx.Response(status, headers={"Retry-After": "3"}))
    error = failure(gateway, act)
    assert isinstance(error, errors.ServerTrouble)
    assert (error.status, error.wait) == (status, 3)


LOST = [
    httpx.ReadTimeout("slow"),
    httpx.WriteTimeout("slow"),
    httpx.ReadError("cut"),
    httpx.WriteError("cut"),
    httpx.RemoteProtocolError("garbled"),
    httpx.DecodingError("not gzip"),
    ConnectionResetError("cut"),
    BrokenPipeError("cut"),
]


@reads
@pytest.mark.parametrize("lost", LOST, ids=lambda error: type(error).__name__)
def test_lost_answer_to_read_is_retryable(
    cxone: FakeCXone, gateway: V2, act: Act, method: str, path: str, lost: Exception
) -> None:
    cxone.answers(method, path, lost)
    assert type(failure(gateway, act)) is errors.ServerTrouble


@writes
@pytest.mark.parametrize("lost", LOST, ids=lambda error: type(error).__name__)
def test_lost_answer_to_write_is_unknown(
    cxone: FakeCXone, gateway: V2, act: Act, method: str, path: str, lost: Exception
) -> None:
    cxone.answers(method, path, lost)
    error = failure(gateway, act)
    assert type(error) is errors.Unknown
    assert len(cxone.to(path)) == 1


@writes
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_5xx_on_write_is_unknown(cxone: FakeCXone, gateway: V2, act: Act, method: str, path: str, status: int) -> None:
    cxone.answers(method, path, httpx.Response(status, json={"message": "oops"}))
    error = failure(gateway, act)
    assert (type(error), error.status, error.words) == (errors.Unknown, status, "oops")
    assert len(cxone.to(path)) == 1


@writes
@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"id": "c-1"}', b'{"status": "PAUSED"}'])
def test_200_without_campaign_is_unknown(
    cxone: FakeCXone, gateway: V2, act: Act, method: str, path: str, body: bytes
) -> None:
    cxone.answers(method, path, httpx.Response(200, content=body))
    error = failure(gateway, act)
    assert (type(error), error.status) == (errors.Unknown, 200)


@both
@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, errors.BadRequest), (403, errors.Forbidden), (405, errors.WrongAddress), (422, errors.Invalid)],
)
def test_refusals_bear_cxone_words(
    cxone: FakeCXone, gateway: V2, act: Act, method: str, path: str, status: int, kind: type[CXoneError]
) -> None:
    cxone.answers(method, path, ok({"message": "Because."}, status))
    error = failure(gateway, act)
    assert type(error) is kind
    assert '"Because."' in str(error)
    assert len(cxone.to(path)) == 1


@pytest.mark.parametrize(
    ("act", "method", "path", "scope"),
    [
        (*READS[0], "outbound:campaign:read"),
        (*READS[3], "analytics:read"),
        (*WRITES[0], "outbound:campaign:write"),
        (*WRITES[2], "outbound:campaign:write"),
    ],
)
def test_403_names_missing_scope(cxone: FakeCXone, gateway: V2, act: Act, method: str, path: str, scope: str) -> None:
    challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
    cxone.answers(method, path, httpx.Response(403, headers=challenge))
    assert f"The scope {scope} is missing" in str(failure(gateway, act))


@both
def test_401_is_tried_once_more(cxone: FakeCXone, gateway: V2, act: Act, method: str, path: str) -> None:
    cxone.answers(method, path, httpx.Response(401))
    assert isinstance(failure(gateway, act), errors.WrongCredentials)
    assert [request.headers["Authorization"] for request in cxone.to(path)] == ["Bearer token-1", "Bearer token-2"]


def test_412_is_changed_meanwhile(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("PATCH", EDIT, httpx.Response(412))
    assert isinstance(failure(gateway, write_schedule), errors.ChangedMeanwhile)
    assert len(cxone.to(EDIT)) == 1


@pytest.mark.parametrize("headers", [{}, {"ETag": "*"}, {"ETag": ""}])
def test_read_without_etag_refuses(cxone: FakeCXone, gateway: V2, headers: dict[str, str]) -> None:
    cxone.answers("GET", EDIT, ok(campaign_json(), headers=headers))
    error = failure(gateway, lambda it: it.read_for_edit("c-1"))
    assert isinstance(error, errors.NoETag)


@pytest.mark.parametrize("etag", ["", "*", '"a", "b"'])
def test_write_without_etag_refuses(cxone: FakeCXone, gateway: V2, etag: str) -> None:
    def act(it: V2) -> object:
        return it.write_schedule("c-1", SCHEDULE, etag=etag, sending=lambda _: None)

    assert isinstance(failure(gateway, act), errors.NoETag)
    assert cxone.requests == []
