"""The calls query of a click, made beside the read of its campaign: two round trips to the PUT rather than three."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context

from campaigns.cxone.breaker import is_failure
from campaigns.cxone.budget import Lane
from campaigns.cxone.errors import BudgetSpent, CXoneError
from campaigns.cxone.gateway import Counts, Gateway
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.tenancy import open_own_gateway

# As many as a process has threads for operations. With those, and the others that call CXone, they stay below its
# connections (campaigns.cxone.connect.LIMITS).
_threads = ThreadPoolExecutor(8, "calls")


@contextmanager
def counting(claimed: ClaimedOperation, gateway: Gateway, lane: Lane) -> Iterator[Callable[[], Counts]]:
    """Count the campaign's calls while the block runs. What it yields returns the count, or raises what went wrong.

    The block ends with the query, whatever else has happened: its slot of the budget and the circuit breaker must hear
    how it ended, and its thread has no connection to the database.
    """
    campaign_id, lent = claimed.operation.campaign_id, claimed.budget.lend(lane)
    beside = claimed.beside = open_own_gateway(lane, lent)
    # With what the log says of this thread's work.
    running = _threads.submit(copy_context().run, beside.calls_in_progress, campaign_id)
    try:
        yield lambda: _result(running, lambda: gateway.calls_in_progress(campaign_id))
    finally:
        wait([running])
        lent.settle()
        _tell(claimed, running.exception())


def _result(running: "Future[Counts]", ask_here: Callable[[], Counts]) -> Counts:
    try:
        return running.result()
    except CXoneError as error:
        # As when the token had to be renewed. This thread can ask the database for more requests.
        if _lacks_requests(error):
            return ask_here()
        raise


def _tell(claimed: ClaimedOperation, error: BaseException | None) -> None:
    """As a channel tells the breaker of a call that it has made."""
    if error is None or (isinstance(error, CXoneError) and not _lacks_requests(error) and not is_failure(error)):
        claimed.breaker.note_answer()
    elif isinstance(error, CXoneError) and is_failure(error):
        claimed.breaker.note_failure(error)


def _lacks_requests(error: BaseException) -> bool:
    return isinstance(error, BudgetSpent) or isinstance(error.__cause__, BudgetSpent)
