"""Every call of the gateway that reaches CXone: how it is made, where it goes, and how its errors name it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from campaigns.cxone.errors import CXoneError
from campaigns.cxone.gateway import Gateway
from tests.cxone import changes
from tests.cxone.fakes import SCHEDULE, TOKEN_PATH

EDIT = "/api/v2/outbound/campaigns/c-1"
STATE = "/api/v2/campaigns/c-1"
CAMPAIGNS = "/api/v2/outbound/campaigns"
CALLS = "/api/v2/analytics/outbound/conversations/details/query"
SUBSCRIPTIONS = "/api/v2/event/subscriptions"
NOW = datetime(2026, 3, 2, tzinfo=UTC)

Act = Callable[[Gateway], object]


def read_state(gateway: Gateway) -> object:
    return gateway.read_state("c-1")


def read_for_edit(gateway: Gateway) -> object:
    return gateway.read_for_edit("c-1")


def list_campaigns(gateway: Gateway) -> object:
    return gateway.list_campaigns()


def count_calls(gateway: Gateway) -> object:
    return gateway.calls_in_progress()


def list_subscriptions(gateway: Gateway) -> object:
    return gateway.subscriptions()


def pause(gateway: Gateway) -> object:
    return changes.pause(gateway, "c-1", NOW)


def resume(gateway: Gateway) -> object:
    return changes.resume(gateway, "c-1", NOW)


def write_schedule(gateway: Gateway) -> object:
    return gateway.write_schedule("c-1", SCHEDULE, etag='"7"', sending=lambda _: None)


def subscribe(gateway: Gateway) -> object:
    return gateway.subscribe("c-1", "https://control.test/webhooks/cxone/x/")


class GatewayCall(NamedTuple):
    act: Act
    method: str
    path: str
    doing: str
    writes: bool = False


READ_STATE = GatewayCall(read_state, "GET", STATE, "read campaign c-1")
READ_FOR_EDIT = GatewayCall(read_for_edit, "GET", EDIT, "read campaign c-1 for editing")
LIST = GatewayCall(list_campaigns, "GET", CAMPAIGNS, "list the campaigns (page 1)")
COUNT = GatewayCall(count_calls, "POST", CALLS, "count the calls in progress")
LIST_SUBSCRIPTIONS = GatewayCall(list_subscriptions, "GET", SUBSCRIPTIONS, "list the event subscriptions")
PAUSE = GatewayCall(pause, "PUT", STATE, "pause campaign c-1", writes=True)
RESUME = GatewayCall(resume, "PUT", STATE, "resume campaign c-1", writes=True)
WRITE_SCHEDULE = GatewayCall(write_schedule, "PATCH", EDIT, "change the schedule of campaign c-1", writes=True)
SUBSCRIBE = GatewayCall(subscribe, "POST", SUBSCRIPTIONS, "send events of campaign c-1", writes=True)

# A write that needs a token first: what goes wrong there has sent nothing.
FETCH_TOKEN = GatewayCall(pause, "POST", TOKEN_PATH, "get an access token")

READS = [READ_STATE, READ_FOR_EDIT, LIST, COUNT, LIST_SUBSCRIPTIONS]
WRITES = [PAUSE, RESUME, WRITE_SCHEDULE, SUBSCRIBE]


def failure(act: Act, gateway: Gateway) -> CXoneError:
    with pytest.raises(CXoneError) as caught:
        act(gateway)
    return caught.value
