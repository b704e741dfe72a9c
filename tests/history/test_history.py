"""One history of a campaign: what people, CXone, calendars and the product itself did, in one order."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from campaigns.history import HistoryEntry, HistoryKind, history_of
from campaigns.holidays.calendars import add_holiday, assign_calendar, delete_holiday, make_calendar, switch_guard
from campaigns.models import CalendarAssignment, Campaign, CampaignChange, Finding, OperationKind
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.factories import SCHEDULE, make_bulk, make_campaign, make_drain, make_operation
from tests.worker import ask_pause, run

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NINE_TO_SIX = SCHEDULE | {"dialingHours": [w | {"endTime": "18:00"} for w in SCHEDULE["dialingHours"]]}
MON_TO_WED = [
    w | ({"endTime": "18:00"} if w["day"] in {"MON", "TUE", "WED"} else {}) for w in SCHEDULE["dialingHours"]
]


def entries(campaign: Campaign, **narrowed: Any) -> list[HistoryEntry]:
    return history_of(campaign, limit=100, **narrowed).entries


def whats(campaign: Campaign, **narrowed: Any) -> list[str]:
    return [entry.what for entry in entries(campaign, **narrowed)]


def schedule_change(campaign: Campaign, after: dict[str, Any], **values: Any) -> None:
    payload = {"base": SCHEDULE, "ours": after, "replaced": SCHEDULE}
    make_operation(campaign, kind=OperationKind.SCHEDULE, payload=payload, applied=after, **values)


def test_pause_says_who_and_why() -> None:
    one = make_campaign()
    operation = make_operation(
        one, by="ann", state=State.CONFIRMED, note="Evening list", calls_before=25, calls_limit=50
    )
    (entry,) = entries(one)
    assert (entry.what, entry.by, entry.note) == ("Paused", "ann", "Evening list")
    assert entry.why == "Workforce management override"
    assert entry.detail == "25 calls in progress, limit 50."
    assert entry.operation == operation.pk


def test_overridden_limit_is_said() -> None:
    one = make_campaign()
    make_operation(one, state=State.CONFIRMED, calls_before=126, calls_limit=50, override=True)
    assert entries(one)[0].detail == "126 calls in progress, over the limit of 50. That was overridden."


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (State.FAILED, "Pause failed"),
        (State.REJECTED, "Pause rejected"),
        (State.UNCONFIRMED, "Pause not confirmed"),
        (State.CANCELLED, "Pause cancelled"),
        (State.SKIPPED, "Pause skipped: already so"),
        (State.QUEUED, "Pause: queued"),
    ],
)
def test_every_end_is_named(state: State, what: str) -> None:
    one = make_campaign()
    make_operation(one, state=state)
    assert whats(one) == [what]


def test_what_is_still_to_come_is_no_history() -> None:
    one = make_campaign()
    make_operation(one, state=State.SCHEDULED, not_before=timezone.now() + timedelta(hours=2))
    assert whats(one) == []


def test_one_of_a_bulk_names_it() -> None:
    one, two = make_campaign(), make_campaign()
    bulk = make_bulk(one, two)
    make_operation(one, state=State.CONFIRMED, bulk=bulk)
    entry = entries(one)[0]
    assert (entry.bulk, entry.campaigns) == (bulk.pk, 2)


def test_hours_before_and_after_by_day() -> None:
    one = make_campaign()
    schedule_change(one, NINE_TO_SIX, state=State.CONFIRMED)
    (entry,) = entries(one)
    assert entry.what == "Hours changed"
    assert entry.changes == (("Mon to Fri", ["09:00 to 17:00"], ["09:00 to 18:00"]),)


def test_days_that_changed_alike_are_one_line_only_side_by_side() -> None:
    one = make_campaign()
    windows = [w for w in MON_TO_WED if w["day"] != "THU"]
    schedule_change(one, SCHEDULE | {"dialingHours": windows}, state=State.CONFIRMED)
    assert [(change.name, change.after) for change in entries(one)[0].changes] == [
        ("Mon to Wed", ["09:00 to 18:00"]),
        ("Thursday", ["closed"]),
    ]


def test_change_in_cxone(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    entry = entries(campaign)[0]
    assert (entry.what, entry.by, entry.kind) == ("Changed in CXone: active → paused", "", HistoryKind.CXONE)
    assert whats(campaign)[-1] == "First seen in CXone, active"


def test_change_of_hours_in_cxone(campaign: Campaign, cxone: Simulator) -> None:
    before = campaign.schedule
    cxone.change("spring", schedule=before | {"timezone": "America/Chicago"})
    full_read.read_all_campaigns()
    entry = entries(campaign)[0]
    assert entry.what == "Changed in CXone: dialing hours"
    assert [change.name for change in entry.changes] == ["Time zone"]


def test_own_pause_is_told_once(campaign: Campaign) -> None:
    run(ask_pause(campaign))
    full_read.read_all_campaigns()
    assert whats(campaign) == ["Paused", "First seen in CXone, active"]


def test_late_effect_leads_to_its_operation() -> None:
    one = make_campaign()
    operation = make_operation(one, state=State.UNCONFIRMED, by="ann")
    CampaignChange.objects.create(
        campaign=one,
        what="status",
        before="ACTIVE",
        after="PAUSED",
        seen_at=timezone.now() + timedelta(minutes=1),
        operation=operation,
    )
    entry = entries(one)[0]
    assert (entry.what, entry.by) == ("Took effect late: active → paused", "ann")
    assert entry.operation == operation.pk


def test_change_seen_after_a_long_silence_says_so() -> None:
    one, now = make_campaign(), timezone.now()
    CampaignChange.objects.create(
        campaign=one,
        what="status",
        before="ACTIVE",
        after="PAUSED",
        seen_at=now,
        happened_after=now - timedelta(minutes=12),
    )
    assert "up to 12 min before" in entries(one)[0].detail


def test_drain_says_how_long_it_took() -> None:
    one = make_campaign()
    pause = make_operation(one, state=State.CONFIRMED, requested_at=timezone.now() - timedelta(minutes=5))
    make_drain(pause, 25, 12, 0, seconds_apart=65)
    assert whats(one)[0] == "Last call ended after 2 min 10 s"
    assert entries(one)[0].detail == "25 of 25 calls had ended."


def test_holidays_while_the_campaign_has_the_calendar() -> None:
    one, other = make_campaign(), make_campaign()
    calendar = make_calendar(name="US federal", by="admin")
    add_holiday(calendar=calendar, by="admin", name="Before", date=datetime(2026, 12, 24, tzinfo=UTC).date())
    assign_calendar(calendar=calendar, add=[one.pk], by="admin")
    christmas = add_holiday(
        calendar=calendar, by="ann", name="Christmas Day", date=datetime(2026, 12, 25, tzinfo=UTC).date()
    )
    delete_holiday(holiday=christmas, by="ann")
    switch_guard(calendar=calendar, guarded=True, by="admin")
    assign_calendar(calendar=calendar, remove=[one.pk], by="admin")
    # SQLite's clock may show one millisecond for both.
    CalendarAssignment.objects.filter(until__isnull=False).update(until=F("until") - timedelta(milliseconds=1))
    switch_guard(calendar=calendar, guarded=False, by="admin")
    assert whats(one) == [
        "No longer has the holiday calendar US federal",
        "Holiday guard turned on",
        "Holiday removed: Fri 25 Dec 2026 Christmas Day",
        "Holiday added: Fri 25 Dec 2026 Christmas Day",
        "Got the holiday calendar US federal",
    ]
    assert whats(other) == []


def test_findings_opened_and_dismissed() -> None:
    one, now = make_campaign(), timezone.now()
    Finding.objects.create(
        campaign=one,
        code="calls_outside_hours",
        cause="1",
        since=now,
        opened_at=now,
        ended_at=now + timedelta(minutes=3),
        end="dismissed",
        ended_by="ann",
        note="Agents finish",
    )
    dismissed, opened = entries(one)
    assert (dismissed.what, dismissed.by, dismissed.note) == ("Dismissed: calls outside hours", "ann", "Agents finish")
    assert opened.what == "Needs you: calls outside hours"


def test_finding_about_an_entry_is_not_a_second_one() -> None:
    one, now = make_campaign(), timezone.now()
    make_operation(one, state=State.FAILED)
    Finding.objects.create(campaign=one, code="operation_failed", cause="1", since=now, opened_at=now)
    assert whats(one) == ["Pause failed"]


def _crowded(campaign: Campaign, seed: int) -> int:
    """Rows of all kinds at few instants, so that many fall together. Returns how many entries they make."""
    chance, start = random.Random(seed), timezone.now() - timedelta(days=1)
    times = [start + timedelta(hours=hour) for hour in range(3)]
    number = 0
    for _ in range(12):
        operation = make_operation(campaign, state=State.CONFIRMED, ended_at=chance.choice(times))
        make_drain(operation, 3, 0, ended_at=chance.choice(times), end="empty")
        CampaignChange.objects.create(
            campaign=campaign, what="name", before="a", after="b", seen_at=chance.choice(times)
        )
        Finding.objects.create(
            campaign=campaign,
            code="calls_outside_hours",
            cause="x",
            since=start,
            opened_at=chance.choice(times),
            ended_at=chance.choice(times),
            end="gone",
        )
        number += 5
    return number


@pytest.mark.parametrize("limit", [1, 2, 7, 19])
def test_pages_have_every_entry_once_in_one_order(limit: int) -> None:
    one = make_campaign()
    number = _crowded(one, seed=limit)
    found, cursor = [], ""
    while True:
        page = history_of(one, limit=limit, before=cursor)
        found += page.entries
        cursor = page.older
        if not cursor:
            break
    places = [entry.place for entry in found]
    assert len(places) == len(set(places)) == number
    assert places == sorted(places, reverse=True)
    assert [entry.id for entry in found] == [entry.id for entry in entries(one)]


@pytest.mark.parametrize("cursor", ["x", "1-2", "1-0-5", "1-1-" + "0" * 32, "9" * 18 + "-1-1", "-1-1-1", "1-10-1"])
def test_broken_cursor_is_the_first_page(cursor: str) -> None:
    one = make_campaign()
    make_operation(one)
    assert len(history_of(one, before=cursor).entries) == 1


def test_narrowed_to_kinds_and_a_range() -> None:
    one, now = make_campaign(), timezone.now()
    make_operation(one, state=State.CONFIRMED, requested_at=now - timedelta(days=2))
    schedule_change(one, NINE_TO_SIX, state=State.CONFIRMED)
    make_operation(one, kind=OperationKind.RESUME, state=State.CONFIRMED)
    assert whats(one, kinds=[HistoryKind.HOURS]) == ["Hours changed"]
    assert whats(one, kinds=[HistoryKind.DIALING], since=now - timedelta(days=1)) == ["Resumed"]
    assert whats(one, until=now - timedelta(days=1)) == ["Paused"]


def test_queries_do_not_grow_with_the_history(django_assert_num_queries: Any) -> None:
    one = make_campaign()
    with django_assert_num_queries(11):
        history_of(one)
    _crowded(one, seed=1)
    with django_assert_num_queries(11):
        history_of(one)
