"""Four eyes: what waits for a second person, who that may be, and that exactly what they saw is sent."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from audit.models import Record
from campaigns import dispatcher
from campaigns.errors import ApprovalOutdated, InTheWay, OnHold, OperationRefusal, OwnRequest, TooLate
from campaigns.models import Approval, Campaign, Delivery, Operation, OperationKind, Origin, Policy, ReasonCode
from campaigns.operations import approvals, requests, rescheduling, undo
from campaigns.operations.descriptions import describe
from campaigns.operations.holding import place_holds
from campaigns.operations.runner import execution
from campaigns.schedule import same
from campaigns.schedule.due_times import due_instant
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.factories import make_operation
from tests.operations.runner.schedules import (
    BOTH,
    MONDAY,
    OTHER_MONDAY,
    TUESDAY,
    ask_schedule,
    schedule_at,
    with_hours,
)
from tests.operations.runner.schedules import campaign as scheduled
from tests.operations.two_people import approval_of, approve, changes_at, let_lapse, refuse, reread, want_two
from tests.worker import ask_pause, ask_resume, clock, cxone, posts_events, run

__all__ = ["clock", "cxone", "posts_events", "scheduled"]

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


@pytest.fixture
def campaign(scheduled: Campaign) -> Campaign:
    want_two()
    return scheduled


@pytest.fixture
def paused(campaign: Campaign, cxone: Simulator) -> Campaign:
    run(ask_pause(campaign))
    cxone.record.clear()
    return reread(campaign)


@pytest.fixture
def resume(paused: Campaign) -> Operation:
    return ask_resume(paused)


def kinds() -> list[str]:
    return list(Record.objects.order_by("number").values_list("kind", flat=True))


def test_nothing_waits_unless_the_policy_says_so(scheduled: Campaign) -> None:
    assert ask_schedule(scheduled, MONDAY).state == State.QUEUED


def test_resume_waits_and_no_worker_takes_it(resume: Operation, cxone: Simulator) -> None:
    assert resume.state == State.PENDING
    Operation.objects.update(next_attempt_at=Now())
    assert not execution.advance_operation(resume.pk)
    assert changes_at(cxone) == []


def test_approved_resume_is_carried_out(resume: Operation, cxone: Simulator, enqueued: list[tuple[str, ...]]) -> None:
    approve(resume)
    assert (resume.state, resume.approved_by) == (State.QUEUED, "Bea")
    assert run(resume).state == State.CONFIRMED
    assert cxone.campaign("spring")["status"] == "ACTIVE"


def test_its_confirmation_is_awaited_from_the_approval_on(resume: Operation) -> None:
    Operation.objects.filter(pk=resume.pk).update(requested_at=Now() - timedelta(minutes=20))
    Operation.objects.exclude(pk=resume.pk).update(requested_at=Now() - timedelta(minutes=30))
    approve(resume)
    run(resume)
    assert Record.objects.get(operation=resume.pk, kind="operation.ended").details["confirmation_ms"] < 60_000


def test_both_names_are_in_the_records_that_lead_to_the_change(resume: Operation) -> None:
    approve(resume)
    run(resume)
    sentences = [record.sentence for record in Record.objects.filter(operation=resume.pk).order_by("number")]
    assert sentences[1:4] == [
        "Ada asked for a second person to approve the resume of Spring renewal, reason WFM_OVERRIDE.",
        "Bea approved the resume of Spring renewal that Ada asked for, reason WFM_OVERRIDE.",
        "CXone was asked to resume Spring renewal for Ada and approved by Bea.",
    ]
    assert "requested by Ada and approved by Bea was confirmed" in sentences[4]


@pytest.mark.parametrize("name", ["Ada", "ada", "ADA", "\u0410da", "A\u200bda"])
def test_nobody_approves_their_own(resume: Operation, name: str) -> None:
    with pytest.raises(OwnRequest, match="somebody else"):
        approve(resume, by=name)
    resume.refresh_from_db()
    assert resume.state == State.PENDING
    assert Record.objects.latest("number").kind == "approval.denied"


def test_nobody_refuses_their_own(resume: Operation) -> None:
    with pytest.raises(OwnRequest):
        refuse(resume, by="ada")


def test_second_click_is_the_same_approval(resume: Operation) -> None:
    approve(resume)
    approve(resume)
    assert kinds().count("approval.given") == 1


def test_second_approver_is_told_who_was_first(resume: Operation) -> None:
    approve(resume)
    with pytest.raises(TooLate, match="Bea has approved it already"):
        approve(resume, by="Cid")


def test_only_what_was_seen_is_approved(resume: Operation, cxone: Simulator) -> None:
    with pytest.raises(ApprovalOutdated, match="isn’t what you saw"):
        approve(resume, seen="0" * 64)
    resume.refresh_from_db()
    assert resume.state == State.PENDING


def test_row_that_was_altered_since_is_not_approved(resume: Operation) -> None:
    Operation.objects.filter(pk=resume.pk).update(reason="EMERGENCY")
    with pytest.raises(ApprovalOutdated):
        approve(resume)


def test_refused_one_ends_with_the_reason(resume: Operation, cxone: Simulator) -> None:
    refuse(resume, reason="the script isn't ready")
    assert resume.state == State.CANCELLED
    assert (describe(resume).label, describe(resume).happened) == ("Refused", "Bea refused it: the script isn't ready")
    assert kinds()[-2:] == ["approval.refused", "operation.ended"]
    with pytest.raises(TooLate, match="Bea has refused it already"):
        approve(resume, by="Cid")


def test_what_nobody_approves_lapses(resume: Operation) -> None:
    let_lapse(resume)
    assert resume.state == State.CANCELLED
    assert describe(resume).label == "Lapsed: nobody approved it"
    assert kinds()[-2:] == ["approval.lapsed", "operation.ended"]


def test_nothing_is_approved_on_hold(resume: Operation, cxone: Simulator) -> None:
    place_holds(campaign_ids=[resume.campaign_id], by="Rita", reason="Complaint 4711")
    with pytest.raises(OnHold):
        approve(resume)
    assert changes_at(cxone) == []


def test_what_was_approved_before_the_hold_is_not_carried_out(resume: Operation, cxone: Simulator) -> None:
    approve(resume)
    place_holds(campaign_ids=[resume.campaign_id], by="Rita", reason="Complaint 4711")
    resume.refresh_from_db()
    assert (resume.state, changes_at(cxone)) == (State.CANCELLED, [])


def test_approval_after_its_time_is_too_late(resume: Operation) -> None:
    Approval.objects.update(lapses_at=Now())
    with pytest.raises(TooLate, match="lapsed"):
        approve(resume)
    resume.refresh_from_db()
    assert resume.state == State.CANCELLED
    assert kinds()[-3:] == ["approval.lapsed", "operation.ended", "approval.denied"]


def test_it_waits_as_long_as_the_policy_says(paused: Campaign) -> None:
    want_two(minutes=7)
    approval = approval_of(ask_resume(paused))
    assert approval.lapses_at - approval.asked_at == timedelta(minutes=7)


def test_pause_never_waits(campaign: Campaign) -> None:
    assert ask_pause(campaign).state == State.QUEUED


def test_pause_takes_the_place_of_what_waits(resume: Operation) -> None:
    pause = ask_pause(resume.campaign)
    resume.refresh_from_db()
    assert (resume.state, resume.superseded_by) == (State.CANCELLED, pause)
    with pytest.raises(TooLate, match="a pause took its place"):
        approve(resume)


def test_pause_asked_for_beside_it_wins_too(resume: Operation) -> None:
    """It was saved at the same moment, and neither saw the other."""
    make_operation(resume.campaign, by="Dan", state=State.CONFIRMED)
    with pytest.raises(TooLate, match="A pause requested by Dan took its place"):
        approve(resume)
    resume.refresh_from_db()
    assert resume.state == State.CANCELLED


def test_what_waits_keeps_no_other_kind_from_its_campaign(resume: Operation) -> None:
    assert ask_schedule(resume.campaign, MONDAY).state == State.PENDING


def test_second_one_of_its_kind_is_told_of_the_first(resume: Operation) -> None:
    with pytest.raises(InTheWay, match="waits for a second person on this campaign already"):
        ask_resume(resume.campaign)


def test_nothing_is_asked_for_while_something_is_in_progress(campaign: Campaign) -> None:
    ask_pause(campaign)
    with pytest.raises(InTheWay):
        ask_resume(campaign)


def test_approval_waits_for_what_is_in_progress(resume: Operation) -> None:
    change = ask_schedule(resume.campaign, MONDAY)
    approve(change)
    with pytest.raises(InTheWay):
        approve(resume)
    resume.refresh_from_db()
    assert resume.state == State.PENDING


def test_asker_can_cancel_it(resume: Operation) -> None:
    requests.cancel_operation(operation=resume, by="Ada")
    assert resume.state == State.CANCELLED
    assert approval_of(resume).decision == "withdrawn"


def test_undo_of_a_pause_waits_too(campaign: Campaign) -> None:
    pause = run(ask_pause(campaign))
    assert undo.request_undo(operation=pause, by="Ada").state == State.PENDING


def test_undo_of_a_resume_does_not(resume: Operation) -> None:
    approve(resume)
    assert undo.request_undo(operation=run(resume), by="Ada").state == State.QUEUED


def test_guards_resume_does_not_wait(paused: Campaign) -> None:
    reason = ReasonCode.objects.get(pk="HOLIDAY")
    operation = requests.request_resume(
        campaign=paused, by="Holiday guard", reason=reason, origin=Origin.GUARD, key=uuid4().hex
    )
    assert operation.state == State.QUEUED


def test_what_waits_when_the_policy_is_switched_off_still_waits(resume: Operation) -> None:
    want_two(resume=False, bulk=False, schedule=False)
    assert not execution.advance_operation(resume.pk)
    approve(resume)
    assert resume.state == State.QUEUED


def test_what_was_asked_before_the_policy_goes_on(scheduled: Campaign) -> None:
    change = ask_schedule(scheduled, MONDAY)
    want_two()
    assert run(change).state == State.CONFIRMED


class TestForATime:
    @pytest.fixture
    def later(self, paused: Campaign) -> Operation:
        return self.ask(paused, timedelta(hours=5))

    def ask(self, campaign: Campaign, ahead: timedelta) -> Operation:
        now = Policy.objects.annotate(now=Now()).get().now
        reason = ReasonCode.objects.get(pk="RESOLVED")
        due = due_instant((now + ahead).replace(microsecond=0))
        return requests.request_resume(campaign=campaign, by="Ada", reason=reason, at=due, key=uuid4().hex)

    def test_it_can_be_approved_until_its_time(self, later: Operation) -> None:
        assert later.state == State.PENDING
        assert later.not_before is not None
        assert approval_of(later).lapses_at == later.not_before + timedelta(minutes=30)
        approve(later)
        assert (later.state, later.next_attempt_at) == (State.SCHEDULED, later.not_before)

    def test_pause_now_leaves_it(self, later: Operation) -> None:
        ask_pause(later.campaign)
        later.refresh_from_db()
        assert later.state == State.PENDING

    def test_another_time_has_to_be_approved_anew(self, later: Operation) -> None:
        approve(later)
        seen = later.not_before
        assert seen is not None
        due = due_instant(seen + timedelta(hours=1))
        rescheduling.change_time(operation=later, due=due, seen=seen, by="Bea")
        later.refresh_from_db()
        assert (later.state, later.approved_by) == (State.PENDING, "")
        with pytest.raises(OwnRequest):
            approve(later)
        approve(later, by="Ada")
        assert later.state == State.SCHEDULED


def test_pause_until_a_time_goes_out_and_its_end_waits(campaign: Campaign) -> None:
    now = Policy.objects.annotate(now=Now()).get().now
    pause = ask_pause(campaign, until=due_instant((now + timedelta(hours=2)).replace(microsecond=0)))
    end = Operation.objects.get(undoes=pause)
    assert (pause.state, end.state) == (State.QUEUED, State.PENDING)
    requests.cancel_operation(operation=pause, by="Ada")
    end.refresh_from_db()
    assert (end.state, approval_of(end).decision) == (State.CANCELLED, "withdrawn")


class TestHours:
    @pytest.fixture
    def change(self, campaign: Campaign) -> Operation:
        return ask_schedule(campaign, MONDAY)

    def change_in_cxone(self, cxone: Simulator, schedule: dict[str, Any]) -> None:
        cxone.change("spring", schedule=schedule)
        full_read.read_all_campaigns()

    def test_approved_hours_are_sent(self, change: Operation, cxone: Simulator) -> None:
        approve(change)
        assert run(change).state == State.CONFIRMED
        assert same(schedule_at(cxone), MONDAY)

    def test_hours_changed_in_cxone_are_shown_before_they_are_approved(
        self, change: Operation, cxone: Simulator
    ) -> None:
        seen = approval_of(change).digest
        self.change_in_cxone(cxone, TUESDAY)
        with pytest.raises(ApprovalOutdated, match="changed the hours in CXone"):
            approve(change, seen=seen)
        with pytest.raises(ApprovalOutdated, match="isn’t what you saw"):
            approve(change, seen=seen)
        change.refresh_from_db()
        assert same(change.payload["ours"], BOTH)
        approve(change)
        assert run(change).state == State.CONFIRMED
        assert same(schedule_at(cxone), BOTH)

    def test_clash_can_only_be_refused(self, change: Operation, cxone: Simulator) -> None:
        self.change_in_cxone(cxone, OTHER_MONDAY)
        with pytest.raises(ApprovalOutdated, match="Monday"):
            approve(change)

    def test_hours_changed_after_the_approval_end_it_in_conflict(self, change: Operation, cxone: Simulator) -> None:
        approve(change)
        cxone.change("spring", schedule=TUESDAY)
        assert run(change).state == State.CONFLICT
        assert "nobody approved" in change.error
        assert changes_at(cxone) == []

    def test_hours_are_checked_again(self, campaign: Campaign) -> None:
        many = with_hours(MON="09:00-17:00", SAT="10:00-12:00")
        Policy.objects.update(max_windows=6)
        change = ask_schedule(campaign, many)
        Policy.objects.update(max_windows=5)
        with pytest.raises(OperationRefusal, match="error"):
            approve(change)
        change.refresh_from_db()
        assert change.state == State.PENDING


def test_notice_leads_to_the_page_and_grants_nothing(paused: Campaign, settings: Settings) -> None:
    settings.NOTIFY_WEBHOOK_URL, settings.PUBLIC_BASE_URL = "https://chat.test/hook", "https://desk.test"
    approval = approval_of(ask_resume(paused))
    delivery = Delivery.objects.get(event="APPROVAL_NEEDED")
    body = bytes(delivery.body).decode()
    assert f'"url":"https://desk.test/approvals/{approval.pk}/"' in body
    assert approval.digest not in body


def test_lapse_is_a_due_source(resume: Operation, enqueued: list[tuple[str, ...]]) -> None:
    Approval.objects.update(lapses_at=Now())
    dispatcher.dispatch_due()
    assert ("campaigns.tasks.lapse_approvals",) in enqueued
    approvals.lapse_due()
    assert Operation.objects.get(kind=OperationKind.RESUME).state == State.CANCELLED
