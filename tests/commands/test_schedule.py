"""Schedules from the shell: checked, sent, and an exit status that tells the end."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Record
from campaigns.models import Calendar, Campaign, Operation
from campaigns.schedule import same
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.commands.test_operations import impatient
from tests.factories import SCHEDULE, make_operation
from tests.operations.runner.schedules import schedule_at, with_hours

__all__ = ["impatient"]

MONDAY = with_hours(MON="10:00-12:00")
LATE = with_hours(MON="20:00-22:00")
Write = Callable[..., str]


@pytest.fixture
def campaign(cxone: Simulator, enqueued: list[tuple[str, ...]], db: None) -> Campaign:
    """Paused, so that no schedule starts or stops its dialing at once."""
    cxone.change("spring", schedule=deepcopy(SCHEDULE), status="PAUSED")
    full_read.read_all_campaigns()
    return Campaign.objects.get(pk="spring")


@pytest.fixture
def closed_days(campaign: Campaign) -> None:
    """Holidays on three days in a row, soon: at least one is a weekday."""
    calendar, today = Calendar.objects.create(name="Closed"), timezone.localdate()
    calendar.campaigns.add(campaign)
    for days in (10, 11, 12):
        calendar.holidays.create(name="Stocktaking", date=today + timedelta(days=days))


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """A file with that in it: JSON, or the bytes."""

    def write(content: object, name: str = "schedule.json") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return str(path)

    return write


def test_update_prints_its_operation(campaign: Campaign, cxone: Simulator, command: Any, written: Write) -> None:
    status, line, _ = command("update_schedule", "spring", "--file", written(MONDAY), "--by", "Ada")
    assert (status, line["action"], line["state"], line["by"]) == (0, "schedule", "CONFIRMED", "Ada")
    assert same(schedule_at(cxone), MONDAY)


def test_errors_exit_with_3(campaign: Campaign, cxone: Simulator, command: Any, written: Write) -> None:
    status, line, words = command("update_schedule", "spring", "--file", written(LATE), "--acknowledge-warnings")
    assert status == 3
    assert [finding["code"] for finding in line["findings"]] == ["OUTSIDE_CALLING_HOURS"]
    assert "1 error" in words
    assert cxone.record.requests("PATCH") == []


def test_warnings_exit_with_3(campaign: Campaign, command: Any, written: Write, closed_days: None) -> None:
    status, line, words = command("update_schedule", "spring", "--file", written(MONDAY))
    assert status == 3
    assert {finding["code"] for finding in line["findings"]} == {"HOLIDAY_AHEAD"}
    assert "warnings to acknowledge first" in words


def test_acknowledged_warnings_are_sent(campaign: Campaign, command: Any, written: Write, closed_days: None) -> None:
    status, line, _ = command("update_schedule", "spring", "--file", written(MONDAY), "--acknowledge-warnings")
    assert (status, line["state"]) == (0, "CONFIRMED")


def test_conflict_exits_with_4(campaign: Campaign, cxone: Simulator, command: Any, written: Write) -> None:
    cxone.change("spring", schedule=with_hours(MON="14:00-16:00"))
    status, line, words = command("update_schedule", "spring", "--file", written(MONDAY))
    assert (status, line["state"]) == (4, "CONFLICT")
    assert "Monday" in words


def test_named_base_decides(campaign: Campaign, cxone: Simulator, command: Any, written: Write) -> None:
    base = with_hours(TUE="13:00-15:00")
    status, _, _ = command(
        "update_schedule", "spring", "--file", written(with_hours(MON="10:00-12:00", TUE="13:00-15:00")), "--base",
        written(base, "base.json"),
    )  # fmt: skip
    assert status == 0
    assert same(schedule_at(cxone), MONDAY)


@pytest.mark.parametrize("name", ["update_schedule", "check_schedule"])
@pytest.mark.parametrize("content", [b"not JSON", b"", b"\xff\xfe", b"[" * 100_000, b'{"timezone": NaN}'])
def test_garbage_exits_with_2(campaign: Campaign, command: Any, written: Write, name: str, content: bytes) -> None:
    status, _, words = command(name, "spring", "--file", written(content))
    assert status == 2
    assert "schedule.json isn’t JSON" in words


@pytest.mark.parametrize("name", ["update_schedule", "check_schedule"])
def test_missing_file_exits_with_2(campaign: Campaign, command: Any, tmp_path: Path, name: str) -> None:
    status, _, words = command(name, "spring", "--file", str(tmp_path / "none.json"))
    assert (status, "can’t be read" in words) == (2, True)


@pytest.mark.parametrize("base", [["a", "list"], {"timezone": "a\0b"}, {"long": "x" * 200_000}])
def test_unusable_base_is_refused(campaign: Campaign, command: Any, written: Write, base: object) -> None:
    names = ("update_schedule", "spring", "--file", written(MONDAY), "--base", written(base, "base.json"))
    status, _, words = command(*names)
    assert (status, "base" in words) == (2, True)
    assert not Operation.objects.exists()


def test_one_in_the_way_is_named(campaign: Campaign, command: Any, written: Write) -> None:
    make_operation(campaign, kind="schedule", by="Grace", state=State.RUNNING)
    status, _, words = command("update_schedule", "spring", "--file", written(MONDAY))
    assert status == 1
    assert words.startswith("A schedule change requested by Grace")


def test_unknown_campaign_exits_with_2(campaign: Campaign, command: Any, written: Write) -> None:
    assert command("check_schedule", "autumn", "--file", written(MONDAY))[0] == 2


def test_check_finds_nothing(campaign: Campaign, command: Any, written: Write) -> None:
    assert command("check_schedule", "spring", "--file", written(MONDAY))[:2] == (0, {"findings": []})


def test_check_sends_nothing(campaign: Campaign, cxone: Simulator, command: Any, written: Write) -> None:
    requests, records = len(cxone.record.requests()), Record.objects.count()
    command("check_schedule", "spring", "--file", written(LATE))
    assert (len(cxone.record.requests()), Record.objects.count()) == (requests, records)


def test_check_tells_each_finding(campaign: Campaign, command: Any, written: Write) -> None:
    status, line, _ = command("check_schedule", "spring", "--file", written(LATE))
    assert status == 3
    assert {"code", "severity", "message", "rows"} <= set(line["findings"][0])
    assert line["findings"][0]["rows"] == [4]


def test_check_proposes_a_zone_by_its_meaning(campaign: Campaign, command: Any, written: Write) -> None:
    status, line, _ = command("check_schedule", "spring", "--file", written(SCHEDULE | {"timezone": "GMT-5"}))
    assert status == 3
    (finding,) = line["findings"]
    assert finding["code"] == "UNKNOWN_ZONE"
    assert "America/New_York" in finding["suggestion"]
    assert "Etc/GMT-5" not in json.dumps(line)


def test_file_need_not_name_what_cxone_keeps(
    campaign: Campaign, cxone: Simulator, command: Any, written: Write
) -> None:
    cxone.change("spring", schedule=SCHEDULE | {"holidays": ["2027-07-04"]})
    full_read.read_one_campaign("spring")
    for name in ("check_schedule", "update_schedule"):
        status, _, _ = command(name, "spring", "--file", written(MONDAY))
        assert status == 0
    assert schedule_at(cxone) | {"dialingHours": []} == SCHEDULE | {"holidays": ["2027-07-04"], "dialingHours": []}


def test_check_passes_with_warnings(campaign: Campaign, command: Any, written: Write, closed_days: None) -> None:
    status, line, _ = command("check_schedule", "spring", "--file", written(MONDAY))
    assert (status, line["findings"][0]["severity"]) == (0, "WARNING")


def test_snake_case_is_found(campaign: Campaign, command: Any, written: Write) -> None:
    snake = {"timezone": "America/New_York", "dialing_hours": [], "pause_conditions": []}
    status, line, _ = command("check_schedule", "spring", "--file", written(snake))
    assert status == 3
    assert "UNKNOWN_KEY" in {finding["code"] for finding in line["findings"]}
