"""The schedule of a skill, in the two shapes in which it is read and the one in which it is set."""

from typing import Any

import httpx
import pytest

from campaigns.simulator import PublishedSimulator
from tests.simulator.published.calling import (
    SERVICES,
    WEEKDAYS,
    read_all_schedules,
    read_schedule,
    schedule_path,
    set_schedule,
)

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@pytest.fixture
def skill(simulator: PublishedSimulator) -> str:
    return simulator.add(schedule=WEEKDAYS, calls=12)


def shown_in_all(client: httpx.Client) -> dict[str, Any]:
    """The schedule of the one skill, where those of all are read, as the 22 fields of the other shape."""
    (entry,) = read_all_schedules(client).json()["skills"]
    settings = entry["scheduleSettings"]
    fields = {"isScheduled": settings["isScheduled"]}
    for day in settings["schedules"]:
        name = day["day"].lower()
        fields |= {
            f"{name}IsActive": day["active"],
            f"{name}StartTime": day["startTime"],
            f"{name}EndTime": day["endTime"],
        }
    return fields


def test_schedule_has_22_fields(client: httpx.Client, skill: str) -> None:
    fields = read_schedule(client, skill)
    days = [f"{day}{what}" for day in DAYS for what in ("StartTime", "EndTime", "IsActive")]
    assert fields.keys() == {"isScheduled", *days}
    assert (fields["mondayStartTime"], fields["mondayEndTime"], fields["mondayIsActive"]) == ("09:00", "17:00", True)
    assert (fields["sundayStartTime"], fields["sundayIsActive"]) == (None, False)


def test_both_shapes_say_the_same(client: httpx.Client, skill: str) -> None:
    assert shown_in_all(client) == read_schedule(client, skill)
    set_schedule(client, skill, read_schedule(client, skill), fridayEndTime="12:30", isScheduled=False)
    assert shown_in_all(client) == read_schedule(client, skill)
    assert shown_in_all(client)["fridayEndTime"] == "12:30"


@pytest.mark.parametrize(
    ("times", "written"),
    [
        ("HH:MM", ("09:00", "17:00")),
        ("H:MM", ("9:00", "17:00")),
        ("HH:MM:SS", ("09:00:00", "17:00:00")),
        ("H:MM AM", ("9:00 AM", "5:00 PM")),
        ("date", ("1900-01-01T09:00:00", "1900-01-01T17:00:00")),
    ],
)
def test_times_come_in_many_formats(
    simulator: PublishedSimulator, client: httpx.Client, skill: str, times: str, written: tuple[str, str]
) -> None:
    simulator.switch(times=times)
    fields = read_schedule(client, skill)
    assert (fields["mondayStartTime"], fields["mondayEndTime"]) == written
    assert shown_in_all(client) == fields


def test_schedule_is_set(simulator: PublishedSimulator, client: httpx.Client, skill: str) -> None:
    fields = read_schedule(client, skill)
    answer = set_schedule(
        client, skill, fields, saturdayIsActive=True, saturdayStartTime="10:00", saturdayEndTime="14:00"
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert simulator.skill(skill)["schedule"]["SAT"] == ["10:00", "14:00"]
    (entry,) = simulator.record.applied(skill, "PUT")
    assert entry.body is not None
    assert entry.body["scheduleSettings"]["saturdayIsActive"] is True


def test_day_goes_back_as_it_was_read(simulator: PublishedSimulator, client: httpx.Client, skill: str) -> None:
    simulator.switch(times="H:MM AM", texts=True)
    fields = read_schedule(client, skill)
    assert [fields[f"monday{part}"] for part in ("StartTime", "IsActive")] == ["9:00 AM", "True"]
    changed = {"fridayStartTime": "10:00", "fridayEndTime": "12:30", "fridayIsActive": True}
    assert set_schedule(client, skill, fields, **changed).status_code == 200
    assert read_schedule(client, skill) == fields | {"fridayStartTime": "10:00 AM", "fridayEndTime": "12:30 PM"}


def test_day_that_becomes_a_day_off_keeps_its_times(
    simulator: PublishedSimulator, client: httpx.Client, skill: str
) -> None:
    simulator.switch(times="H:MM AM")
    fields = read_schedule(client, skill)
    assert set_schedule(client, skill, fields, mondayIsActive=False).status_code == 200
    assert read_schedule(client, skill) == fields | {"mondayIsActive": False}


@pytest.mark.parametrize(
    "changed",
    [
        {"mondayStartTime": "9:00"},
        {"mondayStartTime": "09:00:00"},
        {"mondayStartTime": None},
        {"mondayEndTime": "24:00"},
        {"mondayEndTime": "08:00"},
        {"mondayIsActive": "True"},
        {"sundayIsActive": True},
        {"isScheduled": None},
        {"mondayFirstTime": "09:00"},
    ],
)
def test_wrong_schedule_is_refused(client: httpx.Client, skill: str, changed: dict[str, Any]) -> None:
    before = read_schedule(client, skill)
    assert set_schedule(client, skill, before, **changed).status_code == 400
    assert read_schedule(client, skill) == before


@pytest.mark.parametrize("missing", ["isScheduled", "sundayStartTime"])
def test_every_field_is_needed(client: httpx.Client, skill: str, missing: str) -> None:
    fields = read_schedule(client, skill)
    del fields[missing]
    assert set_schedule(client, skill, fields).status_code == 400


@pytest.mark.parametrize("body", [{}, [], {"scheduleSettings": None}, "text"])
def test_body_without_a_schedule_is_refused(client: httpx.Client, skill: str, body: object) -> None:
    assert client.put(schedule_path(skill), json=body).status_code == 400


def test_refusal_may_say_nothing_but_invalid_parameter(
    simulator: PublishedSimulator, client: httpx.Client, skill: str
) -> None:
    simulator.switch(bare_refusals=True)
    answer = set_schedule(client, skill, read_schedule(client, skill), mondayStartTime="9:00")
    assert (answer.status_code, answer.headers["icStatusDescription"]) == (400, "InvalidParameter")


def test_running_skill_may_refuse_a_schedule(simulator: PublishedSimulator, client: httpx.Client, skill: str) -> None:
    simulator.switch(put_while_running=False)
    fields = read_schedule(client, skill)
    assert set_schedule(client, skill, fields).status_code == 409
    simulator.change(skill, running=False)
    assert set_schedule(client, skill, fields).status_code == 200


def test_schedule_changes_between_reading_and_setting(
    simulator: PublishedSimulator, client: httpx.Client, skill: str
) -> None:
    simulator.change(skill, schedule_after_read={"SUN": ("10:00", "12:00")})
    seen, then = read_schedule(client, skill), read_schedule(client, skill)
    assert (seen["mondayIsActive"], then["mondayIsActive"], then["sundayIsActive"]) == (True, False, True)
    assert read_schedule(client, skill) == then


def test_all_schedules_have_only_the_fields_asked_for(client: httpx.Client, skill: str) -> None:
    (entry,) = read_all_schedules(client).json()["skills"]
    assert (entry.keys(), entry["skillNo"]) == ({"skillNo", "scheduleSettings"}, int(skill))
    (entry,) = read_all_schedules(client, fields=None).json()["skills"]
    assert entry.keys() > {"skillNo", "scheduleSettings"}


def test_all_schedules_may_be_refused(simulator: PublishedSimulator, client: httpx.Client, skill: str) -> None:
    simulator.switch(schedules_of_all="without fields")
    assert [read_all_schedules(client, fields).status_code for fields in ("skillNo", None)] == [400, 200]
    simulator.switch(schedules_of_all="refused")
    assert [read_all_schedules(client, fields).status_code for fields in ("skillNo", None)] == [400, 400]


@pytest.mark.parametrize(
    ("how", "name"),
    [
        ("standard", "Eastern Standard Time"),
        ("display", "(UTC-05:00) Eastern Time (US & Canada)"),
        ("IANA", "America/New_York"),
    ],
)
def test_business_unit_names_its_zone(
    simulator: PublishedSimulator, client: httpx.Client, how: str, name: str
) -> None:
    simulator.switch(zone_name=how)
    (unit,) = client.get(f"{SERVICES}/business-unit").json()["businessUnits"]
    assert (unit["defaultTimeZone"], unit["apiPublishedLimit"]) == (name, 100_000)


def test_zones_have_their_names_in_windows(client: httpx.Client) -> None:
    entries = client.get(f"{SERVICES}/timezones").json()["timezones"]
    names = {entry["standardName"]: entry["displayName"] for entry in entries}
    assert len(names) > 100
    assert names["India Standard Time"] == "(UTC+05:30) India"
    assert names["Newfoundland Standard Time"] == "(UTC-03:30) Newfoundland"
