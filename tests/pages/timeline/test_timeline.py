"""The timeline's page, its table and its CSV."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, SyncState
from campaigns.observation.calls import keep_sample
from tests.factories import make_campaign, make_operation
from tests.pages.asking import words_of

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def campaign() -> Campaign:
    """It has been counted for half an hour."""
    now = timezone.now()
    SyncState.objects.update(last_good_at=now)
    made = make_campaign("c-1", name="Spring <offer>", active_calls=7)
    for minutes in range(30, -1, -1):
        keep_sample({"c-1": 7}, now - minutes * MINUTE)
    return made


def test_lanes_of_each_campaign(supervisor: Client, campaign: Campaign) -> None:
    page = supervisor.get("/timeline/", {"range": "hour"}).text
    assert "Spring &lt;offer&gt;" in page
    assert 'class="state-dialing"' in page
    assert 'class="state-unknown"' in page


def test_operation_is_a_link_in_the_picture_and_in_the_table(supervisor: Client, campaign: Campaign) -> None:
    operation = make_operation(campaign, state="CONFIRMED", by="ann", requested_at=timezone.now() - 5 * MINUTE)
    page = supervisor.get("/timeline/", {"range": "hour"}).text.partition("<main")[2].partition("</main>")[0]
    assert page.count(f'href="/operations/{operation.pk}/"') == 2
    assert 'aria-label="Paused by ann: Workforce management override"' in page


def test_only_chosen_campaigns(supervisor: Client, campaign: Campaign) -> None:
    make_campaign("c-2", name="Summer")
    assert "Summer" not in supervisor.get("/timeline/", {"id": "c-1"}).text.partition("<main")[2]
    found = supervisor.get("/timeline/", {"q": "summ"}).context["timeline"].rows
    assert [row.campaign.pk for row in found] == ["c-2"]


@pytest.mark.parametrize("sort", ["urgency", "-calls", "-name"])
def test_form_shows_the_order_in_use(supervisor: Client, campaign: Campaign, sort: str) -> None:
    address = {} if sort == "urgency" else {"sort": sort}
    assert f'<option value="{sort}" selected>' in supervisor.get("/timeline/", address).text


def test_addresses_keep_what_was_chosen(supervisor: Client, campaign: Campaign) -> None:
    timeline = supervisor.get("/timeline/", {"id": "c-1", "range": "hour", "known": "1"}).context["timeline"]
    assert "id=c-1" in timeline.earlier
    assert "known=1" in timeline.earlier
    assert "range=custom" in timeline.earlier


def test_earlier_and_later_join_without_a_gap(supervisor: Client, campaign: Campaign) -> None:
    address = {"from": "2026-11-20 10:00", "to": "2026-11-20 12:00", "in": "America/New_York"}
    timeline = supervisor.get("/timeline/", address).context["timeline"]
    assert "from=2026-11-20+08%3A00&to=2026-11-20+10%3A00" in timeline.earlier
    assert "from=2026-11-20+12%3A00&to=2026-11-20+14%3A00" in timeline.later
    assert timeline.title == "Fri 20 Nov 2026 10:00 to 12:00 EST"


def test_too_long_a_range_is_said_and_not_drawn(supervisor: Client, campaign: Campaign) -> None:
    page = supervisor.get("/timeline/", {"from": "2026-11-01", "to": "2026-11-20"})
    assert "choose at most 48 hours" in words_of(page)


def test_nothing_matches(supervisor: Client) -> None:
    assert "No campaign matches." in words_of(supervisor.get("/timeline/", {"q": "x"}))


def test_rows_are_paged(supervisor: Client, campaign: Campaign) -> None:
    for _ in range(25):
        make_campaign()
    page = supervisor.get("/timeline/", {"page": "2"})
    assert len(page.context["timeline"].rows) == 1
    assert "26 to 26 of" in words_of(page)


def test_csv_has_the_same_stretches_and_defuses_formulas(supervisor: Client, campaign: Campaign) -> None:
    Campaign.objects.filter(pk="c-1").update(name="=HYPERLINK(1)")
    make_operation(campaign, state="CONFIRMED", requested_at=timezone.now() - 5 * MINUTE)
    answer = supervisor.get("/timeline/csv/", {"range": "hour"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["campaign"] for row in rows} == {"'=HYPERLINK(1)"}
    dialing = next(row for row in rows if row["what"] == "dialing")
    assert (dialing["calls_least"], dialing["calls_most"]) == ("7", "7")
    assert "Paused by supervisor: Workforce management override" in {row["words"] for row in rows}


def test_unread_time_has_no_calls_in_the_csv(supervisor: Client, campaign: Campaign) -> None:
    rows = csv.DictReader(io.StringIO(supervisor.get("/timeline/csv/", {"range": "hour"}).text))
    unknown = next(row for row in rows if row["what"] == "unknown")
    assert (unknown["calls_least"], unknown["calls_most"]) == ("", "")


def test_queries_do_not_grow_with_rows(supervisor: Client, campaign: Campaign, django_assert_num_queries: Any) -> None:
    supervisor.get("/timeline/")
    with django_assert_num_queries(21) as few:
        supervisor.get("/timeline/")
    for _ in range(5):
        make_operation(make_campaign(), state="CONFIRMED")
    with django_assert_num_queries(len(few)):
        supervisor.get("/timeline/")


def test_operation_leads_to_the_hours_around_it(supervisor: Client, campaign: Campaign) -> None:
    operation = make_operation(campaign, state="CONFIRMED", requested_at=timezone.now() - 5 * MINUTE)
    address = supervisor.get(f"/operations/{operation.pk}/").context["detail"].around
    rows = supervisor.get(f"/timeline/?id=c-1&{address}").context["timeline"].rows
    assert [mark.operation for mark in rows[0].lanes.marks] == [operation.pk]
