"""One campaign's page, and the part of it that refreshes itself."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from audit import ledger
from audit.kinds import RecordKind
from campaigns.models import Campaign, Drain, Operation, SyncState
from campaigns.pages.week import week_of
from campaigns.states import State, WaitingFor
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_drain, make_holiday, make_operation
from tests.pages.asking import words_of
from tests.pages.costs import FRAGMENT, HEAD_OF_READERS

pytestmark = pytest.mark.django_db

EXPECTED: dict[str, Any] = {"expected_median_seconds": 120.0, "expected_p90_seconds": 240.0}
MONDAY = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)  # 10:30 in New York


@pytest.fixture
def campaign() -> Campaign:
    SyncState.objects.update(last_good_at=timezone.now())
    return make_campaign("c-1", name="Spring <offer>", active_calls=7)


def refresh(client: Client, seen: str = "") -> Any:
    return client.get("/campaigns/c-1/live/", {"seen": seen}, headers={"HX-Request": "true"})


# --- the page ---


def test_state_is_shown(supervisor: Client, campaign: Campaign) -> None:
    page = supervisor.get("/campaigns/c-1/")
    assert "<h1>Spring &lt;offer&gt;</h1>" in page.text
    assert '<dd class="reading">7</dd>' in page.text
    assert "limit 50" in page.text


def test_local_time_and_window_are_shown(supervisor: Client, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(MONDAY, tick=False)
    make_campaign("ny")
    page = words_of(supervisor.get("/campaigns/ny/"))
    assert "open until 17:00 EST, in 6 h 30 min." in page
    assert "Local time Mon 10:30 EST" in page


@pytest.mark.parametrize(
    ("control", "controller", "words"),
    [("person", "bob", "by bob"), ("outside", "", "in CXone")],
)
def test_who_is_in_control(supervisor: Client, control: str, controller: str, words: str) -> None:
    make_campaign("c-2", status="PAUSED", control=control, controller=controller)
    assert words in words_of(supervisor.get("/campaigns/c-2/"))


def test_active_one_can_be_paused(supervisor: Client, campaign: Campaign) -> None:
    page = supervisor.get("/campaigns/c-1/").text
    assert "/campaigns/c-1/pause/" in page
    assert '/campaigns/c-1/resume/"' not in page


def test_paused_one_can_be_resumed(supervisor: Client) -> None:
    make_campaign("c-2", status="PAUSED")
    page = supervisor.get("/campaigns/c-2/").text
    assert "/campaigns/c-2/resume/" in page
    assert '/campaigns/c-2/pause/"' not in page


def test_reviewer_is_offered_no_change(reviewer: Client, campaign: Campaign) -> None:
    assert "/campaigns/c-1/pause/" not in reviewer.get("/campaigns/c-1/").text


def test_busy_one_shows_its_operation(supervisor: Client, campaign: Campaign) -> None:
    operation = make_operation(campaign, by="bob")
    page = supervisor.get("/campaigns/c-1/").text
    assert f'id="newest" href="/operations/{operation.pk}/"' in page
    assert "/campaigns/c-1/pause/" not in page


def test_waiting_one_counts_the_seconds_and_can_be_cancelled(supervisor: Client, campaign: Campaign) -> None:
    asked = timezone.now() - timedelta(seconds=14)
    make_operation(campaign, state=State.WAITING, waiting_for=WaitingFor.PAUSE_SLOT, requested_at=asked)
    page = words_of(supervisor.get(f"/campaigns/{campaign.pk}/"))
    assert "Queued behind another pause" in page
    assert re.search(r'<span data-age="1\d" data-waits>1\d s</span>', page)
    assert "Cancel this pause" in page


def test_bad_end_is_told(supervisor: Client, campaign: Campaign) -> None:
    make_operation(campaign, state="REJECTED", calls_before=80, calls_limit=50)
    assert "80 calls were in progress, more than the limit of 50." in words_of(supervisor.get("/campaigns/c-1/"))


def test_newest_of_its_history_is_shown(supervisor: Client, campaign: Campaign) -> None:
    for minutes in range(13):
        make_operation(campaign, state="SKIPPED", requested_at=timezone.now() - timedelta(minutes=minutes))
    page = supervisor.get("/campaigns/c-1/")
    entries = page.context["detail"].history.entries
    assert len(entries) == 12
    assert entries[0].at > entries[-1].at
    assert 'href="/campaigns/c-1/history/"' in page.text


def test_gone_campaign_says_so(supervisor: Client) -> None:
    make_campaign("c-2", gone_at=timezone.now())
    page = supervisor.get("/campaigns/c-2/").text
    assert "CXone has not listed this campaign since" in page
    assert "/campaigns/c-2/pause/" not in page


def test_unknown_state_is_never_shown_as_live(supervisor: Client, campaign: Campaign) -> None:
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(hours=1))
    page = supervisor.get("/campaigns/c-1/").text
    assert 'class="stack is-old"' in page
    assert "The state of all campaigns has been unknown since" in page


def test_unknown_campaign_is_told(supervisor: Client) -> None:
    response = supervisor.get("/campaigns/no\0where/")
    assert response.status_code == 404
    assert "There is no campaign with this id." in response.text


def test_id_with_a_slash_has_a_page(supervisor: Client) -> None:
    make_campaign("north/1", name="Slashed")
    assert "Slashed" in supervisor.get("/campaigns/north/1/").text
    assert supervisor.get("/campaigns/north/1/pause/").status_code == 200


def test_page_costs_so_many_queries(
    reviewer: Client, campaign: Campaign, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        make_drain(make_operation(campaign, state="CONFIRMED"), 9, 4, 0)
    reviewer.get("/campaigns/c-1/")
    with django_assert_num_queries(HEAD_OF_READERS + 26):
        reviewer.get("/campaigns/c-1/")


# --- its holidays ---


def test_holidays_ahead_are_shown(supervisor: Client, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(MONDAY)
    make_holiday(make_calendar(make_campaign("ny"), name="US"), "2026-12-24", starts=time(12), ends=time(23, 59))
    page = supervisor.get("/campaigns/ny/").text
    assert all(words in page for words in ("Thu 24 Dec 2026", "Christmas Day", "US", "12:00 to 24:00"))


def test_holidays_begin_with_the_campaigns_today(supervisor: Client, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 11, 3, 4, 30, tzinfo=UTC))  # 23:30 of the 2nd in New York
    make_holiday(make_calendar(make_campaign("ny")), "2026-11-02")
    assert "Mon 2 Nov 2026" in supervisor.get("/campaigns/ny/").text


def test_new_holiday_is_sent(supervisor: Client, campaign: Campaign) -> None:
    seen = supervisor.get("/campaigns/c-1/").context["detail"].version
    make_holiday(make_calendar(campaign), str(timezone.now().date() + timedelta(days=3)))
    assert "Christmas Day" in refresh(supervisor, seen).text


# --- its records ---


def test_records_are_for_those_with_the_right(supervisor: Client, reviewer: Client, campaign: Campaign) -> None:
    with transaction.atomic():
        ledger.append(RecordKind.CAMPAIGN_APPEARED, by="", campaign_id="c-1", campaign_name="Spring")
    assert "appeared in CXone" in reviewer.get("/campaigns/c-1/").text
    assert 'href="/audit/?campaign=c-1"' in reviewer.get("/campaigns/c-1/").text
    assert "On record" not in supervisor.get("/campaigns/c-1/").text


# --- its week ---


def test_week_has_bars_and_hours() -> None:
    monday = week_of(SCHEDULE, now=MONDAY).days[0]
    assert (monday.name, monday.bars, monday.hours) == ("Monday", [(540, 480)], "09:00 to 17:00")


def test_line_stands_at_now_in_its_zone() -> None:
    assert [day.now for day in week_of(SCHEDULE, now=MONDAY).days] == [630, None, None, None, None, None, None]


def test_unknown_zone_has_no_line() -> None:
    assert {day.now for day in week_of({"timezone": "Mars/Olympus", "dialingHours": []}, now=MONDAY).days} == {None}


def test_whole_day_ends_at_24() -> None:
    hours = [{"day": "SUN", "startTime": "00:00", "endTime": "23:59"}]
    sunday = week_of({"timezone": "UTC", "dialingHours": hours}, now=MONDAY).days[6]
    assert sunday.hours == "00:00 to 24:00"


def test_day_that_cannot_be_read_is_unknown(supervisor: Client) -> None:
    hours = [
        {"day": "MON", "startTime": "09:00", "endTime": "17:00"},
        {"day": "MON", "startTime": "18:00:30", "endTime": "19:00"},
        {"day": "WED", "startTime": "09:00Z", "endTime": "17:00Z"},
    ]
    make_campaign("c-1", schedule=SCHEDULE | {"dialingHours": hours})
    page = supervisor.get("/campaigns/c-1/")
    told = [day.hours for day in page.context["detail"].week.days]
    assert told == ["09:00 to 17:00, else unknown", "", "unknown", "unknown", "", "", ""]
    assert "“MON 18:00:30 to 19:00”, “WED 09:00Z to 17:00Z”. Whether it dials then is unknown." in words_of(page)


def test_hours_that_are_no_list_are_unknown() -> None:
    assert {day.hours for day in week_of({"timezone": "UTC", "dialingHours": None}, now=MONDAY).days} == {"unknown"}


def test_campaign_without_a_schedule_has_no_hours_to_show(supervisor: Client) -> None:
    make_campaign("c-1", schedule={})
    page = supervisor.get("/campaigns/c-1/")
    assert {day.hours for day in page.context["detail"].week.days} == {"unknown"}
    assert "CXone gives no hours for this campaign. Whether it dials is unknown." in words_of(page)


# --- its drain ---


def test_drain_is_told_in_figures(supervisor: Client, campaign: Campaign) -> None:
    make_drain(make_operation(campaign, state="CONFIRMED"), 30, 20, 5, 0, seconds_apart=20)
    page = words_of(supervisor.get("/campaigns/c-1/"))
    assert "How the calls ended" in page
    assert "100 %" in page
    assert "30 of 30" in page
    assert "30.0" in page  # calls a minute
    assert "The last call had ended 1:00 after the pause." in page


def test_going_drain_is_told_so_far(supervisor: Client, campaign: Campaign) -> None:
    make_drain(make_operation(campaign, state="CONFIRMED"), 40, 30, seconds_apart=30)
    page = words_of(supervisor.get("/campaigns/c-1/"))
    assert "Calls are draining" in page
    assert "25 %" in page
    assert "30 of 40 calls are still in progress." in page


USUAL = "half of this campaign’s earlier drains took up to 2 min, nine in ten up to 4 min."


def test_drain_tells_when_it_is_expected_to_end(
    supervisor: Client, campaign: Campaign, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(MONDAY, tick=False)
    make_drain(make_operation(campaign, state="CONFIRMED"), 40, 30, **EXPECTED)
    page = strip_tags(words_of(supervisor.get("/campaigns/c-1/")))
    assert f"The last call is expected to end between 15:32:00 UTC and 15:34:00 UTC: {USUAL}" in page
    assert "Longer than usual" not in page


def test_drain_without_a_history_says_so(supervisor: Client, campaign: Campaign) -> None:
    make_drain(make_operation(campaign, state="CONFIRMED"), 40, 39)
    page = words_of(supervisor.get("/campaigns/c-1/"))
    assert "When the last call will end can’t be said yet" in page
    assert "is expected to end" not in page


def test_drain_without_a_history_goes_by_its_pace(supervisor: Client, campaign: Campaign) -> None:
    operation = make_operation(campaign, state="CONFIRMED")
    make_drain(operation, 40, 20, seconds_apart=60)
    assert "At the pace so far, the last call ends in about 1 min." in words_of(supervisor.get("/campaigns/c-1/"))
    assert "20 calls left · about 1 min" in strip_tags(words_of(supervisor.get(f"/operations/{operation.pk}/")))


@pytest.mark.parametrize(("seconds", "is_late"), [(240, False), (241, True)])
def test_drain_that_takes_longer_is_marked(
    supervisor: Client, campaign: Campaign, seconds: int, is_late: bool
) -> None:
    make_drain(make_operation(campaign, state="CONFIRMED"), 40, 30, seconds_apart=seconds, **EXPECTED)
    assert ("Longer than usual" in words_of(supervisor.get("/campaigns/c-1/"))) == is_late


@pytest.mark.parametrize(("seconds", "words"), [(60, "For comparison:"), (300, "That was longer than usual:")])
def test_ended_drain_is_compared(supervisor: Client, campaign: Campaign, seconds: int, words: str) -> None:
    make_drain(make_operation(campaign, state="CONFIRMED"), 40, 0, seconds_apart=seconds, **EXPECTED)
    assert f"{words} {USUAL}" in words_of(supervisor.get("/campaigns/c-1/"))


def test_drain_at_its_deadline_tells_the_rest(supervisor: Client, campaign: Campaign) -> None:
    start = timezone.now() - timedelta(minutes=15)
    drain = make_drain(make_operation(campaign, state="CONFIRMED"), 9, 2, started_at=start)
    Drain.objects.filter(pk=drain.pk).update(ended_at=timezone.now(), end="deadline", calls_at_end=2)
    page = words_of(supervisor.get("/campaigns/c-1/"))
    assert "calls were still in progress at the deadline; 2 of 9 calls were left." in page


def test_no_calls_drain_at_once(supervisor: Client, campaign: Campaign) -> None:
    make_drain(make_operation(campaign, state="CONFIRMED"), 0)
    response = supervisor.get("/campaigns/c-1/")
    assert "No call was in progress when it was paused" in words_of(response)
    assert "100 %" not in words_of(response)
    assert "<svg viewBox" not in response.text.partition('id="drain"')[2].partition("</section>")[0]


def test_waiting_operation_can_be_cancelled_where_it_says_so(supervisor: Client, campaign: Campaign) -> None:
    operation = make_operation(campaign, state="WAITING", waiting_for="place")
    page = supervisor.get("/campaigns/c-1/").text
    assert "You can still cancel it." in page
    assert f'method="post" action="/operations/{operation.pk}/cancel/">' in page


def test_sent_operation_can_not_be_cancelled(supervisor: Client, campaign: Campaign) -> None:
    make_operation(campaign, state="WAITING", waiting_for="outcome", sent_at=timezone.now())
    assert "/cancel/" not in supervisor.get("/campaigns/c-1/").text


def test_reviewer_is_offered_no_cancelling(reviewer: Client, campaign: Campaign) -> None:
    make_operation(campaign, state="WAITING", waiting_for="place")
    assert "/cancel/" not in reviewer.get("/campaigns/c-1/").text


def test_long_drain_has_a_short_table(supervisor: Client, campaign: Campaign) -> None:
    make_drain(make_operation(campaign, state="CONFIRMED"), *range(300, -1, -1))
    rows = supervisor.get("/campaigns/c-1/").context["detail"].drain.rows
    assert len(rows) == 40
    assert (rows[0], rows[-1]) == (("0:00", 300), ("15:00", 0))


# --- its refreshes ---


def test_unchanged_costs_an_empty_answer(
    supervisor: Client, campaign: Campaign, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(campaign.read_at, tick=False)
    seen = supervisor.get("/campaigns/c-1/").context["detail"].version
    response = refresh(supervisor, seen)
    assert (response.status_code, response.content) == (204, b"")
    assert response["X-Data-Age"] == "0"


@pytest.mark.parametrize(
    "change", [{"status": "PAUSED"}, {"active_calls": 8}, {"control": "outside"}, {"name": "Summer"}]
)
def test_change_is_sent(supervisor: Client, campaign: Campaign, change: dict[str, object]) -> None:
    seen = supervisor.get("/campaigns/c-1/").context["detail"].version
    Campaign.objects.update(**change)
    response = refresh(supervisor, seen)
    assert response.status_code == 200
    assert "<html" not in response.text


def test_new_operation_is_sent(supervisor: Client, campaign: Campaign) -> None:
    seen = supervisor.get("/campaigns/c-1/").context["detail"].version
    make_operation(campaign)
    assert refresh(supervisor, seen).status_code == 200


def test_ended_operation_is_sent(supervisor: Client, campaign: Campaign) -> None:
    make_operation(campaign, state="SKIPPED")
    older = make_operation(campaign, state="RUNNING", requested_at=timezone.now() - timedelta(minutes=1))
    seen = supervisor.get("/campaigns/c-1/").context["detail"].version
    Operation.objects.filter(pk=older.pk).update(state="FAILED")
    assert "Pause failed" in words_of(refresh(supervisor, seen))


def test_new_record_is_sent(reviewer: Client, campaign: Campaign) -> None:
    seen = reviewer.get("/campaigns/c-1/").context["detail"].version
    with transaction.atomic():
        ledger.append(RecordKind.CAMPAIGN_APPEARED, by="", campaign_id="c-1", campaign_name="Spring")
    assert "appeared in CXone" in refresh(reviewer, seen).text


def test_refresh_keeps_records_to_those_with_the_right(supervisor: Client, campaign: Campaign) -> None:
    assert "On record" not in refresh(supervisor).text


def test_cxone_away_is_sent(supervisor: Client, campaign: Campaign) -> None:
    seen = supervisor.get("/campaigns/c-1/").context["detail"].version
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(hours=1))
    assert "is unknown" in words_of(refresh(supervisor, seen))


@pytest.mark.parametrize(("state", "seconds"), [("RUNNING", 2), ("CONFIRMED", 5)])
def test_pace_depends_on_what_goes_on(supervisor: Client, campaign: Campaign, state: str, seconds: int) -> None:
    make_operation(campaign, state=state)
    assert f'data-live="{seconds}"' in refresh(supervisor).text


def test_drain_quickens_the_pace(supervisor: Client, campaign: Campaign) -> None:
    make_drain(make_operation(campaign, state="CONFIRMED"), 9, 4)
    assert 'data-live="2"' in refresh(supervisor).text


def test_fragment_alone_leads_to_its_page(supervisor: Client, campaign: Campaign) -> None:
    assert supervisor.get("/campaigns/c-1/live/")["Location"] == "/campaigns/c-1/"


def test_refresh_costs_so_many_queries(
    supervisor: Client, campaign: Campaign, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_drain(make_operation(campaign, state="CONFIRMED"), 9, 4)
    supervisor.get("/campaigns/c-1/")
    with django_assert_num_queries(FRAGMENT + 25):
        refresh(supervisor)
