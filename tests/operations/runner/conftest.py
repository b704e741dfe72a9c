"""A pretend CXone behind the real gateway, and wake-ups that no worker hears unless a test passes them on."""

from tests.operations.runner.timed import move, spring
from tests.worker import campaign, clock, cxone, posts_events, published

__all__ = ["campaign", "clock", "cxone", "move", "posts_events", "published", "spring"]
