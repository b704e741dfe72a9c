"""Pauses that last longer than planned: beyond their end, or for days without one."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from campaigns.attention.judging import Cause
from campaigns.attention.keeping import Causes
from campaigns.models import Campaign, Control, FindingCode, Operation, OperationKind, Origin, Policy
from campaigns.states import OPEN, PAUSED, State

# A resume that is due may take as long to be carried out and seen.
LATE = timedelta(minutes=15)


def find_long_pauses(now: datetime, policy: Policy) -> dict[str, Causes]:
    """By campaign id. Two queries."""
    found = {**dict(_without_end(now, policy)), **dict(_beyond_end(now))}
    return {key: {FindingCode.PAUSED_TOO_LONG: cause} for key, cause in found.items()}


def _paused() -> QuerySet[Campaign]:
    by_us = Q(control=Control.PERSON, explained_by__kind=OperationKind.PAUSE)
    return Campaign.objects.filter(by_us, status__iexact=PAUSED, gone_at=None).order_by()


def _without_end(now: datetime, policy: Policy) -> Iterator[tuple[str, Cause]]:
    """The guard resumes what it paused; whatever else was asked for goes on until somebody thinks of it."""
    long_ago = now - timedelta(days=policy.paused_too_long_days)
    to_end = Operation.objects.filter(undoes=OuterRef("explained_by"), state__in=OPEN)
    paused = _paused().filter(~Exists(to_end), status_since__lt=long_ago).exclude(explained_by__origin=Origin.GUARD)
    for key, since, by in paused.values_list("pk", "status_since", "explained_by__by"):
        if since is not None:
            yield key, Cause(f"since {since.isoformat()}", since, {"by": by, "until": None})


def _beyond_end(now: datetime) -> Iterator[tuple[str, Cause]]:
    """A resume that failed is a finding of its own; one that a person cancelled was given up on purpose."""
    by_itself = Q(undone_by__state=State.CANCELLED) & ~Q(undone_by__error="")
    undone = Q(undone_by__state__in=OPEN) | by_itself
    ends = Operation.objects.filter(undone, undone_by__kind=OperationKind.RESUME, undone_by__not_before__lt=now - LATE)
    ends = ends.filter(pk__in=_paused().values("explained_by"))
    columns = ("campaign_id", "by", until := "undone_by__not_before", "undone_by")
    for key, by, at, resume in ends.order_by(F(until).asc()).values_list(*columns):
        yield key, Cause(f"until {resume}", at, {"by": by, "until": at.isoformat()})
