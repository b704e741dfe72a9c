"""Which campaigns a bulk is for, as an address says it."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from campaigns.models import Campaign
from campaigns.pages.bulk.selection import BulkSelection, selection_in_words
from tests.factories import make_calendar, make_campaign

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)


def read(query: str) -> BulkSelection:
    return BulkSelection.read(QueryDict(query))


def found(query: str) -> list[Campaign]:
    return list(read(query).find(NOW))


def words(query: str) -> str:
    return selection_in_words(read(query).on_record)


def test_ticked_campaigns_are_found() -> None:
    wanted = make_campaign("c/1", name="Spring")
    make_campaign()
    assert found("id=c%2F1&id=c%2F1&id=unknown&id=&id=%00") == [wanted]


def test_all_that_match_are_found() -> None:
    wanted = make_campaign(status="PAUSED")
    make_campaign()
    assert found("all=1&status=PAUSED&page=7") == [wanted]


def test_nothing_ticked_is_nothing() -> None:
    make_campaign()
    assert found("") == found("status=ACTIVE") == []


@pytest.mark.parametrize(
    "query",
    [
        "all=1",
        "all=1&q=Solar&status=ACTIVE",
        "all=1&tag=client:A%26B&tag=region:Texas",
        "all=1&tag=CXone+campaign:Q4+Outreach",
        "id=c%2F1&id=%C3%A9",
        "id=c-1&listed=status%3DPAUSED%26page%3D2",
    ],
)
def test_selection_survives_its_own_address(query: str) -> None:
    assert read(read(query).query) == read(query)


def test_list_that_it_came_from_is_known() -> None:
    assert read("id=c-1&listed=status%3DPAUSED%26page%3D2").listed.query == "status=PAUSED&page=2"
    assert read("all=1&status=PAUSED").listed.query == "status=PAUSED"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("id=c-1", "selected one by one"),
        ("all=1", "all in the list"),
        ("all=1&status=paused", "all that match: paused in CXone"),
        ("all=1&status=gone", "all that match: not in CXone"),
        ("all=1&q=Solar&attention=1", "all that match: needs you and name or id with “Solar”"),
        ("all=1&finding=calls_outside_hours", "all that match: with the finding “Calls outside hours”"),
        (
            "all=1&tag=client:Northwind&tag=client:Lakeshore&tag=region:Texas",
            "all that match: client Northwind or Lakeshore and region Texas",
        ),
        ("all=1&calendar=7", "all that match: holidays of US"),
        ("all=1&calendar=8", "all that match: holidays of number 8"),
    ],
)
def test_selection_is_told_in_words(query: str, expected: str) -> None:
    make_calendar(id=7, name="US")
    assert words(query) == expected


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("Every campaign", "every campaign"),
        ("Region: Florida", "region Florida"),
        ("Time zone: America/New_York", "time zone America/New_York"),
        ("CXone campaign: Q4: Outreach", "CXone campaign Q4: Outreach"),
    ],
)
def test_what_was_stopped_stands_within_a_sentence(scope: str, expected: str) -> None:
    assert selection_in_words({"emergency": scope}) == f"emergency stop of {expected}"
