"""Asking for a bulk: one row and one record, nothing twice, and a sentence for what can't be asked for."""

from typing import Any

import pytest
from django.test import TestCase
from django.utils import timezone

from audit import ledger
from audit.models import Record
from campaigns.errors import KeyReused, TooLate, UnusableSelection
from campaigns.models import Bulk, Campaign, Operation, OperationKind, ReasonCode
from campaigns.operations.bulk import requests
from campaigns.states import State
from tests.factories import make_bulk, make_campaign, make_operation

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def known() -> None:
    for name in "ab":
        make_campaign(name)


def ask(*campaign_ids: str, reason: str = "WFM_OVERRIDE", **values: Any) -> Bulk:
    asked: dict[str, Any] = {
        "kind": OperationKind.PAUSE,
        "campaign_ids": campaign_ids,
        "by": "Ada",
        "reason": ReasonCode.objects.get(pk=reason),
        "key": "k" * 32,
    }
    return requests.request_bulk(**asked | values)


def make_many(number: int) -> None:
    now = timezone.now()
    Campaign.objects.bulk_create(
        Campaign(id=str(each), name="Many", status="ACTIVE", read_at=now) for each in range(number)
    )


def newest_record() -> Record:
    return Record.objects.latest("number")


def test_bulk_is_one_row(enqueued: list[tuple[str, ...]]) -> None:
    bulk = ask("a", "b", "a", selection={"status": "ACTIVE"})
    assert (bulk.campaign_ids, bulk.selection, bulk.override) == (["a", "b"], {"status": "ACTIVE"}, False)
    assert not Operation.objects.exists()


def test_what_was_chosen_is_on_record(enqueued: list[tuple[str, ...]]) -> None:
    bulk = ask("a", "b", selection={"status": "ACTIVE"}, note="storm")
    record = newest_record()
    assert record.sentence == "Ada asked to pause 2 campaigns, reason WFM_OVERRIDE."
    assert record.details["bulk"] == str(bulk.pk)
    assert (record.details["selection"], record.details["note"]) == ({"status": "ACTIVE"}, "storm")


def test_a_worker_is_woken(enqueued: list[tuple[str, ...]]) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        bulk = ask("a")
    assert enqueued == [("campaigns.tasks.run_bulk", str(bulk.pk))]


def test_same_key_is_the_same_bulk(enqueued: list[tuple[str, ...]]) -> None:
    assert ask("a") == ask("a")
    assert Record.objects.filter(kind="bulk.asked").count() == 1


def test_same_key_with_other_contents_is_refused(enqueued: list[tuple[str, ...]]) -> None:
    ask("a")
    with pytest.raises(KeyReused):
        ask("b")
    assert newest_record().details["code"] == "key_reused"


@pytest.mark.parametrize(("number", "words"), [(0, "at least one"), (5_001, "narrow the selection")])
def test_unusable_numbers_are_refused_on_record(number: int, words: str) -> None:
    make_many(number)
    with pytest.raises(UnusableSelection, match=words):
        ask(*(str(each) for each in range(number)))
    assert not Bulk.objects.exists()
    assert newest_record().kind == "operation.refused"
    assert newest_record().details["campaigns"] == number


def test_most_campaigns_are_accepted(enqueued: list[tuple[str, ...]]) -> None:
    make_many(5_000)
    assert ask(*(str(each) for each in range(5_000))).number == 5_000


def test_ids_of_no_campaign_are_left_out(enqueued: list[tuple[str, ...]]) -> None:
    assert ask("a", "nobody's").campaign_ids == ["a"]


def test_reason_decides_the_override(enqueued: list[tuple[str, ...]]) -> None:
    assert ask("a", reason="EMERGENCY").override


def test_without_its_record_nothing_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ledger, "_write", fail)
    with pytest.raises(ZeroDivisionError):
        ask("a")
    assert not Bulk.objects.exists()


def test_exact_resume_takes_what_it_paused(enqueued: list[tuple[str, ...]]) -> None:
    paused, resumed, skipped = make_campaign(status="PAUSED", control="person"), make_campaign(), make_campaign()
    bulk = make_bulk(paused, resumed, skipped)
    pause = make_operation(paused, bulk=bulk, state=State.CONFIRMED)
    Campaign.objects.filter(pk=paused.pk).update(explained_by=pause)
    make_operation(resumed, bulk=bulk, state=State.CONFIRMED)
    make_operation(skipped, bulk=bulk, state=State.SKIPPED)
    resume = requests.request_exact_resume(
        bulk=bulk, by="Bea", reason=ReasonCode.objects.get(pk="RESOLVED"), key="r" * 32
    )
    assert (resume.kind, resume.campaign_ids, resume.undoes) == ("resume", [paused.pk], bulk)


@pytest.mark.parametrize(
    ("state", "again"),
    [
        (State.FAILED, True),
        (State.UNCONFIRMED, True),
        (State.REJECTED, True),
        (State.CONFIRMED, False),
        (State.SKIPPED, False),
        (State.CANCELLED, False),
        (State.SUPERSEDED, False),
    ],
)
def test_retry_asks_for_what_failed(state: State, again: bool, enqueued: list[tuple[str, ...]]) -> None:
    campaign = make_campaign()
    bulk = make_bulk(campaign, note="storm")
    make_operation(campaign, bulk=bulk, state=state)
    if not again:
        with pytest.raises(UnusableSelection):
            requests.retry_failed(bulk=bulk, by="Bea", key="r" * 32)
        return
    retry = requests.retry_failed(bulk=bulk, by="Bea", key="r" * 32)
    assert (retry.campaign_ids, retry.note, retry.by) == ([campaign.pk], "storm", "Bea")


def test_cancelling_is_on_record_and_wakes_a_worker(enqueued: list[tuple[str, ...]]) -> None:
    bulk = make_bulk(make_campaign())
    with TestCase.captureOnCommitCallbacks(execute=True):
        requests.cancel_rest(bulk=bulk, by="Bea")
    assert (bulk.cancelled_by, newest_record().kind, newest_record().by) == ("Bea", "bulk.cancelled", "Bea")
    assert enqueued == [("campaigns.tasks.run_bulk", str(bulk.pk))]


def test_cancelling_twice_is_too_late(enqueued: list[tuple[str, ...]]) -> None:
    bulk = make_bulk(make_campaign())
    requests.cancel_rest(bulk=bulk, by="Bea")
    with pytest.raises(TooLate):
        requests.cancel_rest(bulk=bulk, by="Ada")
