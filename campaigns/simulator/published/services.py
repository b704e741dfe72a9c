"""The calls below `/incontactapi/services/`: which request leads where, which permission it needs, what it answers."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from campaigns.simulator.exchange import JSON, RefusalError, Request, Response, json_response
from campaigns.simulator.published import weeks, zones
from campaigns.simulator.published.skills import SimulatedSkill
from campaigns.simulator.published.switches import EDIT_SKILLS, MANAGE_DIALING, VIEW_SKILLS, Switches
from campaigns.simulator.published.tenant import SkillTenant

PREFIX = "/incontactapi/services/"
# Its one group is the skill's id.
SKILL_PATH = re.compile(rf"{PREFIX}[^/]+/skills/(\d+)(?:/.*)?", re.ASCII)
UNREADABLE = b"No known way to render data"

Call = Callable[[Request, str], Response]
Entry = TypeVar("Entry")


class Services:
    """`zone_name`: the business unit's, by Windows. `published_limit`: of calls a day; beyond it CXone warns."""

    def __init__(
        self,
        tenant: SkillTenant,
        switches: Switches,
        *,
        versions: Iterable[str],
        zone_name: str,
        published_limit: int,
        clock: Callable[[], float],
    ) -> None:
        self._tenant = tenant
        self._switches = switches
        self._versions = tuple(versions)
        self._zone_name = zone_name
        self._published_limit = published_limit
        self._clock = clock
        view, edit, dial = (VIEW_SKILLS,), (EDIT_SKILLS,), (EDIT_SKILLS, MANAGE_DIALING)
        calls: dict[str, dict[str, tuple[tuple[str, ...], Call]]] = {
            "skills": {"GET": (view, self._list)},
            "skills/parameters": {"GET": (view, self._all_schedules)},
            "skills/activity": {"GET": (view, self._all_activity)},
            "skills/{id}": {"GET": (view, self._read)},
            "skills/{id}/start": {"POST": (dial, self._start)},
            "skills/{id}/stop": {"POST": (dial, self._stop)},
            "skills/{id}/parameters/schedule-settings": {
                "GET": (view, self._read_schedule),
                "PUT": (edit, self._set_schedule),
            },
            "skills/{id}/activity": {"GET": (view, self._activity)},
            "business-unit": {"GET": ((), self._business_unit)},
            "timezones": {"GET": ((), self._timezones)},
            "server-time": {"GET": ((), self._server_time)},
            "apiversion": {"GET": ((), self._api_version)},
        }
        self._calls = calls
        self._patterns = {path: re.compile(path.replace("{id}", r"(\d+)"), re.ASCII) for path in calls}

    def respond(self, request: Request) -> Response:
        version, _, path = request.path.removeprefix(PREFIX).partition("/")
        if version not in self._versions:
            raise RefusalError(404, f"There is no version {version}.")
        permissions, call = self._find(request, path)
        missing = [each for each in permissions if each not in self._switches.permissions]
        if missing:
            raise RefusalError(403, f"The user has no permission {missing[0]}.")
        response = call()
        if self._switches.texts and response.headers.get("Content-Type") == JSON:
            response.body = json.dumps(json.loads(response.body, object_hook=_as_texts)).encode()
        return response

    def _find(self, request: Request, path: str) -> tuple[tuple[str, ...], Callable[[], Response]]:
        for called, methods in self._calls.items():
            match = self._patterns[called].fullmatch(path)
            if not match:
                continue
            if request.method not in methods:
                allowed = ", ".join(methods)
                raise RefusalError(405, f"Only {allowed} here.", headers={"Allow": allowed})
            permissions, call = methods[request.method]
            return permissions, partial(call, request, match[1] if match.groups() else "")
        raise RefusalError(404, f"There is nothing at {request.path}.")

    def _list(self, request: Request, _: str) -> Response:
        media_type = _whole_number(request.query, "mediaTypeId")
        active = _truth(request.query, "isActive")
        since = self._clock() - self._switches.list_delay
        views = [view for skill in self._tenant.skills.values() if (view := skill.view_at(since))]
        found = [
            view
            for view in views
            if media_type in {None, view["mediaTypeId"]} and (active is None or view["isActive"] is active)
        ]
        page = self._page(request, found)
        return json_response(200, self._wire_list("skills", page, totalRecords=len(found)))

    def _read(self, request: Request, skill_id: str) -> Response:
        view = self._tenant.find(skill_id).view()
        return json_response(200, {"skills": [view]} if self._switches.one_in_list else view)

    def _start(self, request: Request, skill_id: str) -> Response:
        _check_length(request)
        return Response(202, applied=self._tenant.start(skill_id))

    def _stop(self, request: Request, skill_id: str) -> Response:
        _check_length(request)
        force = _truth(request.query, "force")
        return Response(202, applied=self._tenant.stop(skill_id, force=bool(force)))

    def _read_schedule(self, request: Request, skill_id: str) -> Response:
        skill = self._tenant.find_dialer(skill_id)
        response = json_response(200, weeks.as_fields(skill.week, self._switches.times))
        self._tenant.take_after_read(skill)
        return response

    def _set_schedule(self, request: Request, skill_id: str) -> Response:
        skill = self._tenant.find_dialer(skill_id)
        if skill.running and not self._switches.put_while_running:
            raise RefusalError(409, f"Skill {skill_id} is running.")
        try:
            week = weeks.read_fields(request.json_object(), skill.week, self._shown(skill))
        except RefusalError:
            if self._switches.bare_refusals:
                raise RefusalError(400, "InvalidParameter") from None
            raise
        self._tenant.set_week(skill, week)
        return Response(200, applied=True)

    def _shown(self, skill: SimulatedSkill) -> dict[str, Any]:
        """Its schedule as whoever reads it has it."""
        fields = weeks.as_fields(skill.week, self._switches.times)
        return _as_texts(fields) if self._switches.texts else fields

    def _all_schedules(self, request: Request, _: str) -> Response:
        how, fields = self._switches.schedules_of_all, request.query.get("fields")
        if how == "refused" or (how == "without fields" and fields is not None):
            raise RefusalError(400, "InvalidParameter")
        wanted = fields.split(",") if fields else None
        entries = []
        for skill in self._tenant.skills.values():
            if not skill.is_dialer:
                continue
            entry = {
                "skillNo": skill.number,
                "skillName": skill.name,
                "scheduleSettings": weeks.as_days(skill.week, self._switches.times),
            }
            entries.append({name: value for name, value in entry.items() if wanted is None or name in wanted})
        return json_response(200, self._wire_list("skills", entries))

    def _all_activity(self, request: Request, _: str) -> Response:
        media_type, outbound = _whole_number(request.query, "mediaTypeId"), _truth(request.query, "IsOutbound")
        found = [
            skill
            for skill in self._tenant.skills.values()
            if skill.active and media_type in {None, skill.media_type} and outbound in {None, skill.outbound}
        ]
        if not found:
            return Response(204)
        return self._activities(self._page(request, found), total=len(found))

    def _activity(self, request: Request, skill_id: str) -> Response:
        return self._activities([self._tenant.find(skill_id)], total=1)

    def _activities(self, skills: list[SimulatedSkill], total: int) -> Response:
        now = _iso(self._clock())
        entries = [
            {
                "skillId": skill.number,
                "skillName": skill.name,
                "contactsActive": self._tenant.calls(skill),
                "serverTime": now,
            }
            for skill in skills
        ]
        return json_response(200, self._wire_list("skillActivity", entries, totalRecords=total, lastPollTime=now))

    def _business_unit(self, request: Request, _: str) -> Response:
        unit = {
            "businessUnitId": 4_590_001,
            "businessUnitName": "Simulated business unit",
            "defaultTimeZone": zones.written(self._zone_name, self._switches.zone_name),
            "apiPublishedLimit": self._published_limit,
        }
        return json_response(200, self._wire_list("businessUnits", [unit]))

    def _timezones(self, request: Request, _: str) -> Response:
        return json_response(200, self._wire_list("timezones", zones.all_zones()))

    def _server_time(self, request: Request, _: str) -> Response:
        return json_response(200, {"ServerTime": _iso(self._clock())})

    def _api_version(self, request: Request, _: str) -> Response:
        text, verb = request.query.get("searchUriText", ""), request.query.get("verb")
        found = []
        for path, methods in self._calls.items():
            if text not in path:
                continue
            for method in methods:
                if verb is None or verb.upper() == method:
                    found += [{"uri": path, "verb": method, "version": version} for version in self._versions]
        return json_response(200, self._wire_list("apiInfo", found)) if found else Response(204)

    def _page(self, request: Request, entries: list[Entry]) -> list[Entry]:
        skip = _whole_number(request.query, "skip") or 0
        top = _whole_number(request.query, "top")
        cap = self._switches.page_cap
        return entries[skip : skip + (cap if top is None else min(top, cap))]

    def _wire_list(self, name: str, entries: list[dict[str, Any]], **rest: object) -> dict[str, Any]:
        """A list under its name, or in `resultSet`."""
        listed: dict[str, Any] = {name: entries}
        return {**rest, "resultSet": listed} if self._switches.result_set else {**rest, **listed}


def _check_length(request: Request) -> None:
    # What has no body has to say so, or a server waits for one.
    if "content-length" not in request.headers or not request.headers["content-length"]:
        raise RefusalError(411, "Content-Length is required.")


def _whole_number(query: dict[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise RefusalError(400, f"{name} must be a whole number.")
    return int(text)


def _truth(query: dict[str, str], name: str) -> bool | None:
    text = query.get(name)
    if text is None:
        return None
    if text.lower() not in {"true", "false"}:
        raise RefusalError(400, f"{name} must be true or false.")
    return text.lower() == "true"


def _as_texts(content: dict[str, Any]) -> dict[str, Any]:
    """ "True" and "37": every boolean and number of an object, as .NET writes them."""
    return {name: str(value) if isinstance(value, bool | int | float) else value for name, value in content.items()}


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
