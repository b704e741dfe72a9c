"""Whatever a server writes is read or refused, and never breaks anything else."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.cxone.gateway import CampaignState
from campaigns.cxone.published import wire
from campaigns.cxone.published.zones import ZoneName, unmatched, zone_named
from campaigns.schedule.parsing import unread_days

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
)
names = st.sampled_from(
    ["skillId", "skillNo", "skillName", "isRunning", "isActive", "isOutbound", "outboundStrategy", "campaignName"]
)
times = st.tuples(st.integers(0, 23), st.integers(0, 59))


def twelve_hours(hour: int, minute: int) -> str:
    return f"{hour % 12 or 12}:{minute:02} {'PM' if hour >= 12 else 'AM'}"


@given(time=times)
def test_every_spelling_of_a_time_means_the_same(time: tuple[int, int]) -> None:
    hour, minute = time
    plain = f"{hour:02}:{minute:02}"
    spellings = [
        plain,
        f"{hour}:{minute:02}",
        f"{plain}:00",
        f"{plain}:00.000",
        f"2026-03-02T{plain}:00",
        f"2026-03-02T{plain}:00.000Z",
        f"1/1/1900 {twelve_hours(hour, minute)}",
        twelve_hours(hour, minute),
        twelve_hours(hour, minute).lower(),
        f" {twelve_hours(hour, minute).replace(' ', '')} ",
    ]
    assert {wire.hours_and_minutes(spelling) for spelling in spellings} == {plain}


@pytest.mark.parametrize(
    ("written", "read"),
    [(None, ""), ("", ""), (800, ""), ("soon", "soon"), ("13:00 PM", "13:00 PM"), ("08:00:30", "08:00:30")],
)
def test_what_is_no_time_stays_as_it_came(written: object, read: str) -> None:
    assert wire.hours_and_minutes(written) == read


@pytest.mark.parametrize("written", [True, "True", "true", " TRUE ", "1", 1, "yes"])
def test_true_in_every_spelling(written: object) -> None:
    assert wire.switch(written) is True


@pytest.mark.parametrize("written", [False, "False", "false", "0", 0, "no"])
def test_false_in_every_spelling(written: object) -> None:
    assert wire.switch(written) is False


@pytest.mark.parametrize("written", [None, "", "maybe", 2, 1.5, [], {}])
def test_what_is_no_switch_is_unknown(written: object) -> None:
    assert wire.switch(written) is None


@given(entry=json_values | st.dictionaries(names, json_values))
def test_any_entry_is_read_or_set_aside(entry: Any) -> None:
    read = wire.read_skill(entry)
    if read.state is not None:
        assert read.dials
        assert read.state.campaign_id == read.skill_id != ""
        assert read.state.status in {"ACTIVE", "PAUSED", "INACTIVE"}
        assert read.state.digest


@given(
    running=st.sampled_from([True, "true", "1"]),
    skill_id=st.integers(1, 10**9),
    as_text=st.booleans(),
    strategy=st.sampled_from(["Personal Connection", "PERSONAL CONNECTION", " personal connection "]),
)
def test_a_skill_is_the_same_in_every_spelling(running: object, skill_id: int, as_text: bool, strategy: str) -> None:
    entry = {
        "skillId": str(skill_id) if as_text else skill_id,
        "skillName": "Spring",
        "isRunning": running,
        "isOutbound": running,
        "outboundStrategy": strategy,
    }
    assert wire.read_skill(entry).state == CampaignState(str(skill_id), "Spring", "ACTIVE", None, {})


@given(content=json_values)
def test_any_answer_is_read_or_refused(content: Any) -> None:
    readers = (wire.settings_of, wire.one_skill, wire.business_unit, wire.zone_names)
    for read in (*readers, lambda found: wire.listed_schedules(found, "UTC")):
        # Any other exception would be a fault.
        with suppress(ValueError):
            assert read(content) is not None


windows = st.tuples(times, times).filter(lambda pair: pair[0] < pair[1])


@given(
    days=st.dictionaries(st.sampled_from(list(wire.DAYS)), windows),
    before=st.dictionaries(st.sampled_from(list(wire.DAYS)), windows),
    is_scheduled=st.booleans(),
)
def test_what_is_written_reads_as_what_was_meant(
    days: dict[str, Any], before: dict[str, Any], is_scheduled: bool
) -> None:
    read = fields_of(before) | {"isScheduled": is_scheduled}
    meant = {"timezone": "UTC", "dialingHours": [named(day, days[day]) for day in wire.DAYS if day in days]}
    sent = wire.with_schedule(read, meant)
    assert wire.schedule_of(sent, "UTC") == meant
    assert (sorted(sent), sent["isScheduled"]) == (sorted(wire.FIELDS), True)


@given(days=st.dictionaries(st.sampled_from(list(wire.DAYS)), windows), is_scheduled=st.booleans())
def test_both_shapes_of_a_schedule_mean_the_same(days: dict[str, Any], is_scheduled: bool) -> None:
    flat = fields_of(days) | {"isScheduled": is_scheduled}
    listed = [
        {
            "day": wire.DAYS[day].title(),
            "active": "True",
            "startTime": span(days[day])[0],
            "endTime": span(days[day])[1],
        }
        for day in days
    ]
    entry = {"skillNo": 7, "scheduleSettings": {"isScheduled": str(is_scheduled), "schedules": listed}}
    assert wire.listed_schedules({"skills": [entry]}, "UTC") == {"7": wire.schedule_of(flat, "UTC")}


MONDAY = {"day": "Monday", "active": True, "startTime": "08:00", "endTime": "12:00"}


def listed_as(days: object) -> Any:
    entry = {"skillNo": 7, "scheduleSettings": {"isScheduled": True, "schedules": days}}
    return wire.listed_schedules({"skills": [entry]}, "UTC").get("7")


@pytest.mark.parametrize("days", ["none", 7, {"Monday": "08:00"}, [{"day": "Someday", "active": True}], ["Monday"]])
def test_days_that_cannot_be_read_are_not_said_to_be_closed(days: object) -> None:
    assert listed_as(days) is None


@pytest.mark.parametrize("days", [None, [], [MONDAY | {"active": "no"}], [MONDAY | {"active": None}]])
def test_schedule_may_have_no_hours(days: object) -> None:
    assert listed_as(days) == {"timezone": "UTC", "dialingHours": []}


def test_day_that_is_listed_twice_has_both_windows() -> None:
    afternoon = MONDAY | {"startTime": "13:00", "endTime": "17:00"}
    windows = listed_as([MONDAY | {"day": "Tuesday"}, MONDAY, afternoon])["dialingHours"]
    assert [(window["day"], window["startTime"]) for window in windows] == [
        ("MON", "08:00"),
        ("MON", "13:00"),
        ("TUE", "08:00"),
    ]


@pytest.mark.parametrize("active", ["Y", "on", 2, ["x" * 100]])
def test_listed_day_that_may_be_open_is_neither_open_nor_closed(active: object) -> None:
    assert unread_days(listed_as([MONDAY | {"active": active}])) >= {"MON"}


@given(changed=st.sampled_from(wire.FIELDS))
def test_tag_changes_with_every_field(changed: str) -> None:
    fields = fields_of({})
    assert wire.tag_of(fields) == wire.tag_of(dict(reversed(fields.items())))
    assert wire.tag_of(fields) != wire.tag_of(fields | {changed: "otherwise"})


def span(window: Any) -> tuple[str, str]:
    (start_hour, start_minute), (end_hour, end_minute) = window
    return f"{start_hour:02}:{start_minute:02}", f"{end_hour:02}:{end_minute:02}"


def named(day: str, window: Any) -> dict[str, str]:
    start, end = span(window)
    return {"day": day, "startTime": start, "endTime": end}


def fields_of(days: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = dict.fromkeys(wire.FIELDS)
    fields["isScheduled"] = True
    for day, name in wire.DAYS.items():
        fields[f"{name}IsActive"] = day in days
        if day in days:
            fields[f"{name}StartTime"], fields[f"{name}EndTime"] = span(days[day])
    return fields


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("Eastern Standard Time", "America/New_York"),
        ("eastern standard time ", "America/New_York"),
        ("America/Chicago", "America/Chicago"),
        ("UTC", "UTC"),
        ("(GMT-06:00) Central Time", "America/Chicago"),
        ("Alberta Standard Time", "America/Edmonton"),
        ("america/new york", "America/New_York"),
        ("Eastern  Standard Time", "America/New_York"),
        ("EST5EDT", "EST5EDT"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("GMT-5", None),
        ("EST", None),
        ("mst", None),
        ("localtime", None),
        ("Factory", None),
        ("../etc/localtime", None),
        ("Middle Earth Standard Time", None),
        ("", None),
    ],
)
def test_zone_by_any_of_its_names(written: str, zone: str | None) -> None:
    listed = [ZoneName("Central Standard Time", "(GMT-06:00) Central Time")]
    assert zone_named(written, lambda: listed) == zone


def test_zone_that_may_have_no_summer_time_is_told() -> None:
    assert unmatched("EST") == (
        "CXone calls the time zone of its schedules “EST”, which doesn’t say whether its clocks change. An "
        "admin can set CXONE_TIMEZONE, such as America/New_York."
    )
