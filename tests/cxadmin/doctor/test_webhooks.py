"""What the doctor says of the addresses of webhooks."""

from collections.abc import Iterator

import pytest

from tests.cxadmin.doctor.visit import Place
from tests.deliveries.sink import SECRET, Reply, Sink
from tests.processes.product import free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.stop()


def wfm_at(url: str) -> dict[str, str]:
    return {"WFM_WEBHOOK_URL": url, "WFM_WEBHOOK_SECRET": SECRET, "WFM_ALLOW_PRIVATE": "on"}


def test_address_that_takes_connections_gets_nothing(place: Place, sink: Sink) -> None:
    said = place.ask_doctor(**wfm_at(sink.url)).checks["webhook_wfm"]
    assert said.ok
    assert sink.got == []


def test_test_notice_is_signed(place: Place, sink: Sink) -> None:
    said = place.ask_doctor("--send", **wfm_at(sink.url)).checks["webhook_wfm"]
    assert (said.ok, said.found) == (True, "The WFM system took a test notice (204).")
    assert [got.verified()["event"] for got in sink.got] == ["TEST"]


def test_refused_test_notice_fails(place: Place, sink: Sink) -> None:
    sink.replies = [Reply(401, body=b"bad signature")]
    report = place.ask_doctor("--send", **wfm_at(sink.url))
    assert '(401): "bad signature"' in report.checks["webhook_wfm"].found
    assert "WFM_WEBHOOK_SECRET" in report.checks["webhook_wfm"].do
    assert report.exits == 1
    assert SECRET not in report.text


def test_closed_port(place: Place) -> None:
    report = place.ask_doctor(**wfm_at(f"http://127.0.0.1:{free_port()}/"))
    assert "Connection refused" in report.checks["webhook_wfm"].found
    assert "whoever runs 127.0.0.1" in report.checks["webhook_wfm"].do


def test_name_that_no_machine_has(place: Place) -> None:
    settings = wfm_at("https://wfm.invalid/") | {"WFM_ALLOW_PRIVATE": "off"}
    assert "can’t be reached" in place.ask_doctor(**settings).checks["webhook_wfm"].found


def test_token_in_the_address_of_events_is_not_shown(place: Place) -> None:
    token = "a-token-that-nobody-may-see"
    report = place.ask_doctor(CXONE_WEBHOOK_TOKEN=token, PUBLIC_BASE_URL="https://control.example.com")
    assert report.checks["webhook_cxone"].ok
    assert token not in report.text
