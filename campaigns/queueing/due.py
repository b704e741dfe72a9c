"""Rows that are due for a worker: how a dispatcher finds them, and what it sends for them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from campaigns.queueing.rows import takeable

# A worker that is free takes a message within milliseconds. One that hasn't arrived after this long is lost, or waits
# behind others, and then a second one does no harm: whoever comes second finds the row claimed.
LOST_AFTER = timedelta(seconds=5)
# In one transaction, whose locks keep other dispatchers out: the rest follows in the next round.
MOST_AT_ONCE = 100

# A task's full path, and its arguments.
Message = tuple[str, ...]


class DueSource(Protocol):
    """Something that may be due. `queue` is where its workers listen."""

    @property
    def queue(self) -> str: ...

    def take(self) -> list[Message]:
        """Messages for what is due now. No other dispatcher takes the same again soon."""


@dataclass(frozen=True, kw_only=True)
class DueRows:
    """Rows of one model. `marked`: the column that notes when a row was last enqueued.

    `together`: one message for all of them, without arguments; otherwise each gets its own, with its key.
    """

    queue: str
    task: str
    rows: Callable[[], QuerySet[Any]]
    marked: str
    together: bool = False

    def __post_init__(self) -> None:
        # A name that no task has would be noticed only when something is due.
        import_string(self.task)

    def take(self) -> list[Message]:
        rows = self.rows()
        with transaction.atomic():
            keys = list(takeable(rows)[:MOST_AT_ONCE].values_list("pk", flat=True))
            if keys:
                rows.model._default_manager.filter(pk__in=keys).update(**{self.marked: Now()})
        if self.together:
            return [(self.task,)] if keys else []
        return [(self.task, str(key)) for key in keys]


def is_unheard() -> Q:
    """Never enqueued, or so long ago that the wake-up seems lost."""
    return Q(enqueued_at=None) | Q(enqueued_at__lte=Now() - LOST_AFTER)
