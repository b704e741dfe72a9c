"""The commands work on the same pretend CXone as the runner's tests."""

from tests.worker import campaign, clock, cxone, posts_events

__all__ = ["campaign", "clock", "cxone", "posts_events"]
