"""What began between a pause's look at its campaign and its insert: the pause wins all the same."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from audit.models import Record
from campaigns.errors import InTheWay
from campaigns.models import Campaign, Operation, OperationKind
from campaigns.operations import saving
from campaigns.operations.runner.bulks import making, work
from campaigns.states import State
from tests.bulks import ask_bulk
from tests.worker import PATIENCE_SECONDS, ask_pause, ask_resume

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.data_layer,
    pytest.mark.usefixtures("cxone"),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time"),
]

BeginAfter = Callable[[Any, str, Callable[[], Operation]], None]


@pytest.fixture
def begin_after(monkeypatch: pytest.MonkeyPatch) -> BeginAfter:
    """Somebody else asks for something, and it is saved, after the first call of that function."""

    def begin_after(module: Any, name: str, ask: Callable[[], Operation]) -> None:
        look = getattr(module, name)

        def look_and_be_overtaken(*values: Any) -> Any:
            found = look(*values)
            monkeypatch.setattr(module, name, look)
            with ThreadPoolExecutor(1) as somebody:
                somebody.submit(_closing, ask).result(PATIENCE_SECONDS)
            return found

        monkeypatch.setattr(module, name, look_and_be_overtaken)

    return begin_after


def _closing(ask: Callable[[], Operation]) -> Operation:
    try:
        return ask()
    finally:
        connection.close()


def test_resume_gives_way_to_a_pause(campaign: Campaign, begin_after: BeginAfter) -> None:
    begin_after(saving, "_look_around", lambda: ask_resume(campaign))
    pause = ask_pause(campaign)
    resume = Operation.objects.get(kind=OperationKind.RESUME)
    assert (resume.state, resume.superseded_by) == (State.CANCELLED, pause)
    assert pause.state == State.QUEUED
    assert not Record.objects.filter(kind="operation.refused").exists()


def test_ordinary_pause_gives_way_to_an_emergency(campaign: Campaign, begin_after: BeginAfter) -> None:
    begin_after(saving, "_look_around", lambda: ask_pause(campaign))
    emergency = ask_pause(campaign, "EMERGENCY")
    assert list(Operation.objects.filter(state=State.QUEUED)) == [emergency]


def test_pause_does_not_take_the_place_of_another(campaign: Campaign, begin_after: BeginAfter) -> None:
    begin_after(saving, "_look_around", lambda: ask_pause(campaign))
    with pytest.raises(InTheWay):
        ask_pause(campaign)
    assert Operation.objects.get().state == State.QUEUED


def test_resume_gives_way_to_a_stop_of_many(campaign: Campaign, begin_after: BeginAfter) -> None:
    bulk = ask_bulk([campaign])
    begin_after(making, "_make_way", lambda: ask_resume(campaign))
    work.advance_bulk(bulk.pk)
    resume = Operation.objects.get(kind=OperationKind.RESUME)
    pause = Operation.objects.get(kind=OperationKind.PAUSE, campaign=campaign)
    assert (resume.state, resume.superseded_by) == (State.CANCELLED, pause)
    assert not Operation.objects.filter(state=State.REJECTED).exists()


def test_stop_of_many_does_not_take_the_place_of_a_pause(campaign: Campaign, begin_after: BeginAfter) -> None:
    bulk = ask_bulk([campaign])
    begin_after(making, "_make_way", lambda: ask_pause(campaign))
    work.advance_bulk(bulk.pk)
    rejected = Operation.objects.get(state=State.REJECTED)
    assert (rejected.campaign, rejected.bulk) == (campaign, bulk)
    assert "still in progress" in rejected.error
