"""The state kept in one JSON file, so that a simulator that starts again remembers.

Only what differs from the generated population is kept, each campaign's text drawn up once a change: a write costs
well under a millisecond and is done before the answer leaves. Renaming keeps the file whole if the process dies.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from campaigns.simulator.state import Campaign, Subscription, Tenant, as_saved, from_saved


class StateFileError(ValueError):
    """The state file can't be used; the message says why and what to do."""


class Store:
    def __init__(self, path: Path | None, seed: int) -> None:
        self._path = path
        self._seed = seed
        self._campaigns: dict[str, str] = {}
        self._removed: set[str] = set()
        self._dirty = False

    def restore(self, tenant: Tenant) -> None:
        saved = self._read()
        if saved is None:
            return
        for campaign in (from_saved(each) for each in saved["campaigns"].values()):
            tenant.put(campaign)
            self._campaigns[campaign.id] = json.dumps(as_saved(campaign))
        for campaign_id in saved["removed"]:
            tenant.campaigns.pop(campaign_id, None)
            self._removed.add(campaign_id)
        for each in saved["subscriptions"]:
            tenant.subscribe(Subscription(**each))
        self._dirty = False

    def changed(self, campaign: Campaign) -> None:
        if self._path:
            self._campaigns[campaign.id] = json.dumps(as_saved(campaign))
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
            "subscriptions": [asdict(subscription) for subscription in tenant.subscriptions.values()],
        }
        campaigns = ",\n".join(f"{json.dumps(key)}: {text}" for key, text in self._campaigns.items())
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
                f"{self._path} is not a simulator's state. Delete it to begin anew, or name another file."
            ) from None
        if seed != self._seed:
            raise StateFileError(
                f"{self._path} was made with seed {seed}, not {self._seed}. Use that seed, or delete the file."
            )
        return saved


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
