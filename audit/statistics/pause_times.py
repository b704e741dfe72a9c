"""How long campaigns were paused: from the pause to whatever ended it, according to the records.

A record that ends a pause says when, but not when the pause began. So folding, which sees each record once and in
order, remembers since when which campaign has been paused. The time counts in the hour in which the pause ended. A
pause that goes on is in no figure yet.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from audit.kinds import RecordKind
from audit.models import PauseBegan, Record

PAUSED, CONFIRMED = "PAUSED", "CONFIRMED"
ACTIONS = {"pause": True, "resume": False}


def follow_pauses(records: Sequence[Record]) -> dict[int, int]:
    """Note which pauses begin and end with these records, oldest first, inside the caller's transaction.

    Returns the seconds of the pauses that end, by the number of the record.
    """
    turns = [(record, becomes) for record in records if (becomes := _becomes_paused(record)) is not None]
    if not turns:
        return {}
    ids = {record.campaign_id for record, _ in turns}
    before = dict(PauseBegan.objects.filter(campaign_id__in=ids).values_list("campaign_id", "at"))
    now, ended = dict(before), {}
    for record, becomes_paused in turns:
        began = now.get(record.campaign_id)
        if becomes_paused:
            now.setdefault(record.campaign_id, record.timestamp)
        elif began is not None:
            # Machines' clocks may differ.
            ended[record.number] = max(round((record.timestamp - began).total_seconds()), 0)
            del now[record.campaign_id]
    _store(before, now)
    return ended


def clear_pauses() -> None:
    """Forget all of them."""
    PauseBegan.objects.all().delete()


def _becomes_paused(record: Record) -> bool | None:
    """Whether the campaign is paused from this record on; None for a record that changes nothing about it."""
    details = record.details if isinstance(record.details, dict) else {}
    match record.kind:
        case RecordKind.OPERATION_ENDED if details.get("state") == CONFIRMED:
            return ACTIONS.get(record.action)
        case RecordKind.CAMPAIGN_CHANGED_LATE:
            return ACTIONS.get(record.action)
        case RecordKind.CAMPAIGN_CAME_BACK:
            return False
        case RecordKind.CAMPAIGN_CHANGED_OUTSIDE:
            after = details.get("after")
            status = after.get("status") if isinstance(after, dict) else None
            # Servers spell it differently.
            return None if status is None else str(status).strip().upper() == PAUSED
    return None


def _store(before: Mapping[str, datetime], now: Mapping[str, datetime]) -> None:
    if gone := before.keys() - now.keys():
        PauseBegan.objects.filter(campaign_id__in=gone).delete()
    changed = [PauseBegan(campaign_id=id_, at=at) for id_, at in now.items() if before.get(id_) != at]
    if changed:
        PauseBegan.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["campaign_id"], update_fields=["at"]
        )
