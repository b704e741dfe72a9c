"""What came of placing holds, in words. Pure."""

from collections.abc import Sequence

from campaigns.models import Operation, OperationKind
from campaigns.operations.holding import Placed


def what_was_sent(placed: Placed) -> str:
    """What had been sent to CXone when the hold was placed; "" if nothing had."""
    if not placed.sent:
        return ""
    it = "it ends as it was sent" if len(placed.sent) == 1 else "they end as they were sent"
    return (
        f"{_listed(placed.sent)} had been sent to CXone already: {it}. Look at what becomes of "
        f"{'it' if len(placed.sent) == 1 else 'them'}, and pause what dials."
    )


def _listed(operations: Sequence[Operation]) -> str:
    if len(operations) > 1:
        return f"{len(operations):,} resumes and schedule changes"
    (operation,) = operations
    return f"A {OperationKind(operation.kind).label.lower()} requested by {operation.by}"
