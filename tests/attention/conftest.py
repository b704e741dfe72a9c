"""A pretend CXone behind the real gateway, and wake-ups that no worker hears unless a test passes them on."""

from tests.worker import campaign, clock, cxone, posts_events

__all__ = ["campaign", "clock", "cxone", "posts_events"]
