"""A reason that needs a note: people write one, and what the product does by itself needs none."""

from uuid import uuid4

import pytest

from audit.models import Record
from campaigns.errors import NoteNeeded
from campaigns.models import Bulk, Campaign, Operation, OperationKind, Origin, ReasonCode
from campaigns.operations import requests, undo
from campaigns.operations.bulk.requests import request_bulk, request_exact_resume, retry_failed
from campaigns.states import State
from tests.factories import make_bulk, make_campaign, make_operation

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer, pytest.mark.usefixtures("enqueued")]


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("spring")


@pytest.fixture
def maintenance() -> ReasonCode:
    reason = ReasonCode.objects.get(pk="MAINTENANCE")
    reason.needs_note = True
    reason.save()
    return reason


def pause(campaign: Campaign, reason: ReasonCode, note: str = "", *, key: str = "", **values: object) -> Operation:
    asked = {"campaign": campaign, "by": "Ada", "reason": reason, "note": note, "key": key or uuid4().hex, **values}
    return requests.request_pause(**asked)  # type: ignore[arg-type]


def test_pause_without_it_is_refused_on_record(campaign: Campaign, maintenance: ReasonCode) -> None:
    with pytest.raises(NoteNeeded) as refusal:
        pause(campaign, maintenance)
    assert refusal.value.sentence == (
        "The reason “Maintenance” needs a note that says more. Nothing was sent: write one."
    )
    assert not Operation.objects.exists()
    record = Record.objects.get()
    assert (record.kind, record.details["code"]) == ("operation.refused", "note_needed")


def test_resume_without_it_is_refused(campaign: Campaign, maintenance: ReasonCode) -> None:
    with pytest.raises(NoteNeeded):
        requests.request_resume(campaign=campaign, by="Ada", reason=maintenance, key=uuid4().hex)
    assert not Operation.objects.exists()


def test_with_a_note_it_is_asked_for(campaign: Campaign, maintenance: ReasonCode) -> None:
    assert pause(campaign, maintenance, "Dialer update").note == "Dialer update"


def test_other_reasons_need_none(campaign: Campaign, maintenance: ReasonCode) -> None:
    assert pause(campaign, ReasonCode.objects.get(pk="WFM_OVERRIDE")).state == State.QUEUED


def test_request_made_before_it_was_needed_stays_the_same(campaign: Campaign) -> None:
    reason = ReasonCode.objects.get(pk="MAINTENANCE")
    first = pause(campaign, reason, key="k")
    reason.needs_note = True
    assert pause(campaign, reason, key="k") == first


@pytest.mark.parametrize("origin", [Origin.GUARD, Origin.WATCH])
def test_what_the_product_does_needs_none(campaign: Campaign, maintenance: ReasonCode, origin: Origin) -> None:
    assert pause(campaign, maintenance, origin=origin).origin == origin


def test_undo_needs_none(maintenance: ReasonCode) -> None:
    """It chooses its reason by itself, and says in its note that it is one."""
    ReasonCode.objects.update(needs_note=True)
    paused = make_campaign("paused", status="PAUSED")
    done = make_operation(paused, state=State.CONFIRMED)
    Campaign.objects.filter(pk="paused").update(explained_by=done)
    assert undo.request_undo(operation=Operation.objects.get(pk=done.pk), by="Ada").note == "Undo"


def test_bulk_without_it_is_refused_on_record(campaign: Campaign, maintenance: ReasonCode) -> None:
    with pytest.raises(NoteNeeded):
        request_bulk(kind=OperationKind.PAUSE, campaign_ids=["spring"], by="Ada", reason=maintenance, key=uuid4().hex)
    assert not Bulk.objects.exists()
    assert Record.objects.get().details["code"] == "note_needed"


def test_exact_resume_without_it_is_refused(campaign: Campaign, maintenance: ReasonCode) -> None:
    with pytest.raises(NoteNeeded):
        request_exact_resume(bulk=make_bulk(campaign), by="Ada", reason=maintenance, key=uuid4().hex)


def test_retry_of_a_bulk_needs_none(campaign: Campaign, maintenance: ReasonCode) -> None:
    """It asks once more for what was asked for."""
    bulk = make_bulk(campaign, reason="MAINTENANCE")
    make_operation(campaign, bulk=bulk, state=State.FAILED, reason="MAINTENANCE")
    assert retry_failed(bulk=bulk, by="Ada", key=uuid4().hex).reason == "MAINTENANCE"
