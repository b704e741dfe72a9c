"""What a schedule change changes, and what two people changed at once, part by part: the zone, each day, the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from campaigns.models import Operation, OperationKind
from campaigns.pages.operations.changed_by import OthersChange, others_changes
from campaigns.schedule import ScheduleFinding, Severity, digest_of_warnings, merge, resolve
from campaigns.schedule.in_words import ALL_PARTS, PART_NAMES, PartChange, PartLines, changed_parts, lines_of

SideChoices = dict[str, str]

_SIDES = ("theirs", "ours")


class Part(NamedTuple):
    """`taken`: whose it is where there is nothing to choose: "theirs", "ours" or "both"; "" where there is."""

    key: str
    name: str
    base: PartLines
    theirs: PartLines
    ours: PartLines
    taken: str = ""
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class ScheduleConflict:
    """Two people's changes of one schedule. `problem`: why the choices that came in can't be used."""

    operation: Operation
    choices: SideChoices = field(default_factory=dict)
    key: UUID = field(default_factory=uuid4)
    problem: str = ""
    found: tuple[ScheduleFinding, ...] | None = None
    others: tuple[OthersChange, ...] = ()

    @property
    def sides(self) -> tuple[Any, Any, Any]:
        base, theirs, ours = ((self.operation.conflict or {})[side] for side in ("base", "theirs", "ours"))
        return base, theirs, ours

    @property
    def whose(self) -> str:
        """Who made what CXone has now; "" if that isn't one person here."""
        names = {change.by for change in self.others}
        return names.pop() if len(names) == 1 else ""

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
        return [PART_NAMES[key] for key in self.clashing if key not in self.choices]

    @property
    def parts(self) -> list[Part]:
        """All that somebody changed."""
        clashing = self.clashing
        shown = ALL_PARTS
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
        return Part(key, PART_NAMES[key], base, theirs, ours, taken, self.choices.get(key, ""))

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


def read_conflict(operation: Operation) -> ScheduleConflict | None:
    """The conflict that the operation ended in, with whoever changed the hours meanwhile. One query at most."""
    if not operation.conflict:
        return None
    sides = operation.conflict["base"], operation.conflict["theirs"]
    return ScheduleConflict(operation, others=others_changes(operation.campaign_id, *sides))


def choices_in(data: Mapping[str, Any]) -> SideChoices:
    """The choices that came in with a form or an address: part → "theirs" or "ours"."""
    chosen = {key: data.get(f"choice-{key}") for key in PART_NAMES}
    return {key: side for key, side in chosen.items() if side in _SIDES}


def changes_of(operation: Operation) -> list[PartChange]:
    """What a schedule change asked for; nothing for other operations."""
    if operation.kind != OperationKind.SCHEDULE:
        return []
    sides = operation.payload["base"], operation.payload["ours"]
    return changed_parts(*sides)
