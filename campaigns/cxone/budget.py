"""The port of the request budget that all processes share, and its lanes.

The budget is `rate` slots, numbered from 1, each usable again 61 s after its last use. A lane is a range of slots, and
takes the highest free one first, background reads the lowest, so that a bulk can't starve the reads that confirm it,
and no click waits for a bulk.
"""

from enum import StrEnum
from typing import Protocol


class Lane(StrEnum):
    BACKGROUND = "background"
    LONG_READ = "long read"
    EVENTS = "events"
    BULK = "bulk"
    CLICK = "click"

    @property
    def is_background(self) -> bool:
        """Nobody waits for it."""
        return self in {Lane.BACKGROUND, Lane.LONG_READ}


class Budget(Protocol):
    def reserve(self, lane: Lane) -> int:
        """Take one request: 0 means go; otherwise nothing was taken, and the caller waits so many milliseconds.
        Never sleeps."""

    def prolong(self, seconds: float = 0.0) -> None:
        """The last request taken in this thread has just ended, long after it was taken. CXone may have counted it
        only now, or may do so within `seconds`, so from then on it counts like a new one. Never raises: the request's
        outcome matters more."""

    def close(self, seconds: float) -> None:
        """CXone asked everybody to wait (Retry-After): no lane grants anything for that long."""

    def rest_background(self, seconds: float) -> None:
        """CXone has had too many requests, and didn't say how long to wait: background reads do for that long."""


# First and last slot of each lane at a rate of 200 a minute. The lanes overlap, so that what one doesn't need serves
# another; but 10 slots are a click's alone, however long a bulk is, and 35 are left to reads and clicks. Events come
# as fast as CXone sends them, or anybody who knows their address: they share no slot with background reads, and theirs
# are below those that clicks and bulks take first. A full read that goes on for minutes leaves a fifth of background
# reads' slots to the others, such as samples of drains.
_SLOTS_OF_200 = {
    Lane.BACKGROUND: (1, 100),
    Lane.LONG_READ: (1, 80),
    Lane.EVENTS: (101, 140),
    Lane.BULK: (36, 190),
    Lane.CLICK: (1, 200),
}


def lane_range(lane: Lane, rate: int) -> range:
    """The numbers of the slots (from 1) that `lane` may use when CXone allows `rate` requests a minute."""
    first, last = _SLOTS_OF_200[lane]
    return range((first - 1) * rate // 200 + 1, max(1, last * rate // 200) + 1)
