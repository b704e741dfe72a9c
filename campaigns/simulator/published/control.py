"""The control address of the published API: skills, switches, and the requests of each day."""

from typing import Any

from campaigns.simulator.control import ControlAPI
from campaigns.simulator.exchange import Request
from campaigns.simulator.published.simulation import PublishedSimulation


class SkillControl(ControlAPI):
    """Beside what every dialect has: switches: GET, POST sets some. days: GET."""

    things = "skills"
    changed = ("name", "running", "active", "schedule", "schedule_after_read", "calls", "campaign")
    added = ("id", "name", "running", "active", "schedule", "calls", "campaign", "outbound", "strategy", "media_type")

    def __init__(self, simulation: PublishedSimulation) -> None:
        super().__init__(simulation)
        self._skills = simulation
        self._actions |= {
            ("GET", "switches"): lambda _: simulation.switches.content(),
            ("POST", "switches"): self._switch,
            ("GET", "days"): lambda _: simulation.requests_by_day(),
        }

    def add(self, content: dict[str, Any]) -> str:
        return self._skills.add(**content)

    def show(self, thing_id: str) -> dict[str, Any]:
        return self._skills.skill(thing_id)

    def change(self, thing_id: str, content: dict[str, Any]) -> None:
        self._skills.change(thing_id, **content)

    def remove(self, thing_id: str) -> None:
        self._skills.remove(thing_id)

    def _switch(self, request: Request) -> dict[str, Any]:
        self._skills.switch(**request.json_object())
        return self._skills.switches.content()
