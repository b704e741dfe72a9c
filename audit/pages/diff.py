"""What differs between two JSON values: one change for each single value, in words. Pure.

Objects are compared by name. Lists of single values are compared as collections; other lists place by place, once what
is the same at their beginning and end is set aside. Dialing windows are compared day by day.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import takewhile, zip_longest
from typing import NamedTuple

from audit.chain import Json
from audit.json_in_words import by_day, in_words, is_single, label


class Sort(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    KEPT = "unchanged"


class Change(NamedTuple):
    """`path`: names from the outside in. `before` and `after` in words; "" for what wasn't there, or isn't."""

    path: tuple[str, ...]
    sort: Sort
    before: str
    after: str


class Comparison(NamedTuple):
    title: str
    changes: list[Change]
    kept: list[Change]


class Missing:
    """Stands where there is no value."""


MISSING = Missing()
Side = Json | Missing
Path = tuple[str, ...]

# Which parts of a detail are compared with each other, and what their differences tell.
SIDES = {
    "asked_for": [("What was asked for", "base", "ours")],
    "conflict": [("What somebody else changed", "base", "theirs"), ("What was asked for", "base", "ours")],
}


def comparisons(details: Json) -> tuple[list[Comparison], dict[str, Json]]:
    """What a record's details compare, and the rest of them."""
    if not isinstance(details, dict):  # nothing of ours wrote it
        return [], {"details": details}
    found, rest = [], dict(details)
    if {"before", "after"} & rest.keys():
        found.append(compare("What changed", rest.pop("before", MISSING), rest.pop("after", MISSING)))
    for name, pairs in SIDES.items():
        inner = rest.get(name)
        used = {side for pair in pairs for side in pair[1:]}
        if isinstance(inner, dict) and used <= inner.keys():
            found += [compare(title, inner[one], inner[other]) for title, one, other in pairs]
            rest[name] = {key: value for key, value in inner.items() if key not in used}
    return found, {name: value for name, value in rest.items() if not (name in SIDES and value == {})}


def compare(title: str, before: Side, after: Side) -> Comparison:
    """A name that both sides are wrapped in goes into the title."""
    if isinstance(before, dict) and isinstance(after, dict) and len(before) == 1 and before.keys() == after.keys():
        (name,) = before
        if isinstance(before[name], dict) and isinstance(after[name], dict):
            return compare(f"{title}: {label(name)}", before[name], after[name])
    found = list(_changes((), before, after))
    return Comparison(
        title,
        [change for change in found if change.sort != Sort.KEPT],
        [change for change in found if change.sort == Sort.KEPT],
    )


def _changes(path: Path, before: Side, after: Side) -> Iterator[Change]:
    before = before if isinstance(before, Missing) else by_day(before)
    after = after if isinstance(after, Missing) else by_day(after)
    one, other = _object(before), _object(after)
    if one is not None and other is not None and (one or other):
        for name in [*one, *(name for name in other if name not in one)]:
            yield from _changes((*path, label(name)), one.get(name, MISSING), other.get(name, MISSING))
        return
    items, others = _list(before), _list(after)
    if items is not None and others is not None and (items or others):
        yield from (_of_items if all(map(is_single, [*items, *others])) else _by_place)(path, items, others)
    else:
        yield _change(path, before, after)


def _object(side: Side) -> dict[str, Json] | None:
    """None for what can't be compared as an object."""
    if isinstance(side, dict):
        return side
    return {} if _is_nothing(side) else None


def _list(side: Side) -> list[Json] | None:
    if isinstance(side, list):
        return side
    return [] if _is_nothing(side) else None


def _is_nothing(side: Side) -> bool:
    return isinstance(side, Missing) or side is None or side in ([], {})


def _change(path: Path, before: Side, after: Side) -> Change:
    if isinstance(before, Missing):
        return Change(path, Sort.ADDED, "", "" if isinstance(after, Missing) else in_words(after))
    if isinstance(after, Missing):
        return Change(path, Sort.REMOVED, in_words(before), "")
    sort = Sort.KEPT if _key(before) == _key(after) else Sort.CHANGED
    return Change(path, sort, in_words(before), in_words(after))


def _key(value: Json) -> str:
    """Equal for what is the same JSON: true isn't 1."""
    return json.dumps(value, sort_keys=True)


def _of_items(path: Path, before: list[Json], after: list[Json]) -> Iterator[Change]:
    gone, come = _left_over(before, after), _left_over(after, before)
    for item in gone:
        yield Change(path, Sort.REMOVED, in_words(item), "")
    for item in come:
        yield Change(path, Sort.ADDED, "", in_words(item))
    if not gone and not come:
        yield _change(path, before, after)  # the same, or the same in another order
    elif kept := _left_over(before, gone):
        yield _change(path, kept, kept)


def _left_over(items: Sequence[Json], others: Sequence[Json]) -> list[Json]:
    """The items that the others don't hold, as often as they don't."""
    spare = Counter(map(_key, others))
    left = []
    for item in items:
        if spare[_key(item)]:
            spare[_key(item)] -= 1
        else:
            left.append(item)
    return left


def _by_place(path: Path, before: list[Json], after: list[Json]) -> Iterator[Change]:
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    ones, others = before[head : len(before) - tail], after[head : len(after) - tail]
    for place, (one, other) in enumerate(zip_longest(ones, others, fillvalue=MISSING), head + 1):
        yield from _changes((*path, f"no. {place}"), one, other)
    if same := head + tail:
        said = f"{same} more" if ones or others else f"{same} in all"
        yield Change(path, Sort.KEPT, said, said)


def _alike(before: Sequence[Json], after: Sequence[Json]) -> int:
    """How many are the same from the beginning on."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: _key(pair[0]) == _key(pair[1]), pairs))
