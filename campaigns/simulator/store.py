"""The state in one JSON file, so that a simulator that starts again remembers it.

Only what differs from the generated population is kept (a schedule that doesn't differ is null), and the text of each
campaign is composed once for each change: a write takes well under a millisecond, and comes before the response.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from campaigns.simulator.state import SimulatedCampaign, Subscriber, Tenant, as_saved, from_saved


class StateFileError(ValueError):
    """The state file can't be used; the message says why and what to do."""


class Store:
    def __init__(self, path: Path | None, seed: int) -> None:
        self._path = path
        self._seed = seed
        # By id, each as the file has it: '"id": {…}'.
        self._campaigns: dict[str, str] = {}
        self._removed: set[str] = set()
        self._generated: dict[str, dict[str, Any]] = {}
        self._dirty = False

    def restore(self, tenant: Tenant) -> None:
        # By the seed the population is the same at each start, so that only differences need to be kept.
        self._generated = {key: campaign.schedule for key, campaign in tenant.campaigns.items()}
        saved = self._read()
        if saved is None:
            return
        for campaign_id, each in saved["campaigns"].items():
            schedule = each["schedule"] or self._generated.get(campaign_id)
            # Without one, the campaign belonged to a larger population.
            if schedule:
                campaign = from_saved(each | {"schedule": schedule})
                tenant.put(campaign)
                self.changed(campaign)
        for campaign_id in saved["removed"]:
            tenant.campaigns.pop(campaign_id, None)
            self._removed.add(campaign_id)
        for each in saved["subscriptions"]:
            tenant.subscribe(Subscriber(**each))
        # What was just read needn't be written again.
        self._dirty = False

    def changed(self, campaign: SimulatedCampaign) -> None:
        if self._path is None:
            return
        saved = as_saved(campaign)
        if campaign.schedule == self._generated.get(campaign.id):
            saved["schedule"] = None
        self._campaigns[campaign.id] = f"{json.dumps(campaign.id)}: {json.dumps(saved)}"
        self._removed.discard(campaign.id)
        self._dirty = True

    def removed(self, campaign_id: str) -> None:
        self._campaigns.pop(campaign_id, None)
        self._removed.add(campaign_id)
        self._dirty = True

    def subscribed(self) -> None:
        self._dirty = True

    def forget(self) -> None:
        self._campaigns.clear()
        self._removed.clear()
        self._dirty = True

    def write(self, tenant: Tenant) -> None:
        """Write what changed since the last time, if anything did."""
        if not self._path or not self._dirty:
            return
        head = {
            "seed": self._seed,
            "removed": sorted(self._removed),
            "subscriptions": [asdict(subscriber) for subscriber in tenant.subscribers.values()],
        }
        campaigns = ",\n".join(self._campaigns.values())
        _replace(self._path, f'{json.dumps(head)[:-1]}, "campaigns": {{{campaigns}}}}}\n')
        self._dirty = False

    def _read(self) -> dict[str, Any] | None:
        if self._path is None or not self._path.exists():
            return None
        try:
            saved: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
            seed = saved["seed"]
        except (ValueError, KeyError, TypeError):
            raise StateFileError(
                f"{self._path} is not a simulator's state. Delete it to start over, or name another file."
            ) from None
        if seed != self._seed:
            raise StateFileError(
                f"{self._path} was made with seed {seed}, not {self._seed}. Use that seed, or delete the file."
            )
        return saved


def _replace(path: Path, text: str) -> None:
    # Renaming is atomic: whenever the process dies, the file is the old one or the new one.
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
