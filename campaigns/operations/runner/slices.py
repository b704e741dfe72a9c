"""Work in slices of a worker's time, as bulks and gathered pauses have it: then whoever else waits comes first."""

from datetime import timedelta

from campaigns.cxone.gateway import Gateway
from campaigns.dialect import cxone_can
from campaigns.operations.runner import calls
from campaigns.operations.runner.calls import CallsCount
from campaigns.queueing.request_budget import GrantedRequests

SLICE_SECONDS = 2.0
# How much younger a count of calls has to be when a slice begins, so that it isn't too old when that ends.
_YOUNGER = timedelta(seconds=SLICE_SECONDS)


def count_for_slice(gateway: Gateway, granted: GrantedRequests) -> CallsCount | None:
    """A count of all calls that is good for a whole slice: the newest, or one that is made now.

    None: that one is too old, and only a full read makes another. CXoneError: CXone gave none.
    """
    age = calls.longest_age() - _YOUNGER
    if count := calls.last_count(age):
        return count
    if not cxone_can().counts_at_once:
        return None
    granted.have_ready(1)
    return calls.recent_count(gateway, age)
