"""How the floor stands: how many campaigns are dialing, waiting, draining or paused, altogether and by a tag."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from campaigns.dialing import DialingState, is_counted_in, is_open_at, state_of
from campaigns.models import Campaign

COUNTED = tuple(state for state in DialingState if state != DialingState.GONE)
# Of campaigns without the tag that is asked for.
UNTAGGED = ""


@dataclass(slots=True)
class FloorCounts:
    """Of campaigns that CXone has, as the tabs of the list count them: one that needs somebody counts as what it is,
    too, and one that drains is also paused. `other`: drafts and the like."""

    needs_you: int = 0
    on_hold: int = 0
    dialing: int = 0
    waiting: int = 0
    draining: int = 0
    paused: int = 0
    other: int = 0
    calls: int = 0

    def add(self, own: DialingState, calls: int, urgency: int, *, on_hold: bool) -> None:
        for state in COUNTED:
            if is_counted_in(state, own):
                setattr(self, state, getattr(self, state) + 1)
        self.calls += calls
        self.needs_you += urgency > 0
        self.on_hold += on_hold


@dataclass(frozen=True, slots=True)
class Floor:
    total: FloorCounts
    # By the text of the tag; "" for campaigns without it.
    by_tag: dict[str, FloorCounts]


def read_floor(now: datetime, tag: str = "") -> Floor:
    """In one query. `tag`: the name of the tag to add up by, or none."""
    total, by_tag = FloorCounts(), defaultdict[str, FloorCounts](FloorCounts)
    rows = Campaign.objects.filter(gone_at=None).order_by()
    columns = ("status", "window_open", "window_changes_at", "active_calls", "urgency", "tags", "hold_id")
    for status, was_open, changes_at, calls, urgency, tags, hold in rows.values_list(*columns):
        state = state_of(status, calls, is_open=is_open_at(was_open, changes_at, now))
        total.add(state, calls, urgency, on_hold=hold is not None)
        if tag:
            by_tag[tags.get(tag, UNTAGGED)].add(state, calls, urgency, on_hold=hold is not None)
    return Floor(total, dict(by_tag))
