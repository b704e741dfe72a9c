"""What a row of the list of campaigns shows, and what it offers."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from campaigns.models import Control, Finding, FindingCode, OperationKind, SyncState
from campaigns.states import State
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_holiday, make_operation
from tests.pages.campaigns.campaign_list.reading import NOW, client_of, names, page

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


# --- Rows ---


def test_row_shows_name_and_id(client: Client) -> None:
    make_campaign("abc-1", name="Renewals <b>")
    assert escape("Renewals <b>") in page(client)
    assert "abc-1" in page(client)


def test_id_is_on_no_first_level(client: Client) -> None:
    make_campaign("abc-1", name="Renewals")
    assert ">abc-1<" not in page(client)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"window_open": True}, '<td class="state dialing">Dialing</td>'),
        ({"window_open": False}, '<td class="state waiting">Waiting</td>'),
        ({"status": "PAUSED", "active_calls": 2}, '<td class="state draining">Draining</td>'),
        ({"status": "PAUSED"}, '<td class="state paused">Paused</td>'),
        ({"status": "DRAINING_2"}, '<td class="state other">Draining 2</td>'),
        ({"status": ""}, '<td class="state other">No status</td>'),
    ],
)
def test_state_in_one_vocabulary(client: Client, values: dict[str, Any], words: str) -> None:
    make_campaign(**values)
    assert words in page(client)


def test_calls_are_drawn_up_to_the_limit(client: Client) -> None:
    make_campaign(active_calls=20)
    assert '<td class="calls">20<i> of 50</i>' in page(client)
    assert '<meter aria-hidden="true" max="50" value="20">' in page(client)


def test_no_calls_need_no_bar(client: Client) -> None:
    make_campaign()
    assert "<meter" not in page(client)


def test_calls_above_limit_are_marked(client: Client) -> None:
    make_campaign(active_calls=51)
    assert "over 50" in page(client)


def test_calls_at_limit_are_not_marked(client: Client) -> None:
    make_campaign(active_calls=50)
    assert "over 50" not in page(client)


def test_own_limit_overrules_policy(client: Client) -> None:
    make_campaign(active_calls=51, max_active_calls=60)
    assert 'class="over"' not in page(client)


def test_name_has_its_zone(client: Client) -> None:
    make_campaign()
    assert "<i>EST</i>" in page(client)


def test_local_time_names_its_zone(client: Client) -> None:
    make_campaign()
    assert '<time data-zone="America/New_York">America/New_York</time>' in page(client, columns="local")


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (
            SCHEDULE,
            'closes <time data-until datetime="2026-11-16T22:00Z">Mon 17:00</time>',
        ),
        (
            SCHEDULE | {"timezone": "Asia/Kathmandu"},
            'opens <time data-until datetime="2026-11-17T03:15Z">Tue 09:00</time>',
        ),
        (SCHEDULE | {"dialingHours": []}, "no windows"),
        (SCHEDULE | {"timezone": "Mars/Olympus"}, "unknown time zone"),
    ],
)
def test_dialing_window_in_words(client: Client, schedule: dict[str, Any], words: str) -> None:
    make_campaign(schedule=schedule)
    assert words in page(client)


def test_window_is_told_as_it_was_worked_out(client: Client) -> None:
    make_campaign(schedule={}, window_open=True, window_changes_at=NOW + timedelta(hours=3))
    assert "closes <time" in page(client)


def test_window_that_has_changed_is_worked_out_anew(client: Client) -> None:
    make_campaign(window_open=False, window_changes_at=NOW - timedelta(hours=1))
    assert 'closes <time data-until datetime="2026-11-16T22:00Z"' in page(client)


def test_unreadable_schedule_does_no_harm(client: Client) -> None:
    make_campaign(schedule=["what"], timezone="")
    assert "unknown time zone" in page(client)


def test_newest_operation_alone_is_shown(client: Client) -> None:
    campaign = make_campaign()
    make_operation(campaign, state=State.FAILED, by="old", requested_at=NOW - timedelta(hours=1))
    asked_at, ended_at = NOW - timedelta(minutes=4), NOW - timedelta(minutes=3)
    make_operation(campaign, state=State.CONFIRMED, by="anna", requested_at=asked_at, ended_at=ended_at)
    shown = page(client)
    assert '>Paused</a> by anna, <time data-ago datetime="2026-11-16T14:57:30Z">' in shown
    assert "Pause failed" not in shown


def test_change_in_cxone_since_is_the_last_action(client: Client) -> None:
    campaign = make_campaign(status="PAUSED", control=Control.OUTSIDE, status_since=NOW - timedelta(minutes=2))
    make_operation(campaign, state=State.CONFIRMED, requested_at=NOW - timedelta(hours=1))
    assert "Paused in CXone, <time data-ago" in page(client)


def test_operation_in_progress_is_told(client: Client) -> None:
    make_operation(state=State.RUNNING, by="anna")
    assert ">Pause running</a> · anna, <time" in page(client)


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
    assert '<a class="bad" href="/operations/' in page(client)
    assert 'title="CXone said no. ' in page(client)


def test_good_end_needs_no_sentence(client: Client) -> None:
    make_operation(state=State.CONFIRMED)
    assert 'class="bad"' not in page(client)


# --- Signals ---


def test_quiet_campaign_has_no_signals(client: Client) -> None:
    make_campaign()
    assert '<td class="signals"></td>' in page(client)


def test_finding_is_a_signal_with_its_reason(client: Client) -> None:
    campaign = make_campaign(active_calls=60)
    found = {"campaign": campaign, "cause": "x", "since": NOW, "opened_at": NOW, "details": {"limit": 50}}
    Finding.objects.create(code=FindingCode.CALLS_OVER_LIMIT, **found)
    shown = page(client)
    assert "</span>Calls over the limit</span>" in shown
    assert "60 calls are in progress, over its limit of 50" in shown.replace("60 calls in", "60 calls are in")


def test_most_urgent_signal_comes_first(client: Client) -> None:
    campaign = make_campaign()
    found = {"campaign": campaign, "cause": "x", "since": NOW, "opened_at": NOW}
    Finding.objects.create(code=FindingCode.CALLS_OVER_LIMIT, details={"limit": 50}, **found)
    Finding.objects.create(code=FindingCode.CALLS_OUTSIDE_HOURS, **found)
    shown = page(client)
    assert "</span>Calls outside hours</span>" in shown
    assert '<abbr title="Calls over the limit" aria-label="and: Calls over the limit">+1</abbr>' in shown


def test_holiday_of_today_is_a_signal(client: Client) -> None:
    make_holiday(make_calendar(make_campaign()), "2026-11-16")
    assert "</span>Holiday today</span>" in page(client)


def test_holiday_to_come_is_none(client: Client) -> None:
    make_holiday(make_calendar(make_campaign()), "2026-11-17")
    assert "Holiday today" not in page(client)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"control": Control.PERSON, "controller": "anna"}, "anna"),
        ({"control": Control.SCHEDULE}, "the schedule"),
        ({"control": Control.OUTSIDE}, "changed in CXone"),
        ({"control": Control.BEFORE}, "since before we looked"),
    ],
)
def test_who_is_in_control(client: Client, values: dict[str, Any], words: str) -> None:
    make_campaign(**values)
    assert f'<td class="control">{words}</td>' in page(client, columns="control")


def test_age_is_of_last_full_read(client: Client) -> None:
    make_campaign(read_at=NOW - timedelta(hours=5))
    SyncState.objects.update(last_good_at=NOW - timedelta(seconds=4))
    assert '<td class="ages" data-head-age>' in page(client, columns="age")


def test_age_of_campaign_read_alone(client: Client) -> None:
    make_campaign(read_at=NOW - timedelta(seconds=1))
    SyncState.objects.update(last_good_at=NOW - timedelta(seconds=9))
    assert '<td class="ages"><time data-ago datetime="2026-11-16T15:00:29Z">' in page(client, columns="age")


# --- Its next holiday ---


def test_next_holiday_is_shown(client: Client) -> None:
    calendar = make_calendar(make_campaign())
    make_holiday(calendar, "2026-12-25")
    make_holiday(calendar, "2026-11-26", name="Thanksgiving Day")
    assert "Thu 26 Nov 2026 · Thanksgiving Day" in page(client, columns="holiday")
    assert "Christmas Day" not in page(client, columns="holiday")


def test_holiday_of_today_is_the_next(client: Client) -> None:
    make_holiday(make_calendar(make_campaign()), "2026-11-16")
    assert "Mon 16 Nov 2026" in page(client, columns="holiday")


def test_restricted_hours_that_are_over(client: Client) -> None:
    make_holiday(make_calendar(make_campaign()), "2026-11-16", starts=time(8), ends=time(9), every_year=True)
    assert "Tue 16 Nov 2027" in page(client, columns="holiday")


def test_other_calendars_don_t_count(client: Client) -> None:
    make_campaign()
    make_holiday(make_calendar(make_campaign(name="other")))
    assert page(client, columns="holiday").count('<td class="holiday"></td>') == 1


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


# --- Actions by right and state ---


def offered(client: Client) -> str | None:
    found = re.search(r'data-key="p"[^>]*>([^<]*)</a>', page(client))
    return found and found[1]


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
