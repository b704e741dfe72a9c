"""What becomes of one operation of a bulk when it is its turn, from the rows as last read and the newest count of
calls: no request is made for it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.models import Campaign, Operation, OperationKind, Policy
from campaigns.operations.descriptions import AT_REST_ALREADY
from campaigns.operations.runner import outcome
from campaigns.operations.runner.calls import CallsCount
from campaigns.policy.in_force import limit_for
from campaigns.states import ACTIVE, AT_REST, PAUSED, State, may_be_resumed, plain, status_word


@dataclass(frozen=True, slots=True)
class Situation:
    """`at`: a time that has passed by CXone's clock, too; `is_fresh`: the last full read is recent enough to say that
    nothing needs to be sent; `standing`: the pauses that still stand, of those that an exact resume undoes;
    `unsettled`: the campaigns that a resume may still set dialing (`rank.unsettled`); `refusal`: why CXone counts no
    calls, and would refuse it again."""

    policy: Policy
    at: datetime
    is_fresh: bool
    count: CallsCount | None = None
    standing: Collection[UUID] = ()
    unsettled: Collection[str] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """`state`: the end that it comes to without a request; RUNNING: it is sent; WAITING: it goes on as a single
    operation, which reads its campaign first."""

    state: State
    error: str = ""


SEND = Fate(State.RUNNING)
READ_FIRST = Fate(State.WAITING)
GONE = Fate(State.REJECTED, "CXone no longer lists this campaign. Nothing was sent.")


def find_fate(operation: Operation, situation: Situation) -> Fate:
    """Writes to a pause what was counted, and the limit. Saves nothing."""
    # The worker that claims it ends the other operation first, and knows what may still come of that.
    if operation.outranks_id is not None:
        return READ_FIRST
    if operation.campaign.gone_at:
        return GONE
    if operation.kind == OperationKind.PAUSE:
        return _fate_of_pause(operation, situation)
    return _fate_of_resume(operation, situation)


def _fate_of_pause(pause: Operation, situation: Situation) -> Fate:
    status = plain(pause.campaign.status)
    if status == PAUSED or status in AT_REST:
        return _unneeded(pause, pause.campaign, situation)
    return fate_by_calls(pause, situation)


def fate_by_calls(pause: Operation, situation: Situation) -> Fate:
    """Of a pause that needs a request. Writes to it as `find_fate` does."""
    if situation.count is None:
        return _fate_without_count(pause, situation)
    calls, limit = situation.count.calls[pause.campaign_id], limit_for(pause.campaign, situation.policy)
    pause.calls_before, pause.calls_limit, pause.checked_at = calls, limit, situation.count.at
    pause.compliance_check = outcome.verdict(calls, limit, pause.override)
    if pause.compliance_check == outcome.TOO_MANY:
        return Fate(State.REJECTED, outcome.too_many_calls(calls, limit))
    return SEND


def _fate_without_count(pause: Operation, situation: Situation) -> Fate:
    if pause.override:
        # A stop that overrides the calls check doesn't wait for a count that CXone doesn't give.
        pause.compliance_check = outcome.OVERRIDDEN
        return SEND
    return Fate(State.FAILED, situation.refusal[:1000]) if situation.refusal else READ_FIRST


def _fate_of_resume(resume: Operation, situation: Situation) -> Fate:
    campaign = resume.campaign
    if resume.undoes_id is not None and resume.undoes_id not in situation.standing:
        return Fate(State.CANCELLED, outcome.NOT_ITS_PAUSE) if situation.is_fresh else READ_FIRST
    if may_be_resumed(campaign.status):
        return SEND
    if plain(campaign.status) == ACTIVE or not situation.is_fresh:
        return _unneeded(resume, campaign, situation)
    return Fate(
        State.REJECTED, f"The campaign is {status_word(campaign.status)} in CXone: only a paused one can be resumed."
    )


def _unneeded(operation: Operation, campaign: Campaign, situation: Situation) -> Fate:
    """It is as asked for, or doesn't dial anyway, as last read."""
    if not situation.is_fresh or campaign.pk in situation.unsettled:
        return READ_FIRST
    if plain(campaign.status) in AT_REST:
        return Fate(
            State.SKIPPED, f"{AT_REST_ALREADY}: it is {status_word(campaign.status)} in CXone. Nothing was sent."
        )
    return Fate(State.SKIPPED, outcome.found_so(OperationKind(operation.kind)))
