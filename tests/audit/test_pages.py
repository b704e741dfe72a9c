"""The audit's pages."""

import pytest
from django.test import Client

from audit import queries
from audit.kinds import Kind
from audit.models import Record
from tests.audit.ledgers import append, append_some
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(client: Client) -> Client:
    client.force_login(make_user("reviewer", "rosa"))
    return client


def numbers_on(page: queries.Page) -> list[int]:
    return [record.number for record in page.records]


def test_newest_come_first() -> None:
    append_some(3)
    assert numbers_on(queries.read_page(queries.select())) == [3, 2, 1]


def test_pages_walk_there_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    append_some(5)
    newest = queries.read_page(queries.select())
    older = queries.read_page(queries.select(), before=newest.older)
    assert (numbers_on(newest), newest.newer, numbers_on(older)) == ([5, 4], None, [3, 2])
    assert numbers_on(queries.read_page(queries.select(), after=older.newer)) == [5, 4]


def test_last_page_has_nothing_older(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    append_some(3)
    assert queries.read_page(queries.select(), before=2).older is None


def test_campaign_has_its_own_records() -> None:
    append_some(2)
    assert [record.number for record in queries.newest_of_campaign("c-1")] == [2, 1]
    assert queries.newest_of_campaign("c-2") == []


def test_list_shows_sentences(reviewer: Client) -> None:
    append()
    page = reviewer.get("/audit/").content.decode()
    assert "anna asked to pause Spring (c-1)." in page
    assert "&nbsp;UTC</time>" in page


@pytest.mark.parametrize("query", ["before=x", "after=" + "9" * 5000, "before=-1", "before=99999999999999999999"])
def test_odd_place_still_shows_a_page(reviewer: Client, query: str) -> None:
    append()
    assert reviewer.get(f"/audit/?{query}").status_code == 200


def test_record_shows_every_field(reviewer: Client) -> None:
    record = append(by="<b>anna</b>")
    page = reviewer.get(f"/audit/{record.number}/").content.decode()
    assert record.digest in page
    assert "&quot;calls&quot;: 3" in page
    assert "&lt;b&gt;anna&lt;/b&gt;" in page
    assert "<b>anna" not in page


@pytest.mark.parametrize("number", ["99", "99999999999999999999"])
def test_missing_record_is_404(reviewer: Client, number: str) -> None:
    assert reviewer.get(f"/audit/{number}/").status_code == 404


@pytest.mark.parametrize("address", ["/audit/", "/audit/1/"])
def test_supervisor_is_refused_on_record(client: Client, address: str) -> None:
    client.force_login(make_user("supervisor", "sam"))
    assert client.get(address).status_code == 403
    denied = Record.objects.get(kind=Kind.ACCESS_DENIED)
    assert (denied.by, denied.reason) == ("sam", f"GET {address}")


def test_stranger_goes_to_the_sign_in(client: Client) -> None:
    assert client.get("/audit/").headers["Location"] == "/accounts/login/?next=/audit/"
