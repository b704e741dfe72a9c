"""The gateway against the simulator, in this process: what only another party's idea of the API can show."""

from datetime import UTC, datetime

import httpx
import pytest

from campaigns.cxone import errors
from campaigns.cxone.auth import Tokens
from campaigns.cxone.budget import Lane
from campaigns.cxone.gateway import WriteResponse
from campaigns.cxone.v2.credentials import Credentials
from campaigns.cxone.v2.gateway import SCOPE, V2
from campaigns.simulator import Simulator
from tests.cxone import changes
from tests.cxone.fakes import BASE, TOKEN_PATH, Shelf, Till, client_of


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(campaigns=230, rate_per_minute=None, post_events=False)


@pytest.fixture
def budget() -> Till:
    return Till()


@pytest.fixture
def gateway(simulator: Simulator, budget: Till) -> V2:
    credentials = Credentials(f"{BASE}{TOKEN_PATH}", "simulator", "simulator-secret", SCOPE)
    client = client_of(httpx.WSGITransport(app=simulator))
    return V2(client, Tokens(credentials, Shelf()), budget, Lane.CLICK)


@pytest.fixture
def active(simulator: Simulator) -> str:
    return simulator.campaign_ids("ACTIVE")[0]


def pause(gateway: V2, campaign_id: str) -> WriteResponse:
    return changes.pause(gateway, campaign_id, datetime.now(UTC))


@pytest.mark.parametrize("auth", ["post", "basic"])
@pytest.mark.parametrize("secret", ["simulator-secret", "a:b c+d/e=f&g%20é"])
def test_client_proves_itself_either_way(auth: str, secret: str) -> None:
    simulator = Simulator(campaigns=1, client_id="client:1 +é", client_secret=secret)
    credentials = Credentials(f"{BASE}{TOKEN_PATH}", "client:1 +é", secret, SCOPE, auth)
    client = client_of(httpx.WSGITransport(app=simulator))
    gateway = V2(client, Tokens(credentials, Shelf()), Till(), Lane.CLICK)
    assert gateway.list_campaigns().total == 1


@pytest.mark.parametrize("auth", ["post", "basic"])
def test_wrong_secret_names_each_setting(auth: str) -> None:
    credentials = Credentials(f"{BASE}{TOKEN_PATH}", "simulator", "wrong-secret", SCOPE, auth)
    client = client_of(httpx.WSGITransport(app=Simulator(campaigns=1)))
    with pytest.raises(errors.WrongCredentials, match="CXONE_TOKEN_AUTH"):
        V2(client, Tokens(credentials, Shelf()), Till(), Lane.CLICK).list_campaigns()


def test_list_is_complete_over_pages(simulator: Simulator, gateway: V2) -> None:
    found = gateway.list_campaigns()
    assert set(found.digests) == set(simulator.campaign_ids())
    assert (found.total, found.complete, gateway.requests) == (230, True, 4)


def test_smaller_page_cap_is_followed() -> None:
    simulator = Simulator(campaigns=30, rate_per_minute=None, page_cap=7, client_id="client-1", client_secret="s")
    credentials = Credentials(f"{BASE}{TOKEN_PATH}", "client-1", "s", SCOPE)
    client = client_of(httpx.WSGITransport(app=simulator))
    found = V2(client, Tokens(credentials, Shelf()), Till(), Lane.BACKGROUND).list_campaigns()
    assert (len(found.digests), found.complete) == (30, True)


def test_pause_is_read_back(gateway: V2, active: str) -> None:
    assert pause(gateway, active).status == 200
    assert gateway.read_state(active).status == "PAUSED"


def test_second_pause_conflicts(gateway: V2, active: str) -> None:
    pause(gateway, active)
    with pytest.raises(errors.Conflict) as caught:
        pause(gateway, active)
    assert caught.value.words


def test_resume_makes_active(simulator: Simulator, gateway: V2) -> None:
    paused = simulator.campaign_ids("PAUSED")[0]
    answer = changes.resume(gateway, paused, datetime.now(UTC))
    assert answer.state
    assert answer.state.status == "ACTIVE"


def test_cut_pause_may_have_happened(simulator: Simulator, gateway: V2, active: str) -> None:
    simulator.fail("PUT", "/api/v2/campaigns/*", cut=True, done=True)
    with pytest.raises(errors.OutcomeUnknown):
        pause(gateway, active)
    assert gateway.read_state(active).status == "PAUSED"


def test_cut_read_is_retryable(simulator: Simulator, gateway: V2, active: str) -> None:
    simulator.fail("GET", "*", cut=True)
    with pytest.raises(errors.ServerTrouble):
        gateway.read_state(active)


def test_unknown_reason_is_told(gateway: V2, active: str) -> None:
    with pytest.raises(errors.BadRequest) as caught:
        changes.pause(gateway, active, datetime.now(UTC), reason="BOREDOM")
    assert "pauseReason" in caught.value.words


def test_expired_tokens_are_replaced(simulator: Simulator, gateway: V2, active: str) -> None:
    gateway.read_state(active)
    simulator.expire_tokens()
    assert gateway.read_state(active).status == "ACTIVE"


def test_calls_match_simulators_own(simulator: Simulator, gateway: V2, active: str) -> None:
    simulator.change(active, calls=83)
    assert gateway.calls_in_progress()[active] == 83
    assert gateway.calls_in_progress(active) == {active: 83}


def test_schedule_is_written_once(gateway: V2, active: str) -> None:
    read = gateway.read_for_edit(active)
    schedule = {**read.schedule, "pauseConditions": ["BUSY"]}
    answer = gateway.write_schedule(active, schedule, etag=read.etag, sending=lambda _: None)
    assert answer.state
    assert (answer.state.schedule, answer.etag == read.etag) == (schedule, False)
    with pytest.raises(errors.PreconditionFailed):
        gateway.write_schedule(active, schedule, etag=read.etag, sending=lambda _: None)


def test_broken_schedule_names_fields(gateway: V2, active: str) -> None:
    read = gateway.read_for_edit(active)
    schedule = {**read.schedule, "timezone": "Mars/Olympus"}
    with pytest.raises(errors.Invalid) as caught:
        gateway.write_schedule(active, schedule, etag=read.etag, sending=lambda _: None)
    assert any("timezone" in field for field, _ in caught.value.errors)


def test_subscription_is_found_again(gateway: V2, active: str) -> None:
    made = gateway.subscribe(active, "https://us.test/webhooks/cxone/x/")
    assert [each.subscription_id for each in gateway.subscriptions()] == [made]


def test_real_rate_limit_closes_lanes(budget: Till) -> None:
    simulator = Simulator(campaigns=1, rate_per_minute=1, client_id="client-1", client_secret="s")
    credentials = Credentials(f"{BASE}{TOKEN_PATH}", "client-1", "s", SCOPE)
    gateway = V2(client_of(httpx.WSGITransport(app=simulator)), Tokens(credentials, Shelf()), budget, Lane.CLICK)
    gateway.subscriptions()
    with pytest.raises(errors.RateLimited) as caught:
        gateway.subscriptions()
    assert budget.closed == [caught.value.wait]
