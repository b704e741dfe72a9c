"""What the next read of a campaign means for a request whose outcome is unknown (docs/decisions/0016).

A change is sent again only where CXone still has the version that it was sent to: then it was never applied. A later
version without it may be the work of somebody who undid ours, and sending it again would overwrite theirs.
"""

from datetime import datetime
from typing import Any

from campaigns.cxone.gateway import CampaignState, Schedule, Version, same_version
from campaigns.dialect import cxone_can
from campaigns.models import Operation, OperationKind
from campaigns.operations.descriptions import DONE
from campaigns.operations.phrases import join_words, part_name
from campaigns.operations.runner import attempts, outcome, reconcile
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.operations.runner.confirmation import confirm_earlier, seen_at
from campaigns.operations.timed import is_ahead
from campaigns.schedule import Clash, merge
from campaigns.states import status_word

UNTOLD = (
    "No clear answer came to what was sent, and no version of the campaign from before is known by which to tell "
    "whether it was changed since. Nothing is sent again, so that nobody’s later change is overwritten; the campaign "
    "is read until it shows the change."
)


def settles(claimed: ClaimedOperation, seen: Version, began: datetime) -> bool:
    """Decide after a read at `began` that showed the campaign not as asked for.

    True: nothing may be sent now, and the operation has ended or waits. False: what was sent was never applied, or
    nothing was sent yet.
    """
    unknown = attempts.unknown_etags(claimed.operation)
    # A pause for a later time may be sent again in any case: CXone has it once, or twice for the same second.
    if not unknown or is_ahead(claimed.operation, began):
        return False
    earlier, etags = seen_at(claimed.operation), _to_compare(claimed.operation, unknown)
    # Still the version that each of them was sent to, so CXone applied none.
    if earlier is None and all(same_version(etag, seen.etag) for etag in etags):
        return False
    reconcile.reconcile_campaign(seen.state, began)
    if earlier:
        confirm_earlier(claimed, earlier)
    elif not seen.etag or not all(etags):
        outcome.wait_to_be_told(claimed, UNTOLD)
    elif claimed.operation.kind == OperationKind.SCHEDULE:
        _end_in_conflict(claimed, seen.schedule)
    else:
        outcome.end_unconfirmed(claimed, _changed_since(claimed.operation, seen.state))
    return True


def _to_compare(operation: Operation, etags: list[str]) -> list[str]:
    """What the version that is seen must equal for the change to be sent again."""
    if operation.kind == OperationKind.PAUSE and (operation.bulk_id or not cxone_can().versioned):
        # A bulk reads no campaign before it sends, so its attempts have no ETag, and a CXone without versions has none
        # at all. A stop may be repeated all the same: CXone refuses a second one while the first is in effect, and
        # where somebody has resumed the campaign since, the stop that was asked for wins.
        return [etag for etag in etags if etag]
    return etags


def _changed_since(operation: Operation, state: CampaignState) -> str:
    done = DONE[OperationKind(operation.kind)]
    return (
        "No clear answer came to what was sent, and the campaign has been changed in CXone since: it reads "
        f"{status_word(state.status)} now, and was never seen {done}. Nothing was sent again, so that nobody’s change "
        "is overwritten."
    )


def _end_in_conflict(claimed: ClaimedOperation, theirs: Schedule) -> None:
    """What CXone has now and what was asked for contradict each other, and a person chooses."""
    base, ours = claimed.operation.payload["base"], claimed.operation.payload["ours"]
    clashes = merge(base, theirs, ours, undone=True).clashes
    conflict: dict[str, Any] = {
        "base": base,
        "theirs": theirs,
        "ours": ours,
        "clashes": [clash.as_json() for clash in clashes],
        "findings": [],
        "undone": True,
    }
    outcome.end_in_conflict(claimed, _undone(clashes), conflict)


def _undone(clashes: tuple[Clash, ...]) -> str:
    parts = join_words([part_name(clash.part) for clash in clashes])
    return (
        "No clear answer came to what was sent, and the campaign has been changed in CXone since: "
        f"{parts} {'are' if len(clashes) > 1 else 'is'} not as asked for. Nothing was sent again."
    )
