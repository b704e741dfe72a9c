"""A resume that undoes a pause is carried out only while the campaign is still paused by that pause."""

from uuid import uuid4

import pytest

from campaigns.models import Campaign, Operation, ReasonCode
from campaigns.operations import requests
from campaigns.operations.runner.outcome import NOT_ITS_PAUSE
from campaigns.operations.still_stands import is_still_paused_by
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.worker import ask_pause, ask_resume, run

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


@pytest.fixture
def pause(campaign: Campaign) -> Operation:
    return run(ask_pause(campaign, "HOLIDAY"))


def undo(pause: Operation) -> Operation:
    return requests.request_resume(
        campaign=pause.campaign,
        by="Ada",
        reason=ReasonCode.objects.get(pk="RESOLVED"),
        undoes=pause,
        key=uuid4().hex,
    )


def test_standing_pause_is_undone(pause: Operation) -> None:
    assert run(undo(pause)).state == State.CONFIRMED


def test_pause_by_somebody_else_stands(pause: Operation, cxone: Simulator) -> None:
    run(ask_resume(pause.campaign))
    run(ask_pause(pause.campaign))
    resume = run(undo(pause))
    assert (resume.state, resume.error) == (State.CANCELLED, NOT_ITS_PAUSE)
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_pause_on_top_of_it_is_a_touch(pause: Operation) -> None:
    assert run(ask_pause(pause.campaign)).state == State.SKIPPED
    assert not is_still_paused_by(pause)


def test_pause_outside_stands(pause: Operation, cxone: Simulator) -> None:
    cxone.change("spring", status="ACTIVE")
    full_read.read_all_campaigns()
    Operation.objects.exclude(pk=pause.pk).update(state=State.CANCELLED)
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    assert not is_still_paused_by(pause)


def test_pause_that_the_watch_repeated_is_still_it(pause: Operation, cxone: Simulator) -> None:
    cxone.change("spring", status="ACTIVE")
    full_read.read_all_campaigns()
    run(Operation.objects.get(origin="watch"))
    assert is_still_paused_by(pause)


def test_unconfirmed_pause_does_not_stand(campaign: Campaign) -> None:
    assert not is_still_paused_by(ask_pause(campaign))
