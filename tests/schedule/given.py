"""Schedules for the tests of the rules: by hand, and drawn."""

from typing import Any

from hypothesis import strategies as st

from campaigns.schedule import DAYS, PAUSE_CONDITIONS, clock

ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca")


def make_schedule(
    *windows: str, timezone: str = "America/New_York", conditions: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Windows as "MON 09:00-17:00"."""
    return {"timezone": timezone, "dialingHours": make_windows(*windows), "pauseConditions": list(conditions)}


def make_windows(*windows: str) -> list[dict[str, str]]:
    return [{"day": w[:3], "startTime": w[4:9], "endTime": w[10:]} for w in windows]


minutes = st.integers(0, 1439)
windows = st.builds(
    lambda day, a, b: f"{day} {clock(min(a, b))}-{clock(max(a, b))}", st.sampled_from(DAYS), minutes, minutes
)
schedules = st.builds(
    lambda found, zone, conditions: make_schedule(*found, timezone=zone, conditions=tuple(conditions)),
    st.lists(windows, max_size=8),
    st.sampled_from(ZONES),
    st.lists(st.sampled_from(PAUSE_CONDITIONS), unique=True),
)
# Few values for each, so that two that are drawn often agree.
small_schedules = st.builds(
    lambda found, zone, conditions: make_schedule(*found, timezone=zone, conditions=tuple(conditions)),
    st.lists(
        st.sampled_from(("MON 09:00-12:00", "MON 13:00-17:00", "TUE 09:00-17:00", "SUN 10:00-11:00")), max_size=3
    ),
    st.sampled_from(ZONES[:3]),
    st.lists(st.sampled_from(PAUSE_CONDITIONS[:2]), unique=True),
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
anything = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner), max_leaves=15
)
_odd_day = st.sampled_from((*DAYS, "mon", "XXX", None, 1))
odd_windows = st.fixed_dictionaries(
    {}, optional={"day": _odd_day, "startTime": windows | anything, "endTime": anything, "note": anything}
)
odd_schedules = st.fixed_dictionaries(
    {},
    optional={
        "timezone": st.sampled_from(ZONES) | anything,
        "dialingHours": st.lists(odd_windows | anything, max_size=4) | anything,
        "pauseConditions": st.lists(st.sampled_from(PAUSE_CONDITIONS) | anything, max_size=4) | anything,
        "start_time": anything,
        "foo": anything,
    },
)
