"""Three-way merge: by field and by day, nothing lost, nothing overwritten."""

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.schedule import DAYS, Clash, canonical, day_of, merge, resolve, same
from campaigns.schedule.canonical import core_of
from tests.schedule.given import anything, make_schedule, make_windows, odd_schedules, small_schedules

BASE = make_schedule("MON 09:00-17:00", "TUE 09:00-17:00", conditions=("BUSY",))

untimed = settings(deadline=None)
sides = small_schedules | odd_schedules


def changed(**fields: Any) -> dict[str, Any]:
    return BASE | fields


def test_takes_their_day_and_ours() -> None:
    theirs = changed(dialingHours=make_windows("MON 08:00-17:00", "TUE 09:00-17:00"))
    ours = changed(dialingHours=make_windows("MON 09:00-17:00", "TUE 09:00-12:00", "WED 10:00-11:00"))
    found = merge(BASE, theirs, ours)
    assert found.schedule["dialingHours"] == make_windows("MON 08:00-17:00", "TUE 09:00-12:00", "WED 10:00-11:00")
    assert found.clashes == ()


def test_takes_their_field_and_ours() -> None:
    found = merge(BASE, changed(pauseConditions=["NO_ANSWER"]), changed(dialingHours=make_windows("MON 09:00-17:00")))
    assert found.schedule["pauseConditions"] == ["NO_ANSWER"]
    assert found.schedule["dialingHours"] == make_windows("MON 09:00-17:00")


def test_same_day_changed_twice_clashes() -> None:
    theirs = changed(dialingHours=make_windows("MON 08:00-17:00", "TUE 09:00-17:00"))
    ours = changed(dialingHours=make_windows("MON 10:00-17:00", "TUE 09:00-17:00"))
    clash = Clash(
        "MON", make_windows("MON 09:00-17:00"), make_windows("MON 08:00-17:00"), make_windows("MON 10:00-17:00")
    )
    assert merge(BASE, theirs, ours).clashes == (clash,)


def test_day_removed_and_changed_clashes() -> None:
    theirs = changed(dialingHours=make_windows("TUE 09:00-17:00"))
    ours = changed(dialingHours=make_windows("MON 10:00-17:00", "TUE 09:00-17:00"))
    assert [(clash.part, clash.theirs) for clash in merge(BASE, theirs, ours).clashes] == [("MON", [])]


def test_conditions_clash_as_one() -> None:
    found = merge(BASE, changed(pauseConditions=["BUSY", "NO_ANSWER"]), changed(pauseConditions=[]))
    assert found.clashes == (Clash("pauseConditions", ["BUSY"], ["BUSY", "NO_ANSWER"], []),)


def test_two_zones_clash() -> None:
    found = merge(BASE, changed(timezone="Europe/London"), changed(timezone="Asia/Kathmandu"))
    assert found.clashes == (Clash("timezone", "America/New_York", "Europe/London", "Asia/Kathmandu"),)


def test_order_is_no_change() -> None:
    theirs = changed(dialingHours=BASE["dialingHours"][::-1])
    assert merge(BASE, theirs, changed(dialingHours=[])).schedule["dialingHours"] == []


MOVED = changed(timezone="Europe/London")
RESCHEDULED = changed(dialingHours=make_windows("MON 10:00-17:00"))
OTHERWISE = changed(dialingHours=make_windows("MON 11:00-17:00"))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (MOVED, RESCHEDULED),
        (RESCHEDULED, MOVED),
        (RESCHEDULED | {"timezone": "Europe/London"}, RESCHEDULED),  # the same hours, but not the same instants
        (RESCHEDULED | {"timezone": "Europe/London"}, OTHERWISE | {"timezone": "Asia/Kathmandu"}),
    ],
)
def test_zone_against_windows_clashes(theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    (clash,) = merge(BASE, theirs, ours).clashes
    assert (clash.part, clash.ours) == ("hours", {key: ours[key] for key in ("timezone", "dialingHours")})


def test_zone_with_its_windows_is_taken() -> None:
    theirs = RESCHEDULED | {"timezone": "Europe/London"}
    assert merge(BASE, theirs, changed(pauseConditions=[])).schedule == canonical(theirs | {"pauseConditions": []})


def test_agreed_zone_merges_days() -> None:
    theirs = changed(timezone="Europe/London", dialingHours=make_windows("MON 10:00-17:00", "TUE 09:00-17:00"))
    ours = changed(timezone="Europe/London", dialingHours=make_windows("MON 09:00-17:00", "TUE 10:00-17:00"))
    found = merge(BASE, theirs, ours)
    assert found.schedule["dialingHours"] == make_windows("MON 10:00-17:00", "TUE 10:00-17:00")


def test_choice_takes_zone_and_windows() -> None:
    assert resolve(BASE, MOVED, RESCHEDULED, {"hours": "theirs"}) == canonical(MOVED)


@pytest.mark.parametrize("choices", [{}, {"hours": "both"}, {"MON": "ours"}])
def test_undecided_clash_is_refused(choices: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="hours"):
        resolve(BASE, MOVED, RESCHEDULED, choices)


def test_unreadable_windows_are_one_part() -> None:
    (clash,) = merge(BASE, changed(dialingHours=[{"day": "XXX"}]), RESCHEDULED).clashes
    assert (clash.part, clash.theirs["dialingHours"]) == ("hours", [{"day": "XXX"}])


def test_their_unknown_key_is_kept() -> None:
    assert merge(BASE, changed(lunch=True), RESCHEDULED).schedule == canonical(RESCHEDULED | {"lunch": True})


def test_depth_is_no_matter() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert merge(BASE, changed(lunch=deep), BASE).clashes == ()


def test_canonical_form_has_an_order() -> None:
    schedule = {
        "pauseConditions": ["NO_ANSWER", "BUSY"],
        "dialingHours": [{"endTime": "17:00", "startTime": "09:00", "day": "TUE"}, *make_windows("MON 09:00-17:00")],
        "timezone": "UTC",
    }
    expected = make_schedule("MON 09:00-17:00", "TUE 09:00-17:00", timezone="UTC", conditions=("BUSY", "NO_ANSWER"))
    assert repr(canonical(schedule)) == repr(expected)


@pytest.mark.parametrize(
    ("one", "other"), [(True, 1), (True, False), (0, False), (1.5, 2.5), (None, "None"), ("a,b", ["a", "b"])]
)
def test_types_are_told_apart(one: object, other: object) -> None:
    assert not same({"timezone": one}, {"timezone": other})


def test_nan_is_the_same() -> None:
    assert same({"timezone": math.nan}, {"timezone": float("nan")})


# --- Properties ---


def shares(schedule: Mapping[str, Any], part: str) -> Any:
    """A part of a canonical schedule, as clashes name it."""
    if part in DAYS:
        hours = schedule.get("dialingHours")
        return [window for window in hours if day_of(window["day"]) == part] if isinstance(hours, list) else hours
    if part == "hours":
        return {key: schedule[key] for key in ("timezone", "dialingHours") if key in schedule}
    if part == "other":
        return {
            key: value for key, value in schedule.items() if key not in {"timezone", "dialingHours", "pauseConditions"}
        }
    return schedule.get(part)


def plain(share: Any) -> Any:
    """A share without the unknown keys of its windows."""
    if isinstance(share, list):
        return [core_of(window) for window in share]
    return share | {"dialingHours": plain(share["dialingHours"])} if "dialingHours" in share else share


def equal(a: Any, b: Any) -> bool:
    return same({"part": a}, {"part": b})


@untimed
@given(sides, sides)
def test_only_we_changed_gives_ours(base: dict[str, Any], ours: dict[str, Any]) -> None:
    found = merge(base, base, ours)
    assert same(found.schedule, ours)
    assert found.clashes == ()


@untimed
@given(sides, sides)
def test_only_they_changed_gives_theirs(base: dict[str, Any], theirs: dict[str, Any]) -> None:
    found = merge(base, theirs, base)
    assert same(found.schedule, theirs)
    assert found.clashes == ()


@untimed
@given(sides, sides)
def test_equal_changes_agree(base: dict[str, Any], change: dict[str, Any]) -> None:
    found = merge(base, change, change)
    assert same(found.schedule, change)
    assert found.clashes == ()


@untimed
@given(sides, sides, sides)
def test_clashes_are_symmetric(base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    swapped = [(clash.part, clash.ours, clash.theirs) for clash in merge(base, ours, theirs).clashes]
    found = [(clash.part, clash.theirs, clash.ours) for clash in merge(base, theirs, ours).clashes]
    assert equal(found, swapped)


@untimed
@given(small_schedules, small_schedules, small_schedules)
def test_no_change_is_lost(base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    found = merge(base, theirs, ours)
    clashing = {clash.part for clash in found.clashes}
    old, other, own = canonical(base), canonical(theirs), canonical(ours)
    for part in {"timezone", "pauseConditions", *DAYS} - clashing:
        result = shares(found.schedule, part)
        if "hours" in clashing and part != "pauseConditions":
            continue
        changes = [side for side in (shares(other, part), shares(own, part)) if not equal(side, shares(old, part))]
        assert all(equal(result, change) for change in changes or [shares(old, part)])


@untimed
@given(small_schedules, small_schedules, small_schedules)
def test_zone_never_moves_windows(base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    """Unless a clash says so, windows that a side changed are in the zone that it saw."""
    found = merge(base, theirs, ours)
    for side in (theirs, ours):
        touched = not equal(shares(canonical(side), "hours")["dialingHours"], canonical(base)["dialingHours"])
        if touched and not {"hours", "timezone"} & {clash.part for clash in found.clashes}:
            assert found.schedule["timezone"] == side["timezone"]


@untimed
@given(sides, sides, sides, st.data())
def test_choices_make_the_schedule(
    base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any], data: st.DataObject
) -> None:
    merged = merge(base, theirs, ours)
    choices = {clash.part: data.draw(st.sampled_from(("theirs", "ours"))) for clash in merged.clashes}
    found = resolve(base, theirs, ours, choices)
    for clash in merged.clashes:
        share, chosen = shares(found, clash.part), getattr(clash, choices[clash.part])
        # Keys that CXone has and we don't know stay with our windows.
        assert equal(share, chosen) or (choices[clash.part] == "ours" and equal(plain(share), plain(chosen)))


@untimed
@given(sides, sides, sides)
def test_choosing_ours_is_the_proposal(base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    found = merge(base, theirs, ours)
    assert same(resolve(base, theirs, ours, {clash.part: "ours" for clash in found.clashes}), found.schedule)


def test_what_was_taken_back_clashes() -> None:
    ours = changed(dialingHours=make_windows("MON 08:00-17:00", "TUE 09:00-17:00"))
    assert merge(BASE, BASE, ours).clashes == ()
    assert [clash.part for clash in merge(BASE, BASE, ours, undone=True).clashes] == ["MON"]


def test_what_only_they_changed_is_theirs_after_ours_was_taken_back() -> None:
    theirs = changed(pauseConditions=["NO_ANSWER"])
    ours = changed(dialingHours=make_windows("MON 08:00-17:00", "TUE 09:00-17:00"))
    found = merge(BASE, theirs, ours, undone=True)
    assert [clash.part for clash in found.clashes] == ["MON"]
    assert found.schedule["pauseConditions"] == ["NO_ANSWER"]


@untimed
@given(sides, sides, sides)
def test_after_ours_was_taken_back_all_of_theirs_can_stay(
    base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]
) -> None:
    clashes = merge(base, theirs, ours, undone=True).clashes
    assert same(resolve(base, theirs, ours, {clash.part: "theirs" for clash in clashes}, undone=True), theirs)


@untimed
@given(anything, anything, anything)
def test_nothing_is_too_odd(base: object, theirs: object, ours: object) -> None:
    assert same(merge(base, theirs, ours).schedule, merge(base, theirs, ours).schedule)
