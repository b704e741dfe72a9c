"""Three-way merge of schedules, by field and by day."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Clash:
    """A part that both sides changed, each to something else. `part`: "timezone", "pauseConditions", "MON" to "SUN"
    (its windows), "hours" (zone and windows together), "other" (keys that no schedule has)."""

    part: str
    base: Any
    theirs: Any
    ours: Any

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Merge:
    """`schedule` has ours where parts clash."""

    schedule: dict[str, Any]
    clashes: tuple[Clash, ...] = ()


def merge(base: object, theirs: object, ours: object) -> Merge:
    """Their changes where we changed nothing, ours where they changed nothing; what both changed is a clash."""
    raise NotImplementedError


def resolve(base: object, theirs: object, ours: object, choices: Mapping[str, str]) -> dict[str, Any]:
    """The merged schedule, each clash decided by `choices`: part → "theirs" or "ours". ValueError where one isn't."""
    raise NotImplementedError


def same(a: object, b: object) -> bool:
    """The same schedule: the order of windows, conditions and keys doesn't matter."""
    raise NotImplementedError


def canonical(schedule: object) -> dict[str, Any]:
    """The form that is sent: windows by day and start, conditions sorted, keys in one order."""
    raise NotImplementedError
