"""The facts of a range are read in a fixed number of queries, whoever wrote them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.holidays.calendars import assign_calendar, make_calendar
from campaigns.models import Campaign
from campaigns.observation.calls import keep_sample
from campaigns.simulator import Simulator
from campaigns.sync import full_read
from campaigns.timeline.lanes import lanes_of
from campaigns.timeline.reading import read_facts
from tests.factories import make_campaign, make_holiday, make_operation
from tests.worker import ask_pause, run

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
HOUR = timedelta(hours=1)


def test_pause_is_a_mark_and_a_state(campaign: Campaign) -> None:
    since = timezone.now() - HOUR
    operation = run(ask_pause(campaign))
    now = timezone.now() + timedelta(seconds=1)
    facts = read_facts([Campaign.objects.get()], since, now, now)["spring"]
    (mark,) = facts.marks
    assert (mark.operation, mark.at) == (operation.pk, operation.accepted_at)
    assert mark.words == "Paused by Ada: Workforce management override"
    assert lanes_of(facts, since, now, now).states[-1].what in {"paused", "draining"}


def test_change_in_cxone_is_a_mark_without_an_operation(campaign: Campaign, cxone: Simulator) -> None:
    since = timezone.now()
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    now = timezone.now()
    facts = read_facts([Campaign.objects.get()], since, now, now)["spring"]
    assert [(mark.words, mark.operation) for mark in facts.marks] == [("Changed in CXone: active → paused", None)]


def test_campaign_that_left_cxone_is_gone_since_then(campaign: Campaign, cxone: Simulator) -> None:
    since = timezone.now() - HOUR
    cxone.remove("spring")
    full_read.read_all_campaigns()
    now = timezone.now() + timedelta(seconds=1)
    facts = read_facts([Campaign.objects.get()], since, now, now)["spring"]
    assert lanes_of(facts, since, now, now).states[-1].what == "gone"


def test_held_operation_is_a_mark_at_its_time() -> None:
    one, now = make_campaign(), timezone.now()
    due = now + HOUR
    make_operation(one, state="SCHEDULED", not_before=due, next_attempt_at=due)
    facts = read_facts([one], now - HOUR, now + 2 * HOUR, now)[one.pk]
    assert [mark.at for mark in facts.marks] == [due]


def test_holidays_count_from_the_day_on_which_it_got_the_calendar() -> None:
    one, today = make_campaign(), timezone.now()
    calendar = make_calendar(name="US", by="admin")
    for days in (-2, 0):
        make_holiday(calendar, f"{today + timedelta(days=days):%Y-%m-%d}", name=f"Day {days}")
    assign_calendar(calendar=calendar, add=[one.pk], by="admin")
    facts = read_facts([one], today - timedelta(days=3), today + timedelta(days=1), today)[one.pk]
    assert "Day -2" not in [on.name for on in facts.holidays]


def test_queries_do_not_grow(django_assert_num_queries: Any) -> None:
    now = timezone.now()
    campaigns = [make_campaign() for _ in range(3)]
    keep_sample({}, now)
    for campaign in campaigns:
        make_operation(campaign, state="CONFIRMED")
    for some in (campaigns[:1], campaigns):
        with django_assert_num_queries(12):
            read_facts(some, now - HOUR, now, now)
