"""Schedules, and those who change them while we do."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest

from audit.models import Record
from campaigns.cxone.gateway import WriteResponse
from campaigns.cxone.v2.gateway import V2
from campaigns.models import Campaign, Operation
from campaigns.operations import requests
from campaigns.simulator import Simulator
from campaigns.sync import full_read
from tests.factories import SCHEDULE

Schedule = dict[str, Any]
EDIT = "/api/v2/outbound/campaigns/spring"
STATE = "/api/v2/campaigns/spring"


def with_hours(base: Schedule = SCHEDULE, **hours: str) -> Schedule:
    """`base` with other windows on some days: with_hours(MON="10:00-12:00"), "" for none."""
    kept = [window for window in base["dialingHours"] if window["day"] not in hours]
    new = [{"day": day, "startTime": text[:5], "endTime": text[6:]} for day, text in hours.items() if text]
    return deepcopy(base | {"dialingHours": kept + new})


MONDAY = with_hours(MON="10:00-12:00")
TUESDAY = with_hours(TUE="13:00-15:00")
BOTH = with_hours(MON="10:00-12:00", TUE="13:00-15:00")
OTHER_MONDAY = with_hours(MON="14:00-16:00")


def ask_schedule(campaign: Campaign, schedule: Schedule, base: Schedule | None = None, **values: Any) -> Operation:
    """Changed from what the database has, with every warning acknowledged."""
    asked: dict[str, Any] = {"by": "Ada", "acknowledged": True, "key": uuid4().hex} | values
    return requests.request_schedule_change(
        campaign=campaign, base=campaign.schedule if base is None else base, schedule=schedule, **asked
    )


def interfere(monkeypatch: pytest.MonkeyPatch, cxone: Simulator, schedules: Iterable[Schedule]) -> None:
    """Somebody else changes the campaign, to one of these at a time, just before each of our writes reaches CXone."""
    theirs = iter(schedules)
    write: Callable[..., WriteResponse] = V2.write_schedule

    def write_late(gateway: V2, campaign_id: str, schedule: Schedule, **values: Any) -> WriteResponse:
        if (next_one := next(theirs, None)) is not None:
            cxone.change(campaign_id, schedule=next_one)
        return write(gateway, campaign_id, schedule, **values)

    monkeypatch.setattr(V2, "write_schedule", write_late)


def schedule_at(cxone: Simulator) -> Schedule:
    schedule: Schedule = cxone.campaign("spring")["schedule"]
    return schedule


@pytest.fixture
def campaign(cxone: Simulator, enqueued: list[tuple[str, ...]], db: None) -> Campaign:
    """Dials Monday to Friday, 9 to 17."""
    cxone.change("spring", schedule=deepcopy(SCHEDULE))
    full_read.read_all_campaigns()
    return Campaign.objects.get(pk="spring")


def outside() -> list[Record]:
    """What is on record as changed by nobody here."""
    return list(Record.objects.filter(kind="campaign.changed_outside").order_by("number"))
