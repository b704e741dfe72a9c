"""What a row of the list of campaigns shows, and what it offers."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from campaigns.models import Control, OperationKind, SyncState
from campaigns.states import State
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_holiday, make_operation
from tests.pages.campaigns.campaign_list.reading import NOW, client_of, names, page

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


# --- Rows ---


def test_row_shows_name_and_id(client: Client) -> None:
    make_campaign("abc-1", name="Renewals <b>")
    assert escape("Renewals <b>") in page(client)
    assert "abc-1" in page(client)


def test_unknown_status_is_shown_as_it_is(client: Client) -> None:
    make_campaign(status="DRAINING_2")
    assert '<span class="word">DRAINING_2</span>' in page(client)


def test_calls_above_limit_are_marked(client: Client) -> None:
    make_campaign(active_calls=51)
    assert "over 50" in page(client)


def test_calls_at_limit_are_not_marked(client: Client) -> None:
    make_campaign(active_calls=50)
    assert "over 50" not in page(client)


def test_own_limit_overrules_policy(client: Client) -> None:
    make_campaign(active_calls=51, max_active_calls=60)
    assert "over " not in page(client)


def test_local_time_has_its_zone(client: Client) -> None:
    make_campaign()
    assert "10:00\N{NO-BREAK SPACE}EST" in page(client)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (SCHEDULE, "open until 17:00\N{NO-BREAK SPACE}EST"),
        (SCHEDULE | {"timezone": "Asia/Kathmandu"}, "opens Tue 09:00\N{NO-BREAK SPACE}UTC+5:45"),
        (SCHEDULE | {"dialingHours": []}, "no windows"),
        (SCHEDULE | {"timezone": "Mars/Olympus"}, "unknown time zone"),
    ],
)
def test_dialing_window_in_words(client: Client, schedule: dict[str, Any], words: str) -> None:
    make_campaign(schedule=schedule)
    assert words in page(client)


def test_unreadable_schedule_does_no_harm(client: Client) -> None:
    make_campaign(schedule=["what"], timezone="")
    assert "unknown time zone" in page(client)


def test_newest_operation_alone_is_shown(client: Client) -> None:
    campaign = make_campaign()
    make_operation(campaign, state=State.FAILED, by="old", requested_at=NOW - timedelta(hours=1))
    asked_at, ended_at = NOW - timedelta(minutes=4), NOW - timedelta(minutes=3)
    make_operation(campaign, state=State.CONFIRMED, by="anna", requested_at=asked_at, ended_at=ended_at)
    shown = page(client)
    assert "Pause confirmed" in shown
    assert "anna, " in shown
    assert "3 min ago" in shown
    assert "Pause failed" not in shown


def test_last_to_end_is_shown(client: Client) -> None:
    due = NOW - timedelta(minutes=10)
    pause = make_operation(state=State.FAILED, requested_at=NOW - timedelta(hours=9), not_before=due, ended_at=due)
    make_operation(pause.campaign, state=State.CONFIRMED, requested_at=NOW - timedelta(hours=3))
    assert "Pause failed" in page(client)


def test_failed_pause_is_shown_before_its_end(client: Client) -> None:
    pause = make_operation(state=State.FAILED, requested_at=NOW - timedelta(seconds=1))
    make_operation(pause.campaign, kind=OperationKind.RESUME, state=State.CANCELLED, undoes=pause, requested_at=NOW)
    shown = page(client)
    assert "Pause failed" in shown
    assert "Resume cancelled" not in shown


@pytest.mark.parametrize("state", [State.REJECTED, State.FAILED, State.UNCONFIRMED, State.CONFLICT])
def test_bad_end_says_why(client: Client, state: State) -> None:
    make_operation(state=state, error="CXone said no.")
    assert '<span class="under trouble clamp"' in page(client)
    assert "CXone said no.</span>" in page(client)


def test_good_end_needs_no_sentence(client: Client) -> None:
    make_operation(state=State.CONFIRMED)
    assert "under trouble" not in page(client)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"control": Control.PERSON, "controller": "anna"}, "anna"),
        ({"control": Control.SCHEDULE}, "the schedule"),
        ({"control": Control.OUTSIDE}, "changed outside"),
        ({"control": Control.BEFORE}, "since before we looked"),
    ],
)
def test_who_is_in_control(client: Client, values: dict[str, Any], words: str) -> None:
    make_campaign(**values)
    assert client.get("/campaigns/").context["listing"].rows[0].controller == words


def test_age_is_of_last_full_read(client: Client) -> None:
    make_campaign(read_at=NOW - timedelta(hours=5))
    SyncState.objects.update(last_good_at=NOW - timedelta(seconds=4))
    assert client.get("/campaigns/").context["listing"].rows[0].age_seconds == 4


def test_age_of_campaign_read_alone(client: Client) -> None:
    make_campaign(read_at=NOW - timedelta(seconds=1))
    SyncState.objects.update(last_good_at=NOW - timedelta(seconds=9))
    assert client.get("/campaigns/").context["listing"].rows[0].age_seconds == 1


# --- Its next holiday ---


def test_next_holiday_is_shown(client: Client) -> None:
    calendar = make_calendar(make_campaign())
    make_holiday(calendar, "2026-12-25")
    make_holiday(calendar, "2026-11-26", name="Thanksgiving Day")
    assert "Thu 2026-11-26" in page(client)
    assert "Christmas Day" not in page(client)


def test_holiday_of_today_is_the_next(client: Client) -> None:
    make_holiday(make_calendar(make_campaign()), "2026-11-16")
    assert "Mon 2026-11-16" in page(client)


def test_restricted_hours_that_are_over(client: Client) -> None:
    make_holiday(make_calendar(make_campaign()), "2026-11-16", starts=time(8), ends=time(9), every_year=True)
    shown = page(client)
    assert "Tue 2027-11-16" in shown
    assert "Christmas Day, 08:00 to 09:00" in shown


def test_other_calendars_don_t_count(client: Client) -> None:
    make_campaign()
    make_holiday(make_calendar(make_campaign(name="other")))
    assert [row.holiday is None for row in client.get("/campaigns/").context["listing"].rows] == [True, False]


def test_filter_by_calendar(client: Client) -> None:
    calendar = make_calendar(make_campaign(name="ours"), name="US")
    make_campaign(name="other")
    assert names(client, calendar=calendar.pk) == ["ours"]
    assert f'<option value="{calendar.pk}" selected> US </option>' in " ".join(
        page(client, calendar=calendar.pk).split()
    )


@pytest.mark.parametrize("nonsense", ["x", "-1", "1" * 30, "\N{ARABIC-INDIC DIGIT ONE}"])
def test_nonsense_as_a_calendar_narrows_nothing(client: Client, nonsense: str) -> None:
    make_campaign(name="ours")
    assert names(client, calendar=nonsense) == ["ours"]


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        ({"control": Control.OUTSIDE, "status_since": NOW - timedelta(days=2)}, True),
        ({"control": Control.OUTSIDE, "status_since": NOW - timedelta(days=4)}, False),
        ({"control": Control.BEFORE}, False),
    ],
)
def test_only_a_recent_change_is_marked(client: Client, values: dict[str, Any], marked: bool) -> None:
    make_campaign(status="PAUSED", **values)
    assert ("tone-warning" in client.get("/campaigns/").text.partition('data-label="In control"')[2]) == marked


# --- Actions by right and state ---


def offered(client: Client) -> str | None:
    (row,) = client.get("/campaigns/").context["listing"].rows
    return row.action.verb if row.action else None


def test_active_may_be_paused(client: Client) -> None:
    make_campaign()
    assert offered(client) == "Pause"


def test_paused_may_be_resumed(client: Client) -> None:
    make_campaign(status="PAUSED")
    assert offered(client) == "Resume"


def test_unknown_status_may_be_paused(client: Client) -> None:
    make_campaign(status="DRAINING")
    assert offered(client) == "Pause"


@pytest.mark.parametrize("status", ["COMPLETE", "DRAFT", "STOPPING"])
def test_what_is_at_rest_may_only_be_looked_at(client: Client, status: str) -> None:
    make_campaign(status=status)
    assert offered(client) is None


def test_reviewer_may_only_look() -> None:
    make_campaign()
    assert offered(client_of("reviewer")) is None


def test_one_operation_at_a_time(client: Client) -> None:
    make_operation(state=State.RUNNING)
    assert offered(client) is None


def test_gone_campaign_has_no_actions(client: Client) -> None:
    make_campaign(gone_at=NOW)
    assert offered(client) is None
    assert "Not in CXone" in page(client)


def test_person_without_role_is_refused() -> None:
    assert client_of("").get("/campaigns/").status_code == 403


def test_nobody_is_sent_to_sign_in() -> None:
    assert Client().get("/campaigns/?q=a")["Location"] == "/accounts/login/?next=/campaigns/%3Fq%3Da"
