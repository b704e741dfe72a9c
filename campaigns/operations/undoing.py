"""Whether a pause still stands: a resume that undoes it is carried out only then."""

from django.db.models.functions import Coalesce

from campaigns.models import Campaign, Operation, OperationKind, Origin
from campaigns.operations.timed import begin_of
from campaigns.states import IN_PROGRESS, State

# By these, somebody has had a say in whether the campaign dials since.
_TOUCHING = (*IN_PROGRESS, State.CONFIRMED, State.SKIPPED, State.UNCONFIRMED, State.SUPERSEDED)
REPEATS = "repeats"  # in the payload of a pause by the watch: the id of the pause that it repeats


def is_still_paused_by(pause: Operation) -> bool:
    """The campaign is paused because of `pause`, and nobody has paused or resumed it since. Four queries at most."""
    campaign = Campaign.objects.select_related("explained_by").get(pk=pause.campaign_id)
    explanation = campaign.explained_by
    if not campaign.is_paused or explanation is None:
        return False
    return _original(explanation) == str(pause.pk) and not _is_touched_since(pause)


def _original(explanation: Operation) -> str:
    """The pause that the watch repeated, or the operation itself."""
    return str(explanation.payload.get(REPEATS, explanation.pk))


def _is_touched_since(pause: Operation) -> bool:
    others = Operation.objects.filter(
        campaign_id=pause.campaign_id, kind__in=[OperationKind.PAUSE, OperationKind.RESUME], state__in=_TOUCHING
    )
    # One for a later time counts from that on, however long before it was requested.
    later = others.annotate(begin=Coalesce("not_before", "requested_at")).filter(begin__gt=begin_of(pause))
    # What undoes it is no touch, and neither is the watch, which only upholds it.
    by_others = later.exclude(undoes=pause).exclude(origin=Origin.WATCH)
    return by_others.exists()
