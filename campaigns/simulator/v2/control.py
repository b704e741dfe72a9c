"""The control address of v2: campaigns."""

from typing import Any

from campaigns.simulator.control import ControlAPI
from campaigns.simulator.v2.simulation import Simulation


class CampaignControl(ControlAPI):
    things = "campaigns"
    changed = ("name", "status", "schedule", "calls", "tags")
    added = (*changed, "id")

    def __init__(self, simulation: Simulation) -> None:
        super().__init__(simulation)
        self._campaigns = simulation

    def add(self, content: dict[str, Any]) -> str:
        return self._campaigns.add(**content)

    def show(self, thing_id: str) -> dict[str, Any]:
        return self._campaigns.campaign(thing_id)

    def change(self, thing_id: str, content: dict[str, Any]) -> None:
        self._campaigns.change(thing_id, **content)

    def remove(self, thing_id: str) -> None:
        self._campaigns.remove(thing_id)
