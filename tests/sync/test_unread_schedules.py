"""A read that shows no schedules says nothing about them: what is known of them stays."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Record
from campaigns.cxone.gateway import CampaignList, CampaignState, Counts, Schedule
from campaigns.models import Campaign, Operation
from campaigns.operations.runner.goal import is_as_asked
from campaigns.operations.runner.reconcile import reconcile_campaign
from campaigns.states import State
from campaigns.sync.storing import Stored, store
from tests.factories import SCHEDULE, make_attempt, make_campaign, make_operation
from tests.statements import recorded

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db]

LATER: Schedule = SCHEDULE | {"dialingHours": [{"day": "SAT", "startTime": "10:00", "endTime": "11:00"}]}


def read(*states: CampaignState) -> Stored:
    by_id = {state.campaign_id: state for state in states}
    digests = {campaign_id: state.digest for campaign_id, state in by_id.items()}
    listed = CampaignList(digests, len(digests), 0, True, lambda wanted: (by_id[each] for each in wanted))
    return store(listed, Counts(), timezone.now() + timedelta(seconds=1))


def shown(schedule: Schedule | None, status: str = "ACTIVE") -> CampaignState:
    return CampaignState("spring", "Spring renewal", status, schedule, {})


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("spring", name="Spring renewal", read_at=timezone.now() - timedelta(minutes=1))


def test_what_is_known_of_a_schedule_stays(campaign: Campaign) -> None:
    read(shown(None, "PAUSED"))
    campaign.refresh_from_db()
    assert (campaign.status, campaign.schedule, campaign.timezone) == ("PAUSED", SCHEDULE, "America/New_York")


def test_only_what_was_read_is_recorded_as_changed(campaign: Campaign) -> None:
    assert reconcile_campaign(shown(None, "PAUSED"), timezone.now())
    record = Record.objects.get(kind="campaign.changed_outside")
    assert record.details == {"before": {"status": "ACTIVE"}, "after": {"status": "PAUSED"}}


def test_schedule_that_is_read_later_is_news_then(campaign: Campaign) -> None:
    read(shown(SCHEDULE))
    read(shown(None))
    read(shown(LATER))
    campaign.refresh_from_db()
    assert campaign.schedule == LATER
    assert Record.objects.filter(kind="campaign.changed_outside").count() == 1


def test_reads_with_and_without_schedules_that_differ_in_nothing_else_are_the_same(campaign: Campaign) -> None:
    read(shown(SCHEDULE))
    with recorded() as statements:
        read(shown(SCHEDULE))
        once = len(statements())
        read(shown(None))
        read(shown(SCHEDULE))
        assert len(statements()) == 3 * once


def test_new_campaign_waits_for_its_schedule() -> None:
    read(shown(None))
    campaign = Campaign.objects.get()
    assert (campaign.schedule, campaign.timezone) == ({}, "")
    read(shown(SCHEDULE))
    campaign.refresh_from_db()
    assert campaign.schedule == SCHEDULE


def test_schedule_is_a_change_where_lists_never_lack_one() -> None:
    read(shown({}))
    read(shown(SCHEDULE))
    assert Record.objects.get(kind="campaign.changed_outside").details["before"] == {"schedule": {}}


def test_status_that_changes_with_the_first_sight_of_a_schedule_is_recorded(cxone_cannot: Callable[..., None]) -> None:
    cxone_cannot("lists_schedules")
    read(shown(None))
    read(shown(SCHEDULE, "PAUSED"))
    record = Record.objects.get(kind="campaign.changed_outside")
    assert record.details == {"before": {"status": "ACTIVE"}, "after": {"status": "PAUSED"}}


def test_first_sight_of_a_schedule_that_we_wrote_is_recorded(cxone_cannot: Callable[..., None]) -> None:
    cxone_cannot("lists_schedules")
    read(shown(None))
    now = timezone.now()
    payload = {"base": {}, "ours": SCHEDULE, "acknowledged": True}
    operation = make_operation(
        Campaign.objects.get(), kind="schedule", payload=payload, applied=SCHEDULE, state=State.UNCONFIRMED,
        sent_at=now, ended_at=now,
    )  # fmt: skip
    make_attempt(operation)
    read(shown(SCHEDULE))
    assert Record.objects.filter(kind="campaign.changed_late").count() == 1


def test_schedule_change_is_not_seen_in_a_read_without_schedules(campaign: Campaign) -> None:
    payload = {"base": SCHEDULE, "ours": LATER, "acknowledged": True}
    operation: Operation = make_operation(campaign, kind="schedule", payload=payload)
    assert not is_as_asked(operation, shown(None))
    assert is_as_asked(operation, shown(LATER))


def test_digest_without_a_schedule_begins_the_one_with_it() -> None:
    assert shown(SCHEDULE).digest.startswith(shown(None).digest)
    assert len({shown(None).digest, shown({}).digest, shown(SCHEDULE).digest, shown(None, "PAUSED").digest}) == 4
