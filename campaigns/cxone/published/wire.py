"""CXone's JSON as NICE publishes it: read leniently, since servers differ in it; written strictly.

A number or a switch may come as text, a list in an envelope of its own, a time in many forms. A strange skill must not
hide all others, but a count of calls that can't be read is never taken for none.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import product
from typing import Any

from campaigns.cxone.errors import clean_words
from campaigns.cxone.fields import LONGEST_ID, LONGEST_TAG, MOST_ENTRIES, as_count, as_name, number_as_text, storable
from campaigns.cxone.gateway import UNREADABLE, CampaignState, Schedule
from campaigns.cxone.published.zones import LONGEST_ZONE, ZoneName

# The name of the tag that has what CXone calls a campaign: a group of skills, which neither dials nor has a state.
TAG = "CXone campaign"
ACTIVE, PAUSED, INACTIVE = "ACTIVE", "PAUSED", "INACTIVE"
# What dials, compared without case and outer spaces.
STRATEGY = "personal connection"

DAYS = {
    **{"MON": "monday", "TUE": "tuesday", "WED": "wednesday", "THU": "thursday"},
    **{"FRI": "friday", "SAT": "saturday", "SUN": "sunday"},
}
# All that the schedule's settings consist of: 22.
FIELDS = ("isScheduled", *map("".join, product(DAYS.values(), ("StartTime", "EndTime", "IsActive"))))

# Requests a day, as the column has them. What is larger limits nothing.
LARGEST_LIMIT = 2**63 - 1

_TRUE, _FALSE = {"true", "1", "yes"}, {"false", "0", "no"}
# At the end of whatever comes before it: a date, say. Never more characters than that.
_LONGEST_TIME = 40
_TIME = re.compile(
    r"(?:^|[T\s])([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9])(?:\.[0-9]+)?)?\s*(?:([ap])\.?m\.?)?z?$", re.I
)


def switch(value: object) -> bool | None:
    """A boolean, also as text or as a number; None for anything else."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower() if isinstance(value, str | int) else ""
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def hours_and_minutes(value: object) -> str:
    """`8:00 AM`, `08:00:00` or a date with a time as HH:MM. Text that isn't a time as it came; "" for none."""
    if not isinstance(value, str):
        return ""
    text = clean_words(value)
    found = _TIME.search(text) if len(text) <= _LONGEST_TIME else None
    if found is None:
        return text[:_LONGEST_TIME]
    hour, minute, second, half = int(found[1]), found[2], found[3] or "00", (found[4] or "").lower()
    if second != "00" or (half and not 1 <= hour <= 12):
        return text
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02}:{minute}"


def entries(content: object, *names: str) -> list[Any]:
    """The list that an answer has under one of `names`, or in `resultSet`. ValueError: it has none."""
    for place in _wheres(content):
        if isinstance(place, list):
            return place[:MOST_ENTRIES]
        for name in names:
            if isinstance(place, dict) and name in place:
                # Many servers write an empty list as null.
                found = [] if place[name] is None else place[name]
                if isinstance(found, list):
                    return found[:MOST_ENTRIES]
    raise ValueError(f"it has no list of {names[0]}")


def total_of(content: object) -> int | None:
    """How many there are in all, by its own account."""
    totals = [as_count(place.get("totalRecords")) for place in _wheres(content) if isinstance(place, dict)]
    return next((total for total in totals if total is not None), None)


def _wheres(content: object) -> Iterator[object]:
    yield content
    if isinstance(content, dict) and "resultSet" in content:
        yield content["resultSet"]


@dataclass(frozen=True, slots=True)
class SkillRead:
    """`dials`: it is an outbound one with the strategy Personal Connection, so a campaign of ours. `state` None: it is
    one, and can't be read."""

    skill_id: str
    dials: bool
    state: CampaignState | None


def read_listed_skill(entry: object) -> SkillRead:
    """A skill of a list. One whose state can't be read is there all the same. Never raises."""
    skill = read_skill(entry)
    if skill.state is None and skill.dials and skill.skill_id and isinstance(entry, dict):
        return replace(skill, state=_campaign(skill.skill_id, entry, UNREADABLE))
    return skill


def read_skill(entry: object) -> SkillRead:
    """A skill by itself. Never raises."""
    if not isinstance(entry, dict):
        return SkillRead("", True, None)
    skill_id = id_of(entry)
    strategy, outbound = entry.get("outboundStrategy"), switch(entry.get("isOutbound"))
    if not isinstance(strategy, str) or strategy.strip().lower() != STRATEGY or outbound is False:
        return SkillRead(skill_id, False, None)
    running = switch(entry.get("isRunning"))
    if not skill_id or outbound is None or running is None:
        return SkillRead(skill_id, True, None)
    return SkillRead(skill_id, True, _campaign(skill_id, entry, _status(entry, running=running)))


def _campaign(skill_id: str, entry: Mapping[str, object], status: str) -> CampaignState:
    name = as_name(_first(entry, "skillName", "name"))
    campaign = as_name(_first(entry, "campaignName")).strip()
    tags = {TAG: _tag_text(campaign)} if campaign else {}
    return CampaignState(skill_id, name, status, None, tags)


def _tag_text(campaign: str) -> str:
    """The name, or as much as a tag can hold with a mark of the whole: campaigns with the same beginning must not
    become one, since whoever stops one of them would stop the other."""
    if len(campaign) <= LONGEST_TAG:
        return campaign
    mark = f"… {sha256(campaign.encode()).hexdigest()[:6]}"
    return f"{campaign[: LONGEST_TAG - len(mark)].rstrip()}{mark}"


def _status(entry: Mapping[str, object], *, running: bool) -> str:
    if switch(entry.get("isActive")) is False:
        return INACTIVE
    return ACTIVE if running else PAUSED


def id_of(entry: Mapping[str, object]) -> str:
    """ "" for one that can't be used."""
    found = number_as_text(_first(entry, "skillId", "skillNo", "id"))
    if not isinstance(found, str) or not 0 < len(found.strip()) <= LONGEST_ID:
        return ""
    try:
        return storable(found.strip())
    except ValueError:
        return ""


def _first(entry: Mapping[str, object], *names: str) -> object:
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def one_skill(content: object) -> SkillRead:
    """Flat, or in a list of its own. ValueError: it is none."""
    if isinstance(content, dict) and not {"skills", "resultSet"} & content.keys():
        return read_skill(content)
    listed = entries(content, "skills")
    if len(listed) != 1:
        raise ValueError(f"it has {len(listed)} skills instead of one")
    return read_skill(listed[0])


def calls_of(entry: object) -> tuple[str, int]:
    """The skill and its calls in progress. ValueError: it can't be read, and so isn't known to have none."""
    skill_id = id_of(entry) if isinstance(entry, dict) else ""
    count = as_count(entry.get("contactsActive")) if isinstance(entry, dict) else None
    if not skill_id or count is None or count >= 2**31:
        raise ValueError("it has no usable count of calls")
    return skill_id, count


# --- Schedules


def settings_of(content: object) -> dict[str, Any]:
    """The 22 fields as they came, from the answer about one skill. ValueError: it has none of them."""
    found = content
    for name in ("resultSet", "scheduleSettings"):
        if isinstance(found, dict) and isinstance(found.get(name), dict):
            found = found[name]
    if not isinstance(found, dict) or switch(found.get("isScheduled")) is None:
        raise ValueError("it has no usable isScheduled")
    return {name: found.get(name) for name in FIELDS}


def tag_of(settings: Mapping[str, Any]) -> str:
    """The version of a schedule: CXone has no ETag, so we make one of what it sent."""
    return sha256(json.dumps(settings, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def schedule_of(settings: Mapping[str, Any], zone: str) -> Schedule:
    """The schedule that these 22 fields mean."""
    windows = [_window(day, settings) for day in DAYS if _is_active(settings, day)]
    return _schedule(windows, zone, is_scheduled=switch(settings.get("isScheduled")) is True)


def listed_schedules(content: object, zone: str) -> dict[str, Schedule]:
    """By skill, what the answer about all of them says in its own shape. Those that can't be read are left out."""
    found = {}
    for entry in entries(content, "skills"):
        settings = entry.get("scheduleSettings") if isinstance(entry, dict) else None
        schedule = _schedule_in(settings, zone) if isinstance(settings, dict) else None
        if schedule is not None and (skill_id := id_of(entry)):
            found[skill_id] = schedule
    return found


def _schedule_in(settings: dict[str, Any], zone: str) -> Schedule | None:
    is_scheduled = switch(settings.get("isScheduled"))
    if is_scheduled is None:
        return None
    if "schedules" not in settings:
        return schedule_of(settings, zone)
    days = [] if settings["schedules"] is None else settings["schedules"]
    if not isinstance(days, list):
        return None
    windows = []
    for entry in days:
        day = _day(entry.get("day")) if isinstance(entry, dict) else None
        if day is None:
            return None
        if _may_be_open(active := entry.get("active")):
            windows.append(_named(day, entry.get("startTime"), entry.get("endTime"), active))
    # A day that is there twice has both.
    windows.sort(key=lambda window: list(DAYS).index(window["day"]))
    return _schedule(windows, zone, is_scheduled=is_scheduled)


def _schedule(windows: list[dict[str, str]], zone: str, *, is_scheduled: bool) -> Schedule:
    schedule: Schedule = {"timezone": zone, "dialingHours": windows}
    if not is_scheduled:
        # It dials whenever it has been started.
        schedule |= {"dialingHours": [], "isScheduled": False}
    return schedule


def _day(value: object) -> str | None:
    plain = value.strip().upper()[:3] if isinstance(value, str) else ""
    return plain if plain in DAYS else None


def _is_active(settings: Mapping[str, Any], day: str) -> bool:
    return _may_be_open(settings.get(f"{DAYS[day]}IsActive"))


def _may_be_open(active: object) -> bool:
    """Not if it is switched off, or nothing is said. What can't be read says something."""
    return active is not None and switch(active) is not False


def _window(day: str, settings: Mapping[str, Any]) -> dict[str, str]:
    name = DAYS[day]
    start, end, active = (settings.get(f"{name}{rest}") for rest in ("StartTime", "EndTime", "IsActive"))
    return _named(day, start, end, active)


def _named(day: str, start: object, end: object, active: object = True) -> dict[str, str]:
    window = {"day": day, "startTime": hours_and_minutes(start), "endTime": hours_and_minutes(end)}
    if switch(active) is None:
        # Whether it is open can't be read, so its times must not be either: as they are, they would say that it is.
        window["startTime"] = f"{window['startTime']}, active: {clean_words(str(active))}"[:_LONGEST_TIME]
    return window


def with_schedule(settings: Mapping[str, Any], schedule: Schedule) -> dict[str, Any]:
    """The 22 fields to send for `schedule` over those that were read. A day that doesn't change stays exactly as it
    was read. ValueError: this dialect has no form for it, in words that complete "because …"."""
    windows = _windows_by_day(schedule)
    sent = dict(settings)
    sent["isScheduled"] = not (schedule.get("isScheduled") is False and not windows)
    if not sent["isScheduled"]:
        return sent
    for day, name in DAYS.items():
        window = windows.get(day)
        if window is None:
            if _is_active(settings, day):
                sent[f"{name}IsActive"] = False
        elif not _is_active(settings, day) or _window(day, settings) != window:
            _require_within_day(window)
            sent |= {f"{name}IsActive": True, f"{name}StartTime": window["startTime"]}
            sent[f"{name}EndTime"] = window["endTime"]
    return sent


def settings_body(settings: Mapping[str, Any]) -> bytes:
    """What to send. A value that came as a large number, or with half of a character in it, goes back as it came.
    ValueError: one can't, in words that complete "because …"."""
    try:
        text = json.dumps({"scheduleSettings": settings}, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except ValueError:
        raise ValueError("a number in its schedule is too large to be sent back") from None
    return text.encode()


def _windows_by_day(schedule: Schedule) -> dict[str, dict[str, str]]:
    if schedule.get("pauseConditions"):
        raise ValueError("CXone has no pause conditions here")
    windows: dict[str, dict[str, str]] = {}
    hours = schedule.get("dialingHours")
    for entry in hours if isinstance(hours, list) else []:
        day = _day(entry.get("day")) if isinstance(entry, dict) else None
        if day is None:
            raise ValueError("a window has no day")
        if day in windows:
            raise ValueError("CXone has one window a day")
        windows[day] = _named(day, entry.get("startTime"), entry.get("endTime"))
    return windows


def _require_within_day(window: Mapping[str, str]) -> None:
    start, end = window["startTime"], window["endTime"]
    if not all(re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", each) for each in (start, end)):
        raise ValueError(f"{start or 'nothing'} to {end or 'nothing'} can’t be written as times from 00:00 to 23:59")
    if start >= end:
        raise ValueError(f"{start} to {end} doesn’t end on the day on which it begins")


# --- The tenant


@dataclass(frozen=True, slots=True)
class BusinessUnit:
    """`zone`: as CXone calls it; "" if it doesn't say. `daily_limit`: requests a day; None if it states none."""

    zone: str
    daily_limit: int | None


def business_unit(content: object) -> BusinessUnit:
    """ValueError: it is none."""
    for unit in entries(content, "businessUnits"):
        if isinstance(unit, dict):
            limit = as_count(unit.get("apiPublishedLimit")) or None
            if limit and limit > LARGEST_LIMIT:
                limit = None
            return BusinessUnit(as_name(unit.get("defaultTimeZone"))[:LONGEST_ZONE], limit)
    raise ValueError("it has no business unit")


def zone_names(content: object) -> list[ZoneName]:
    """ValueError: it has no list of zones."""
    listed = [entry for entry in entries(content, "timezones", "timeZones") if isinstance(entry, dict)]
    return [ZoneName(as_name(entry.get("standardName")), as_name(entry.get("displayName"))) for entry in listed]
