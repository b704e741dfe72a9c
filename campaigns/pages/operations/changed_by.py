"""Who changed a campaign's hours since somebody began to edit them, as far as reads of CXone tell."""

from datetime import datetime
from typing import NamedTuple

from campaigns.models import CampaignChange, Seen
from campaigns.schedule.in_words import PartChange, changed_parts

# Changes looked at, newest first. Between opening a form and saving it there are few.
MOST_CHANGES = 20


class OthersChange(NamedTuple):
    """`by`: whose operation it was; "" if it was made in CXone. `at`: None if no read showed when."""

    by: str
    at: datetime | None
    note: str
    parts: list[PartChange]


def others_changes(campaign_id: str, base: object, theirs: object) -> tuple[OthersChange, ...]:
    """What differs between the two schedules, newest change first, each part with whoever changed it last. One
    query, and none if nothing differs."""
    left = changed_parts(base, theirs)
    if not left:
        return ()
    seen = CampaignChange.objects.select_related("operation").filter(campaign_id=campaign_id, what=Seen.SCHEDULE)
    found = []
    for change in seen[:MOST_CHANGES]:
        made = {part.name: part.after for part in changed_parts(change.before, change.after)}
        explained = [part for part in left if made.get(part.name) == part.after]
        if explained:
            found.append(_from(change, explained))
            left = [part for part in left if part not in explained]
    if left:
        found.append(OthersChange("", None, "", left))
    return tuple(found)


def _from(change: CampaignChange, parts: list[PartChange]) -> OthersChange:
    operation = change.operation
    if operation is None:
        return OthersChange("", change.seen_at, "", parts)
    return OthersChange(operation.by, operation.confirmed_at or change.seen_at, operation.note, parts)
