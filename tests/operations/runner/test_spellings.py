"""CXone answers in another spelling, or with more than was sent: what it means decides."""

from copy import deepcopy
from typing import Any

import pytest

from audit.models import Record
from campaigns.cxone.gateway import CampaignState, Version
from campaigns.cxone.v2 import gateway as v2_gateway
from campaigns.models import Campaign, Operation
from campaigns.operations.runner.goal import is_as_asked
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.factories import SCHEDULE
from tests.operations.runner.schedules import MONDAY, TUESDAY, ask_schedule, campaign, outside, schedule_at
from tests.worker import run

__all__ = ["campaign"]

pytestmark = pytest.mark.data_layer
NAMES = {"MON": "Monday", "TUE": "tue"}


def respelled(schedule: dict[str, Any]) -> dict[str, Any]:
    spelled = deepcopy(schedule)
    for window in spelled["dialingHours"]:
        window["day"] = NAMES.get(window["day"], window["day"])
        window["startTime"] += ":00"
        window["endTime"] += ":00.000"
    zone = "US/Eastern" if spelled["timezone"] == "America/New_York" else spelled["timezone"]
    return spelled | {"timezone": zone}


@pytest.fixture
def otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each campaign that is read comes with its times, days and zone spelled otherwise."""
    read_state, read_for_edit = v2_gateway.V2.read_state, v2_gateway.V2.read_for_edit

    def spell(state: CampaignState) -> CampaignState:
        assert state.schedule is not None
        return CampaignState(state.campaign_id, state.name, state.status, respelled(state.schedule))

    def read_for_edit_so(gateway: v2_gateway.V2, campaign_id: str) -> Version:
        found = read_for_edit(gateway, campaign_id)
        return Version(spell(found.state), found.etag)

    def read_state_so(gateway: v2_gateway.V2, campaign_id: str, **needs: bool) -> CampaignState:
        return spell(read_state(gateway, campaign_id, **needs))

    monkeypatch.setattr(v2_gateway.V2, "read_state", read_state_so)
    monkeypatch.setattr(v2_gateway.V2, "read_for_edit", read_for_edit_so)


@pytest.mark.usefixtures("otherwise")
def test_change_that_is_answered_otherwise_is_confirmed(campaign: Campaign, cxone: Simulator) -> None:
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.CONFIRMED
    assert schedule_at(cxone)["dialingHours"][0] == {"day": "MON", "startTime": "10:00", "endTime": "12:00"}
    assert not outside()


@pytest.mark.usefixtures("otherwise")
def test_another_spelling_is_no_change(campaign: Campaign) -> None:
    full_read.read_one_campaign("spring")
    assert not Record.objects.filter(kind="campaign.changed_outside").exists()


@pytest.mark.usefixtures("otherwise")
def test_another_spelling_is_already_so(campaign: Campaign) -> None:
    assert run(ask_schedule(campaign, deepcopy(SCHEDULE))).state == State.SKIPPED


def test_unknown_keys_are_sent_back(campaign: Campaign, cxone: Simulator) -> None:
    """Those of a campaign as last read, and those that somebody added since."""
    first, *rest = SCHEDULE["dialingHours"]
    has = SCHEDULE | {"holidays": ["2027-07-04"], "dialingHours": [first | {"label": "A"}, *rest]}
    cxone.change("spring", schedule=has)
    full_read.read_one_campaign("spring")
    cxone.change("spring", schedule=has | {"team": 7})
    campaign.refresh_from_db()
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.CONFIRMED
    found = schedule_at(cxone)
    assert (found["holidays"], found["team"]) == (["2027-07-04"], 7)
    assert found["dialingHours"][0] == {"day": "MON", "startTime": "10:00", "endTime": "12:00", "label": "A"}


def test_key_that_cxone_adds_by_itself_confirms(campaign: Campaign, cxone: Simulator) -> None:
    operation = ask_schedule(campaign, MONDAY)
    assert is_as_asked(operation, CampaignState("spring", "Spring renewal", "ACTIVE", MONDAY | {"revision": 8}))


def test_another_name_of_the_zone_is_merged(campaign: Campaign, cxone: Simulator) -> None:
    base = SCHEDULE | {"timezone": "US/Eastern"}
    cxone.change("spring", schedule=TUESDAY | {"timezone": "America/New_York"})
    operation = run(ask_schedule(campaign, MONDAY | {"timezone": "US/Eastern"}, base=base))
    assert operation.state == State.CONFIRMED
    assert schedule_at(cxone)["timezone"] == "America/New_York"


@pytest.mark.parametrize("status", ["paused", " Paused ", "PAUSED"])
def test_status_is_read_by_its_meaning(campaign: Campaign, cxone: Simulator, status: str) -> None:
    cxone.change("spring", status=status)
    full_read.read_one_campaign("spring")
    assert Campaign.objects.get(pk="spring").status == "PAUSED"


def test_unknown_status_stays_as_it_is(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="Wrapping up")
    full_read.read_one_campaign("spring")
    assert Campaign.objects.get(pk="spring").status == "Wrapping up"


@pytest.mark.parametrize(("before", "now"), [("Active", "active"), ("Wrapping up", " WRAPPING UP")])
def test_spelling_of_a_status_is_no_change(campaign: Campaign, cxone: Simulator, before: str, now: str) -> None:
    """Also beside one that was read before spellings were, and of one that nobody here knows."""
    cxone.change("spring", status=now)
    Campaign.objects.update(status=before)
    full_read.read_one_campaign("spring")
    assert not Record.objects.filter(kind="campaign.changed_outside").exists()
    assert Operation.objects.count() == 0
