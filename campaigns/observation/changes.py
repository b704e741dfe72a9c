"""Writing down the changes of campaigns that a read showed, in the transaction that saves them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from campaigns.models import Campaign, CampaignChange, Operation, Seen, SyncState

# By the name of what changed: its value before and after.
Values = Mapping[str, tuple[Any, Any]]


class ShownChanges(NamedTuple):
    """What a read showed of a campaign. `values`: by "status", "schedule" or "name". `explained`: by the same names,
    the operation that did it."""

    campaign: Campaign
    values: Values
    explained: Mapping[str, Operation]


def note_changes(shown: Sequence[ShownChanges], seen_at: datetime) -> None:
    """What a read that began at `seen_at` showed. Call it before the campaigns' rows are saved."""
    last_good_at = None
    if any(each.values.keys() - each.explained.keys() for each in shown):
        last_good_at = SyncState.current().last_good_at
    changes: list[CampaignChange] = []
    for each in shown:
        changes += (_change(each, name, seen_at, last_good_at) for name in each.values)
    CampaignChange.objects.bulk_create(changes)


def _change(shown: ShownChanges, name: str, seen_at: datetime, last_good_at: datetime | None) -> CampaignChange:
    before, after = shown.values[name]
    operation = shown.explained.get(name)
    if operation:
        happened_after = operation.accepted_at
    else:
        # The last moment at which we know that the campaign was as its row says: a full read that finds a campaign
        # as it was doesn't write its row.
        happened_after = max(filter(None, [shown.campaign.read_at, last_good_at]))
    return CampaignChange(
        campaign=shown.campaign,
        what=Seen(name),
        before=before,
        after=after,
        seen_at=seen_at,
        happened_after=happened_after,
        operation=operation,
    )


def note_carried_out(
    operations: Sequence[Operation],
    what: Seen,
    after: Mapping[str, Any],
    began: datetime,
    took_effect: Sequence[datetime],
    *,
    before: Mapping[str, Any] | None = None,
) -> None:
    """What confirmed operations changed. Call it before the campaigns' rows are saved, unless `before` is known.

    `after`, `before`: the values by campaign. Those of campaigns that were read later are left out: that read knew
    better.
    """
    if before is None:
        ids = [operation.campaign_id for operation in operations]
        rows = Campaign.objects.filter(pk__in=ids, read_at__lte=began).order_by()
        before = dict(rows.values_list("pk", what.value))
    CampaignChange.objects.bulk_create(
        CampaignChange(
            campaign_id=operation.campaign_id,
            what=what,
            before=before[operation.campaign_id],
            after=after[operation.campaign_id],
            seen_at=began,
            happened_after=at,
            operation=operation,
        )
        for operation, at in zip(operations, took_effect, strict=True)
        if operation.campaign_id in before and before[operation.campaign_id] != after[operation.campaign_id]
    )


def note_appeared(campaigns: Sequence[Campaign], seen_at: datetime, *, are_first: bool = False) -> None:
    """`are_first`: those of the very first read, which were there before anybody looked."""
    since = None if are_first else SyncState.current().last_good_at
    CampaignChange.objects.bulk_create(
        (
            CampaignChange(
                campaign=campaign,
                what=Seen.APPEARED,
                after={"name": campaign.name, "status": campaign.status, "schedule": campaign.schedule},
                seen_at=seen_at,
                happened_after=since,
            )
            for campaign in campaigns
        ),
        batch_size=500,
    )


def note_gone(campaign: Campaign, seen_at: datetime) -> None:
    since = SyncState.current().last_good_at
    before = {"name": campaign.name, "status": campaign.status, "schedule": campaign.schedule}
    CampaignChange.objects.create(
        campaign=campaign, what=Seen.GONE, before=before, seen_at=seen_at, happened_after=since
    )
