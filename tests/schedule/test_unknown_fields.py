"""What CXone keeps and we don't know survives each change, or is named before it is lost."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.schedule import Code, Constraints, Severity, canonical, carry, check, merge, resolve, same
from campaigns.schedule.canonical import further_of
from tests.schedule.given import make_schedule, make_windows, small_schedules
from tests.schedule.test_checks import NOW

untimed = settings(deadline=None)
FURTHER = {"holidays": [{"date": "2027-07-04"}]}
MONDAY, TUESDAY = make_windows("MON 09:00-17:00", "TUE 09:00-17:00")
EARLY, LATE = make_windows("MON 09:00-12:00", "MON 13:00-17:00")


def hours(*windows: dict[str, Any], **further: Any) -> dict[str, Any]:
    return {"timezone": "America/New_York", "dialingHours": list(windows), "pauseConditions": []} | further


def labelled(window: dict[str, str], label: str = "A", **fields: str) -> dict[str, Any]:
    return window | {"label": label} | fields


def labels(schedule: Any) -> list[str | None]:
    return [window.get("label") for window in canonical(schedule)["dialingHours"]]


# --- carried ---


def test_key_of_the_schedule_is_carried() -> None:
    assert carry(hours(MONDAY, **FURTHER), hours(TUESDAY)) == hours(TUESDAY, **FURTHER)


def test_own_value_of_a_key_counts() -> None:
    assert carry(hours(MONDAY, **FURTHER), hours(MONDAY, holidays=[]))["holidays"] == []


def test_keys_of_windows_that_stay_are_carried() -> None:
    base = hours(labelled(MONDAY), labelled(TUESDAY, "B"))
    assert labels(carry(base, hours(TUESDAY, MONDAY))) == ["A", "B"]


def test_spelling_is_no_other_window() -> None:
    base = hours(labelled({"day": "Monday", "startTime": "9:00", "endTime": "17:00:00"}))
    assert labels(carry(base, hours(MONDAY))) == ["A"]


def test_keys_of_the_only_window_that_changed_on_its_day_are_carried() -> None:
    base = hours(labelled(EARLY), labelled(LATE, "B"))
    assert labels(carry(base, hours(EARLY, LATE | {"endTime": "16:00"}))) == ["A", "B"]


def test_keys_of_windows_that_cannot_be_told_apart_are_not_guessed() -> None:
    base = hours(labelled(EARLY), labelled(LATE, "B"))
    ours = hours(EARLY | {"endTime": "11:00"}, LATE | {"endTime": "16:00"})
    assert labels(carry(base, ours)) == [None, None]


def test_window_of_another_day_is_another_window() -> None:
    assert labels(carry(hours(labelled(MONDAY)), hours(TUESDAY))) == [None]


further = st.fixed_dictionaries({}, optional={"label": st.sampled_from("AB"), "id": st.integers(1, 3)})


@st.composite
def with_further(draw: Any) -> dict[str, Any]:
    schedule: dict[str, Any] = draw(small_schedules)
    windows = [window | draw(further) for window in schedule["dialingHours"]]
    fields: dict[str, Any] = draw(further)
    return schedule | {"dialingHours": windows} | fields


def without_further(schedule: dict[str, Any]) -> dict[str, Any]:
    known = ("day", "startTime", "endTime")
    windows = [{key: window[key] for key in known} for window in schedule["dialingHours"]]
    return {"timezone": schedule["timezone"], "dialingHours": windows, "pauseConditions": schedule["pauseConditions"]}


@untimed
@given(with_further())
def test_unchanged_schedule_stays_whole(base: dict[str, Any]) -> None:
    plain = without_further(base)
    distinct = len({tuple(window.values()) for window in plain["dialingHours"]}) == len(plain["dialingHours"])
    assert not distinct or same(carry(base, plain), base)


@untimed
@given(with_further(), small_schedules)
def test_carrying_changes_no_hours(base: dict[str, Any], ours: dict[str, Any]) -> None:
    assert same(without_further(carry(base, ours)), ours)


@untimed
@given(with_further(), small_schedules)
def test_carrying_twice_is_carrying_once(base: dict[str, Any], ours: dict[str, Any]) -> None:
    once = carry(base, ours)
    assert carry(base, once) == once


# --- merged ---


def test_key_that_they_added_is_kept_beside_our_hours() -> None:
    base, theirs = hours(MONDAY, TUESDAY), hours(labelled(MONDAY), labelled(TUESDAY, "B"), **FURTHER)
    ours = hours(MONDAY | {"endTime": "16:00"}, TUESDAY)
    found = merge(base, theirs, ours)
    assert found.clashes == ()
    assert labels(found.schedule) == ["A", "B"]
    assert found.schedule["dialingHours"][0]["endTime"] == "16:00"
    assert found.schedule["holidays"] == FURTHER["holidays"]


def test_key_that_both_changed_differently_clashes() -> None:
    base, theirs, ours = (hours(labelled(MONDAY, label)) for label in "ABC")
    (clash,) = merge(base, theirs, ours).clashes
    assert (clash.part, labels(resolve(base, theirs, ours, {"MON": "theirs"}))) == ("MON", ["B"])
    assert labels(resolve(base, theirs, ours, {"MON": "ours"})) == ["C"]


def test_removed_window_whose_key_they_changed_clashes() -> None:
    found = merge(hours(MONDAY, TUESDAY), hours(labelled(MONDAY), TUESDAY), hours(TUESDAY))
    assert [clash.part for clash in found.clashes] == ["MON"]


def test_key_that_they_removed_is_removed() -> None:
    ours = hours(labelled(MONDAY) | {"endTime": "16:00"})
    assert labels(merge(hours(labelled(MONDAY)), hours(MONDAY), ours).schedule) == [None]


def test_our_hours_in_a_conflict_keep_the_key_that_they_added() -> None:
    base = hours(MONDAY)
    theirs, ours = hours(labelled(MONDAY) | {"endTime": "18:00"}), hours(MONDAY | {"endTime": "16:00"})
    assert [clash.part for clash in merge(base, theirs, ours).clashes] == ["MON"]
    assert labels(resolve(base, theirs, ours, {"MON": "ours"})) == ["A"]


@untimed
@given(with_further(), small_schedules)
def test_merge_carries_what_they_added(theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    """Whatever we want, and whatever they added to a schedule whose hours they left alone."""
    base = without_further(theirs)
    found = merge(base, theirs, ours)
    added = {key: value for key, value in theirs.items() if key in {"label", "id"}}
    assert {key: found.schedule.get(key) for key in added} == added
    if not found.clashes:
        theirs_further = [further_of(window) for window in theirs["dialingHours"]]
        assert all(further_of(window) in [*theirs_further, {}] for window in found.schedule["dialingHours"])


@untimed
@given(with_further(), with_further())
def test_only_we_changed_gives_ours(base: dict[str, Any], ours: dict[str, Any]) -> None:
    assert same(merge(base, base, ours).schedule, ours)


@untimed
@given(with_further(), with_further())
def test_only_they_changed_gives_theirs(base: dict[str, Any], theirs: dict[str, Any]) -> None:
    found = merge(base, theirs, base)
    assert (same(found.schedule, theirs), found.clashes) == (True, ())


@untimed
@given(with_further(), with_further(), with_further())
def test_clashes_are_symmetric(base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    parts = [clash.part for clash in merge(base, theirs, ours).clashes]
    assert parts == [clash.part for clash in merge(base, ours, theirs).clashes]


def test_undone_key_is_a_clash() -> None:
    base, ours = hours(labelled(MONDAY)), hours(labelled(MONDAY, "B"))
    assert [clash.part for clash in merge(base, base, ours, undone=True).clashes] == ["MON"]
    assert merge(base, ours, ours, undone=True).clashes == ()


@untimed
@given(with_further(), with_further(), with_further())
def test_what_was_not_applied_clashes_somewhere(
    base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]
) -> None:
    if not same(merge(base, theirs, ours).schedule, theirs):
        assert merge(base, theirs, ours, undone=True).clashes


# --- named before it is lost ---


def lost(base: object, ours: object) -> str:
    found = [finding for finding in check(ours, Constraints(), NOW, base) if finding.code == Code.LOSES_FIELDS]
    assert all(finding.severity == Severity.WARNING for finding in found)
    return " ".join(finding.message for finding in found)


@pytest.mark.parametrize("ours", [hours(TUESDAY), hours(MONDAY | {"day": "WED"}, TUESDAY), hours(MONDAY, TUESDAY)])
def test_lost_key_of_a_window_is_named(ours: dict[str, Any]) -> None:
    assert "label of MON 09:00 to 17:00" in lost(hours(labelled(MONDAY), TUESDAY), ours)


def test_window_that_cannot_be_read_is_named() -> None:
    odd = MONDAY | {"startTime": "09:00:30"}
    assert "MON 09:00:30 to 17:00, which can’t be read" in lost(hours(odd, TUESDAY), hours(TUESDAY))


def test_hours_that_are_no_list_are_named() -> None:
    assert "its dialing hours, which are an object" in lost({"dialingHours": {"MON": []}}, hours(MONDAY))


def test_condition_that_cannot_be_read_is_named() -> None:
    base = make_schedule("MON 09:00-17:00") | {"pauseConditions": [{"code": "RAIN"}]}
    assert "a pause condition that can’t be read" in lost(base, hours(MONDAY))


@pytest.mark.parametrize(
    "ours", [hours(labelled(MONDAY)), hours(labelled(MONDAY, endTime="12:00")), hours(labelled(MONDAY), TUESDAY)]
)
def test_nothing_lost_is_no_warning(ours: dict[str, Any]) -> None:
    assert lost(hours(labelled(MONDAY)), ours) == ""
    assert lost(hours(MONDAY, TUESDAY), ours) == ""


@untimed
@given(with_further(), small_schedules)
def test_every_key_is_carried_or_named(base: dict[str, Any], ours: dict[str, Any]) -> None:
    carried = carry(base, ours)
    kept = [further_of(window) for window in carried["dialingHours"]]
    had = [further_of(window) for window in base["dialingHours"]]
    gone = [fields for fields in had if fields and had.count(fields) > kept.count(fields)]
    assert bool(gone) is bool(lost(base, carried))
