"""Whatever people and workers do, in whatever order: no resume and no schedule change reaches CXone between a hold's
commit and its lift, except one that is being sent already."""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from django.db.models.functions import Now

from campaigns.errors import OperationRefusal
from campaigns.models import Campaign, Operation, ReasonCode
from campaigns.operations import requests, undo
from campaigns.operations.holding import lift_hold, place_holds
from campaigns.operations.runner import execution
from campaigns.queueing.rows import database_now
from campaigns.schedule.due_times import due_instant
from campaigns.states import OPEN, State
from campaigns.sync import full_read
from tests.simulator.transport import SimulatorTransport
from tests.worker import ask_pause, ask_resume

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

STEPS = 25
CHANGING = ("PUT", "PATCH")


class World:
    """`holds_at`: the methods of the next request to CXone during which somebody places a hold."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.holds_at: tuple[str, ...] = ()
        self.broken: list[str] = []
        self.sent = 0

    @property
    def campaign(self) -> Campaign:
        return Campaign.objects.select_related("hold").get(pk="spring")

    def watch(self, request: httpx.Request) -> None:
        """Before CXone has the request."""
        if request.method in CHANGING and _starts_dialing(request):
            self.sent += 1
            if self.campaign.hold is not None:
                self.broken.append(f"{request.method} {request.url.path} {request.content.decode()}")
        if request.method in self.holds_at:
            self.holds_at = ()
            self.hold()

    def hold(self) -> None:
        place_holds(campaign_ids=["spring"], by="Rita", reason="Complaint 4711")

    def hold_during_read(self) -> None:
        self.holds_at = ("GET",)

    def hold_while_sending(self) -> None:
        self.holds_at = CHANGING

    def lift(self) -> None:
        if self.campaign.hold is not None:
            lift_hold(campaign=self.campaign, by="Rita", reason="Resolved")

    def pause(self) -> None:
        ask_pause(self.campaign, "MAINTENANCE")

    def pause_for_an_hour(self) -> None:
        ask_pause(self.campaign, "MAINTENANCE", until=due_instant(database_now() + timedelta(hours=1)))

    def resume(self) -> None:
        ask_resume(self.campaign)

    def resume_later(self) -> None:
        due = due_instant(database_now() + timedelta(hours=1))
        reason = ReasonCode.objects.get(pk="RESOLVED")
        requests.request_resume(campaign=self.campaign, by="Ada", reason=reason, at=due, key=uuid4().hex)

    def change_hours(self) -> None:
        base = self.campaign.schedule
        start = f"{self.dice.randint(9, 12):02}:00"
        later = base | {"dialingHours": [{"day": "MON", "startTime": start, "endTime": "16:00"}]}
        values = {"base": base, "schedule": later, "acknowledged": True, "key": uuid4().hex}
        requests.request_schedule_change(campaign=self.campaign, by="Ada", **values)

    def undo_the_last(self) -> None:
        last = Operation.objects.select_related("campaign").filter(state=State.CONFIRMED).order_by("-ended_at").first()
        if last:
            undo.request_undo(operation=last, by="Ada")

    def come_due(self) -> None:
        Operation.objects.filter(state=State.SCHEDULED).update(not_before=Now(), next_attempt_at=Now())

    def work(self) -> None:
        for key in list(Operation.objects.filter(state__in=OPEN).values_list("pk", flat=True)):
            due = Operation.objects.filter(pk=key).exclude(state=State.SCHEDULED)
            due.update(next_attempt_at=Now(), lease_until=None)
            execution.advance_operation(key)

    def read(self) -> None:
        full_read.read_all_campaigns()

    @property
    def deeds(self) -> list[Callable[[], None]]:
        asking = [self.pause, self.pause_for_an_hour, self.resume, self.resume_later, self.change_hours]
        holding = [self.hold, self.hold_during_read, self.hold_while_sending, self.lift, self.lift]
        return [*asking, *holding, self.undo_the_last, self.come_due, self.read, *[self.work] * 5]


def _starts_dialing(request: httpx.Request) -> bool:
    body = json.loads(request.content or b"{}")
    return "pause" not in request.url.path and str(body.get("status", "")).upper() != "PAUSED"


@pytest.fixture
def world(campaign: Campaign, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> World:
    made = World(random.Random(request.param))
    handle = SimulatorTransport.handle_request

    def watched(transport: SimulatorTransport, sent: httpx.Request) -> httpx.Response:
        made.watch(sent)
        return handle(transport, sent)

    monkeypatch.setattr(SimulatorTransport, "handle_request", watched)
    return made


@pytest.mark.parametrize("world", range(12), indirect=True)
def test_nothing_that_starts_dialing_passes_a_hold(world: World) -> None:
    for _ in range(STEPS):
        try:
            world.dice.choice(world.deeds)()
        except OperationRefusal:
            continue
    assert world.broken == []


@pytest.mark.parametrize("world", [1], indirect=True)
def test_the_watch_sees_what_is_sent(world: World) -> None:
    """Otherwise the test above could not fail."""
    world.pause()
    world.work()
    world.resume()
    world.work()
    world.change_hours()
    world.work()
    assert world.sent == 2
