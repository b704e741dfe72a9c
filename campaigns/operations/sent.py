"""What was sent to CXone for an operation, and whether any of it may have worked."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from campaigns.models import Attempt, AttemptOutcome, Operation
from campaigns.operations.timed import is_ahead
from campaigns.queueing.rows import database_now

# Outcomes of attempts after which CXone has changed nothing.
NOTHING_DONE = (AttemptOutcome.REFUSED, AttemptOutcome.NOT_SENT)


def may_have_worked(operation: Operation) -> bool:
    """Something was sent, and CXone didn't say that it refused it."""
    return _not_refused(operation).exists()


def that_may_have_worked(operations: Collection[Operation]) -> set[UUID]:
    """The ids of those for which the same holds. One query, or none for none."""
    if not operations:
        return set()
    attempts = Attempt.objects.filter(operation__in=[operation.pk for operation in operations])
    return set(attempts.exclude(outcome__in=NOTHING_DONE).order_by().values_list("operation_id", flat=True))


def may_be_in_effect(operation: Operation) -> bool:
    """The same, and its time has come: until then CXone only has it, and it takes none of CXone's places."""
    return may_have_worked(operation) and not is_ahead(operation, database_now())


def first_sent_at(operation: Operation) -> datetime | None:
    """When the first attempt that may have worked went out: nothing that was read before can be its work."""
    return _not_refused(operation).values_list("sent_at", flat=True).first()


def last_sent_at(operation: Operation) -> datetime | None:
    """When the newest attempt went out: nothing that was read before says anything about it."""
    newest = operation.attempts.last()
    return newest.sent_at if newest else None


def _not_refused(operation: Operation) -> QuerySet[Attempt]:
    return operation.attempts.exclude(outcome__in=NOTHING_DONE)
