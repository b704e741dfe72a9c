"""The control address `/_simulator/`: what the simulator's methods do in-process, done over HTTP. No sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from campaigns.simulator.exchange import Answer, RefusalError, Request, json_answer

if TYPE_CHECKING:
    from campaigns.simulator.app import Simulator
    from campaigns.simulator.faults import Fault

PREFIX = "/_simulator/"


class Control:
    """faults: POST adds, GET lists, DELETE clears. record: GET. tokens: DELETE expires all. reset: POST.
    campaigns: POST adds; campaigns/{id}: GET, POST changes, DELETE removes."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._works: dict[tuple[str, str], Callable[[Request], object]] = {
            ("POST", "faults"): self._add_fault,
            ("GET", "faults"): lambda _: {"faults": [_fault_content(each) for each in simulator.faults()]},
            ("DELETE", "faults"): lambda _: simulator.clear_faults(),
            ("GET", "record"): self._show_record,
            ("DELETE", "tokens"): lambda _: simulator.expire_tokens(),
            ("POST", "reset"): lambda _: simulator.reset(),
            ("POST", "campaigns"): lambda request: {"id": simulator.add(**_arguments(request, *_CAMPAIGN, "id"))},
        }

    def answer(self, request: Request) -> Answer:
        what = request.path.removeprefix(PREFIX)
        kind, _, campaign_id = what.partition("/")
        try:
            if kind == "campaigns" and campaign_id:
                return json_answer(200, self._campaign(request, campaign_id))
            work = self._works.get((request.method, what))
            if work is None:
                raise RefusalError(404, f"The simulator knows no {request.method} {request.path}.")
            return json_answer(200, work(request) or {})
        except RefusalError as refusal:
            return refusal.answer()

    def _campaign(self, request: Request, campaign_id: str) -> dict[str, Any]:
        if request.method == "DELETE":
            self._simulator.remove(campaign_id)
            return {}
        if request.method == "POST":
            self._simulator.change(campaign_id, **_arguments(request, *_CAMPAIGN))
        return self._simulator.campaign(campaign_id)

    def _add_fault(self, request: Request) -> None:
        arguments = _arguments(request, *_FAULT)
        try:
            self._simulator.fail(**arguments)
        except TypeError:
            raise RefusalError(400, "A fault needs a method and a path.") from None

    def _show_record(self, request: Request) -> dict[str, Any]:
        record, query = self._simulator.record, request.query
        if query.get("applied"):
            entries = record.applied(query.get("campaign"), query.get("method"))
        else:
            entries = record.requests(query.get("method"), query.get("path"))
        return {"requests": [entry.content() for entry in entries]}


_CAMPAIGN = ("name", "status", "schedule", "calls")
_SPOILED = ("change", "size", "gzip", "trickle")
_FAULT = ("method", "path", "times", "skip", "status", "headers", "body", "delay", "done", "cut", *_SPOILED)


def _arguments(request: Request, *known: str) -> dict[str, Any]:
    content = request.json_object()
    unknown = sorted(content.keys() - set(known))
    if unknown:
        raise RefusalError(400, f"Unknown fields: {', '.join(unknown)}. Known: {', '.join(known)}.")
    return content


def _fault_content(fault: Fault) -> dict[str, Any]:
    return {name: getattr(fault, name) for name in ("method", "path", "times", "skip", "status", "cut")}
