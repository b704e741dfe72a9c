"""Whatever people do in whatever order: with four eyes on, only what was approved reaches CXone, and exactly that."""

from copy import deepcopy

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given
from hypothesis import settings as drawing
from hypothesis import strategies as st

from campaigns.errors import Refusal
from campaigns.models import Approval, Campaign, Operation
from campaigns.operations import holding
from campaigns.operations.runner import execution
from campaigns.schedule import same
from campaigns.simulator import Simulator
from campaigns.states import IN_PROGRESS, State
from campaigns.sync import full_read
from tests.factories import SCHEDULE
from tests.operations.runner.schedules import MONDAY, OTHER_MONDAY, TUESDAY, ask_schedule, schedule_at
from tests.operations.runner.schedules import campaign as scheduled
from tests.operations.two_people import approve, let_lapse, refuse, reread, want_two
from tests.worker import ask_pause, ask_resume, clock, cxone, posts_events

__all__ = ["clock", "cxone", "posts_events", "scheduled"]

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

STEPS = (
    "ask resume",
    "ask hours",
    "approve",
    "approve own",
    "approve what was seen before",
    "refuse",
    "lapse",
    "pause",
    "hold",
    "lift",
    "change in cxone",
    "switch off",
    "switch on",
    "work",
)


class Floor:
    """People and workers at one campaign. `asked`: what waits or waited, with the hash that was seen at first;
    `needing`: what was asked for while the policy wanted two people, whether it waited or not."""

    def __init__(self, campaign: Campaign, cxone: Simulator) -> None:
        self.campaign, self.cxone = campaign, cxone
        self.asked: list[tuple[Operation, str]] = []
        self.needing: list[Operation] = []
        self.wants_two = True

    def take(self, step: str) -> None:
        try:
            with transaction.atomic():
                getattr(self, step.replace(" ", "_"))()
        except Refusal:
            pass

    def ask_resume(self) -> None:
        self.note(ask_resume(reread(self.campaign)))

    def ask_hours(self) -> None:
        self.note(ask_schedule(reread(self.campaign), MONDAY))

    def note(self, operation: Operation) -> None:
        if self.wants_two:
            self.needing.append(operation)
        if operation.state == State.PENDING:
            self.asked.append((operation, operation.approvals.get().digest))

    def newest(self) -> list[Operation]:
        return [operation for operation, _ in self.asked[-1:]]

    def approve(self) -> None:
        for operation in self.newest():
            approve(operation)

    def approve_own(self) -> None:
        for operation in self.newest():
            approve(operation, by="ADA")

    def approve_what_was_seen_before(self) -> None:
        for operation, seen in self.asked[-1:]:
            approve(operation, seen=seen)

    def refuse(self) -> None:
        for operation in self.newest():
            refuse(operation)

    def lapse(self) -> None:
        for operation in self.newest():
            if Approval.objects.filter(operation=operation, decision="").exists():
                let_lapse(operation)

    def pause(self) -> None:
        ask_pause(reread(self.campaign))

    def hold(self) -> None:
        holding.place_holds(campaign_ids=["spring"], by="Rita", reason="complaint")

    def lift(self) -> None:
        holding.lift_hold(campaign=reread(self.campaign), by="Rita", reason="settled")

    def change_in_cxone(self) -> None:
        theirs = TUESDAY if same(schedule_at(self.cxone), OTHER_MONDAY) else OTHER_MONDAY
        self.cxone.change("spring", schedule=theirs)
        full_read.read_all_campaigns()

    def switch_off(self) -> None:
        want_two(resume=False, bulk=False, schedule=False)
        self.wants_two = False

    def switch_on(self) -> None:
        want_two()
        self.wants_two = True

    def work(self) -> None:
        for operation in Operation.objects.filter(state__in=(State.PENDING, *IN_PROGRESS)):
            execution.advance_operation(operation.pk)


def sent_unapproved(floor: Floor) -> list[Operation]:
    """What was sent, needed approval, and hadn't exactly that."""
    wrong = []
    for operation in Operation.objects.filter(pk__in=[asked.pk for asked in floor.needing]):
        if not operation.attempts.exists():
            continue
        is_other = operation.applied is not None and not same(operation.applied, operation.payload["ours"])
        if operation.approved_by != "Bea" or is_other:
            wrong.append(operation)
    return wrong


@example(steps=["ask resume", "approve", "work"])
@example(steps=["ask hours", "approve", "change in cxone", "work"])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=3, max_size=14))
@drawing(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_what_was_approved_is_sent(scheduled: Campaign, cxone: Simulator, steps: list[str]) -> None:
    with transaction.atomic():
        want_two()
        cxone.change("spring", status="PAUSED", schedule=deepcopy(SCHEDULE))
        full_read.read_all_campaigns()
        floor = Floor(scheduled, cxone)
        for step in steps:
            floor.take(step)
        assert sent_unapproved(floor) == []
        transaction.set_rollback(True)
