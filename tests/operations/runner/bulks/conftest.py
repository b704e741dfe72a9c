"""A pretend CXone with more campaigns than one, as last read."""

import pytest

from campaigns.models import Campaign
from campaigns.simulator import Simulator
from campaigns.sync import full_read
from tests.worker import clock, cxone, posts_events

__all__ = ["clock", "cxone", "posts_events"]


@pytest.fixture
def campaigns(cxone: Simulator, enqueued: list[tuple[str, ...]], db: None) -> list[Campaign]:
    """Twelve active ones with three calls each."""
    for number in range(12):
        cxone.add(id=f"c{number:02}", name=f"Campaign {number:02}", calls=3)
    cxone.remove("spring")
    full_read.read_all_campaigns()
    return list(Campaign.objects.order_by("pk"))
