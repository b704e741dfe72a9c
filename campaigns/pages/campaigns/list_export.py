"""The list as a CSV file: all that match, with the columns that its reader sees and all tags. It goes on record."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from django.db import transaction

from audit import csv_safe, ledger
from audit.kinds import RecordKind, Status
from campaigns.models import Campaign
from campaigns.pages.campaigns.columns import tag_column
from campaigns.pages.campaigns.desk import Desk
from campaigns.pages.campaigns.rows import CampaignRow, ListColumn, read_campaign_rows
from campaigns.pages.freshness import Freshness
from campaigns.policy.holds import hold_in_words
from campaigns.schedule.clock_face import for_the_record
from campaigns.selection import CampaignSelection, known_tags, matching_campaigns

# Each block costs the same number of queries.
BLOCK = 500
# Last: whoever reads a file by places finds what was there before.
ON_HOLD = "On hold"
ALWAYS = ("Campaign", "Campaign id", "State", "Status in CXone", "Time zone")


@dataclass(frozen=True, slots=True)
class ListExport:
    """`blocks`: the bytes, to read once."""

    campaigns: int
    blocks: Iterator[bytes]


def export_list(selection: CampaignSelection, fresh: Freshness, desk: Desk, *, by: str) -> ListExport:
    """Put it on record, and return the file. Which campaigns it has is settled now; their values as it is read."""
    ids = list(matching_campaigns(selection, fresh.now).values_list("pk", flat=True))
    shown = desk.columns_for(selection)
    columns = [*shown, *_other_tags(shown)]
    details = {
        "campaigns": len(ids),
        "format": "csv",
        "filter": selection.on_record,
        "columns": [column.key for column in columns],
    }
    with transaction.atomic():
        ledger.append(RecordKind.LIST_EXPORTED, by=by, status=Status.SUCCESS, details=details)
    return ListExport(len(ids), _blocks(ids, columns, fresh))


def _other_tags(shown: list[ListColumn]) -> list[ListColumn]:
    """Whoever sorts campaigns in a spreadsheet does so by what they are grouped by, shown in the list or not."""
    tags = {column.tag for column in shown}
    return [tag_column(name) for name in known_tags() if name not in tags]


def _blocks(ids: list[str], columns: list[ListColumn], fresh: Freshness) -> Iterator[bytes]:
    heads = [*ALWAYS, *chain.from_iterable(column.fields for column in columns), ON_HOLD]
    yield (csv_safe.BOM + csv_safe.render_csv([heads])).encode()
    for start in range(0, len(ids), BLOCK):
        found = Campaign.objects.select_related("hold").in_bulk(ids[start : start + BLOCK])
        campaigns = [found[pk] for pk in ids[start : start + BLOCK] if pk in found]
        rows = read_campaign_rows(campaigns, (), fresh)
        yield csv_safe.render_csv(_line(row, columns) for row in rows).encode()


@for_the_record()
def _line(row: CampaignRow, columns: list[ListColumn]) -> list[csv_safe.Cell]:
    campaign = row.campaign
    hold = hold_in_words(campaign.hold, campaign.timezone) if campaign.hold else ""
    always: list[csv_safe.Cell] = [campaign.name, campaign.pk, row.state_label, campaign.status, campaign.timezone]
    return [*always, *(read(row) for read in chain.from_iterable(column.fields.values() for column in columns)), hold]
