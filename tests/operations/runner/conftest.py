"""A pretend CXone behind the real gateway, and wake-ups that no worker hears unless a test passes them on."""

import pytest

from campaigns.operations.runner import slices
from tests.operations.runner.timed import move, spring
from tests.worker import campaign, clock, cxone, posts_events, published

__all__ = ["campaign", "clock", "cxone", "move", "posts_events", "published", "spring"]


@pytest.fixture(autouse=True)
def long_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, a slice ends when there is nothing to do, not because of the time."""
    monkeypatch.setattr(slices, "SLICE_SECONDS", 600.0)
