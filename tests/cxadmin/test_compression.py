"""Pages and exports are compressed for those who accept it; nothing else is."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import Client, RequestFactory

from cxadmin.compression import CompressionMiddleware
from tests.audit.ledgers import append_some
from tests.cxadmin.test_web_server import Waitress
from tests.factories import make_campaign, make_user
from tests.processes.group import PATIENCE

PAGE = b"<p>A page about campaigns, campaigns and campaigns.</p>" * 50
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def respond(response: HttpResponseBase, accepted: str = "gzip") -> HttpResponseBase:
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepted})
    return CompressionMiddleware(lambda _: response)(request)  # type: ignore[return-value]


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/campaigns/", "/campaigns/rows/"])
def test_pages_and_their_refreshes_are_compressed(address: str) -> None:
    make_campaign(name="Spring")
    response = client_of("supervisor").get(address, headers=GZIP | {"HX-Request": "true"})
    assert response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response["Vary"]
    assert b"Spring" in gzip.decompress(response.content)
    assert int(response["Content-Length"]) == len(response.content)


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_exports_are_compressed(form: str) -> None:
    append_some(3)
    reviewer = client_of("reviewer")
    plain = reviewer.post("/audit/export/?kind=operation.asked", {"format": form})
    response = reviewer.post("/audit/export/?kind=operation.asked", {"format": form}, headers=GZIP)
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.getvalue()) == plain.getvalue()


@pytest.mark.django_db
def test_evidence_and_workbooks_stay_as_they_are() -> None:
    append_some(3)
    reviewer = client_of("reviewer")
    for address, form in (("/audit/export/", {"format": "xlsx"}), ("/audit/evidence/", {})):
        response = reviewer.post(address, form, headers=GZIP)
        assert response.status_code == 200
        assert "attachment" in response["Content-Disposition"]
        assert not response.has_header("Content-Encoding")


@pytest.mark.parametrize("kind", ["application/zip", "image/png", "image/svg+xml", "application/json", "text/plain"])
def test_other_types_are_left_alone(kind: str) -> None:
    response = respond(HttpResponse(PAGE, content_type=kind))
    assert not response.has_header("Content-Encoding")


@pytest.mark.parametrize("accepted", ["", "br", "identity", "gzip;q=0", "gzip; q=0.000", "*;q=0"])
def test_who_does_not_accept_it_gets_it_plain(accepted: str) -> None:
    response = respond(HttpResponse(PAGE), accepted)
    assert isinstance(response, HttpResponse)
    assert response.content == PAGE
    assert response["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", ["gzip", "gzip;q=0.5", "br, gzip;q=0.001", "x-gzip"])
def test_who_accepts_it_gets_it_compressed(accepted: str) -> None:
    assert respond(HttpResponse(PAGE), accepted)["Content-Encoding"] == "gzip"


def test_what_is_encoded_already_is_not_encoded_again() -> None:
    response = respond(StreamingHttpResponse(iter([PAGE]), headers={"Content-Encoding": "br"}))
    assert response["Content-Encoding"] == "br"


def test_each_part_of_a_stream_is_sent_on_at_once() -> None:
    sent: list[int] = []

    def parts() -> Iterator[bytes]:
        for number in range(3):
            sent.append(number)
            yield b"row %d\n" % number

    response = respond(StreamingHttpResponse(parts(), content_type="text/csv"))
    assert isinstance(response, StreamingHttpResponse)
    stream, read = iter(response), zlib.decompressobj(wbits=31)
    for number in range(3):
        assert read.decompress(next(stream)) == b"row %d\n" % number
        assert sent == list(range(number + 1))
    assert read.decompress(b"".join(stream)) == b""
    assert read.eof


# A response that is closed looks after the connections.
@pytest.mark.django_db
def test_reader_who_leaves_ends_what_is_streamed() -> None:
    ended: list[bool] = []

    def parts() -> Iterator[bytes]:
        try:
            yield PAGE
            raise AssertionError("it was read on")
        finally:
            ended.append(True)

    response = respond(StreamingHttpResponse(parts(), content_type="text/csv"))
    assert isinstance(response, StreamingHttpResponse)
    next(iter(response))
    response.close()
    assert ended == [True]


@pytest.mark.parametrize("streamed", [False, True])
def test_length_does_not_betray_the_contents(streamed: bool) -> None:
    """BREACH compares lengths: the same page has another one each time."""
    lengths = set()
    for _ in range(20):
        response = respond(StreamingHttpResponse([PAGE]) if streamed else HttpResponse(PAGE))
        lengths.add(len(b"".join(response)))
    assert len(lengths) > 5


@pytest.mark.django_db
def test_form_token_is_masked_anew_for_each_page() -> None:
    client = Client()
    tokens = {str(client.get("/accounts/login/").context["csrf_token"]) for _ in range(3)}
    assert len(tokens) == 3


@pytest.mark.django_db(transaction=True)
def test_waitress_sends_it_compressed() -> None:
    with closing(Waitress(get_wsgi_application())) as waitress:
        connection = HTTPConnection("127.0.0.1", waitress.port, timeout=PATIENCE)
        connection.request("GET", "/accounts/login/", headers=GZIP)
        response = connection.getresponse()
        assert response.headers["Content-Encoding"] == "gzip"
        assert b"<html" in gzip.decompress(response.read())
        connection.close()
