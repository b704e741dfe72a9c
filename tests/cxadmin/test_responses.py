"""What is true of every response: nobody keeps a copy, HEAD has no body, and too much is refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from cxadmin import bounds
from cxadmin.responses import HeadMiddleware
from tests.audit.ledgers import append_some
from tests.factories import make_calendar, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_user("admin"))
    return client


@pytest.mark.parametrize(
    "address", ["/audit/1/body", "/audit/charts/figures.csv", "/", "/nowhere/", "/accounts/login/"]
)
def test_nobody_keeps_a_copy(admin: Client, address: str) -> None:
    append_some(1)
    assert "no-store" in admin.get(address)["Cache-Control"]


def test_refusal_is_not_kept_either() -> None:
    client = Client()
    client.force_login(make_user("supervisor"))
    response = client.get("/audit/")
    assert response.status_code == 403
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_wrong_method_at_a_probe_is_not_kept_either(client: Client, address: str) -> None:
    response = client.put(address)
    assert response.status_code == 405
    assert "no-store" in response["Cache-Control"]


def test_head_of_a_page_has_its_length_and_no_body() -> None:
    answer = HeadMiddleware(lambda _: HttpResponse(b"12345"))(RequestFactory().head("/"))
    assert isinstance(answer, HttpResponse)
    assert (answer["Content-Length"], answer.content) == ("5", b"")


def test_head_of_a_stream_reads_nothing_and_closes_it() -> None:
    closed: list[bool] = []

    class Source:
        def __iter__(self) -> "Source":
            return self

        def __next__(self) -> bytes:
            raise AssertionError("it was read")

        def close(self) -> None:
            closed.append(True)

    answer = HeadMiddleware(lambda _: StreamingHttpResponse(Source()))(RequestFactory().head("/"))
    assert isinstance(answer, StreamingHttpResponse)
    assert list(answer) == []
    assert closed == [True]


@pytest.mark.parametrize("address", ["/accounts/login/", "/nowhere/", "/webhooks/cxone/wrong/", "/audit/"])
def test_too_large_a_body_gets_its_page(client: Client, address: str) -> None:
    length = str(bounds.MOST_BYTES + 1)
    response = client.post(address, b"x", content_type="text/plain", headers={"Content-Length": length})
    assert response.status_code == 413
    assert "no-store" in response["Cache-Control"]
    assert "This is too large" in response.content.decode()
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_too_large_a_calendar_file_gets_its_own_sentence(admin: Client) -> None:
    calendar = make_calendar()
    file = SimpleUploadedFile("feed.ics", b"x" * (bounds.MOST_BYTES - 4096))
    response = admin.post(f"/holidays/{calendar.pk}/import/file/", {"file": file})
    assert response.status_code == 413
    assert "2 MB" in response.content.decode()
    assert "Import holidays" in response.content.decode()


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/nowhere/", "/healthz", "/audit/1/body"])
def test_every_response_is_for_this_site_only(admin: Client, address: str) -> None:
    append_some(1)
    response = admin.get(address)
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in response["Permissions-Policy"]
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_unknown_host_is_told_from_a_malformed_request() -> None:
    response = Client().get("/accounts/login/", headers={"Host": "<b>other.example"})
    assert response.status_code == 400
    assert "This address is not known here" in response.text
    assert "PUBLIC_BASE_URL" in response.text
    assert "other.example" not in response.text
