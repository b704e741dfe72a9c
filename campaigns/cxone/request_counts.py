"""How many requests this process has sent to CXone, by their kind and how they were answered: in memory, until whoever
keeps them takes them (campaigns/queueing/request_counts.py)."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from campaigns.cxone.errors import CXoneError, Unreachable

UNREACHABLE, NO_ANSWER = "unreachable", "no_answer"


class Answered(NamedTuple):
    """`call`: the kind of call (Call.name); `status`: the HTTP status, or why there was none."""

    call: str
    status: str


class RequestCounts:
    """Safe for threads. `begun`: called once when something is to be taken, and again after it was taken."""

    def __init__(self) -> None:
        self.begun: Callable[[], None] | None = None
        self._forget()
        # A forked child would count again what its parent has counted, and may have got the lock in use.
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Answered] = Counter()

    def note(self, call: str, status: int | str) -> None:
        with self._lock:
            is_first = not self._counts
            self._counts[Answered(call, str(status))] += 1
        if is_first and self.begun:
            self.begun()

    def note_failure(self, call: str, error: CXoneError) -> None:
        """`error`: instead of a whole answer."""
        self.note(call, UNREACHABLE if isinstance(error, Unreachable) else error.status or NO_ANSWER)

    def take(self) -> Mapping[Answered, int]:
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return taken

    def put_back(self, counts: Mapping[Answered, int]) -> None:
        """They could not be kept. The next ones will be taken with them."""
        with self._lock:
            self._counts.update(counts)


REQUEST_COUNTS = RequestCounts()
