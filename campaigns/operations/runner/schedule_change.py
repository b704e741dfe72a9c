"""A schedule change: read with its tag, merged with what others changed meanwhile, written over that version only."""

from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from campaigns.cxone.errors import PreconditionFailed
from campaigns.cxone.gateway import Gateway, Schedule, Version, same_version, strong_tag
from campaigns.models import Operation
from campaigns.operations.four_eyes import sends_same
from campaigns.operations.phrases import join_words, part_name
from campaigns.operations.runner import attempts, outcome, reconcile, resending, sending
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.operations.runner.goal import is_as_asked
from campaigns.policy.in_force import constraints_for, stopping
from campaigns.queueing.rows import database_now
from campaigns.schedule import Constraints, Merge, ScheduleFinding, Severity, check, merge, same

CHANGED_MEANWHILE = 412
# How often CXone may refuse to overwrite the version that was just read. Somebody who saves all the time must not keep
# the operation busy forever.
TRIES = 3
CHANGED_EACH_TIME = "Somebody else changed the campaign each time between reading and writing it."


def merge_and_send(claimed: ClaimedOperation, gateway: Gateway) -> None:
    """Read, merge and send; the same again where somebody else changed the campaign in between."""
    for _ in range(TRIES + 1):
        began = database_now()
        seen = gateway.read_for_edit(claimed.operation.campaign_id)
        if is_as_asked(claimed.operation, seen.state):
            outcome.end_found_so(claimed, seen.state, began)
            return
        if resending.settles(claimed, seen, began):
            return
        reconcile.reconcile_campaign(seen.state, began)
        payload = claimed.operation.payload
        merged = merge(payload["base"], seen.schedule, payload["ours"])
        if _ends_unsent(claimed, seen, merged) or _send(claimed, gateway, seen, merged.schedule):
            return
    # Each time it was found changed before anything was sent, so that no attempt is on record to count.
    outcome.try_again(claimed, CHANGED_EACH_TIME)


def _ends_unsent(claimed: ClaimedOperation, seen: Version, merged: Merge) -> bool:
    """The changes of both sides can't be merged into one schedule, or CXone has refused it too often."""
    operation = claimed.operation
    findings = () if merged.clashes else _findings(operation, seen, merged)
    is_unapproved = bool(operation.approved_by) and not sends_same(merged.schedule, operation.payload)
    if merged.clashes or findings or is_unapproved:
        sentence = _sentence(merged, findings) if merged.clashes or findings else _unapproved(operation)
        outcome.end_in_conflict(claimed, sentence, _conflict(operation, seen.schedule, merged, findings))
        return True
    # The versions that CXone refused to overwrite, oldest first.
    refused_attempts = claimed.operation.attempts.filter(api_status=CHANGED_MEANWHILE)
    refused = list(refused_attempts.values_list("etag", flat=True))
    if len(refused) < TRIES:
        return False
    outcome.end_badly(claimed, _why_refused(refused, seen.etag), CHANGED_MEANWHILE)
    return True


def _unapproved(operation: Operation) -> str:
    return (
        f"Somebody else has changed the hours since {operation.approved_by} approved these. Together they would be "
        "hours that nobody approved."
    )


def _why_refused(refused: list[str], now: str) -> str:
    """Each refusal was followed by a read; only if that shows another version has somebody changed the campaign."""
    unchanged = [etag for etag, later in pairwise([*refused, now]) if same_version(etag, later)]
    if not unchanged:
        return (
            f"{len(refused)} times somebody else changed the campaign between reading and writing it; nothing was "
            "overwritten."
        )
    return (
        f"CXone refused to write over the version of the campaign that it had just shown ({len(unchanged)} of "
        f"{len(refused)} times), although nobody had changed it in between. Nothing was overwritten. An admin "
        "should check whether a proxy on the way to CXone alters its ETags, as one that compresses does."
    )


def _was_refused_unchanged(operation: Operation, seen: Version) -> bool:
    """CXone refused to overwrite this version as outdated, and still shows the same one."""
    last = operation.attempts.last()
    if last is None or last.api_status != CHANGED_MEANWHILE or not same_version(last.etag, seen.etag):
        return False
    return bool(operation.payload.get("replaced") == seen.schedule)


def _findings(operation: Operation, theirs: Version, merged: Merge) -> tuple[ScheduleFinding, ...]:
    """What forbids sending the merged schedule, which nobody has seen."""
    if same(operation.payload["base"], theirs.schedule):
        return ()
    now = database_now()

    def constraints(schedule: object) -> Constraints:
        own = constraints_for(operation.campaign, now, schedule)
        return replace(own, current=theirs.schedule, status=theirs.state.status)

    ours, base = operation.payload["ours"], operation.payload["base"]
    if operation.payload["acknowledged"]:
        acknowledged = check(ours, constraints(ours), now, base)
    else:
        acknowledged = ()
    # Whoever acknowledged the warnings of their own schedule knows of no others.
    known = {finding.code for finding in acknowledged if finding.severity == Severity.WARNING}
    found = stopping(check(merged.schedule, constraints(merged.schedule), now), acknowledged=False)
    return tuple(finding for finding in found if finding.code not in known)


def _sentence(merged: Merge, findings: tuple[ScheduleFinding, ...]) -> str:
    if merged.clashes:
        parts = join_words([part_name(clash.part) for clash in merged.clashes])
        return f"Somebody else changed {parts} too, to something else."
    return f"Together with what somebody else changed, the schedule does not pass its checks: {findings[0].message}"


def _conflict(
    operation: Operation, theirs: Schedule, merged: Merge, findings: tuple[ScheduleFinding, ...]
) -> dict[str, Any]:
    return {
        "base": operation.payload["base"],
        "theirs": theirs,
        "ours": operation.payload["ours"],
        "clashes": [clash.as_json() for clash in merged.clashes],
        "findings": [finding.as_json() for finding in findings],
    }


def _send(claimed: ClaimedOperation, gateway: Gateway, seen: Version, schedule: Schedule) -> bool:
    """False: the version that was read is no longer the newest, and CXone changed nothing."""
    operation = claimed.operation
    operation.etag = seen.etag
    if _was_refused_unchanged(operation, seen):
        etag = strong_tag(seen.etag)
    else:
        etag = seen.etag
    payload = operation.payload | {"replaced": seen.schedule}
    opening = partial(attempts.open_attempt, claimed, applied=schedule, payload=payload, checked_at=database_now())
    try:
        sending.send(
            claimed,
            gateway,
            partial(gateway.write_schedule, operation.campaign_id, schedule, etag=etag, sending=opening),
        )
    except PreconditionFailed:
        return False
    return True
