"""What a campaign's row shows that somebody should see. Pure: no queries, and nothing that another look would change.

What can't be read is no finding: neither hours nor a time zone that nobody understands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from campaigns.attention.standards import Standards, ended_at
from campaigns.dialing import is_open_at
from campaigns.models import Campaign, Finding, FindingCode, OperationKind
from campaigns.schedule import closed_since, find_zone, opening
from campaigns.states import ACTIVE, State, plain

# Calls that are in progress when dialing must end may take so long to end.
GRACE = timedelta(minutes=2)
# A full read takes less. Whatever holds from GRACE before its begin until then held when the calls were counted.
READ_TAKES = timedelta(minutes=1)
# So many calls for a moment are nothing that anybody could act on.
OVER_LIMIT_GRACE = timedelta(minutes=2)
# The calls of a campaign that was paused all the same are watched for as long, with their own end expected.
DRAINING = timedelta(minutes=15)
# With a hold that pauses its campaign, as long.
PAUSE_TAKES = timedelta(minutes=1)
# A change in CXone is news for a day.
CHANGE_IS_NEWS = timedelta(hours=24)

# What follows from a campaign's row alone; other findings begin with an event.
OF_THE_ROW = (
    FindingCode.DIALING_ON_HOLD,
    FindingCode.CAME_BACK,
    FindingCode.CALLS_OUTSIDE_HOURS,
    FindingCode.DIALING_ON_HOLIDAY,
    FindingCode.CALLS_OVER_LIMIT,
)
OF_OPERATIONS = (
    FindingCode.OPERATION_FAILED,
    FindingCode.OPERATION_UNCONFIRMED,
    FindingCode.SCHEDULE_CONFLICT,
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a finding is to be open. `key` tells it from other causes: a dismissed finding returns only with another."""

    key: str
    since: datetime
    details: dict[str, Any] = field(default_factory=dict)


Causes = Mapping[FindingCode, Cause]


def causes_in(campaign: Campaign, standards: Standards) -> dict[FindingCode, Cause]:
    """The causes of findings OF_THE_ROW."""
    if campaign.gone_at:
        return {}
    found = {
        FindingCode.DIALING_ON_HOLD: _dialing_on_hold(campaign, standards),
        FindingCode.CAME_BACK: _return(campaign),
        FindingCode.CALLS_OUTSIDE_HOURS: _calls_outside_hours(campaign, standards),
        FindingCode.DIALING_ON_HOLIDAY: _dialing_on_holiday(campaign, standards),
        FindingCode.CALLS_OVER_LIMIT: _calls_over_limit(campaign, standards),
    }
    return {code: cause for code, cause in found.items() if cause is not None}


def over_limit_since(campaign: Campaign, standards: Standards) -> datetime | None:
    """Since when it has more calls than its limit, as far as anybody has seen."""
    if campaign.gone_at or campaign.active_calls <= standards.limit_of(campaign):
        return None
    return campaign.over_limit_since or standards.at


def is_over(finding: Finding, campaign: Campaign, standards: Standards) -> bool:
    """The cause of an open finding that began with an event is gone."""
    if campaign.gone_at:
        return True
    if finding.code == FindingCode.CHANGED_IN_CXONE:
        return finding.since <= standards.at - CHANGE_IS_NEWS
    if finding.code == FindingCode.PAUSED_TOO_LONG:
        return not campaign.is_paused
    if finding.code == FindingCode.OPERATION_STUCK:
        # The operation's row says that, not the campaign's.
        return False
    # By a read that is newer than the operation's end: what was known before explains nothing.
    return finding.opened_at < standards.at and _is_as_asked(finding, campaign)


def _is_as_asked(finding: Finding, campaign: Campaign) -> bool:
    kind, state = finding.details.get("kind"), finding.details.get("state")
    if state == State.CONFLICT:
        return False
    if kind == OperationKind.PAUSE:
        return campaign.is_paused
    return kind == OperationKind.RESUME and plain(campaign.status) == ACTIVE


def _dialing_on_hold(campaign: Campaign, standards: Standards) -> Cause | None:
    """Whoever places a hold may have it paused then, which takes a moment; one that starts later is seen at once."""
    hold = campaign.hold
    if hold is None or not campaign.may_be_paused or standards.at - hold.placed_at < PAUSE_TAKES:
        return None
    since = max(campaign.status_since or hold.placed_at, hold.placed_at)
    details = {"by": hold.placed_by, "reason": hold.reason, "placed_at": _iso(hold.placed_at)}
    return Cause(f"hold {hold.pk} {_iso(since)}", since, details)


def _return(campaign: Campaign) -> Cause | None:
    if campaign.came_back_at is None:
        return None
    return Cause(campaign.came_back_at.isoformat(), campaign.came_back_at)


def _calls_outside_hours(campaign: Campaign, standards: Standards) -> Cause | None:
    if not campaign.active_calls:
        return None
    return _against_the_law(campaign, standards) or _outside_window(campaign, standards)


def _against_the_law(campaign: Campaign, standards: Standards) -> Cause | None:
    zone = find_zone(campaign.timezone)
    if zone is None:
        return None
    first, last = (standards.forbidding_rule(campaign, zone, at) for at in _around(standards.at))
    if first is None or last is None:
        return None
    closed_at = ended_at(first, zone, standards.at)
    details = {**_calls(campaign), "rule": first.name, "closed_at": _iso(closed_at)}
    return Cause(f"law {_iso(closed_at)}", standards.at, details)


def _outside_window(campaign: Campaign, standards: Standards) -> Cause | None:
    # The column spares most campaigns a look at their schedules. It is a moment behind at most.
    if campaign.window_open is not False:
        return None
    seen = [opening(campaign.schedule, at) for at in _around(standards.at)]
    if any(each.is_open or each.is_unknown for each in seen):
        return None
    closed_at = closed_since(campaign.schedule, standards.at)
    return Cause(f"window {_iso(closed_at)}", standards.at, {**_calls(campaign), "closed_at": _iso(closed_at)})


def _dialing_on_holiday(campaign: Campaign, standards: Standards) -> Cause | None:
    is_open = is_open_at(campaign.window_open, campaign.window_changes_at, standards.at)
    if not (campaign.active_calls or (plain(campaign.status) == ACTIVE and is_open)):
        return None
    zone = find_zone(campaign.timezone)
    first, last = (standards.holiday(campaign, zone, at) for at in _around(standards.at))
    if first is None or last is None:
        return None
    details = {**_calls(campaign), "holiday": last.name, "calendar": last.calendar, "hours": last.closed}
    return Cause(f"{last.date} {last.name}"[:100], standards.at, details)


def _calls_over_limit(campaign: Campaign, standards: Standards) -> Cause | None:
    since = over_limit_since(campaign, standards)
    if since is None or standards.at - since < OVER_LIMIT_GRACE:
        return None
    if campaign.is_paused and standards.at - (campaign.status_since or since) < DRAINING:
        return None
    return Cause(since.isoformat(), since, {**_calls(campaign), "limit": standards.limit_of(campaign)})


def _around(at: datetime) -> tuple[datetime, datetime]:
    return at - GRACE, at + READ_TAKES


def _calls(campaign: Campaign) -> dict[str, int]:
    return {"calls": campaign.active_calls}


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
