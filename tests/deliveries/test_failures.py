"""What the network does to a delivery, and what is said about it; respx takes the place of httpcore's pool.

What real sockets do is in test_http.py. An answer of any status is an answer: what comes of it is the sender's.
"""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass

import httpcore
import httpx
import pytest
import respx
from pytest_django import Settings

from campaigns.cxone import deadline
from campaigns.deliveries import destinations, http
from campaigns.deliveries.http import Unanswered
from tests.deliveries.sink import SECRET

BODY = b'{"event":"CAMPAIGN_PAUSED"}'
FIRST, SECOND = "93.184.216.34", "93.184.216.35"
NO_CONNECTION = "Nothing was sent: no connection to the WFM system was made in time."
IN_TIME = "The WFM system did not answer within 10 s."


def broken(why: str) -> str:
    return f"The WFM system could not be reached, or broke off ({why})."


# What the network does, and the sentence on the delivery's page.
FAILURES: dict[str, tuple[Exception, str]] = {
    "connection refused": (
        httpcore.ConnectError("[Errno 111] Connection refused"),
        broken("[Errno 111] Connection refused"),
    ),
    "network unreachable": (
        httpcore.ConnectError("[Errno 101] Network is unreachable"),
        broken("[Errno 101] Network is unreachable"),
    ),
    "unknown authority": (
        httpcore.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"),
        broken("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"),
    ),
    "no TLS": (
        httpcore.ConnectError("[SSL: WRONG_VERSION_NUMBER] wrong version number"),
        broken("[SSL: WRONG_VERSION_NUMBER] wrong version number"),
    ),
    "slow connect": (httpcore.ConnectTimeout("timed out"), NO_CONNECTION),
    "no free connection": (httpcore.PoolTimeout(), NO_CONNECTION),
    "write timeout": (httpcore.WriteTimeout("timed out"), IN_TIME),
    "read timeout": (httpcore.ReadTimeout("timed out"), IN_TIME),
    "deadline over": (httpcore.ReadTimeout("The time for the whole exchange is over."), IN_TIME),
    "broken pipe": (httpcore.WriteError("[Errno 32] Broken pipe"), broken("[Errno 32] Broken pipe")),
    "reset": (
        httpcore.ReadError("[Errno 104] Connection reset by peer"),
        broken("[Errno 104] Connection reset by peer"),
    ),
    "reset outside httpcore": (
        ConnectionResetError(104, "Connection reset by peer"),
        broken("[Errno 104] Connection reset by peer"),
    ),
    "closed without an answer": (
        httpcore.RemoteProtocolError("Server disconnected without sending a response."),
        broken("Server disconnected without sending a response."),
    ),
    "no HTTP": (
        httpcore.RemoteProtocolError("illegal status line: bytearray(b'SSH-2.0\x1b[31m')"),
        broken("illegal status line: bytearray(b'SSH-2.0 [31m')"),
    ),
    "unexpected protocol state": (
        httpcore.LocalProtocolError("can't handle event in state ERROR"),
        broken("can't handle event in state ERROR"),
    ),
}
# Proxies, of which there are none here; the pool's own bookkeeping; and schemes that read_destination refuses.
NOT_OURS = {httpcore.ProxyError, httpcore.ConnectionNotAvailable, httpcore.UnsupportedProtocol}


@dataclass(frozen=True)
class BrokenBody(httpx.SyncByteStream):
    beginning: bytes
    error: Exception

    def __iter__(self) -> Iterator[bytes]:
        yield self.beginning
        raise self.error


@pytest.fixture
def wfm(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    """A WFM system at two addresses."""
    settings.WFM_WEBHOOK_URL = "https://wfm.example.com/events"
    settings.WFM_WEBHOOK_SECRET = SECRET
    settings.WFM_ALLOW_PRIVATE = False
    monkeypatch.setattr(destinations, "look_up", lambda *_: [FIRST, SECOND])
    with respx.mock(using="httpcore", assert_all_called=False) as router:
        yield router
    http.close_webhook_connections()


def unanswered() -> Unanswered:
    with pytest.raises(Unanswered) as caught:
        http.post("d-1", BODY)
    return caught.value


@pytest.mark.parametrize("what", FAILURES)
def test_failure_is_reported_without_secrets(wfm: respx.MockRouter, what: str) -> None:
    network, sentence = FAILURES[what]
    wfm.post(path="/events").mock(side_effect=network)
    error = unanswered()
    assert str(error) == sentence
    assert SECRET not in f"{error!r} {''.join(traceback.format_exception(error))}"


def test_every_exception_of_httpcore_is_in_the_table() -> None:
    public = (getattr(httpcore, name) for name in httpcore.__all__)
    exceptions = {each for each in public if isinstance(each, type) and issubclass(each, Exception)}
    without_subclasses = {each for each in exceptions if not exceptions & set(each.__subclasses__())}
    assert without_subclasses - NOT_OURS <= {type(network) for network, _ in FAILURES.values()}


@pytest.mark.parametrize("network", [httpcore.ConnectError("refused"), httpcore.ConnectTimeout("timed out")])
def test_second_address_is_tried_where_nothing_was_sent(wfm: respx.MockRouter, network: Exception) -> None:
    wfm.post(host=FIRST).mock(side_effect=network)
    wfm.post(host=SECOND).respond(204)
    assert http.post("d-1", BODY).status == 204


@pytest.mark.parametrize(
    "network", [httpcore.ReadTimeout("timed out"), httpcore.ReadError("reset"), httpcore.RemoteProtocolError("closed")]
)
def test_second_address_is_not_tried_where_it_may_have_arrived(wfm: respx.MockRouter, network: Exception) -> None:
    wfm.post(host=FIRST).mock(side_effect=network)
    second = wfm.post(host=SECOND).respond(204)
    unanswered()
    assert not second.called


@pytest.mark.parametrize("status", [200, 202, 204, 301, 304, 307, 400, 401, 404, 409, 410, 418, 429, 500, 503, 599])
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "17"}, 17),
        ({"Retry-After": "999999"}, 3600),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Mon, 02 Mar 2026 12:00:20 GMT", "Date": "Mon, 02 Mar 2026 12:00:00 GMT"}, 20),
    ],
)
def test_any_status_is_an_answer(
    wfm: respx.MockRouter, status: int, headers: dict[str, str], wait: float | None
) -> None:
    wfm.post(host=FIRST).respond(
        status, headers={**headers, "Location": "https://other.example.com/"}, text="Because."
    )
    answer = http.post("d-1", BODY)
    assert (answer.status, answer.wait, answer.words) == (status, wait, "Because.")
    assert len(wfm.calls) == 1


@pytest.mark.parametrize(
    "error",
    [
        httpcore.RemoteProtocolError("peer closed connection without sending complete message body"),
        httpcore.ReadError("[Errno 104] Connection reset by peer"),
        httpcore.ReadTimeout("The time for the whole exchange is over."),
    ],
)
def test_half_a_body_is_an_answer(wfm: respx.MockRouter, error: Exception) -> None:
    wfm.post(host=FIRST).mock(httpx.Response(400, stream=BrokenBody(b"No such camp", error)))
    answer = http.post("d-1", BODY)
    assert (answer.status, answer.words) == (400, "No such camp")


def test_name_goes_along_with_the_address(wfm: respx.MockRouter) -> None:
    """The certificate must be of the name, though the connection is to an address."""
    sent = wfm.post(host=FIRST).respond(204)
    http.post("d-1", BODY)
    request = sent.calls.last.request
    assert request.headers["Host"] == "wfm.example.com"
    assert request.extensions["sni_hostname"] == "wfm.example.com"


def test_exchange_has_a_deadline(wfm: respx.MockRouter) -> None:
    left = []

    def look(_: httpx.Request) -> httpx.Response:
        left.append(deadline.remaining_seconds())
        return httpx.Response(204)

    wfm.post(host=FIRST).mock(side_effect=look)
    http.post("d-1", BODY)
    assert left == [pytest.approx(10, abs=5)]
