"""The pages of what waits for a second person, in a browser."""

import pytest
from django.utils import timezone

from campaigns.models import Approval, Decision, Operation, OperationKind, SyncState
from campaigns.states import State
from tests.browser.checks import NARROW, WIDE, check_accessible, check_targets, check_width
from tests.browser.conftest import OpenPage
from tests.factories import SCHEDULE, make_approval, make_bulk, make_campaign, make_operation, make_user
from tests.operations.two_people import want_two

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

LATER = {**SCHEDULE, "dialingHours": [{"day": "MON", "startTime": "10:00", "endTime": "18:00"}]}
NAME = "Hotel Rewards Late-Stage Collections"


@pytest.fixture
def waiting() -> list[Approval]:
    """A resume, changed hours and a bulk that wait, one request of Bea's own, and one that was refused."""
    want_two()
    SyncState.objects.update(last_good_at=timezone.now())
    resume = make_paused(note="Callers complained")
    hours = make_paused(kind=OperationKind.SCHEDULE, payload={"base": SCHEDULE, "ours": LATER, "etag": ""}, reason="")
    bulk = make_bulk(*(make_campaign(name=f"{NAME} {n}", status="PAUSED") for n in range(3)), kind="resume", by="ada")
    make_approval(make_paused(by="bea"))
    refused = {"decision": Decision.REFUSED, "decided_by": "bea", "reason": "The script isn't ready"}
    make_approval(make_paused(state=State.CANCELLED), decided_at=timezone.now(), **refused)
    return [make_approval(resume), make_approval(hours), make_approval(bulk)]


def make_paused(**values: object) -> Operation:
    campaign = make_campaign(name=NAME, status="PAUSED", active_calls=3)
    defaults = {"kind": OperationKind.RESUME, "state": State.PENDING, "by": "ada", "reason": "RESOLVED"}
    return make_operation(campaign, **defaults | values)


def addresses(waiting: list[Approval]) -> list[str]:
    each = [f"/approvals/{approval.pk}/" for approval in waiting]
    campaign = Operation.objects.get(approvals=waiting[0]).campaign_id
    return ["/approvals/", *each, f"{each[0]}refuse/", f"/campaigns/{campaign}/"]


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_everybody_can_read_them(open_page: OpenPage, waiting: list[Approval], viewport: dict[str, int]) -> None:
    page = open_page("/approvals/", make_user("supervisor", "bea"), viewport=viewport)
    for address in addresses(waiting):
        page.goto(address)
        check_accessible(page)
        check_width(page, viewport["width"])


def test_targets_are_large_enough_for_fingers(open_page: OpenPage, waiting: list[Approval]) -> None:
    page = open_page("/approvals/", make_user("supervisor", "bea"), viewport=NARROW, has_touch=True, is_mobile=True)
    for address in addresses(waiting):
        page.goto(address)
        check_targets(page, "main :is(.button, summary):visible")
