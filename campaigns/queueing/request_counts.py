"""The requests to CXone that each process has counted in memory, kept in rows: a process that is killed loses those of
its last seconds, and a click pays for none of it.

What asks CXone is a thread of a worker, which has better things to do than to count; so another one adds what has come
together, every few seconds while there is anything.
"""

import atexit
import logging
import threading

from django.db import Error, connection

from campaigns.cxone.request_counts import REQUEST_COUNTS
from campaigns.queueing.metric_counts import Increments

log = logging.getLogger(__name__)

METRIC = "cxone_requests"
# Less than the time between two scrapes.
SECONDS = 10.0


def keep_counts() -> None:
    """From here on this process keeps what it counts. For its entry point: a tool or a test keeps nothing."""
    REQUEST_COUNTS.begun = _keep_later
    atexit.register(keep_last)


def keep_last() -> None:
    """At the end of the process."""
    if REQUEST_COUNTS.begun:
        keep_now()


def keep_now() -> None:
    """Add what this process has counted since it last did. Never raises."""
    counts = REQUEST_COUNTS.take()
    added = Increments()
    for (call, status), number in counts.items():
        added.count(METRIC, call, status, by=number)
    try:
        added.save()
    except Error as error:
        REQUEST_COUNTS.put_back(counts)
        log.warning("Requests to CXone could not be counted yet (%s).", type(error).__name__)
        if counts and REQUEST_COUNTS.begun:
            REQUEST_COUNTS.begun()


def _keep_later() -> None:
    timer = threading.Timer(SECONDS, _keep_in_thread)
    timer.name = "request counts"
    timer.daemon = True
    timer.start()


def _keep_in_thread() -> None:
    try:
        keep_now()
    finally:
        # The thread ends, and with it whatever could use its connection again.
        connection.close()
