"""A worker dies between the first byte of a change and its answer, and somebody else changes the campaign meanwhile:
what is seen decides, and nothing is applied twice."""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import NamedTuple

import httpx
import pytest
from django.db.models.functions import Now

from audit.models import Record
from campaigns.cxone.channel import Channel
from campaigns.cxone.replies import Reply
from campaigns.errors import TooLate
from campaigns.models import AttemptOutcome, Campaign, Drain, Operation
from campaigns.operations import requests
from campaigns.operations.runner import execution
from campaigns.queueing.rows import database_now
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.factories import SCHEDULE, make_attempt
from tests.operations.runner.schedules import EDIT, MONDAY, STATE, TUESDAY, ask_schedule, campaign
from tests.worker import ask_pause, ask_resume, run

__all__ = ["campaign"]

pytestmark = pytest.mark.data_layer


class KilledError(BaseException):
    """What a worker's end looks like to the code that it runs: nothing after it is done."""


class Change(NamedTuple):
    """A kind of operation: how it is asked for, its request, and how somebody else makes and undoes the same."""

    method: str
    ask: Callable[[Campaign], Operation]
    before: dict[str, object]
    done: dict[str, object]
    end: State


PAUSE = Change("PUT", ask_pause, {"status": "ACTIVE"}, {"status": "PAUSED"}, State.UNCONFIRMED)
RESUME = Change("PUT", ask_resume, {"status": "PAUSED"}, {"status": "ACTIVE"}, State.UNCONFIRMED)
HOURS = Change(
    "PATCH",
    lambda campaign: ask_schedule(campaign, MONDAY),
    {"schedule": SCHEDULE},
    {"schedule": MONDAY},
    State.CONFLICT,
)


@pytest.fixture(params=[PAUSE, RESUME, HOURS], ids=["pause", "resume", "schedule"])
def change(request: pytest.FixtureRequest, campaign: Campaign, cxone: Simulator) -> Change:
    change: Change = request.param
    set_to(cxone, change.before)
    full_read.read_all_campaigns()
    return change


@pytest.fixture
def killed(change: Change, campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch) -> Operation:
    """It was applied, and the worker killed before the answer came."""
    return kill_after_sending(change, campaign, monkeypatch)


def set_to(cxone: Simulator, values: dict[str, object]) -> None:
    cxone.change("spring", **deepcopy(values))  # type: ignore[arg-type]


def kill_after_sending(change: Change, campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> Operation:
    return _kill(change, campaign, monkeypatch, sends=True)


def kill_before_sending(change: Change, campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> Operation:
    return _kill(change, campaign, monkeypatch, sends=False)


def _kill(change: Change, campaign: Campaign, monkeypatch: pytest.MonkeyPatch, *, sends: bool) -> Operation:
    send = Channel.send

    def send_and_die(channel: Channel, request: httpx.Request, *arguments: object) -> Reply:
        if request.method != change.method:
            return send(channel, request, *arguments)  # type: ignore[arg-type]
        if sends:
            send(channel, request, *arguments)  # type: ignore[arg-type]
        raise KilledError

    operation = change.ask(Campaign.objects.get(pk=campaign.pk))
    with monkeypatch.context() as patch:
        patch.setattr(Channel, "send", send_and_die)
        with pytest.raises(KilledError):
            execution.advance_operation(operation.pk)
    operation.refresh_from_db()
    assert operation.state == State.RUNNING
    return operation


def end_lease(operation: Operation) -> None:
    Operation.objects.filter(pk=operation.pk).update(lease_until=Now() - timedelta(seconds=1))


def applied(change: Change, cxone: Simulator) -> int:
    return len(cxone.record.applied("spring", change.method))


def sent(change: Change, cxone: Simulator) -> int:
    return len(cxone.record.requests(change.method))


def state_of(operation: Operation) -> str:
    operation.refresh_from_db()
    return operation.state


def test_undone_by_somebody_is_never_sent_again(killed: Operation, change: Change, cxone: Simulator) -> None:
    set_to(cxone, change.before)
    assert run(killed).state == change.end
    assert sent(change, cxone) == 1
    assert {**cxone.campaign("spring"), **change.before} == cxone.campaign("spring")


def test_applied_and_still_so_is_confirmed(killed: Operation, change: Change, cxone: Simulator) -> None:
    assert run(killed).state == State.CONFIRMED
    assert sent(change, cxone) == 1


def test_applied_and_renamed_is_confirmed(killed: Operation, change: Change, cxone: Simulator) -> None:
    cxone.change("spring", name="Spring, renamed")
    assert run(killed).state == State.CONFIRMED
    assert sent(change, cxone) == 1


def test_never_sent_is_sent_by_the_next_worker(
    change: Change, campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = kill_before_sending(change, campaign, monkeypatch)
    assert run(operation).state == State.CONFIRMED
    assert sent(change, cxone) == 1
    assert list(operation.attempts.values_list("outcome", flat=True)) == ["unknown", "accepted"]


def test_changed_version_is_never_sent_to(
    change: Change, campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = kill_before_sending(change, campaign, monkeypatch)
    cxone.change("spring", name="Spring, renamed")  # nobody can tell this from a change that was undone
    assert run(operation).state == change.end
    assert sent(change, cxone) == 0


def test_weak_tag_names_the_same_version(
    change: Change, campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = kill_before_sending(change, campaign, monkeypatch)
    operation.attempts.update(etag=f"W/{operation.attempts.get().etag}")
    assert run(operation).state == State.CONFIRMED


def test_reading_confirms_what_a_dead_worker_left(killed: Operation, change: Change, cxone: Simulator) -> None:
    end_lease(killed)
    full_read.read_all_campaigns()
    assert state_of(killed) == State.CONFIRMED
    attempt = killed.attempts.get()
    assert (attempt.outcome, attempt.answered_at) == (AttemptOutcome.UNKNOWN, None)


def test_event_confirms_what_a_dead_worker_left(killed: Operation) -> None:
    end_lease(killed)
    full_read.read_one_campaign("spring")
    assert state_of(killed) == State.CONFIRMED


def test_reading_leaves_a_living_worker_its_operation(killed: Operation) -> None:
    full_read.read_all_campaigns()
    assert state_of(killed) == State.RUNNING


def test_seen_while_the_lease_lasted_is_confirmed(killed: Operation, change: Change, cxone: Simulator) -> None:
    full_read.read_all_campaigns()
    set_to(cxone, change.before)
    assert run(killed).state == State.CONFIRMED
    assert sent(change, cxone) == 1
    assert killed.confirmed_at == killed.seen_at


def test_seen_and_undone_shows_what_is_now(killed: Operation, change: Change, cxone: Simulator) -> None:
    full_read.read_all_campaigns()
    set_to(cxone, change.before)
    run(killed)
    campaign = Campaign.objects.get()
    assert {name: getattr(campaign, name) for name in change.before} == change.before
    assert Record.objects.filter(kind="campaign.changed_outside").exists()
    assert not Drain.objects.exists()


def test_reading_from_before_the_attempt_is_no_sight(
    change: Change, campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = kill_before_sending(change, campaign, monkeypatch)
    operation.attempts.update(sent_at=Now() + timedelta(minutes=1))
    set_to(cxone, change.done)
    full_read.read_all_campaigns()
    operation.refresh_from_db()
    assert (operation.state, operation.seen_at) == (State.RUNNING, None)


def test_sight_during_a_refused_attempt_is_not_of_a_later_one(
    change: Change, campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = kill_after_sending(change, campaign, monkeypatch)
    full_read.read_all_campaigns()
    set_to(cxone, change.before)
    operation.attempts.update(outcome=AttemptOutcome.REFUSED, api_status=409)  # somebody else's work was seen
    make_attempt(operation, outcome=AttemptOutcome.UNKNOWN, sent_at=database_now(), etag='"an older one"')
    assert run(operation).state == change.end


def test_taken_over_worker_confirms_nothing_twice(killed: Operation) -> None:
    end_lease(killed)
    full_read.read_all_campaigns()
    assert not execution.advance_operation(killed.pk)
    assert Record.objects.filter(operation=killed.pk, kind="operation.ended").count() == 1


def test_lost_answer_then_undone_is_never_sent_again(change: Change, campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail(change.method, "/api/v2/*", cut=True, done=True)
    cxone.fail("GET", STATE, status=503)
    operation = run(change.ask(Campaign.objects.get()))
    assert operation.state == State.WAITING
    set_to(cxone, change.before)
    assert run(operation).state == change.end
    assert applied(change, cxone) == 1


def test_second_try_then_undone_is_never_sent_again(change: Change, campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail(change.method, "/api/v2/*", cut=True)
    operation = run(change.ask(Campaign.objects.get()))
    cxone.fail(change.method, "/api/v2/*", cut=True, done=True)
    cxone.fail("GET", STATE, status=503)
    assert run(operation).state == State.WAITING
    set_to(cxone, change.before)
    assert run(operation).state == change.end
    assert (applied(change, cxone), sent(change, cxone)) == (1, 2)


def test_late_first_try_makes_the_second_fail(
    change: Change, campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = kill_before_sending(change, campaign, monkeypatch)
    send = Channel.send

    def send_late(channel: Channel, request: httpx.Request, *arguments: object) -> Reply:
        if request.method == change.method:
            set_to(cxone, change.done)  # the first one's bytes arrive only now
        return send(channel, request, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Channel, "send", send_late)
    assert run(operation).state == State.CONFIRMED
    assert applied(change, cxone) == 0


def test_deleted_campaign_is_unconfirmed(killed: Operation, change: Change, cxone: Simulator) -> None:
    cxone.remove("spring")
    assert run(killed).state == State.UNCONFIRMED
    assert sent(change, cxone) == 1


def test_what_may_have_worked_is_never_cancelled(killed: Operation) -> None:
    end_lease(killed)
    with pytest.raises(TooLate):
        requests.cancel_operation(operation=killed, by="Ada")


def test_tag_is_kept_before_the_first_byte(
    change: Change, campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = kill_before_sending(change, campaign, monkeypatch)
    with httpx.Client(base_url="https://cxone.test", transport=httpx.WSGITransport(app=cxone)) as client:
        token = client.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", "client_id": "simulator", "client_secret": "simulator-secret"},
        ).json()["access_token"]
        etag = client.get(EDIT, headers={"Authorization": f"Bearer {token}"}).headers["etag"]
    assert operation.attempts.get().etag == etag


@pytest.fixture(params=[PAUSE, RESUME], ids=["pause", "resume"])
def untagged(request: pytest.FixtureRequest, campaign: Campaign, cxone: Simulator) -> Change:
    """CXone gives no ETag."""
    change: Change = request.param
    set_to(cxone, change.before)
    full_read.read_all_campaigns()
    cxone.fail("GET", EDIT, times=None, headers={"ETag": None})
    return change


def test_without_tags_undone_is_never_sent_again(
    untagged: Change, campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = kill_after_sending(untagged, campaign, monkeypatch)
    set_to(cxone, untagged.before)
    assert run(operation).state == State.WAITING
    operation.attempts.update(sent_at=Now() - timedelta(seconds=91))
    assert run(operation).state == State.UNCONFIRMED
    assert sent(untagged, cxone) == 1


def test_without_tags_it_is_read_until_seen(
    untagged: Change, campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = kill_before_sending(untagged, campaign, monkeypatch)
    assert run(operation).state == State.WAITING
    set_to(cxone, untagged.done)
    assert run(operation).state == State.CONFIRMED
    assert sent(untagged, cxone) == 0


def test_without_tags_a_plain_change_works(untagged: Change, campaign: Campaign) -> None:
    assert run(untagged.ask(campaign)).state == State.CONFIRMED


def test_more_calls_than_the_limit_by_then_is_unconfirmed(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = kill_before_sending(PAUSE, campaign, monkeypatch)
    cxone.change("spring", calls=90)
    assert run(operation).state == State.UNCONFIRMED
    assert "Nothing was sent" not in operation.error


def test_conflict_offers_what_is_in_cxone_now(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = kill_after_sending(HOURS, campaign, monkeypatch)
    cxone.change("spring", schedule=TUESDAY)
    run(operation)
    assert operation.conflict is not None
    assert operation.conflict["theirs"] == TUESDAY
    assert [clash["part"] for clash in operation.conflict["clashes"]] == ["MON"]
