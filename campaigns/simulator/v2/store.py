"""The campaigns and subscribers that differ from the generated population, in the state file.

A schedule or a habit that doesn't differ is null.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from campaigns.simulator.population import Habit
from campaigns.simulator.state_file import StateFile
from campaigns.simulator.v2.state import SimulatedCampaign, Subscriber, Tenant, as_saved, from_saved


class Store:
    def __init__(self, path: Path | None, seed: int) -> None:
        self._file = StateFile(path, seed, "v2")
        # By id, the schedule and the habit that each campaign began with.
        self._generated: dict[str, tuple[dict[str, Any], Habit]] = {}

    def restore(self, tenant: Tenant) -> None:
        self._generated = {key: (campaign.schedule, campaign.habit) for key, campaign in tenant.campaigns.items()}
        saved = self._file.read()
        if saved is None:
            return
        for campaign_id, each in saved["campaigns"].items():
            schedule, habit = self._generated.get(campaign_id, (None, Habit.ANY_HOUR))
            schedule, habit = each["schedule"] or schedule, each.get("habit") or habit
            # Without one, the campaign belonged to a larger population.
            if schedule:
                campaign = from_saved(each | {"schedule": schedule, "habit": habit})
                tenant.put(campaign)
                self.changed(campaign)
        for campaign_id in saved["removed"]:
            tenant.campaigns.pop(campaign_id, None)
            self._file.removed(campaign_id)
        for each in saved["subscriptions"]:
            tenant.subscribe(Subscriber(**each))
        self._file.settled()

    def changed(self, campaign: SimulatedCampaign) -> None:
        if not self._file.is_kept:
            return
        saved = as_saved(campaign)
        schedule, habit = self._generated.get(campaign.id, (None, None))
        if campaign.schedule == schedule:
            saved["schedule"] = None
        if campaign.habit == habit:
            saved["habit"] = None
        self._file.changed(campaign.id, saved)

    def removed(self, campaign_id: str) -> None:
        self._file.removed(campaign_id)

    def subscribed(self) -> None:
        self._file.touch()

    def forget(self) -> None:
        self._file.forget()

    def write(self, tenant: Tenant) -> None:
        """Write what changed since the last time, if anything did."""
        if self._file.is_due:
            self._file.write({"subscriptions": [asdict(subscriber) for subscriber in tenant.subscribers.values()]})
