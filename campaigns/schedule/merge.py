"""Three-way merge of schedules: known fields part by part, unknown fields of windows key by key.

Each side is divided into parts: the zone, the pause conditions, the windows of each day, and all other keys. If the
zone changed on one side and windows on the other, zone and windows are one part, since the same hours would mean other
hours; so they are if a side's windows can't be assigned to days. Parts are compared by meaning.

Unknown keys of windows are merged for each window that both sides have, whichever side its times come from.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from campaigns.schedule.canonical import canonical, core_of, fingerprint, further_of, zone_meaning
from campaigns.schedule.names import DAYS
from campaigns.schedule.parsing import day_of
from campaigns.schedule.unknown_fields import pair

ZONE, CONDITIONS, HOURS, OTHER = "timezone", "pauseConditions", "hours", "other"
THEIRS, OURS = "theirs", "ours"

Schedule = dict[str, Any]
Parts = dict[str, Any]
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Clash:
    """A part that both sides changed in different ways.

    `part`: "timezone", "pauseConditions", "MON" to "SUN" (a list of windows), "hours" (an object with timezone and
    dialingHours), or "other" (an object with the unknown keys). A value of None: that side lacks the field.
    """

    part: str
    base: Any
    theirs: Any
    ours: Any

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Merge:
    """`schedule` is canonical, and has our version of the parts that clash."""

    schedule: Schedule
    clashes: tuple[Clash, ...] = ()


class _Blend(NamedTuple):
    """The windows of one side with the unknown keys of both. `agrees`: neither side undid a change by the other."""

    windows: list[Any]
    agrees: bool


def merge(base: object, theirs: object, ours: object, *, undone: bool = False) -> Merge:
    """Merge two changes of `base`. What only one side changed is taken; what both changed differently is a clash.

    `base`, `theirs`, `ours`: schedules in CXone's format, valid or not. `undone`: ours was sent and may have been
    applied, and theirs was read later. Never raises.
    """
    # With `undone`, whatever theirs has instead of ours is somebody's decision, even where it equals the base: it
    # clashes too, so that nobody's change is overwritten unseen.
    parts = _cut(base, theirs, ours)
    clashes = tuple(_clashes(*parts, undone=undone))
    return Merge(_join(*parts, choices={clash.part: OURS for clash in clashes}), clashes)


def resolve(
    base: object, theirs: object, ours: object, choices: Mapping[str, str], *, undone: bool = False
) -> Schedule:
    """The merged schedule, with each clash decided by `choices`: part → "theirs" or "ours". Raises ValueError if one
    is undecided."""
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
    return isinstance(hours, list) and all(isinstance(window, dict) and day_of(window.get("day")) for window in hours)


def _is_moved(base: Schedule, theirs: Schedule, ours: Schedule) -> bool:
    """Whether the sides end in different zones, and windows changed that the other zone wasn't chosen for."""
    if _equal(theirs, ours, ZONE):
        return False
    if _equal(base, theirs, ZONE):
        return not _equal(base, theirs, "dialingHours")
    if _equal(base, ours, ZONE):
        return not _equal(base, ours, "dialingHours")
    return not _equal(theirs, ours, "dialingHours")


def _equal(a: Schedule, b: Schedule, key: str) -> bool:
    return _meaning(HOURS, _only(a, key)) == _meaning(HOURS, _only(b, key))


def _only(schedule: Schedule, *keys: str) -> Schedule:
    return {key: schedule[key] for key in keys if key in schedule}


def _parts(schedule: Schedule, whole: bool) -> Parts:
    """Each part's share of the schedule: an object with the keys that exist, or a day's list of windows."""
    known = (ZONE, "dialingHours", CONDITIONS)
    rest = {
        CONDITIONS: _only(schedule, CONDITIONS),
        OTHER: {key: value for key, value in schedule.items() if key not in known},
    }
    if whole:
        return {HOURS: _only(schedule, ZONE, "dialingHours"), **rest}
    days: Parts = {day: [] for day in DAYS}
    for window in schedule["dialingHours"]:
        days[day_of(window["day"]) or DAYS[0]].append(window)
    return {ZONE: _only(schedule, ZONE), **days, **rest}


def _clashes(base: Parts, theirs: Parts, ours: Parts, *, undone: bool) -> Iterator[Clash]:
    for part in base:
        shares = base[part], theirs[part], ours[part]
        if _choice(part, *shares) is None or (undone and not _is_theirs(part, *shares)):
            yield Clash(part, *(_value(part, share) for share in shares))


def _is_theirs(part: str, base: Any, theirs: Any, ours: Any) -> bool:  # noqa: ANN401
    """Whether the merged part is what they have, unknown keys included."""
    merged = _share(part, base, theirs, ours, {})
    return _meaning(part, merged, _whole_window) == _meaning(part, theirs, _whole_window)


def _whole_window(window: object) -> str:
    return fingerprint((core_of(window), further_of(window)))


def _value(part: str, share: Any) -> Any:  # noqa: ANN401
    if part in {ZONE, CONDITIONS}:
        return share.get(part)
    return share


def _choice(part: str, base: Any, theirs: Any, ours: Any) -> str | None:  # noqa: ANN401
    """The side that a part is taken from; None if both changed it in different ways."""
    old, other, own = (_meaning(part, share) for share in (base, theirs, ours))
    if own not in {old, other}:
        choice = OURS if other == old else None
    elif old == other and fingerprint(theirs) == fingerprint(base) and part == ZONE:
        # If anything changed, it is the name: we chose another name of the same zone.
        choice = OURS
    else:
        choice = THEIRS
    if choice and not _blended(part, base, theirs, ours, choice).agrees:
        return None
    return choice


def _meaning(part: str, share: Any, of_window: Callable[[object], str] = core_of) -> str:  # noqa: ANN401
    """A fingerprint that is equal for shares with the same meaning; by default unknown keys of windows are ignored."""
    if isinstance(share, list):
        return fingerprint(sorted(map(of_window, share)))
    if part == CONDITIONS and share.get(CONDITIONS) is None:
        return fingerprint({CONDITIONS: []})
    meant = dict(share)
    if ZONE in meant:
        meant[ZONE] = zone_meaning(meant[ZONE])
    if isinstance(meant.get("dialingHours"), list):
        meant["dialingHours"] = sorted(map(of_window, meant["dialingHours"]))
    return fingerprint(meant)


def _join(base: Parts, theirs: Parts, ours: Parts, choices: Mapping[str, str]) -> Schedule:
    schedule: Schedule = {}
    windows: list[Any] = []
    for part in base:
        shares = base[part], theirs[part], ours[part]
        share = _share(part, *shares, choices)
        if part in DAYS:
            windows += share
        else:
            schedule |= share
    if HOURS not in base:
        schedule["dialingHours"] = windows
    return canonical(schedule)


def _share(part: str, base: Any, theirs: Any, ours: Any, choices: Mapping[str, str]) -> Any:  # noqa: ANN401
    if choices.get(part) == THEIRS:
        # A person chose theirs: none of our unknown keys are merged into it.
        return theirs
    choice = choices.get(part) or _choice(part, base, theirs, ours) or OURS
    share = theirs if choice == THEIRS else ours
    if not _has_windows(part, base, theirs, ours):
        return share
    windows = _blended(part, base, theirs, ours, choice).windows
    if part in DAYS:
        return windows
    return share | {"dialingHours": windows}


def _has_windows(part: str, *shares: Any) -> bool:
    return part in DAYS or (part == HOURS and all(isinstance(_windows(part, share), list) for share in shares))


def _windows(part: str, share: Any) -> Any:  # noqa: ANN401
    if part in DAYS:
        return share
    return share.get("dialingHours")


def _blended(part: str, base: Any, theirs: Any, ours: Any, choice: str) -> _Blend:  # noqa: ANN401
    if not _has_windows(part, base, theirs, ours):
        return _Blend([], True)
    old, other, own = (_windows(part, share) for share in (base, theirs, ours))
    if choice == THEIRS:
        return _blend(old, other, own)
    return _blend(old, own, other)


def _blend(base: list[Any], side: list[Any], other: list[Any]) -> _Blend:
    """`side`, with the unknown keys of each window merged with those of the same window on the other side."""
    of_side, of_other = pair(base, side), pair(base, other)
    others = {before: other[after] for after, before in of_other.items()}
    # Windows that only the other side added, in reverse, so that `pop` takes equal ones in their order.
    added: dict[str, list[Any]] = defaultdict(list)
    for place in reversed(range(len(other))):
        if place not in of_other:
            added[core_of(other[place])].append(other[place])
    windows, agrees = [], not _undoes(base, set(of_side.values()), others)
    for place, window in enumerate(side):
        before = of_side.get(place)
        if before is None:
            partner = _last_of(added[core_of(window)])
        else:
            partner = others.get(before)
        if not isinstance(window, Mapping) or partner is None:
            windows.append(window)
            continue
        old = {} if before is None else further_of(base[before])
        further, kept = _merge_keys(old, further_of(window), further_of(partner))
        agrees = agrees and kept
        windows.append({key: value for key, value in window.items() if key not in further_of(window)} | further)
    return _Blend(windows, agrees)


def _last_of(windows: list[Any]) -> Any:  # noqa: ANN401
    return windows.pop() if windows else None


def _undoes(base: list[Any], kept: set[int], others: Mapping[int, Any]) -> bool:
    """Whether this side removed a window whose unknown keys the other side changed."""
    gone = (place for place in range(len(base)) if place not in kept and place in others)
    return any(fingerprint(further_of(base[place])) != fingerprint(further_of(others[place])) for place in gone)


def _merge_keys(
    base: Mapping[Any, Any], side: Mapping[Any, Any], other: Mapping[Any, Any]
) -> tuple[dict[Any, Any], bool]:
    """The merged keys; and False if both sides changed a key to different values, where `side` wins."""
    merged, agrees = {}, True
    for key in {**base, **side, **other}:
        old, own, their = (each.get(key, _ABSENT) for each in (base, side, other))
        taken = their if _equal_values(own, old) else own
        agrees = agrees and (_equal_values(taken, their) or _equal_values(their, old))
        if taken is not _ABSENT:
            merged[key] = taken
    return merged, agrees


def _equal_values(a: object, b: object) -> bool:
    return fingerprint(a) == fingerprint(b)
