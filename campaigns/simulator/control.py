"""The control address `/_simulator/`: what a simulator's methods do in-process, over HTTP. No sign-in."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from campaigns.simulator.exchange import RefusalError, Request, Response, json_response
from campaigns.simulator.faults import Fault
from campaigns.simulator.record import RequestLog

PREFIX = "/_simulator/"


class Controlled(Protocol):
    """What can be done to a simulator of any dialect."""

    record: RequestLog

    def fail(self, method: str, path: str) -> None: ...
    def faults(self) -> list[Fault]: ...
    def clear_faults(self) -> None: ...
    def expire_tokens(self) -> None: ...
    def reset(self) -> None: ...


class ControlAPI(ABC):
    """faults: POST adds, GET lists, DELETE clears. record: GET. tokens: DELETE expires all. reset: POST.
    What the dialect dials with, `things`: POST adds; {things}/{id}: GET, POST changes, DELETE removes."""

    things: str
    # What can be given for a new one, and changed of one.
    added: Sequence[str]
    changed: Sequence[str]

    def __init__(self, simulation: Controlled) -> None:
        self._simulation = simulation
        self._actions: dict[tuple[str, str], Callable[[Request], object]] = {
            ("POST", "faults"): self._add_fault,
            ("GET", "faults"): lambda _: {"faults": [_fault_content(each) for each in simulation.faults()]},
            ("DELETE", "faults"): lambda _: simulation.clear_faults(),
            ("GET", "record"): self._show_record,
            ("DELETE", "tokens"): lambda _: simulation.expire_tokens(),
            ("POST", "reset"): lambda _: simulation.reset(),
            ("POST", self.things): lambda request: {"id": self.add(arguments(request, *self.added))},
        }

    @abstractmethod
    def add(self, content: dict[str, Any]) -> str:
        """The id of the new one."""

    @abstractmethod
    def show(self, thing_id: str) -> dict[str, Any]: ...

    @abstractmethod
    def change(self, thing_id: str, content: dict[str, Any]) -> None: ...

    @abstractmethod
    def remove(self, thing_id: str) -> None: ...

    def respond(self, request: Request) -> Response:
        what = request.path.removeprefix(PREFIX)
        kind, _, thing_id = what.partition("/")
        try:
            if kind == self.things and thing_id:
                return json_response(200, self._respond_one(request, thing_id))
            action = self._actions.get((request.method, what))
            if action is None:
                raise RefusalError(404, f"The simulator knows no {request.method} {request.path}.")
            return json_response(200, action(request) or {})
        except RefusalError as refusal:
            return refusal.response()

    def _respond_one(self, request: Request, thing_id: str) -> dict[str, Any]:
        if request.method == "DELETE":
            self.remove(thing_id)
            return {}
        if request.method == "POST":
            self.change(thing_id, arguments(request, *self.changed))
        return self.show(thing_id)

    def _add_fault(self, request: Request) -> None:
        given = arguments(request, *_FAULT)
        try:
            self._simulation.fail(**given)
        except TypeError:
            raise RefusalError(400, "A fault needs a method and a path.") from None

    def _show_record(self, request: Request) -> dict[str, Any]:
        record, query = self._simulation.record, request.query
        if query.get("applied"):
            entries = record.applied(query.get("campaign"), query.get("method"))
        else:
            entries = record.requests(query.get("method"), query.get("path"))
        return {"requests": [entry.content() for entry in entries]}


_DISTORTIONS = ("change", "size", "gzip", "trickle", "forget")
_FAULT = ("method", "path", "times", "skip", "status", "headers", "body", "delay", "done", "cut", *_DISTORTIONS)


def arguments(request: Request, *known: str) -> dict[str, Any]:
    content = request.json_object()
    unknown = sorted(content.keys() - set(known))
    if unknown:
        raise RefusalError(400, f"Unknown fields: {', '.join(unknown)}. Known: {', '.join(known)}.")
    return content


def _fault_content(fault: Fault) -> dict[str, Any]:
    return {name: getattr(fault, name) for name in ("method", "path", "times", "skip", "status", "cut")}
