"""Two JSON values side by side, as changes that a person can read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.chain import Json
from audit.json_in_words import label, tree, value_in_words
from audit.pages.diff import MISSING, Side, Sort, ValueChange, compare_details, compare_sides

NINE_TO_FIVE: list[Json] = [{"day": day, "startTime": "09:00", "endTime": "17:00"} for day in ("MON", "TUE")]
SCHEDULE: dict[str, Json] = {"timezone": "UTC", "dialingHours": [*NINE_TO_FIVE], "pauseConditions": ["BUSY"]}

json = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def changed(before: Side, after: Side) -> list[tuple[str, str, str, str]]:
    return [
        (" > ".join(change.path), change.sort, change.before, change.after)
        for change in compare_sides("", before, after).changes
    ]


@given(json)
def test_same_value_has_no_changes(value: Json) -> None:
    assert compare_sides("", value, value).changes == []


@given(json, json)
def test_way_back_mirrors_the_way_there(one: Json, other: Json) -> None:
    mirrored = {Sort.ADDED: Sort.REMOVED, Sort.REMOVED: Sort.ADDED}
    back = [
        ValueChange(change.path, mirrored.get(change.sort, change.sort), change.after, change.before)
        for change in compare_sides("", other, one).changes
    ]
    assert sorted(back) == sorted(compare_sides("", one, other).changes)


@given(json)
def test_true_is_not_one(value: Json) -> None:
    assert changed({"x": True, "y": value}, {"x": 1, "y": value}) == [("x", "changed", "yes", "1")]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"calls": 50, "windows": 5}, {"calls": 60, "windows": 5}, [("calls", "changed", "50", "60")]),
        (MISSING, {"name": "Texas"}, [("name", "added", "", "Texas")]),
        ({"name": "Texas", "valid_from": None}, MISSING, [
            ("name", "removed", "Texas", ""), ("first day", "removed", "none", ""),
        ]),
        ({"a": ["x", "y"]}, {"a": ["y", "z"]}, [("a", "removed", "x", ""), ("a", "added", "", "z")]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, [("a", "changed", "x, y", "y, x")]),
        ([{"n": 1}, {"n": 2}], [{"n": 0}, {"n": 1}, {"n": 2}], [("no. 1 > n", "added", "", "0")]),
        ([{"n": 1}, {"n": 2}], [{"n": 1}, {"n": 3}], [("no. 2 > n", "changed", "2", "3")]),
        ({"a": 1, "b": {"c": 2}}, {"a": 1, "b": "x"}, [("b", "changed", "c 2", "x")]),
        ("x", MISSING, [("", "removed", "x", "")]),
    ],
)  # fmt: skip
def test_change_is_told(before: Side, after: Side, found: list[tuple[str, str, str, str]]) -> None:
    assert changed(before, after) == found


def test_windows_read_by_day() -> None:
    after: dict[str, Json] = SCHEDULE | {
        "dialingHours": [
            {"day": "SAT", "startTime": "10:00", "endTime": "14:00"},
            NINE_TO_FIVE[0],
            {"day": "TUE", "startTime": "13:00", "endTime": "17:00"},
            {"day": "TUE", "startTime": "08:00", "endTime": "12:00"},
        ]
    }
    assert changed({"schedule": SCHEDULE}, {"schedule": after}) == [
        ("dialing windows > Tuesday", "removed", "09:00 to 17:00", ""),
        ("dialing windows > Tuesday", "added", "", "08:00 to 12:00"),
        ("dialing windows > Tuesday", "added", "", "13:00 to 17:00"),
        ("dialing windows > Saturday", "added", "", "10:00 to 14:00"),
    ]


def test_unchanged_is_kept_apart() -> None:
    kept = compare_sides("", SCHEDULE, SCHEDULE | {"timezone": "Europe/Paris"}).kept
    assert [(change.path[-1], change.before) for change in kept] == [
        ("Monday", "09:00 to 17:00"),
        ("Tuesday", "09:00 to 17:00"),
        ("pause conditions", "BUSY"),
    ]


def test_shared_name_goes_into_the_title() -> None:
    assert (
        compare_sides("What changed", {"schedule": {"a": 1}}, {"schedule": {"a": 2}}).title == "What changed: schedule"
    )


def test_conflict_has_two_sides() -> None:
    conflict: dict[str, Json] = {"base": SCHEDULE, "theirs": SCHEDULE, "ours": {}, "clashes": ["MON"]}
    (theirs, ours), rest = compare_details({"state": "CONFLICT", "conflict": conflict})
    assert (theirs.title, theirs.changes) == ("What somebody else changed", [])
    assert ours.title == "What was asked for"
    assert rest == {"state": "CONFLICT", "conflict": {"clashes": ["MON"]}}


def test_plain_details_compare_nothing() -> None:
    assert compare_details({"asked_for": {"drop_active_calls": False}, "note": ""}) == (
        [],
        {"asked_for": {"drop_active_calls": False}, "note": ""},
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("max_active_calls", "max active calls"),
        ("pauseConditions", "pause conditions"),
        ("timezone", "time zone"),
        ("US Holidays", "US Holidays"),
        ("", ""),
    ],
)
def test_name_reads_as_words(name: str, words: str) -> None:
    assert label(name) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "none"),
        ([], "none"),
        (True, "yes"),
        ("", "empty"),
        (["MON", "TUE"], "Monday, Tuesday"),
        (1.5, "1.5"),
        (["a", None], "a, none"),
        ({"is_default": False}, "is default no"),
        (NINE_TO_FIVE, "Monday 09:00 to 17:00; Tuesday 09:00 to 17:00"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_value_reads_as_words(value: Json, words: str) -> None:
    assert value_in_words(value) == words


@given(json)
def test_tree_holds_every_value(value: Json) -> None:
    assert tree("whole", {"value": value}).parts[0].name == "value"


def test_tree_goes_into_parts() -> None:
    (first, second) = tree("findings", [{"code": "OVERLAP"}, {"rows": [1, 2]}]).parts
    assert (first.name, first.parts[0].text, second.parts[0].text) == ("no. 1", "OVERLAP", "1, 2")
