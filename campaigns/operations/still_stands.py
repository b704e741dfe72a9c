"""Whether a pause or a resume still stands: what undoes it is carried out only then."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models.functions import Coalesce

from campaigns.models import Campaign, Operation, OperationKind, Origin
from campaigns.operations.timed import begin_of
from campaigns.states import IN_PROGRESS, State

# By these, somebody has had a say in whether the campaign dials since.
_TOUCHING = (*IN_PROGRESS, State.CONFIRMED, State.SKIPPED, State.UNCONFIRMED, State.SUPERSEDED)
REPEATS = "repeats"  # in the payload of a pause by the watch: the id of the pause that it repeats
TAKES_BACK = "takes_back"  # in that of a resume: the id of the stop whose place it took before that was carried out


def takes_back_a_stop(operation: Operation) -> bool:
    """A resume of a campaign that CXone was about to stop and showed as running: that it shows it so says nothing of
    this resume before CXone has accepted it."""
    return TAKES_BACK in operation.payload


def is_still_paused_by(pause: Operation) -> bool:
    """The campaign is paused because of `pause`, and nobody has paused or resumed it since. Four queries at most."""
    return pause.pk in standing([pause])


def is_still_active_by(resume: Operation) -> bool:
    """The campaign is active because of `resume`, and nobody has paused or resumed it since."""
    campaign = Campaign.objects.only("explained_by").get(pk=resume.campaign_id)
    return campaign.explained_by_id == resume.pk and not _touched_since({resume.campaign_id: resume})


def standing(pauses: Sequence[Operation]) -> set[UUID]:
    """The keys of those of which `is_still_paused_by` holds. Four queries, however many there are."""
    by_campaign = {pause.campaign_id: pause for pause in pauses}
    campaigns = Campaign.objects.select_related("explained_by").defer("schedule").filter(pk__in=list(by_campaign))
    found = {}
    for campaign in campaigns:
        pause, explanation = by_campaign[campaign.pk], campaign.explained_by
        if campaign.is_paused and explanation is not None and original_of(explanation) == pause.pk:
            found[campaign.pk] = pause
    touched = _touched_since(found)
    return {pause.pk for campaign_id, pause in found.items() if campaign_id not in touched}


def original_of(explanation: Operation) -> UUID:
    """The key of the pause that the watch repeated, or of the operation itself."""
    repeated = explanation.payload.get(REPEATS)
    return UUID(repeated) if repeated else explanation.pk


def _touched_since(pauses: dict[str, Operation]) -> set[str]:
    """The campaigns on which somebody has had a say since the pause. `pauses`: by campaign."""
    if not pauses:
        return set()
    others = Operation.objects.filter(
        campaign__in=list(pauses), kind__in=[OperationKind.PAUSE, OperationKind.RESUME], state__in=_TOUCHING
    )
    # One for a later time counts from that on, however long before it was requested.
    begun = others.annotate(begin=Coalesce("not_before", "approved_at", "requested_at"))
    later = begun.filter(begin__gt=min(begin_of(pause) for pause in pauses.values()))
    # The watch only upholds the pause.
    by_others = later.exclude(origin=Origin.WATCH).values_list("campaign_id", "begin", "undoes_id")
    touched = set()
    for campaign_id, begin, undoes in by_others:
        pause = pauses[campaign_id]
        # What undoes it is no touch.
        if begin > begin_of(pause) and undoes != pause.pk:
            touched.add(campaign_id)
    return touched
