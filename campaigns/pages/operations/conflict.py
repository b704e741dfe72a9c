"""What a schedule change changes, and what two people changed at once, part by part: the zone, each day, the rest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from campaigns.models import Operation, OperationKind
from campaigns.schedule import (
    CONDITION_NAMES,
    DAY_NAMES,
    DAYS,
    Finding,
    Severity,
    canonical,
    day_of,
    digest_of_warnings,
    further_of,
    merge,
    resolve,
    window_text,
    windows_of,
)

SideChoices = dict[str, str]
PartLines = list[str]

# CXone may add fields of any size. These many characters of their JSON fit beside the rest of a schedule, and beside
# the hours of one window.
MOST_OF_OTHERS, MOST_OF_FURTHER = 200, 100

_SIDES = ("theirs", "ours")
_FIELDS = ("timezone", "dialingHours", "pauseConditions")
_NAMES = DAY_NAMES | {
    "timezone": "Time zone",
    "hours": "Time zone and windows",
    "pauseConditions": "Pause conditions",
    "other": "Other fields",
}


class Part(NamedTuple):
    """`taken`: whose it is where there is nothing to choose: "theirs", "ours" or "both"; "" where there is."""

    key: str
    name: str
    base: PartLines
    theirs: PartLines
    ours: PartLines
    taken: str = ""
    chosen: str = ""


class PartChange(NamedTuple):
    name: str
    before: PartLines
    after: PartLines


@dataclass(frozen=True, slots=True)
class ScheduleConflict:
    """Two people's changes of one schedule. `problem`: why the choices that came in can't be used."""

    operation: Operation
    choices: SideChoices = field(default_factory=dict)
    key: UUID = field(default_factory=uuid4)
    problem: str = ""
    found: tuple[Finding, ...] | None = None

    @property
    def sides(self) -> tuple[Any, Any, Any]:
        base, theirs, ours = ((self.operation.conflict or {})[side] for side in ("base", "theirs", "ours"))
        return base, theirs, ours

    @property
    def undone(self) -> bool:
        """Ours was sent, its answer was lost, and what CXone has now is a later version without it."""
        return bool((self.operation.conflict or {}).get("undone"))

    @property
    def theirs(self) -> Any:  # noqa: ANN401
        return self.sides[1]

    @property
    def clashing(self) -> list[str]:
        return [clash.part for clash in merge(*self.sides, undone=self.undone).clashes]

    @property
    def missing(self) -> list[str]:
        """The names of what is still to be chosen."""
        return [_NAMES[key] for key in self.clashing if key not in self.choices]

    @property
    def parts(self) -> list[Part]:
        """All that somebody changed."""
        clashing = self.clashing
        shown = _all_parts()
        if "hours" in clashing:
            shown = ("hours", "pauseConditions", "other")
        parts = [self._part(key, key in clashing) for key in shown]
        return [part for part in parts if not part.base == part.theirs == part.ours]

    def _part(self, key: str, clashes: bool) -> Part:
        base, theirs, ours = (lines_of(side, key) for side in self.sides)
        if clashes:
            taken = ""
        elif theirs == ours:
            taken = "both"
        elif theirs == base:
            taken = "ours"
        else:
            taken = "theirs"
        return Part(key, _NAMES[key], base, theirs, ours, taken, self.choices.get(key, ""))

    @property
    def resolved(self) -> dict[str, Any]:
        """ValueError: something is still to be chosen."""
        return resolve(*self.sides, self.choices, undone=self.undone)

    @property
    def findings(self) -> list[dict[str, Any]]:
        """In what was chosen, or in what the two became by themselves."""
        if self.found is None:
            return list((self.operation.conflict or {}).get("findings", []))
        return [finding.as_json() for finding in self.found]

    @property
    def has_errors(self) -> bool:
        return any(finding["severity"] == Severity.ERROR for finding in self.findings)

    @property
    def warned_of(self) -> str:
        return digest_of_warnings(self.findings)


def choices_in(data: Mapping[str, Any]) -> SideChoices:
    """The choices that came in with a form or an address: part → "theirs" or "ours"."""
    chosen = {key: data.get(f"choice-{key}") for key in _NAMES}
    return {key: side for key, side in chosen.items() if side in _SIDES}


def changes_of(operation: Operation) -> list[PartChange]:
    """What a schedule change asked for; nothing for other operations."""
    if operation.kind != OperationKind.SCHEDULE:
        return []
    sides = operation.payload["base"], operation.payload["ours"]
    changes = [PartChange(_NAMES[key], *(lines_of(side, key) for side in sides)) for key in _all_parts()]
    return [change for change in changes if change.before != change.after]


def lines_of(schedule: object, key: str) -> PartLines:
    """A part of a schedule in words, a window a line."""
    whole = canonical(schedule)
    if key == "timezone":
        return [str(whole.get("timezone") or "none")]
    if key == "pauseConditions":
        conditions = whole.get("pauseConditions") or []
        return [", ".join(CONDITION_NAMES.get(name, str(name)) for name in conditions) or "none"]
    if key == "other":
        return _others(whole) or ["none"]
    if key == "hours":
        return [*lines_of(whole, "timezone"), *(_open_days(whole) or ["closed"])]
    if windows_of(whole) is None:
        return ["can't be read"]
    return [_line(window) for window in windows_of(whole) or [] if _day(window) == key] or ["closed"]


def _open_days(whole: Mapping[str, Any]) -> PartLines:
    """The windows of all days, and those that belong to none."""
    open_days = []
    for day, name in DAY_NAMES.items():
        lines = lines_of(whole, day)
        if lines != ["closed"]:
            open_days += [f"{name[:3]} {line}" for line in lines]
    return open_days + _dayless(whole)


def _others(whole: Mapping[str, Any]) -> PartLines:
    """The fields that we don't know, and the windows that belong to no day."""
    others = {name: value for name, value in whole.items() if name not in _FIELDS}
    if not others:
        return _dayless(whole)
    return [json.dumps(others)[:MOST_OF_OTHERS], *_dayless(whole)]


def _dayless(whole: Mapping[str, Any]) -> PartLines:
    """Windows that can't be shown on any day."""
    return [f"“{window_text(window)}”" for window in windows_of(whole) or [] if _day(window) is None]


def _day(window: object) -> str | None:
    if isinstance(window, Mapping):
        return day_of(window.get("day"))
    return None


def _line(window: Mapping[str, Any]) -> str:
    hours = f"{window.get('startTime')} to {window.get('endTime')}"
    further = further_of(window)
    if not further:
        return hours
    return f"{hours} {json.dumps(further)[:MOST_OF_FURTHER]}"


def _all_parts() -> tuple[str, ...]:
    return ("timezone", *DAYS, "pauseConditions", "other")
