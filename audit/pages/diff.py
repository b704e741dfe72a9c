"""The differences between two JSON values, in words: one change for each scalar value. Pure.

Objects are compared by key. Lists of scalars are compared as collections; other lists item by item, after their common
beginning and end. Dialing windows are compared day by day.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import takewhile, zip_longest
from typing import NamedTuple

from audit.chain import Json
from audit.json_in_words import by_day, is_single, label, value_in_words


class Sort(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    KEPT = "unchanged"


class ValueChange(NamedTuple):
    """`path`: names from the outermost object inwards. `before` and `after` in words; "" if there is no value."""

    path: tuple[str, ...]
    sort: Sort
    before: str
    after: str


class DetailComparison(NamedTuple):
    title: str
    changes: list[ValueChange]
    kept: list[ValueChange]


class Missing:
    """The type of `MISSING`, which stands for an absent value: None is a value in JSON."""


MISSING = Missing()
Side = Json | Missing
Path = tuple[str, ...]

# By the name of a detail: the titles of its comparisons, and the names of the two values compared.
SIDES = {
    "asked_for": [("What was asked for", "base", "ours")],
    "conflict": [("What somebody else changed", "base", "theirs"), ("What was asked for", "base", "ours")],
}


def compare_details(details: Json) -> tuple[list[DetailComparison], dict[str, Json]]:
    """The comparisons that a record's details contain, and the remaining details."""
    # The product only writes objects, but somebody who tampers with a record can write anything.
    if not isinstance(details, dict):
        return [], {"details": details}
    found, rest = [], dict(details)
    if {"before", "after"} & rest.keys():
        found.append(compare_sides("What changed", rest.pop("before", MISSING), rest.pop("after", MISSING)))
    for name, pairs in SIDES.items():
        inner = rest.get(name)
        if not isinstance(inner, dict):
            continue
        used = {*(before for _, before, _ in pairs), *(after for _, _, after in pairs)}
        if used <= inner.keys():
            found += [compare_sides(title, inner[before], inner[after]) for title, before, after in pairs]
            inner = {key: value for key, value in inner.items() if key not in used}
        if inner:
            rest[name] = inner
        else:
            del rest[name]
    return found, rest


def compare_sides(title: str, before: Side, after: Side) -> DetailComparison:
    """Compare two values. If both are objects with the same single key, the key becomes part of the title."""
    if isinstance(before, dict) and isinstance(after, dict) and len(before) == 1 and before.keys() == after.keys():
        (name,) = before
        if isinstance(before[name], dict) and isinstance(after[name], dict):
            return compare_sides(f"{title}: {label(name)}", before[name], after[name])
    found = list(_changes((), before, after))
    return DetailComparison(
        title,
        [change for change in found if change.sort != Sort.KEPT],
        [change for change in found if change.sort == Sort.KEPT],
    )


def _changes(path: Path, before: Side, after: Side) -> Iterator[ValueChange]:
    before = before if isinstance(before, Missing) else by_day(before)
    after = after if isinstance(after, Missing) else by_day(after)
    one, other = _object(before), _object(after)
    if one is not None and other is not None and (one or other):
        for name in [*one, *(name for name in other if name not in one)]:
            yield from _changes((*path, label(name)), one.get(name, MISSING), other.get(name, MISSING))
        return
    items, others = _list(before), _list(after)
    if items is not None and others is not None and (items or others):
        are_single = all(map(is_single, [*items, *others]))
        compare = _compare_as_collections if are_single else _compare_item_by_item
        yield from compare(path, items, others)
    else:
        yield _change(path, before, after)


def _object(side: Side) -> dict[str, Json] | None:
    """The object; empty if there is no value; None for a value that can't be compared as an object."""
    if isinstance(side, dict):
        return side
    return {} if _is_nothing(side) else None


def _list(side: Side) -> list[Json] | None:
    if isinstance(side, list):
        return side
    return [] if _is_nothing(side) else None


def _is_nothing(side: Side) -> bool:
    return isinstance(side, Missing) or side is None or side in ([], {})


def _change(path: Path, before: Side, after: Side) -> ValueChange:
    if isinstance(before, Missing):
        return ValueChange(path, Sort.ADDED, "", "" if isinstance(after, Missing) else value_in_words(after))
    if isinstance(after, Missing):
        return ValueChange(path, Sort.REMOVED, value_in_words(before), "")
    sort = Sort.KEPT if _key(before) == _key(after) else Sort.CHANGED
    return ValueChange(path, sort, value_in_words(before), value_in_words(after))


def _key(value: Json) -> str:
    """A text that is equal for equal JSON values. The values themselves won't do: in Python, True == 1."""
    return json.dumps(value, sort_keys=True)


def _compare_as_collections(path: Path, before: list[Json], after: list[Json]) -> Iterator[ValueChange]:
    gone, come = _left_over(before, after), _left_over(after, before)
    for item in gone:
        yield ValueChange(path, Sort.REMOVED, value_in_words(item), "")
    for item in come:
        yield ValueChange(path, Sort.ADDED, "", value_in_words(item))
    if not gone and not come:
        # Equal, or equal in another order.
        yield _change(path, before, after)
    elif kept := _left_over(before, gone):
        yield _change(path, kept, kept)


def _left_over(items: Sequence[Json], others: Sequence[Json]) -> list[Json]:
    """The items that aren't in `others`, as a difference of multisets."""
    spare = Counter(map(_key, others))
    left = []
    for item in items:
        if spare[_key(item)]:
            spare[_key(item)] -= 1
        else:
            left.append(item)
    return left


def _compare_item_by_item(path: Path, before: list[Json], after: list[Json]) -> Iterator[ValueChange]:
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    ones, others = before[head : len(before) - tail], after[head : len(after) - tail]
    for place, (one, other) in enumerate(zip_longest(ones, others, fillvalue=MISSING), head + 1):
        yield from _changes((*path, f"no. {place}"), one, other)
    if same := head + tail:
        count = f"{same} more" if ones or others else f"{same} in all"
        yield ValueChange(path, Sort.KEPT, count, count)


def _alike(before: Sequence[Json], after: Sequence[Json]) -> int:
    """The length of the common beginning."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: _key(pair[0]) == _key(pair[1]), pairs))
