"""A tenant as the API v2 shows it, by reads alone."""

from functools import partial

from campaigns.cxone.gateway import CampaignState
from campaigns.cxone.survey import Survey, in_short, kinds_of
from campaigns.cxone.v2.gateway import V2


def survey_v2(gateway: V2) -> Survey:
    """One full read of the list, the count of calls, the subscriptions, and one campaign."""
    found = Survey(base=gateway.base(), leaves_open=False)
    listed = found.attempt(gateway.list_campaigns)
    if listed is None:
        return found
    found.listed = True
    states = list(listed.states(set(listed.digests)))
    _look_at_campaigns(states, found)
    found.counts["listed"] = listed.total
    found.shapes["complete"] = listed.complete
    if listed.unreadable:
        found.note_odd("entries of the list that can’t be read", listed.unreadable)
    if states:
        _look_at_one(gateway, states[0].campaign_id, found)
    calls = found.attempt(gateway.calls_in_progress)
    found.counts["calls"] = None if calls is None else sum(calls.values())
    subscriptions = found.attempt(gateway.subscriptions)
    found.counts["subscriptions"] = None if subscriptions is None else len(subscriptions)
    return found


def _look_at_campaigns(states: list[CampaignState], found: Survey) -> None:
    zones = {in_short((state.schedule or {}).get("timezone")) for state in states}
    found.zone = {"as_written": sorted(filter(None, zones))}
    found.counts |= {
        "campaigns": len(states),
        "running": sum(state.status == "ACTIVE" for state in states),
        "with_schedules": sum(bool(state.schedule) for state in states),
    }
    found.shapes["statuses"] = sorted({state.status for state in states})
    found.shapes["tags"] = kinds_of(state.tags for state in states)


def _look_at_one(gateway: V2, campaign_id: str, found: Survey) -> None:
    version = found.attempt(partial(gateway.read_version, campaign_id))
    if version is None:
        return
    if not version.etag:
        found.shapes["etag"] = "none"
    else:
        found.shapes["etag"] = "weak" if version.etag.startswith(("W/", "w/")) else "strong"
