"""Compliance holds: while one is on a campaign, nothing but a pause is asked for or sent, whoever wishes it.

Every request for an operation is asked here before it is saved, and every attempt once more before its first byte.
"""

from collections.abc import Collection

from campaigns.errors import OnHold
from campaigns.models import Campaign, Hold, Operation, OperationKind
from campaigns.schedule import clock_face
from campaigns.schedule.due_times import in_words

# A pause is always allowed.
FORBIDDEN = (OperationKind.RESUME, OperationKind.SCHEDULE)


def stops(kind: str, campaign: Campaign) -> bool:
    """Whether the hold on `campaign`, as its row was read, keeps an operation of that kind from it."""
    return campaign.hold_id is not None and kind in FORBIDDEN


def why_stopped(hold: Hold, zone: str) -> str:
    """What the hold means for whoever wants to resume its campaign, and whom to ask. `zone`: the campaign's."""
    return (
        f"The campaign is on hold: {hold_in_words(hold, zone)} Until the hold is lifted, nobody can resume it or "
        f"change its schedule. Ask {hold.placed_by}, another reviewer or an admin to lift it."
    )


def hold_in_words(hold: Hold, zone: str) -> str:
    """ "Rita placed it Fri 27 Nov 2026 14:00 EST until Mon 30 Nov 2026 09:00 EST: “complaint 4711”." """
    until = f" until {in_words(hold.until, zone)}" if hold.until else ""
    placed = hold.placed_at.replace(second=0)
    return f"{hold.placed_by} placed it {in_words(placed, zone)}{until}: “{hold.reason}”."


def refusal_of(campaign_id: str) -> OnHold:
    """Why nothing can be asked for. The hold may just have been lifted."""
    campaign = Campaign.objects.select_related("hold").defer("schedule").get(pk=campaign_id)
    if campaign.hold is None:
        return OnHold("The hold on this campaign has just been lifted. Nothing was sent: try again.")
    with clock_face.for_the_record():
        return OnHold(f"{why_stopped(campaign.hold, campaign.timezone)} Nothing was sent.")


def refuse_if_on_hold(operation: Operation) -> None:
    """In the transaction that puts an attempt on record, whose operation is locked. OnHold: it must not go out."""
    if operation.kind in FORBIDDEN and lock_on_hold([operation.campaign_id]):
        raise refusal_of(operation.campaign_id)


def lock_on_hold(campaign_ids: Collection[str]) -> set[str]:
    """Lock these campaigns until the transaction ends, and return those on hold: no hold is placed on the others
    before that."""
    locked = Campaign.objects.select_for_update(no_key=True).filter(pk__in=list(campaign_ids)).order_by("pk")
    return {key for key, hold in locked.values_list("pk", "hold_id") if hold is not None}
