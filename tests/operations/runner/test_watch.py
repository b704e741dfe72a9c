"""A campaign that dials again after a confirmed pause: paused again once, or shown as come back by itself."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from audit.models import Record
from campaigns import states
from campaigns.cxone import gateway
from campaigns.models import Campaign, Operation, Origin
from campaigns.operations.runner import watch
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.worker import ask_pause, ask_resume, run

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def come_back(cxone: Simulator) -> Campaign:
    cxone.change("spring", status="ACTIVE")
    full_read.read_all_campaigns()
    return Campaign.objects.get(pk="spring")


def repeated() -> Operation:
    return Operation.objects.get(origin=Origin.WATCH)


def test_emergency_is_paused_again(campaign: Campaign, cxone: Simulator) -> None:
    pause = run(ask_pause(campaign, "EMERGENCY"))
    come_back(cxone)
    again = repeated()
    assert (again.by, again.reason, again.override) == (pause.by, "EMERGENCY", True)
    assert run(again).state == State.CONFIRMED


def test_repeated_pause_clears_the_notice(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_pause(campaign, "EMERGENCY"))
    assert come_back(cxone).came_back_at is not None
    run(repeated())
    campaign.refresh_from_db()
    assert campaign.came_back_at is None


def test_status_that_cannot_be_read_is_no_return(campaign: Campaign, cxone: Simulator) -> None:
    pause = run(ask_pause(campaign, "EMERGENCY"))
    cxone.change(campaign.pk, status="")
    full_read.read_all_campaigns()
    campaign.refresh_from_db()
    assert campaign.status == states.UNREADABLE == gateway.UNREADABLE
    assert Operation.objects.get() == pause
    cxone.change(campaign.pk, status="ACTIVE")
    full_read.read_all_campaigns()
    assert Operation.objects.filter(origin=Origin.WATCH).count() == 1


def test_second_return_is_only_shown(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_pause(campaign, "EMERGENCY"))
    come_back(cxone)
    run(repeated())
    assert come_back(cxone).came_back_at is not None
    watch.see_to_returned()
    assert Operation.objects.count() == 2


def test_ordinary_pause_is_not_repeated(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_pause(campaign))
    assert come_back(cxone).came_back_at is not None
    assert Operation.objects.count() == 1


def test_return_is_on_record(campaign: Campaign, cxone: Simulator) -> None:
    pause = run(ask_pause(campaign))
    come_back(cxone)
    record = Record.objects.get(kind="campaign.came_back")
    assert (record.by, record.operation, record.campaign_id) == ("Ada", pause.pk, "spring")


def test_resume_by_us_is_no_return(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_pause(campaign, "EMERGENCY"))
    campaign.refresh_from_db()
    run(ask_resume(campaign))
    full_read.read_all_campaigns()
    campaign.refresh_from_db()
    assert campaign.came_back_at is None


def test_return_after_the_watch_is_a_change_outside(campaign: Campaign, cxone: Simulator) -> None:
    pause = run(ask_pause(campaign, "EMERGENCY"))
    long_ago = Now() - timedelta(minutes=watch.WATCH_MINUTES, seconds=1)
    Operation.objects.filter(pk=pause.pk).update(confirmed_at=long_ago)
    assert come_back(cxone).came_back_at is None
    assert Record.objects.filter(kind="campaign.changed_outside").exists()


def test_superseded_resume_that_works_late_is_a_return(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    cxone.fail("PUT", "/api/v2/campaigns/spring", status=204, body="")
    resume = run(ask_resume(campaign))
    cxone.change("spring", status="ACTIVE")
    run(ask_pause(campaign, "EMERGENCY"))
    come_back(cxone)
    resume.refresh_from_db()
    assert resume.state == State.SUPERSEDED
    assert repeated().campaign_id == "spring"


def test_what_nobody_could_ask_for_is_asked_for_later(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(ask_pause(campaign, "EMERGENCY"))
    with monkeypatch.context() as patch:
        patch.setattr(watch, "pause_again", lambda _pause: None)
        come_back(cxone)
    watch.see_to_returned()
    assert repeated().state == State.QUEUED


def test_return_to_rest_is_none(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_pause(campaign, "EMERGENCY"))
    cxone.change("spring", status="COMPLETE")
    full_read.read_all_campaigns()
    campaign.refresh_from_db()
    assert campaign.came_back_at is None
