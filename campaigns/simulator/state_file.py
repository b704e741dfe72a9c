"""A simulator's state in one JSON file, so that one that starts again remembers it.

The population is the same at each start, by the seed: only what differs from it is kept. The text of each campaign is
composed once for each change; a write takes well under a millisecond, and comes before the response.
"""

import json
import os
from pathlib import Path
from typing import Any


class StateFileError(ValueError):
    """The state file can't be used; the message says why and what to do."""


class StateFile:
    """`path` None: nothing is kept. `dialect`: of the simulator whose state it is."""

    def __init__(self, path: Path | None, seed: int, dialect: str) -> None:
        self._path = path
        self._seed = seed
        self._dialect = dialect
        # By id, each as the file has it: '"id": {…}'.
        self._campaigns: dict[str, str] = {}
        self._removed: set[str] = set()
        self._dirty = False

    @property
    def is_kept(self) -> bool:
        return self._path is not None

    @property
    def is_due(self) -> bool:
        """Something has changed since it was written."""
        return self.is_kept and self._dirty

    def changed(self, campaign_id: str, saved: dict[str, Any]) -> None:
        if self._path is None:
            return
        self._campaigns[campaign_id] = f"{json.dumps(campaign_id)}: {json.dumps(saved)}"
        self._removed.discard(campaign_id)
        self._dirty = True

    def removed(self, campaign_id: str) -> None:
        self._campaigns.pop(campaign_id, None)
        self._removed.add(campaign_id)
        self._dirty = True

    def touch(self) -> None:
        """What isn't of one campaign has changed."""
        self._dirty = True

    def settled(self) -> None:
        """What was just read needn't be written again."""
        self._dirty = False

    def forget(self) -> None:
        self._campaigns.clear()
        self._removed.clear()
        self._dirty = True

    def write(self, rest: dict[str, Any]) -> None:
        """`rest`: what isn't of one campaign."""
        if self._path is None:
            return
        head = {"dialect": self._dialect, "seed": self._seed, "removed": sorted(self._removed), **rest}
        campaigns = ",\n".join(self._campaigns.values())
        _replace(self._path, f'{json.dumps(head)[:-1]}, "campaigns": {{{campaigns}}}}}\n')
        self._dirty = False

    def read(self) -> dict[str, Any] | None:
        if self._path is None or not self._path.exists():
            return None
        try:
            saved: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
            seed = saved["seed"]
        except (ValueError, KeyError, TypeError):
            raise StateFileError(
                f"{self._path} is not a simulator's state. Delete it to start over, or name another file."
            ) from None
        # Files of earlier versions don't name it.
        dialect = saved.get("dialect", "v2")
        if dialect != self._dialect:
            raise StateFileError(
                f"{self._path} is of the dialect {dialect}, not {self._dialect}. Name another, or delete it."
            )
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
