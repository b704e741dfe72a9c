"""Findings that begin with an event: operations that end badly, changes in CXone, campaigns that come back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Record
from campaigns.attention import deciding, rounds
from campaigns.attention.causes import note_ended, note_late_effects
from campaigns.models import Campaign, Finding, FindingCode, FindingEnd, Operation
from campaigns.operations.requests import cancel_operation, request_schedule_change
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.factories import SCHEDULE
from tests.operations.runner.schedules import MONDAY, OTHER_MONDAY, ask_schedule
from tests.worker import ask_pause, ask_resume, run

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def opened() -> list[str]:
    return list(Finding.objects.filter(ended_at=None).values_list("code", flat=True))


def last_end() -> str:
    return Finding.objects.exclude(ended_at=None).latest("ended_at").end


def is_urgent() -> bool:
    return Campaign.objects.get(pk="spring").urgency > 0


def change_outside(cxone: Simulator, **values: Any) -> None:
    cxone.change("spring", **values)
    full_read.read_all_campaigns()


def rejected_pause(campaign: Campaign, cxone: Simulator) -> Operation:
    cxone.change("spring", calls=60)
    pause = run(ask_pause(campaign))
    assert pause.state == State.REJECTED
    return pause


# --- First sight ---


def test_first_read_opens_nothing(cxone: Simulator, enqueued: list[tuple[str, ...]], db: None) -> None:
    for number in range(30):
        cxone.add(id=f"paused-{number}", status="PAUSED")
        cxone.add(id=f"draft-{number}", status="DRAFT")
    full_read.read_all_campaigns()
    rounds.watch_campaigns()
    full_read.read_all_campaigns()
    rounds.watch_campaigns()
    rounds.review_pauses()
    assert Campaign.objects.count() == 61
    assert [code for code in opened() if code != FindingCode.CALLS_OUTSIDE_HOURS] == []


# --- Changes in CXone ---


def test_status_changed_in_cxone(campaign: Campaign, cxone: Simulator) -> None:
    change_outside(cxone, status="PAUSED")
    finding = Finding.objects.get()
    assert (finding.code, finding.details) == (
        FindingCode.CHANGED_IN_CXONE,
        {"status": ["ACTIVE", "PAUSED"], "schedule": False},
    )
    assert is_urgent()


def test_hours_changed_in_cxone(campaign: Campaign, cxone: Simulator) -> None:
    change_outside(cxone, schedule=SCHEDULE)
    finding = Finding.objects.get(code=FindingCode.CHANGED_IN_CXONE)
    assert finding.details == {"status": None, "schedule": True}


def test_our_own_pause_is_no_change_in_cxone(campaign: Campaign) -> None:
    run(ask_pause(campaign))
    full_read.read_all_campaigns()
    assert opened() == []


def test_later_operation_of_ours_ends_it(campaign: Campaign, cxone: Simulator) -> None:
    change_outside(cxone, status="PAUSED")
    ask_resume(campaign)
    assert (opened(), last_end()) == ([], FindingEnd.SUPERSEDED)
    assert not is_urgent()


def test_another_change_takes_its_place(campaign: Campaign, cxone: Simulator) -> None:
    change_outside(cxone, status="PAUSED")
    change_outside(cxone, status="ACTIVE")
    assert opened() == [FindingCode.CHANGED_IN_CXONE]
    assert Finding.objects.get(ended_at=None).details["status"] == ["PAUSED", "ACTIVE"]


def test_change_is_news_for_a_day(campaign: Campaign, cxone: Simulator) -> None:
    change_outside(cxone, status="PAUSED")
    Finding.objects.update(since=timezone.now() - timedelta(hours=25))
    rounds.watch_campaigns()
    assert FindingCode.CHANGED_IN_CXONE not in opened()
    assert last_end() == FindingEnd.GONE


# --- Operations that end badly ---


def test_rejected_pause(campaign: Campaign, cxone: Simulator) -> None:
    pause = rejected_pause(campaign, cxone)
    finding = Finding.objects.get(code=FindingCode.OPERATION_FAILED)
    assert finding.cause == str(pause.pk)
    assert finding.details == {
        "operation": str(pause.pk),
        "kind": "pause",
        "state": "REJECTED",
        "by": "Ada",
        "error": pause.error,
    }
    assert is_urgent()


def test_next_pause_supersedes_it(campaign: Campaign, cxone: Simulator) -> None:
    rejected_pause(campaign, cxone)
    ask_pause(campaign, "EMERGENCY")
    assert FindingCode.OPERATION_FAILED not in opened()
    assert last_end() == FindingEnd.SUPERSEDED


def test_it_stays_for_operations_of_other_kinds(campaign: Campaign, cxone: Simulator) -> None:
    rejected_pause(campaign, cxone)
    ours = campaign.schedule | {"dialingHours": [{"day": "MON", "startTime": "10:00", "endTime": "11:00"}]}
    request_schedule_change(
        campaign=campaign, by="Ada", base=campaign.schedule, schedule=ours, acknowledged=True, key="hours"
    )
    assert FindingCode.OPERATION_FAILED in opened()


def test_two_failures_of_one_kind_are_one_finding(campaign: Campaign, cxone: Simulator) -> None:
    rejected_pause(campaign, cxone)
    second = rejected_pause(campaign, cxone)
    assert Finding.objects.get(code=FindingCode.OPERATION_FAILED, ended_at=None).cause == str(second.pk)


def test_failed_pause_is_over_when_the_campaign_is_seen_paused(campaign: Campaign, cxone: Simulator) -> None:
    rejected_pause(campaign, cxone)
    change_outside(cxone, status="PAUSED")
    rounds.watch_campaigns()
    assert FindingCode.OPERATION_FAILED not in opened()


def test_conflict_is_found_until_it_is_resolved(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", schedule=OTHER_MONDAY)
    conflict = run(ask_schedule(campaign, MONDAY))
    assert conflict.state == State.CONFLICT
    assert FindingCode.SCHEDULE_CONFLICT in opened()
    full_read.read_all_campaigns()
    assert FindingCode.SCHEDULE_CONFLICT in opened()
    campaign.refresh_from_db()
    ask_schedule(campaign, MONDAY)
    assert FindingCode.SCHEDULE_CONFLICT not in opened()


def test_cancelled_operation_is_no_finding(campaign: Campaign) -> None:
    cancel_operation(operation=ask_pause(campaign), by="Ada")
    assert opened() == []


def test_unconfirmed_pause(campaign: Campaign, cxone: Simulator) -> None:
    pause = ask_pause(campaign)
    Operation.objects.filter(pk=pause.pk).update(state=State.UNCONFIRMED, ended_at=timezone.now())
    pause.refresh_from_db()
    note_ended([pause])
    assert opened() == [FindingCode.OPERATION_UNCONFIRMED]
    note_late_effects([pause])
    assert (opened(), last_end()) == ([], FindingEnd.GONE)


# --- Campaigns that come back ---


def came_back(campaign: Campaign, cxone: Simulator) -> Campaign:
    run(ask_pause(campaign))
    change_outside(cxone, status="ACTIVE")
    campaign.refresh_from_db()
    return campaign


def test_campaign_that_comes_back_is_one_finding(campaign: Campaign, cxone: Simulator) -> None:
    came_back(campaign, cxone)
    assert opened() == [FindingCode.CAME_BACK]
    assert Finding.objects.get(ended_at=None).since == campaign.came_back_at


def test_pausing_it_again_ends_it(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_pause(came_back(campaign, cxone)))
    assert (opened(), last_end()) == ([], FindingEnd.GONE)


def test_dismissing_it_lets_it_dial(campaign: Campaign, cxone: Simulator) -> None:
    came_back(campaign, cxone)
    assert deciding.dismiss(Finding.objects.get(code=FindingCode.CAME_BACK), by="Ada", note="Meant to")
    campaign.refresh_from_db()
    assert campaign.came_back_at is None
    record = Record.objects.get(kind="campaign.return_dismissed")
    assert record.details["note"] == "Meant to"


# --- What people decide ---


def test_only_the_first_dismissal_counts(campaign: Campaign, cxone: Simulator) -> None:
    change_outside(cxone, status="PAUSED")
    finding = Finding.objects.get()
    assert deciding.dismiss(finding, by="ann", note="Planned")
    assert not deciding.dismiss(finding, by="bob", note="Mine")
    finding.refresh_from_db()
    assert (finding.ended_by, finding.note, finding.end) == ("ann", "Planned", FindingEnd.DISMISSED)
    record = Record.objects.get(kind="finding.dismissed")
    assert (record.by, record.campaign_id, record.details["note"]) == ("ann", "spring", "Planned")
    assert not is_urgent()


def test_somebody_is_on_it_until_another_takes_over(campaign: Campaign, cxone: Simulator) -> None:
    change_outside(cxone, status="PAUSED")
    finding = Finding.objects.get()
    assert deciding.take_on(finding, by="ann")
    assert not deciding.take_on(finding, by="ann")
    assert deciding.take_on(finding, by="bob")
    finding.refresh_from_db()
    assert finding.taken_by == "bob"
    assert Record.objects.filter(kind="finding.taken").count() == 2


# --- A campaign that CXone lists no longer, and then again ---


def leave_and_return(cxone: Simulator, **values: Any) -> None:
    cxone.remove("spring")
    full_read.read_all_campaigns()
    rounds.watch_campaigns()
    assert (opened(), is_urgent()) == ([], False)
    cxone.add(id="spring", name="Spring", **values)
    full_read.read_all_campaigns()


def test_return_opens_what_nobody_has_attended_to(campaign: Campaign, cxone: Simulator) -> None:
    pause = rejected_pause(campaign, cxone)
    leave_and_return(cxone, status="ACTIVE")
    rounds.watch_campaigns()
    finding = Finding.objects.get(ended_at=None)
    assert (finding.code, finding.cause, is_urgent()) == (FindingCode.OPERATION_FAILED, str(pause.pk), True)


def test_return_as_asked_for_ends_it_again(campaign: Campaign, cxone: Simulator) -> None:
    rejected_pause(campaign, cxone)
    leave_and_return(cxone, status="PAUSED")
    assert FindingCode.OPERATION_FAILED in opened()
    full_read.read_all_campaigns()
    rounds.watch_campaigns()
    assert FindingCode.OPERATION_FAILED not in opened()


def test_what_failed_while_it_was_gone_is_open_on_its_return(campaign: Campaign, cxone: Simulator) -> None:
    cxone.remove("spring")
    full_read.read_all_campaigns()
    assert run(ask_pause(campaign)).state == State.FAILED
    rounds.watch_campaigns()
    assert opened() == []
    cxone.add(id="spring", name="Spring", status="ACTIVE")
    full_read.read_all_campaigns()
    assert opened() == [FindingCode.OPERATION_FAILED]


def test_what_had_ended_before_stays_ended(campaign: Campaign, cxone: Simulator) -> None:
    rejected_pause(campaign, cxone)
    run(ask_pause(campaign, "EMERGENCY"))
    assert opened() == []
    leave_and_return(cxone, status="PAUSED")
    assert opened() == []
