"""One request to the WFM system: signed, straight to the address that was looked at, bounded in time and size."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from unittest.mock import Mock, call

import pytest
from pytest_django import Settings
from standardwebhooks import WebhookVerificationError

from campaigns.cxone import deadline
from campaigns.deliveries import destinations, http
from campaigns.deliveries.http import Unanswered
from tests.deliveries.sink import Got, Reply, Sink

BODY = b'{"event":"CAMPAIGN_PAUSED"}'


def test_request_is_signed_and_whole(sink: Sink) -> None:
    assert http.post("d-1", BODY) == http.WebhookAnswer(204, None, "")
    [got] = sink.got
    assert (got.path, got.body) == ("/wfm/events?tenant=7", BODY)
    assert got.headers["webhook-id"] == "d-1"
    assert got.headers["Content-Type"] == "application/json"
    assert got.verified() == {"event": "CAMPAIGN_PAUSED"}


def test_other_body_is_not_signed(sink: Sink) -> None:
    http.post("d-1", BODY)
    [got] = sink.got
    with pytest.raises(WebhookVerificationError):
        Got(got.path, got.headers, b'{"event":"CAMPAIGN_RESUMED"}').verified()


def test_letters_of_any_script_are_signed(sink: Sink) -> None:
    http.post("d-1", '{"campaign_id":"Frühling-春"}'.encode())
    assert sink.got[0].verified() == {"campaign_id": "Frühling-春"}


def test_connection_is_used_again(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    http.post("d-1", BODY)
    monkeypatch.delattr(deadline.Backend, "connect_tcp")
    http.post("d-2", BODY)
    assert len(sink.got) == 2


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_not_followed(sink: Sink, status: int) -> None:
    sink.replies = [Reply(status, {"Location": sink.url})]
    assert http.post("d-1", BODY).status == status
    assert len(sink.got) == 1


def test_proxy_of_the_environment_is_not_used(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert http.post("d-1", BODY).status == 204


def test_name_is_looked_up_at_each_send(sink: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WFM_WEBHOOK_URL = f"http://wfm.example.com:{sink.port}/"
    look_up = Mock(return_value=["127.0.0.1"])
    monkeypatch.setattr(destinations, "look_up", look_up)
    http.post("d-1", BODY)
    http.post("d-2", BODY)
    assert look_up.mock_calls == [call("wfm.example.com", sink.port)] * 2
    assert sink.got[0].headers["Host"] == f"wfm.example.com:{sink.port}"


def test_second_look_up_changes_nothing(sink: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere right after it was looked at: the connection goes where the look led."""
    settings.WFM_WEBHOOK_URL = f"http://wfm.example.com:{sink.port}/"
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    monkeypatch.setattr(destinations, "look_up", lambda *_: next(answers))
    assert http.post("d-1", BODY).status == 204
    assert next(answers) == ["127.0.0.2"]


def test_address_that_is_down_is_passed_over(sink: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WFM_WEBHOOK_URL = f"http://wfm.example.com:{sink.port}/"
    monkeypatch.setattr(destinations, "look_up", lambda *_: ["::1", "127.0.0.1"])
    assert http.post("d-1", BODY).status == 204


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "fd00::1"])
def test_private_address_gets_nothing(
    sink: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    settings.WFM_ALLOW_PRIVATE = False
    settings.WFM_WEBHOOK_URL = f"http://wfm.example.com:{sink.port}/"
    monkeypatch.setattr(destinations, "look_up", lambda *_: [address])
    with pytest.raises(Unanswered, match="WFM_ALLOW_PRIVATE"):
        http.post("d-1", BODY)
    assert sink.got == []


def test_unknown_name_is_told(sink: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    settings.WFM_WEBHOOK_URL = "https://wfm.example.com/"
    monkeypatch.setattr(destinations, "look_up", look_up)
    with pytest.raises(Unanswered, match=r"wfm\.example\.com has no address"):
        http.post("d-1", BODY)


def test_nobody_there_is_told(sink: Sink) -> None:
    sink.stop()
    try:
        with pytest.raises(Unanswered, match="could not be reached"):
            http.post("d-1", BODY)
    finally:
        sink.start()


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("86400", 3600.0), ("-1", None), ("soon", None), ("0", 0.0)]
)
def test_retry_after_is_read(sink: Sink, header: str, seconds: float | None) -> None:
    sink.replies = [Reply(429, {"Retry-After": header})]
    assert http.post("d-1", BODY).wait == seconds


def test_retry_after_may_be_a_date(sink: Sink) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    sink.replies = [Reply(503, {"Retry-After": date})]
    assert 590 < (http.post("d-1", BODY).wait or 0) <= 600


@pytest.mark.parametrize("minutes", [-60, -5, 5, 60])
def test_retry_after_is_told_by_the_answers_own_clock(sink: Sink, minutes: int) -> None:
    its_time = datetime.now(UTC) + timedelta(minutes=minutes)
    until = format_datetime(its_time + timedelta(seconds=10), usegmt=True)
    sink.replies = [Reply(503, {"Retry-After": until, "Date": format_datetime(its_time, usegmt=True)})]
    assert http.post("d-1", BODY).wait == 10


def test_signature_bears_the_time_that_is_given(sink: Sink) -> None:
    now = datetime.now(UTC) - timedelta(seconds=90)
    http.post("d-1", BODY, now=now)
    assert sink.got[0].headers["webhook-timestamp"] == str(int(now.timestamp()))


def test_long_answer_is_cut(sink: Sink) -> None:
    sink.replies = [Reply(400, body=b"no " * 100_000)]
    assert len(http.post("d-1", BODY).words) == http.MOST_CHARACTERS


def test_words_are_cleaned(sink: Sink) -> None:
    sink.replies = [Reply(400, body=b"un\x00known\r\n\xffcampaign\x1b[31m")]
    assert http.post("d-1", BODY).words == "un known \N{REPLACEMENT CHARACTER}campaign [31m"


# --- servers that take their time ---


@pytest.fixture
def dripping(sink: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], None]]:
    """Give it the beginning of an answer: from then on the server sends a byte every tenth of a second."""
    listening = socket.create_server(("127.0.0.1", 0))
    settings.WFM_WEBHOOK_URL = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.3)
    done = threading.Event()

    def answer(beginning: bytes) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(beginning)
            while not done.wait(0.1):
                try:
                    connection.sendall(b"a")
                except OSError:
                    return

    threads: list[threading.Thread] = []

    def drip(beginning: bytes) -> None:
        threads.append(threading.Thread(target=answer, args=(beginning,), daemon=True))
        threads[0].start()

    yield drip
    done.set()
    threads[0].join()
    listening.close()


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 204 No Content\r\nX: "])
def test_dripping_head_ends_in_time(dripping: Callable[[bytes], None], beginning: bytes) -> None:
    dripping(beginning)
    with pytest.raises(Unanswered):
        http.post("d-1", BODY)


def test_dripping_body_is_an_answer(dripping: Callable[[bytes], None]) -> None:
    dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    assert http.post("d-1", BODY).status == 200
