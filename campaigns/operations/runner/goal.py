"""What an operation wants of its campaign: the change that asks for it, and whether CXone shows it so."""

from datetime import datetime

from campaigns.cxone.gateway import CampaignState, Gateway, PreparedChange
from campaigns.models import Operation, OperationKind
from campaigns.operations.still_stands import takes_back_a_stop
from campaigns.schedule import merge, same
from campaigns.states import ACTIVE, PAUSED, plain


def prepare_change(operation: Operation, gateway: Gateway, at: datetime) -> PreparedChange:
    """The pause or resume that takes effect `at` that time by CXone's clock. CXoneError: it can't be asked for."""
    if operation.kind == OperationKind.RESUME:
        return gateway.prepare_resume(operation.campaign_id, effective_at=at)
    return gateway.prepare_pause(
        operation.campaign_id,
        reason=operation.reason,
        effective_at=at,
        drop_active_calls=operation.payload["drop_active_calls"],
        max_concurrent_pauses=operation.place_limit or 1,
    )


def is_as_asked(operation: Operation, state: CampaignState) -> bool:
    if operation.kind == OperationKind.PAUSE:
        return plain(state.status) == PAUSED
    if operation.kind == OperationKind.RESUME:
        # While a stop may still take effect, that it runs says something only of a start that CXone has accepted.
        is_told = operation.accepted_at is not None or not takes_back_a_stop(operation)
        return is_told and plain(state.status) == ACTIVE
    if state.schedule is None:
        return False
    # Everything that was to change has changed. Whatever others changed beside it makes no difference.
    merged = merge(operation.payload["base"], state.schedule, operation.payload["ours"])
    return same(merged.schedule, state.schedule)
