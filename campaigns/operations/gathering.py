"""Pauses of one person that are too many to be sent one by one: they are gathered, and sent together.

Each that is carried out alone counts the calls for itself, reads its campaign back, and takes a worker's time twice
when it has to queue for a slot. That serves a person who waits for it; nobody waits for each of a hundred.
"""

from django.db.models import Count, IntegerField, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.models import Bulk, Operation, OperationKind
from campaigns.states import State, WaitingFor

# As many of one person are carried out side by side, each for itself.
MOST_ALONE = 5


def is_gathered() -> Q:
    """Pauses that are begun together with others, when it is their turn: no single worker takes them."""
    return Q(state=State.WAITING, waiting_for=WaitingFor.TOGETHER)


def are_gathered_before(bulk: Bulk) -> bool:
    """People's pauses take their slots before those of a bulk, unless the bulk's override the calls check: an
    emergency stop waits for nobody's single pauses, and shares slots and requests with them."""
    return not bulk.override and Operation.objects.filter(is_gathered()).exists()


def number_unsent(by: str) -> Coalesce:
    """How many pauses of that person have yet to be sent, for a query about something else."""
    unsent = _unsent(by).order_by().values("by").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(unsent, output_field=IntegerField()), 0)


def _unsent(by: str) -> QuerySet[Operation]:
    in_progress = Operation.objects.filter(by=by, ended_at=None, kind=OperationKind.PAUSE, bulk=None)
    # Some of them wait for hours, by their person's own wish.
    return in_progress.filter(state__in=(State.QUEUED, State.RUNNING, State.WAITING)).exclude(
        waiting_for__in=(WaitingFor.CALLS, WaitingFor.TIME)
    )
