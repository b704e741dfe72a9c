"""Stopping and starting skills: sent at once, on record with where to, and never believed without a read."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import httpx
import pytest
from time_machine import travel

from campaigns.cxone import errors
from campaigns.cxone.gateway import Sent, WriteResponse
from campaigns.cxone.published.address import Whereabouts
from campaigns.cxone.published.gateway import Published
from campaigns.operations.runner.execution import at_once
from campaigns.simulator import PublishedSimulator
from tests.cxone.published.asking import BASE, ROOT, gateway_to, start, stop

NOTHING = sha256(b"").hexdigest()
STOP, START = f"{ROOT}/skills/*/stop", f"{ROOT}/skills/*/start"


def test_stop_and_start_are_accepted_without_a_state(gateway: Published, skill: str) -> None:
    assert stop(gateway, skill) == WriteResponse(None, 202)
    assert gateway.read_state(skill).status == "PAUSED"
    assert start(gateway, skill) == WriteResponse(None, 202)
    assert gateway.read_state(skill).status == "ACTIVE"


def test_record_has_where_it_went(gateway: Published, skill: str) -> None:
    sent: list[Sent] = []
    stop(gateway, skill, sending=sent.append)
    start(gateway, skill, sending=sent.append)
    stop(gateway, skill, drop=True, sending=sent.append)
    path = f"{ROOT}/skills/{skill}"
    assert sent == [
        Sent(NOTHING, f"POST {path}/stop"),
        Sent(NOTHING, f"POST {path}/start"),
        Sent(NOTHING, f"POST {path}/stop?force=true"),
    ]


def test_body_is_empty_and_says_so(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    stop(gateway, skill)
    (request,) = simulator.record.requests("POST", f"{ROOT}/skills/{skill}/stop")
    assert (request.query, request.body_hash) == ({}, "")


def test_length_of_nothing_is_stated() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"access_token": "t"})

    stop(gateway_to(httpx.MockTransport(answer), where=Whereabouts(BASE, "", "")), "7")
    _, request = seen
    assert (request.content, request.headers["Content-Length"]) == (b"", "0")
    assert "Content-Type" not in request.headers
    assert request.headers["Accept"] == "application/json"


def test_calls_are_dropped_only_by_force(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    stop(gateway, skill)
    assert simulator.skill(skill)["calls"] > 0
    start(gateway, skill)
    stop(gateway, skill, drop=True)
    assert simulator.skill(skill)["calls"] == 0


@pytest.mark.parametrize("seconds", [-600, -90, 90, 600])
def test_process_whose_clock_is_off_stops_at_once(gateway: Published, skill: str, seconds: int) -> None:
    """Though nothing has shown CXone's clock yet: its answers are slow, or have no Date."""
    now = datetime.now(UTC)
    with travel(now + timedelta(seconds=seconds)):
        stop(gateway, skill, at=at_once(gateway, now))
    assert gateway.read_state(skill).status == "PAUSED"


def test_later_is_refused_and_nothing_sent(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    with pytest.raises(errors.CantBeAsked) as caught:
        stop(gateway, skill, at=datetime.now(UTC) + timedelta(minutes=1))
    assert isinstance(caught.value, errors.Refused)
    assert str(caught.value) == (
        f"CXone can’t be asked to stop campaign {skill} (CXone does it at once or not at all, and this is for a later "
        "time). Nothing was sent."
    )
    assert not simulator.record.requests()


@pytest.mark.parametrize("status", [404, 409])
def test_stop_of_what_is_stopped_is_a_conflict(
    simulator: PublishedSimulator, gateway: Published, skill: str, status: int
) -> None:
    simulator.switch(stopped_again=status)
    stop(gateway, skill)
    with pytest.raises(errors.Conflict, match="is not running") as caught:
        stop(gateway, skill)
    assert caught.value.status == status


def test_start_of_what_runs_is_a_conflict(gateway: Published, skill: str) -> None:
    with pytest.raises(errors.Conflict, match="already running"):
        start(gateway, skill)


def test_start_of_nothing_is_decided_by_a_read(simulator: PublishedSimulator, gateway: Published) -> None:
    with pytest.raises(errors.Conflict):
        start(gateway, "4711")
    with pytest.raises(errors.NotFound):
        gateway.read_state("4711")
    manual = simulator.add(strategy="Manual")
    with pytest.raises(errors.Conflict):
        start(gateway, manual)
    with pytest.raises(errors.NotFound, match="Personal Connection"):
        gateway.read_state(manual)


@pytest.mark.parametrize(
    "fault", [{"cut": True, "done": True}, {"status": 503, "done": True}, {"status": 504}], ids=str
)
def test_lost_answer_is_an_unknown_outcome(
    simulator: PublishedSimulator, gateway: Published, skill: str, fault: dict[str, object]
) -> None:
    simulator.fail("POST", STOP, **fault)  # type: ignore[arg-type]
    with pytest.raises(errors.OutcomeUnknown):
        stop(gateway, skill)
    assert len(simulator.record.requests("POST", f"{ROOT}/skills/{skill}/stop")) == 1


def test_any_success_is_an_acceptance(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    simulator.fail("POST", STOP, status=200, body="done", done=True)
    assert stop(gateway, skill) == WriteResponse(None, 200)


def test_token_that_ended_is_replaced_and_the_stop_sent_again(
    simulator: PublishedSimulator, gateway: Published, skill: str
) -> None:
    gateway.read_state(skill)
    simulator.expire_tokens()
    sent: list[Sent] = []
    assert stop(gateway, skill, sending=sent.append).status == 202
    assert len(sent) == 1


def test_prepared_ones_need_no_network_to_be_on_record(gateway: Published, skill: str) -> None:
    change = gateway.prepare_resume(skill, effective_at=datetime.now(UTC))
    assert (change.sent.line, gateway.requests) == (f"POST {ROOT}/skills/{skill}/start", 0)
    with pytest.raises(errors.Conflict):
        gateway.send_prepared(change)


@pytest.mark.parametrize("campaign_id", ["", ".", ".."])
def test_id_that_is_another_address_is_not_found(gateway: Published, campaign_id: str) -> None:
    with pytest.raises(errors.NotFound):
        stop(gateway, campaign_id)


def test_id_stays_within_its_address(simulator: PublishedSimulator, gateway: Published) -> None:
    with pytest.raises(errors.NotFound):
        gateway.read_state("1/../2?x=")
    assert simulator.record.requests()[-1].query == {}


def test_events_are_never_asked_for(gateway: Published, skill: str) -> None:
    with pytest.raises(errors.CantBeAsked):
        gateway.subscribe(skill, "https://control.test/")
    with pytest.raises(errors.CantBeAsked):
        gateway.subscriptions()
