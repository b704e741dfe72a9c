"""Whether CXone shows a campaign as its operation wants it."""

from campaigns.cxone.gateway import CampaignState
from campaigns.models import Operation, OperationKind
from campaigns.schedule import merge, same
from campaigns.states import ACTIVE, PAUSED, plain


def is_as_asked(operation: Operation, state: CampaignState) -> bool:
    if operation.kind == OperationKind.PAUSE:
        return plain(state.status) == PAUSED
    if operation.kind == OperationKind.RESUME:
        return plain(state.status) == ACTIVE
    # Everything that was to change has changed. Whatever others changed beside it makes no difference.
    merged = merge(operation.payload["base"], state.schedule, operation.payload["ours"])
    return same(merged.schedule, state.schedule)
