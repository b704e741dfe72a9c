"""The control address `/_simulator/`: what the simulation's methods do in-process, over HTTP. No sign-in."""

from collections.abc import Callable
from typing import Any

from campaigns.simulator.exchange import RefusalError, Request, Response, json_response
from campaigns.simulator.faults import Fault
from campaigns.simulator.simulation import Simulation

PREFIX = "/_simulator/"


class ControlAPI:
    """faults: POST adds, GET lists, DELETE clears. record: GET. tokens: DELETE expires all. reset: POST.
    campaigns: POST adds; campaigns/{id}: GET, POST changes, DELETE removes."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._actions: dict[tuple[str, str], Callable[[Request], object]] = {
            ("POST", "faults"): self._add_fault,
            ("GET", "faults"): lambda _: {"faults": [_fault_content(each) for each in simulation.faults()]},
            ("DELETE", "faults"): lambda _: simulation.clear_faults(),
            ("GET", "record"): self._show_record,
            ("DELETE", "tokens"): lambda _: simulation.expire_tokens(),
            ("POST", "reset"): lambda _: simulation.reset(),
            ("POST", "campaigns"): lambda request: {"id": simulation.add(**_arguments(request, *_CAMPAIGN, "id"))},
        }

    def respond(self, request: Request) -> Response:
        what = request.path.removeprefix(PREFIX)
        kind, _, campaign_id = what.partition("/")
        try:
            if kind == "campaigns" and campaign_id:
                return json_response(200, self._campaign(request, campaign_id))
            action = self._actions.get((request.method, what))
            if action is None:
                raise RefusalError(404, f"The simulator knows no {request.method} {request.path}.")
            return json_response(200, action(request) or {})
        except RefusalError as refusal:
            return refusal.response()

    def _campaign(self, request: Request, campaign_id: str) -> dict[str, Any]:
        if request.method == "DELETE":
            self._simulation.remove(campaign_id)
            return {}
        if request.method == "POST":
            self._simulation.change(campaign_id, **_arguments(request, *_CAMPAIGN))
        return self._simulation.campaign(campaign_id)

    def _add_fault(self, request: Request) -> None:
        arguments = _arguments(request, *_FAULT)
        try:
            self._simulation.fail(**arguments)
        except TypeError:
            raise RefusalError(400, "A fault needs a method and a path.") from None

    def _show_record(self, request: Request) -> dict[str, Any]:
        record, query = self._simulation.record, request.query
        if query.get("applied"):
            entries = record.applied(query.get("campaign"), query.get("method"))
        else:
            entries = record.requests(query.get("method"), query.get("path"))
        return {"requests": [entry.content() for entry in entries]}


_CAMPAIGN = ("name", "status", "schedule", "calls")
_DISTORTIONS = ("change", "size", "gzip", "trickle", "forget")
_FAULT = ("method", "path", "times", "skip", "status", "headers", "body", "delay", "done", "cut", *_DISTORTIONS)


def _arguments(request: Request, *known: str) -> dict[str, Any]:
    content = request.json_object()
    unknown = sorted(content.keys() - set(known))
    if unknown:
        raise RefusalError(400, f"Unknown fields: {', '.join(unknown)}. Known: {', '.join(known)}.")
    return content


def _fault_content(fault: Fault) -> dict[str, Any]:
    return {name: getattr(fault, name) for name in ("method", "path", "times", "skip", "status", "cut")}
