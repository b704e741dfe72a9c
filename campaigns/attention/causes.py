"""What happens to campaigns, as far as it opens or ends findings. Each is called in the transaction that writes it,
before that locks the row of SyncState and the ledger's head."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from campaigns.attention import keeping
from campaigns.attention.judging import OF_OPERATIONS, Cause
from campaigns.attention.keeping import Changes, Open
from campaigns.models import Campaign, Finding, FindingCode, FindingEnd, Operation, OperationKind
from campaigns.queueing.rows import database_now
from campaigns.states import State

_DIALING = (OperationKind.PAUSE, OperationKind.RESUME)
_CODES = {
    State.FAILED: FindingCode.OPERATION_FAILED,
    State.REJECTED: FindingCode.OPERATION_FAILED,
    State.UNCONFIRMED: FindingCode.OPERATION_UNCONFIRMED,
    State.CONFLICT: FindingCode.SCHEDULE_CONFLICT,
}
_DONE = (State.CONFIRMED, State.SKIPPED)
_OF_THE_STATUS = (FindingCode.CAME_BACK, FindingCode.PAUSED_TOO_LONG)
# What began with an event, so that no later look at the campaign would find it.
_OF_EVENTS = (*OF_OPERATIONS, FindingCode.CHANGED_IN_CXONE)
_ENDED_BY_OPERATIONS = (*OF_OPERATIONS, *_OF_THE_STATUS, FindingCode.CHANGED_IN_CXONE)


def open_before(campaign_id: str) -> QuerySet[Finding]:
    """What `note_asked` may end."""
    return _open_ones([campaign_id], _OF_EVENTS)


def open_after(campaign_id: str) -> QuerySet[Finding]:
    """What `note_ended` may end, for an operation that ended well."""
    return _open_ones([campaign_id], _ENDED_BY_OPERATIONS)


def note_asked(operations: Sequence[Operation]) -> None:
    """Operations have begun: what earlier ones of their kind left open is attended to, and so is a change in CXone.

    One query if nothing is open, which is nearly always.
    """
    kinds = {operation.campaign_id: OperationKind(operation.kind) for operation in operations}
    concerned = _with_open_findings(list(kinds), _OF_EVENTS)
    if concerned:
        keeping.change(concerned, lambda campaign, opened: _superseded(kinds[campaign.pk], opened, is_done=False))


def note_ended(operations: Sequence[Operation]) -> None:
    """Operations have ended: badly, so that somebody must see it, or well, so that earlier ones no longer matter.
    Those among them that have just begun count as for `note_asked`.

    All campaigns are locked at once. One query if none ended badly, and nothing is open.
    """
    ended = {operation.campaign_id: operation for operation in operations if _matters(operation)}
    bad = {key for key, operation in ended.items() if _code_of(operation)}
    concerned = bad.union(_with_open_findings([key for key in ended if key not in bad], _ENDED_BY_OPERATIONS))
    if concerned:
        keeping.change(concerned, lambda campaign, opened: _after(ended[campaign.pk], campaign, opened))


def note_missed(pause: Operation) -> None:
    """It couldn't be begun until too long after its time, so its campaign may dial on."""

    def judge(campaign: Campaign, opened: Open) -> Changes:
        return Changes() if campaign.is_paused else _bad_end(pause, FindingCode.OPERATION_FAILED, opened)

    keeping.change([pause.campaign_id], judge)


def note_late_effects(operations: Collection[Operation]) -> None:
    """What operations asked for was seen after they had ended unconfirmed. One query if nothing says so any more."""
    if not operations:
        return
    ended = Changes(ended={FindingCode.OPERATION_UNCONFIRMED: FindingEnd.GONE})
    causes = [str(operation.pk) for operation in operations]
    found = Finding.objects.filter(ended_at=None, code=FindingCode.OPERATION_UNCONFIRMED, cause__in=causes)
    found = found.filter(campaign__in=[operation.campaign_id for operation in operations])
    concerned = list(found.order_by().values_list("campaign_id", flat=True).distinct())
    if concerned:
        keeping.change(concerned, lambda _, opened: ended if ended.ended.keys() <= opened.keys() else Changes())


def note_outside_changes(changes: Mapping[str, Mapping[str, tuple[Any, Any]]], at: datetime) -> None:
    """A read at `at` shows that statuses or schedules were changed in CXone. `changes`: what they were and are, by
    campaign. Their rows are locked."""
    causes = {key: Cause(at.isoformat(), at, _outside(values)) for key, values in changes.items()}

    def judge(campaign: Campaign, opened: Open) -> Changes:
        return _with(Changes(), FindingCode.CHANGED_IN_CXONE, causes[campaign.pk], opened)

    if causes:
        keeping.change(causes, judge)


def _outside(before_and_after: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    status = before_and_after.get("status")
    return {"status": list(status) if status else None, "schedule": "schedule" in before_and_after}


def note_status(campaign_ids: Sequence[str], *, came_back: bool = False) -> None:
    """The status of campaigns was written. `came_back`: they dial again by themselves, and that was, too.

    One query if they have no open finding that depends on it.
    """
    if came_back:
        concerned = list(campaign_ids)
    else:
        concerned = _with_open_findings(campaign_ids, _OF_THE_STATUS)
    if concerned:
        keeping.change(concerned, _by_status)


def note_departure(campaign_ids: Sequence[str]) -> None:
    """CXone no longer lists the campaigns: nothing can be done about them."""
    concerned = _with_open_findings(campaign_ids, FindingCode)
    if concerned:
        keeping.change(concerned, lambda _, opened: Changes(ended=dict.fromkeys(opened, FindingEnd.GONE)))


def note_return(campaign_id: str, gone_at: datetime) -> None:
    """CXone lists the campaign again: what ended because it was gone, since `gone_at`, was attended to by nobody. The
    next round ends what is over by then. One query if there is nothing."""
    ended = Finding.objects.filter(
        campaign=campaign_id, code__in=_OF_EVENTS, end=FindingEnd.GONE, ended_at__gte=gone_at
    )
    causes = {FindingCode(each.code): Cause(each.cause, each.since, each.details) for each in ended.order_by("pk")}

    def judge(_: Campaign, opened: Open) -> Changes:
        return Changes(opened={code: cause for code, cause in causes.items() if code not in opened})

    if causes:
        keeping.change([campaign_id], judge)


def _matters(operation: Operation) -> bool:
    return operation.state in {*_DONE, State.QUEUED} or _code_of(operation) is not None


def _after(operation: Operation, campaign: Campaign, opened: Open) -> Changes:
    if code := _code_of(operation):
        return _bad_end(operation, code, opened)
    superseded = _superseded(OperationKind(operation.kind), opened, is_done=operation.state in _DONE)
    by_status = _by_status(campaign, opened)
    return Changes(opened=by_status.opened, ended={**superseded.ended, **by_status.ended})


def _superseded(kind: OperationKind, opened: Open, *, is_done: bool) -> Changes:
    found = {code for code, finding in opened.items() if _is_superseded(finding, kind, is_done=is_done)}
    return Changes(ended=dict.fromkeys(found, FindingEnd.SUPERSEDED))


def _is_superseded(finding: Finding, kind: OperationKind, *, is_done: bool) -> bool:
    if finding.code == FindingCode.CHANGED_IN_CXONE:
        return True
    if finding.code not in OF_OPERATIONS:
        return False
    earlier = finding.details.get("kind")
    if earlier == kind:
        return True
    # A pause that failed matters no more once the campaign was resumed on purpose, and the other way round.
    return is_done and kind in _DIALING and earlier in _DIALING


def _bad_end(operation: Operation, code: FindingCode, opened: Open) -> Changes:
    # A pause that fails after another one that failed is one thing to see to, not two.
    earlier = _superseded(OperationKind(operation.kind), opened, is_done=False).ended
    kept = [each for each in earlier if each != FindingCode.CHANGED_IN_CXONE]
    return _with(Changes(ended=dict.fromkeys(kept, FindingEnd.SUPERSEDED)), code, _cause_of(operation), opened)


def _cause_of(operation: Operation) -> Cause:
    details = {
        "operation": str(operation.pk),
        "kind": operation.kind,
        "state": operation.state,
        "by": operation.by,
        "error": operation.error,
    }
    return Cause(str(operation.pk), database_now(), details)


def _with(changes: Changes, code: FindingCode, cause: Cause, opened: Open) -> Changes:
    """Also open that, in place of an open one of the same code."""
    ended = {**changes.ended, **({code: FindingEnd.SUPERSEDED} if code in opened else {})}
    return Changes(opened={code: cause}, ended=ended)


def _by_status(campaign: Campaign, opened: Open) -> Changes:
    ended: dict[FindingCode, FindingEnd] = {}
    if FindingCode.PAUSED_TOO_LONG in opened and not campaign.is_paused:
        ended[FindingCode.PAUSED_TOO_LONG] = FindingEnd.GONE
    came_back = campaign.came_back_at
    if came_back is None and FindingCode.CAME_BACK in opened:
        ended[FindingCode.CAME_BACK] = FindingEnd.GONE
    if came_back is None or FindingCode.CAME_BACK in opened:
        return Changes(ended=ended)
    return Changes(opened={FindingCode.CAME_BACK: Cause(came_back.isoformat(), came_back)}, ended=ended)


def _code_of(operation: Operation) -> FindingCode | None:
    return _CODES.get(State(operation.state))


def _with_open_findings(campaign_ids: Sequence[str], codes: Iterable[FindingCode]) -> list[str]:
    if not campaign_ids:
        return []
    open_ones = _open_ones(campaign_ids, codes)
    return list(open_ones.order_by().values_list("campaign_id", flat=True).distinct())


def _open_ones(campaign_ids: Sequence[str], codes: Iterable[FindingCode]) -> QuerySet[Finding]:
    return Finding.objects.filter(ended_at=None, campaign__in=campaign_ids, code__in=list(codes))
