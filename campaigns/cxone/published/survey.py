"""A tenant as the published API shows it, by reads alone: what NICE's documents leave open, and what differs."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from campaigns.cxone.fields import as_count
from campaigns.cxone.published import wire
from campaigns.cxone.published.assumed import LISTED, MOST_PAGES, OUTBOUND, PAGE_SIZE, SKILLS, WAYS
from campaigns.cxone.published.gateway import Published
from campaigns.cxone.survey import Survey, as_printed, in_short, kinds_of

WAY_NAMES = ("with fields", "without fields")
# The first form that fits counts.
_FORMS = {
    "HH:MM": "[0-9]{2}:[0-9]{2}",
    "H:MM": "[0-9]:[0-9]{2}",
    "HH:MM:SS": "[0-9]{1,2}:[0-9]{2}:[0-9]{2}",
    "H:MM AM": "[0-9]{1,2}:[0-9]{2}(:[0-9]{2})? ?[APap][Mm]",
    "date and time": "[0-9]{4}-[0-9]{2}-[0-9]{2}.*",
}


def survey_published(gateway: Published) -> Survey:
    """Some requests more than two full reads of the list."""
    found = Survey()
    found.base = found.attempt(gateway.base) or ""
    if not found.base:
        return found
    skills = [skill for skill in _list(gateway, found) if isinstance(skill, dict)]
    found.tenant = gateway.tenant_id()
    if found.token is False:
        # Everything else would fail for the same reason.
        return found
    dialers = _look_at_skills(skills, found)
    _look_at_versions(gateway, found)
    _look_at_zone(gateway, found)
    _look_at_clock(gateway, found)
    _look_at_all_schedules(gateway, found)
    if dialers:
        _look_at_one(gateway, dialers[0], found)
    _look_at_calls(gateway, found)
    return found


# --- The list


def _list(gateway: Published, found: Survey) -> list[object]:
    skills: list[object] = []
    for number in range(1, MOST_PAGES + 1):
        query = {**LISTED, "top": str(PAGE_SIZE), "skip": str(len(skills))}
        page = found.attempt(partial(gateway.ask, f"list the skills (page {number})", SKILLS, query))
        rows = _entries(page, found, "skills")
        if number == 1 and page is not None:
            _look_at_page(page, rows, found)
        skills += rows
        total = wire.total_of(page)
        if not rows or total is None or len(skills) >= total:
            break
    return skills


def _look_at_page(page: object, rows: list[object], found: Survey) -> None:
    total = wire.total_of(page)
    found.listed = True
    found.shapes["list"] = _place_of_list(page, "skills")
    totals = [page["totalRecords"]] if isinstance(page, dict) and "totalRecords" in page else []
    found.shapes["totalRecords"] = kinds_of(totals)
    found.counts["skills"] = total
    # A page with all that there is shows no cap.
    found.page_cap = len(rows) if total is not None and len(rows) < total else None
    if total is None:
        found.note_odd("totalRecords of the list", totals[0] if totals else None)


def _entries(content: object, found: Survey, name: str) -> list[Any]:
    if content is None:
        return []
    try:
        return wire.entries(content, name)
    except ValueError:
        # Names of skills may be in it, which are nobody's business who helps.
        found.note_odd(f"list of {name}", sorted(content) if isinstance(content, dict) else type(content).__name__)
        return []


def _place_of_list(content: object, name: str) -> str:
    if isinstance(content, list):
        return "the answer itself"
    if not isinstance(content, dict):
        return as_printed(content)
    inner = content.get("resultSet")
    if isinstance(inner, dict):
        return f"resultSet.{name}"
    return "resultSet" if isinstance(inner, list) else name


def _look_at_skills(skills: list[dict[str, Any]], found: Survey) -> list[str]:
    """The ids of those that are campaigns here."""
    ids: list[str] = []
    running = 0
    for entry in skills:
        skill = wire.read_skill(entry)
        if not skill.dials:
            continue
        if skill.state is None:
            fields = {name: as_printed(entry.get(name)) for name in ("isOutbound", "isRunning", "skillId")}
            found.note_odd("a skill in the list", fields, skill=skill.skill_id)
            continue
        ids.append(skill.skill_id)
        running += skill.state.status == wire.ACTIVE
    for skill_id, times in Counter(ids).items():
        if times > 1:
            found.note_odd("a skill is in the list more than once", times, skill=skill_id)
    found.counts |= {"pc_skills": len(set(ids)), "running": running}
    found.shapes["isRunning"] = kinds_of(entry.get("isRunning") for entry in skills)
    found.shapes["skillId"] = kinds_of(entry.get("skillId") for entry in skills)
    found.shapes["outboundStrategy"] = dict(Counter(as_printed(entry.get("outboundStrategy")) for entry in skills))
    return ids


# --- The tenant


def _look_at_versions(gateway: Published, found: Survey) -> None:
    query = {"searchUriText": "skills", "verb": "GET"}
    answer = found.attempt(partial(gateway.ask, "list the versions of the API", "/apiversion", query))
    named = [entry.get("version") for entry in _entries(answer, found, "apiInfo") if isinstance(entry, dict)]
    found.versions = {"used": gateway.version, "offered": sorted({str(in_short(each)) for each in named})}


def _look_at_zone(gateway: Published, found: Survey) -> None:
    answer = found.attempt(partial(gateway.ask, "read the business unit", "/business-unit", {}))
    units = [unit for unit in _entries(answer, found, "businessUnits") if isinstance(unit, dict)]
    facts = found.attempt(gateway.zone_of_schedules)
    if facts is None:
        return
    written = units[0].get("defaultTimeZone") if units else None
    found.zone = {"as_written": in_short(written), "as_understood": facts.zone, "problem": facts.zone_problem}
    found.daily_limit = facts.daily_limit
    if facts.zone_problem:
        found.note_odd("defaultTimeZone of the business unit", written)


def _look_at_clock(gateway: Published, found: Survey) -> None:
    answer = found.attempt(partial(gateway.ask, "read CXone’s time", "/server-time", {}))
    found.clock["as_written"] = in_short(answer.get("ServerTime") if isinstance(answer, dict) else answer)


# --- Schedules and calls


def _look_at_all_schedules(gateway: Published, found: Survey) -> None:
    for query, name in zip(WAYS, WAY_NAMES, strict=True):
        answer = found.attempt(
            partial(gateway.ask, f"read the schedules of all skills ({name})", f"{SKILLS}/parameters", query)
        )
        if answer is None:
            continue
        schedules = [entry for entry in _entries(answer, found, "skills") if isinstance(entry, dict)]
        settings = [entry.get("scheduleSettings") for entry in schedules]
        known = [each for each in settings if isinstance(each, dict)]
        found.shapes["schedules_of_all"] = name
        found.counts["with_schedules"] = sum(wire.switch(each.get("isScheduled")) is True for each in known)
        found.shapes["times_of_all"] = _forms_of(_times_in_days(known))
        return
    found.shapes["schedules_of_all"] = "refused"
    found.counts["with_schedules"] = None


def _look_at_one(gateway: Published, skill_id: str, found: Survey) -> None:
    one = found.attempt(partial(gateway.ask, f"read skill {skill_id}", f"{SKILLS}/{skill_id}", {}))
    if isinstance(one, dict):
        found.shapes["one_skill"] = "flat" if "skillId" in one else _place_of_list(one, "skills")
    path = f"{SKILLS}/{skill_id}/parameters/schedule-settings"
    answer = found.attempt(partial(gateway.ask, f"read the schedule of skill {skill_id}", path, {}))
    if answer is None:
        return
    try:
        settings = wire.settings_of(answer)
    except ValueError:
        found.note_odd("the schedule of a skill", answer, skill=skill_id)
        return
    found.shapes["schedule_of_one"] = {
        "missing": [name for name in wire.FIELDS if settings[name] is None],
        "isScheduled": kinds_of([settings["isScheduled"]]),
    }
    times = [settings[name] for name in wire.FIELDS if name.endswith("Time")]
    found.shapes["times_of_one"] = _forms_of(times)
    for time in times:
        if time is not None and not re.fullmatch("[0-2][0-9]:[0-5][0-9]", wire.hours_and_minutes(time)):
            found.note_odd("a time in the schedule of a skill", time, skill=skill_id)


def _times_in_days(known: list[dict[str, Any]]) -> Iterator[object]:
    for settings in known:
        days = settings.get("schedules")
        for day in days if isinstance(days, list) else []:
            if isinstance(day, dict):
                yield from (day.get("startTime"), day.get("endTime"))


def _forms_of(times: Iterator[object] | list[object]) -> dict[str, int]:
    return dict(Counter(_form_of(time) for time in times))


def _form_of(time: object) -> str:
    if time is None:
        return "null"
    text = str(time)
    return next((name for name, form in _FORMS.items() if re.fullmatch(form, text)), as_printed(time))


def _look_at_calls(gateway: Published, found: Survey) -> None:
    rows, calls = 0, 0
    for number in range(1, MOST_PAGES + 1):
        query = {**OUTBOUND, "top": str(PAGE_SIZE), "skip": str(rows)}
        page = found.attempt(partial(gateway.ask, f"count the calls (page {number})", f"{SKILLS}/activity", query))
        entries = _entries(page, found, "skillActivity")
        if number == 1 and page is not None:
            found.shapes["contactsActive"] = kinds_of(
                entry.get("contactsActive") for entry in entries if isinstance(entry, dict)
            )
        calls += sum(_calls_in(entry, found) for entry in entries)
        rows += len(entries)
        total = wire.total_of(page)
        if not entries or total is None or rows >= total:
            break
    found.counts["calls"] = calls


def _calls_in(entry: object, found: Survey) -> int:
    count = as_count(entry.get("contactsActive")) if isinstance(entry, dict) else None
    if count is None:
        fields = entry if isinstance(entry, dict) else {}
        found.note_odd("calls in progress", fields.get("contactsActive"), skill=wire.id_of(fields))
    return count or 0
