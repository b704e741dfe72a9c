"""Saving what a full read of CXone showed: of thousands of campaigns the few that differ from what was stored last.

Each row has the digest of the state that it was stored from. Whoever writes such values from elsewhere clears it, so
that the next full read compares them again, although CXone shows the same as before.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from audit import ledger
from audit.kinds import RecordKind
from campaigns.attention.causes import note_departure, note_return
from campaigns.attention.rounds import judge_counted
from campaigns.attention.windows import window_columns
from campaigns.cxone.gateway import CampaignList, CampaignState, Counts, Schedule, is_same_state
from campaigns.holidays.assignment_rules import apply_rules
from campaigns.models import Campaign, Control, SyncState
from campaigns.observation.changes import note_appeared, note_gone
from campaigns.operations.runner.confirmation import awaiting_sight, confirm_accepted, zone_name_of
from campaigns.operations.runner.reconcile import differs, reconcile_campaigns
from campaigns.prepared import fetch_rows
from campaigns.queueing.rows import update_each
from campaigns.states import ACTIVE, plain

# In one transaction: some tens of milliseconds.
SAVED_AT_ONCE = 200


class Known(NamedTuple):
    """What is known of a campaign. The times are there or None, and only that counts. `number`: CampaignNumber's."""

    digest: str
    calls: int
    gone_at: object
    read_due_at: object
    number: int | None


class Stored(NamedTuple):
    """`changes`: how many were saved; `is_hinted`: an event has asked for the read of a campaign; `numbers`: those of
    all campaigns, None if one has none yet."""

    changes: int
    is_hinted: bool
    numbers: Mapping[str, int] | None


def store(listed: CampaignList, calls: Counts, began: datetime, *, is_awaited: bool = True) -> Stored:
    """Save what a full read that began at `began` showed. `is_awaited`: operations may wait to be seen as done."""
    awaited: set[str] = set()
    if is_awaited:
        awaited = set(awaiting_sight().values_list("campaign_id", flat=True)) & listed.digests.keys()
    if awaited:
        confirm_accepted({state.campaign_id: state for state in listed.states(awaited)}, began)
    known = _all_known()
    compared = {
        key for key, digest in listed.digests.items() if key in known and not is_same_state(known[key].digest, digest)
    }
    # An operation that waits to be seen is confirmed by a read that shows nothing new otherwise.
    differing, failures = _reconcile(listed.states(compared | awaited & known.keys()), awaited, began)
    added = _add(listed.states(listed.digests.keys() - known.keys()), calls, began)
    gone = _mark_gone(known, listed, began)
    counted = _count([key for key in listed.digests if key in known and calls[key] != known[key].calls], calls, began)
    if failures:
        # All others are saved by now. But what we have isn't what CXone shows, and the pages must not say so.
        raise failures[0]
    is_hinted = any(each.read_due_at for each in known.values())
    return Stored(differing + added + gone + counted, is_hinted, None if added else _numbers(known))


def _all_known() -> Mapping[str, Known]:
    return {key: Known(*values) for key, *values in fetch_rows(_known_rows)}


def _known_rows() -> QuerySet[Campaign, Any]:
    return Campaign.objects.order_by().values_list(
        "pk", "state_digest", "active_calls", "gone_at", "read_due_at", "numbered__number"
    )


def _numbers(known: Mapping[str, Known]) -> Mapping[str, int] | None:
    if any(each.number is None and not each.gone_at for each in known.values()):
        return None
    return {key: each.number for key, each in known.items() if each.number is not None}


def _reconcile(
    states: Iterator[CampaignState], awaited: Collection[str], began: datetime
) -> tuple[int, list[Exception]]:
    """Returns how many differed, and what went wrong with single ones."""
    number, failures = 0, list[Exception]()
    for some in _in_parts(states):
        differing = _note_same(some)
        number += len(differing)
        concerned = [state for state in some if state.campaign_id in differing or state.campaign_id in awaited]
        failures += reconcile_campaigns(concerned, began)
    return number, failures


def _note_same(states: Iterable[CampaignState]) -> set[str]:
    """The ids of those that differ from their rows. The others are spared the comparison next time."""
    shown = {state.campaign_id: state for state in states}
    with transaction.atomic():
        rows = Campaign.objects.select_for_update(no_key=True).filter(pk__in=list(shown)).order_by("pk")
        same = [row for row in rows if not differs(row, shown[row.pk])]
        noted = [row for row in same if not is_same_state(row.state_digest, shown[row.pk].digest)]
        for row in noted:
            row.state_digest = shown[row.pk].digest_beside(row.state_digest)
        if noted:
            update_each(Campaign.objects.all(), noted, ["state_digest"], are_locked=True)
    return shown.keys() - {row.pk for row in same}


def _in_parts(states: Iterable[CampaignState]) -> Iterator[list[CampaignState]]:
    part = []
    for state in states:
        part.append(state)
        if len(part) == SAVED_AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _add(states: Iterator[CampaignState], calls: Counts, began: datetime) -> int:
    """New campaigns. Each is recorded, except those of the very first read: they are news to nobody."""
    number, is_first_read = 0, None
    for some in _in_parts(states):
        if is_first_read is None:
            is_first_read = not SyncState.objects.filter(last_good_at__isnull=False).exists()
        _add_some(some, calls, began, are_first=is_first_read)
        number += len(some)
    return number


def _add_some(states: list[CampaignState], calls: Counts, began: datetime, *, are_first: bool) -> None:
    with transaction.atomic():
        new = [_new(state, calls, began) for state in states]
        Campaign.objects.bulk_create(new, ignore_conflicts=True)
        note_appeared(new, began, are_first=are_first)
        apply_rules([campaign.pk for campaign in new])
        SyncState.bump()
        for state in [] if are_first else states:
            ledger.append(
                RecordKind.CAMPAIGN_APPEARED,
                by="",
                campaign_id=state.campaign_id,
                campaign_name=state.name,
                details={"after": _shown(state)},
            )


def _shown(state: CampaignState) -> dict[str, Any]:
    shown: dict[str, Any] = {"status": state.status}
    return shown if state.schedule is None else shown | {"schedule": state.schedule}


def _new(state: CampaignState, calls: Counts, began: datetime) -> Campaign:
    # Until it is read.
    schedule: Schedule = {} if state.schedule is None else state.schedule
    return Campaign(
        id=state.campaign_id,
        name=state.name,
        status=state.status,
        schedule=schedule,
        tags=state.tags or {},
        state_digest=state.digest,
        timezone=zone_name_of(schedule),
        active_calls=calls[state.campaign_id],
        read_at=began,
        # The first sight of a campaign is no change: nobody saw how it came to be so.
        control=Control.SCHEDULE if plain(state.status) == ACTIVE else Control.BEFORE,
        **window_columns(schedule, began),
    )


def _count(changed: list[str], calls: Counts, began: datetime) -> int:
    """Write the counts that changed, always in the same order."""
    number = 0
    for first in range(0, len(changed), SAVED_AT_ONCE):
        number += _count_some(sorted(changed)[first : first + SAVED_AT_ONCE], calls, began)
    return number


def _count_some(ids: list[str], calls: Counts, began: datetime) -> int:
    with transaction.atomic():
        # A newer read, which overtook this one, may know better.
        locked = Campaign.objects.select_for_update(no_key=True).filter(pk__in=ids, read_at__lte=began).defer("tags")
        campaigns = [each for each in locked.order_by("pk") if each.active_calls != calls[each.pk]]
        for campaign in campaigns:
            campaign.active_calls = calls[campaign.pk]
        if campaigns:
            update_each(Campaign.objects.all(), campaigns, ["active_calls"], are_locked=True)
            judge_counted(campaigns, began)
            SyncState.bump()
    return len(campaigns)


def _mark_gone(known: Mapping[str, Known], listed: CampaignList, began: datetime) -> int:
    """Campaigns that CXone lists again, and those that it no longer lists."""
    returned = [key for key, each in known.items() if each.gone_at and key in listed.digests]
    back = list(Campaign.objects.filter(pk__in=returned, gone_at__lt=began)) if returned else []
    for campaign in back:
        _mark(campaign, RecordKind.CAMPAIGN_APPEARED, began)
    # An incomplete list says nothing about what it leaves out.
    if not listed.complete:
        return len(back)
    missing = [key for key, each in known.items() if not each.gone_at and key not in listed.digests]
    # A newer read, which overtook this one, may know better.
    gone = list(Campaign.objects.filter(pk__in=missing, gone_at=None, read_at__lt=began)) if missing else []
    for campaign in gone:
        _mark(campaign, RecordKind.CAMPAIGN_DISAPPEARED, began)
    return len(back) + len(gone)


def _mark(campaign: Campaign, fact: RecordKind, began: datetime) -> None:
    gone_at = began if fact == RecordKind.CAMPAIGN_DISAPPEARED else None
    with transaction.atomic():
        # Of two reads at once, only one finds it unmarked.
        if not Campaign.objects.filter(pk=campaign.pk, gone_at=campaign.gone_at).update(gone_at=gone_at):
            return
        if gone_at:
            note_gone(campaign, began)
            note_departure([campaign.pk])
        else:
            note_appeared([campaign], began)
            apply_rules([campaign.pk])
            if campaign.gone_at:
                note_return(campaign.pk, campaign.gone_at)
        SyncState.bump()
        ledger.append(fact, by="", campaign_id=campaign.pk, campaign_name=campaign.name)
