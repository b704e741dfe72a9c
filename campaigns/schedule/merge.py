"""Three-way merge of schedules, by field and by day.

Each side is cut into parts: the zone, the pause conditions, the windows of each day, and whatever else is in it. Where
the zone changed on one side and windows on the other, zone and windows are one part, since the same hours would mean
other hours; so they are where a side's windows can't be told apart by day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from campaigns.schedule.canonical import canonical, fingerprint
from campaigns.schedule.reading import DAYS

ZONE, CONDITIONS, HOURS, OTHER = "timezone", "pauseConditions", "hours", "other"
THEIRS, OURS = "theirs", "ours"

Schedule = dict[str, Any]
Parts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Clash:
    """A part that both sides changed, each to something else. `part`: "timezone", "pauseConditions", "MON" to "SUN"
    (a list of windows), "hours" (an object with timezone and dialingHours), "other" (an object with the keys that no
    schedule has). None: that side has no such field."""

    part: str
    base: Any
    theirs: Any
    ours: Any

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Merge:
    """`schedule`, canonical, has ours where parts clash."""

    schedule: Schedule
    clashes: tuple[Clash, ...] = ()


def merge(base: object, theirs: object, ours: object, *, undone: bool = False) -> Merge:
    """Their changes where we changed nothing, ours where they changed nothing; what both changed is a clash.

    `undone`: ours was sent and may have been applied, and theirs was read later. What theirs has in place of ours is
    then somebody's decision, even where it is what the base had: it clashes too."""
    parts = _cut(base, theirs, ours)
    clashes = tuple(_clashes(*parts, undone=undone))
    return Merge(_join(*parts, choices={clash.part: OURS for clash in clashes}), clashes)


def resolve(
    base: object, theirs: object, ours: object, choices: Mapping[str, str], *, undone: bool = False
) -> Schedule:
    """The merged schedule, each clash decided by `choices`: part → "theirs" or "ours". ValueError where one isn't."""
    parts = _cut(base, theirs, ours)
    clashing = [clash.part for clash in _clashes(*parts, undone=undone)]
    open_parts = [part for part in clashing if choices.get(part) not in {THEIRS, OURS}]
    if open_parts:
        raise ValueError(f"Choose theirs or ours for {', '.join(open_parts)}.")
    return _join(*parts, choices={part: choices[part] for part in clashing})


def _cut(base: object, theirs: object, ours: object) -> tuple[Parts, Parts, Parts]:
    first, second, third = canonical(base), canonical(theirs), canonical(ours)
    whole = not all(map(_has_days, (first, second, third))) or _is_moved(first, second, third)
    return _parts(first, whole), _parts(second, whole), _parts(third, whole)


def _has_days(schedule: Schedule) -> bool:
    hours = schedule.get("dialingHours")
    return isinstance(hours, list) and all(isinstance(window, dict) and window.get("day") in DAYS for window in hours)


def _is_moved(base: Schedule, theirs: Schedule, ours: Schedule) -> bool:
    """The sides end in different zones, and windows changed that the other zone was not chosen for."""
    if _equal(theirs, ours, ZONE):
        return False
    if _equal(base, theirs, ZONE):
        return not _equal(base, theirs, "dialingHours")
    if _equal(base, ours, ZONE):
        return not _equal(base, ours, "dialingHours")
    return not _equal(theirs, ours, "dialingHours")


def _equal(a: Schedule, b: Schedule, key: str) -> bool:
    return fingerprint(_only(a, key)) == fingerprint(_only(b, key))


def _only(schedule: Schedule, *keys: str) -> Schedule:
    return {key: schedule[key] for key in keys if key in schedule}


def _parts(schedule: Schedule, whole: bool) -> Parts:
    """Part → its share of the schedule: an object with the keys that are there, or a day's list of windows."""
    known = (ZONE, "dialingHours", CONDITIONS)
    rest = {
        CONDITIONS: _only(schedule, CONDITIONS),
        OTHER: {key: value for key, value in schedule.items() if key not in known},
    }
    if whole:
        return {HOURS: _only(schedule, ZONE, "dialingHours"), **rest}
    days: Parts = {day: [] for day in DAYS}
    for window in schedule["dialingHours"]:
        days[window["day"]].append(window)
    return {ZONE: _only(schedule, ZONE), **days, **rest}


def _clashes(base: Parts, theirs: Parts, ours: Parts, *, undone: bool) -> Iterator[Clash]:
    for part in base:
        choice = _choice(base[part], theirs[part], ours[part])
        if choice is None or (undone and choice == OURS):
            yield Clash(part, *(_value(part, side[part]) for side in (base, theirs, ours)))


def _value(part: str, share: Any) -> Any:  # noqa: ANN401
    return share.get(part) if part in {ZONE, CONDITIONS} else share


def _choice(base: object, theirs: object, ours: object) -> str | None:
    """The side that a part is taken from; None: both changed it, each to something else."""
    old, other, own = fingerprint(base), fingerprint(theirs), fingerprint(ours)
    if own in {old, other}:
        return THEIRS
    return OURS if other == old else None


def _join(base: Parts, theirs: Parts, ours: Parts, choices: Mapping[str, str]) -> Schedule:
    schedule: Schedule = {}
    windows: list[Any] = []
    for part in base:
        choice = choices.get(part) or _choice(base[part], theirs[part], ours[part])
        share = theirs[part] if choice == THEIRS else ours[part]
        if part in DAYS:
            windows += share
        else:
            schedule |= share
    if HOURS not in base:
        schedule["dialingHours"] = windows
    return canonical(schedule)
