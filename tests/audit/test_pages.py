"""The audit's pages."""

import pytest
from django.test import Client

from audit import queries
from tests.audit.ledgers import append, append_some

pytestmark = pytest.mark.django_db


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
