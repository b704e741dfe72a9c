"""Unknown fields that CXone stores with a schedule and its windows: carried through each change, or reported before
they are lost.

Windows have no id. A new window is the same as an old one with the same day and times; otherwise, if only one old and
one new window of a day are left, these two are the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from campaigns.schedule.canonical import SCHEDULE_KEYS, core_of, fingerprint, further_of
from campaigns.schedule.findings import Code, ScheduleFinding, Severity, say, value_text
from campaigns.schedule.parsing import IS_SCHEDULED, day_of, read_window, window_text, windows_of

# A finding is one sentence: it names this many of the fields that would be lost, and counts the rest.
MOST_NAMED = 5


class _Left(NamedTuple):
    """Windows of one day that have no partner yet: indices in the old and in the new list."""

    old: list[int]
    new: list[int]


def carry(base: object, schedule: object) -> Any:  # noqa: ANN401
    """`schedule` with the unknown fields of `base`, in the schedule itself and in each window that stays.

    A value that `schedule` has of its own isn't replaced.
    """
    if not isinstance(base, Mapping) or not isinstance(schedule, Mapping):
        return schedule
    carried = {key: value for key, value in base.items() if key not in SCHEDULE_KEYS} | dict(schedule)
    old, new = windows_of(base), windows_of(schedule)
    if new and carried.get(IS_SCHEDULED) is False:
        # Windows make a schedule.
        del carried[IS_SCHEDULED]
    if old is None or new is None:
        return carried
    partners = pair(old, new)
    windows = [
        further_of(old[partners[place]]) | dict(window)
        if place in partners and isinstance(window, Mapping)
        else window
        for place, window in enumerate(new)
    ]
    return carried | {"dialingHours": windows}


def pair(old: Sequence[object], new: Sequence[object]) -> dict[int, int]:
    """Pair new windows with old ones: index in `new` → index in `old`."""
    partners: dict[int, int] = {}
    for identity in (fingerprint, core_of):
        _match(old, new, identity, partners)
    for left in _left(old, new, partners):
        if len(left.old) == len(left.new) == 1:
            partners[left.new[0]] = left.old[0]
    return partners


def _match(
    old: Sequence[object], new: Sequence[object], identity: Callable[[object], str], partners: dict[int, int]
) -> None:
    """Add to `partners` each unpaired new window that has an unpaired old one with the same identity."""
    taken = set(partners.values())
    waiting: dict[str, list[int]] = defaultdict(list)
    # In reverse, so that `pop` takes the first of equal windows.
    for place in reversed(range(len(old))):
        if place not in taken:
            waiting[identity(old[place])].append(place)
    for place, window in enumerate(new):
        if place not in partners and (found := waiting[identity(window)]):
            partners[place] = found.pop()


def losses(base: object, schedule: object) -> Iterable[ScheduleFinding]:
    """A warning if the change from `base` to `schedule` would delete what no form shows; otherwise nothing."""
    if not isinstance(base, Mapping) or not isinstance(schedule, Mapping):
        return
    lost = [*_lost_fields(base, schedule), *_lost_windows(windows_of(base) or [], windows_of(schedule) or [])]
    if not lost:
        return
    named = "; ".join(lost[:MOST_NAMED]) + (f"; and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else "")
    message = f"CXone keeps more with these hours than is shown here, and this change would delete it: {named}."
    suggestion = "Acknowledge it, or keep the window on its day and change its times only."
    yield ScheduleFinding(Code.LOSES_FIELDS, Severity.WARNING, message, field="dialingHours", suggestion=suggestion)


def _lost_fields(base: Mapping[Any, Any], schedule: Mapping[Any, Any]) -> Iterable[str]:
    """Descriptions of what would be lost of the schedule itself: parts that can't be read, and unknown fields."""
    names = {"dialingHours": "dialing hours", "pauseConditions": "pause conditions"}
    for key, name in names.items():
        kept = base.get(key)
        if kept is not None and not isinstance(kept, list) and fingerprint(kept) != fingerprint(schedule.get(key)):
            yield f"its {name}, which are {say(kept)} and can’t be read"
    known = (*SCHEDULE_KEYS, IS_SCHEDULED)
    gone = [value_text(key) for key in base if key not in known and key not in schedule]
    if gone:
        yield f"{', '.join(gone[:MOST_NAMED])} of the schedule"
    conditions = schedule.get("pauseConditions")
    if isinstance(conditions, list):
        left = {fingerprint(each) for each in conditions}
    else:
        left = set()
    had = base.get("pauseConditions")
    for condition in had if isinstance(had, list) else []:
        if not isinstance(condition, str) and fingerprint(condition) not in left:
            yield f"a pause condition that can’t be read ({value_text(condition)})"


def _lost_windows(old: Sequence[object], new: Sequence[object]) -> Iterable[str]:
    partners = {before: after for after, before in pair(old, new).items()}
    paired = set(partners.values())
    free = [window for place, window in enumerate(new) if place not in paired and further_of(window)]
    for place, window in enumerate(old):
        further = further_of(window)
        if place in partners:
            keys = [key for key in further if key not in further_of(new[partners[place]])]
        elif read_window(window) is None:
            yield f"{window_text(window)}, which can’t be read"
            continue
        else:
            keys = [] if _take(free, window) else list(further)
        if keys:
            yield f"{', '.join(map(value_text, keys[:MOST_NAMED]))} of {window_text(window)}"


def _take(free: list[object], window: object) -> bool:
    """Remove from `free` a window of the same day that has all unknown fields of `window`: it is that window, with
    other times. False if there is none."""
    further, day = further_of(window), day_of(window["day"]) if isinstance(window, Mapping) else None
    for place, other in enumerate(free):
        on_day = isinstance(other, Mapping) and day_of(other.get("day")) == day
        if on_day and further.items() and _has_all(further_of(other), further):
            del free[place]
            return True
    return False


def _has_all(those: Mapping[Any, Any], these: Mapping[Any, Any]) -> bool:
    return all(key in those and fingerprint(those[key]) == fingerprint(value) for key, value in these.items())


def _left(old: Sequence[object], new: Sequence[object], partners: Mapping[int, int]) -> Iterable[_Left]:
    days: dict[str, _Left] = defaultdict(lambda: _Left([], []))
    taken = set(partners.values())
    for place, window in enumerate(old):
        if place not in taken and (day := _readable_day(window)):
            days[day].old.append(place)
    for place, window in enumerate(new):
        if place not in partners and (day := _readable_day(window)):
            days[day].new.append(place)
    return days.values()


def _readable_day(window: object) -> str | None:
    if isinstance(window, Mapping):
        return day_of(window.get("day"))
    return None
