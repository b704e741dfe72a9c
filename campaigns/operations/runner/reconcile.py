"""Reconciles our rows of campaigns with what CXone shows: new values, operations confirmed, outside changes."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction

from audit import ledger
from audit.kinds import RecordKind
from campaigns.attention.causes import note_late_effects, note_outside_changes, note_status
from campaigns.attention.windows import set_window
from campaigns.cxone.gateway import CampaignState
from campaigns.dialect import cxone_can
from campaigns.holidays.assignment_rules import apply_rules
from campaigns.models import Campaign, Control, Operation, OperationKind, Origin, SyncState
from campaigns.observation.changes import ShownChanges, note_changes
from campaigns.operations import sent
from campaigns.operations.records import entry_of
from campaigns.operations.runner import watch
from campaigns.operations.runner.confirmation import confirm_seen, zone_name_of
from campaigns.operations.runner.goal import is_as_asked
from campaigns.operations.timed import is_ahead
from campaigns.queueing.rows import update_each
from campaigns.schedule import opening, same
from campaigns.states import ACTIVE, PAUSED, State, plain

log = logging.getLogger(__name__)

# An operation in one of these may be why the campaign now has the status or schedule that it was to bring about.
EXPLAINING = (State.RUNNING, State.WAITING, State.ACCEPTED, State.UNCONFIRMED, State.SUPERSEDED)
CHANGING = {
    "status": (OperationKind.PAUSE, OperationKind.RESUME),
    "schedule": (OperationKind.SCHEDULE,),
}
# After its end. A change that shows up even later isn't the work of an operation that ended unconfirmed.
LATE = timedelta(hours=1)
# For clocks that differ, and a list that is late.
AROUND_AN_EDGE = timedelta(minutes=1)
# In one transaction: some tens of milliseconds.
AT_ONCE = 50
# What a read may change in a campaign's row, beside `read_at`.
COLUMNS = (
    "name",
    "status",
    "schedule",
    "timezone",
    "tags",
    "state_digest",
    "window_open",
    "window_changes_at",
    "status_since",
    "control",
    "controller",
    "explained_by_id",
    "came_back_at",
)

# By the name of what changed: its value before and after.
Changes = dict[str, tuple[Any, Any]]


@dataclass(slots=True)
class _News:
    """What a read shows of one campaign that its locked row doesn't say. `fits_hours`: CXone's schedule may have
    started or stopped it; `explained`: by the name of what changed, the operation of ours that changed it; `broken`:
    the pause that no longer holds; `on_hold`: the key of the hold despite which it dials again."""

    campaign: Campaign
    state: CampaignState
    changes: Changes
    fits_hours: bool = False
    explained: dict[str, Operation] = field(default_factory=dict)
    broken: Operation | None = None
    on_hold: int | None = None

    @property
    def outside(self) -> Changes:
        return {name: values for name, values in self.changes.items() if name not in self.explained}


def reconcile_campaign(state: CampaignState, began: datetime) -> bool:
    """Save what a read that began at `began` showed. False: it shows nothing new, or is older than what we know."""
    return _reconcile([state], began) > 0


def reconcile_campaigns(states: Sequence[CampaignState], began: datetime) -> list[Exception]:
    """The same for as many as a full read shows, fifty to a transaction. What went wrong: none of those that can't be
    saved keeps the others from it."""
    failures = []
    for first in range(0, len(states), AT_ONCE):
        failures += _reconcile_part(states[first : first + AT_ONCE], began)
    return failures


def _reconcile_part(states: Sequence[CampaignState], began: datetime) -> list[Exception]:
    try:
        _reconcile(states, began)
    except Exception as failure:
        log.warning("%s campaigns can’t be saved together (%s); each is alone.", len(states), type(failure).__name__)
        return _reconcile_each(states, began)
    return []


def _reconcile_each(states: Sequence[CampaignState], began: datetime) -> list[Exception]:
    failures = []
    for state in states:
        try:
            _reconcile([state], began)
        except OperationalError:
            # The database's trouble, not this campaign's.
            raise
        except Exception as failure:
            log.exception("Campaign %s could not be saved as CXone shows it.", state.campaign_id)
            failures.append(failure)
    return failures


def _reconcile(states: Sequence[CampaignState], began: datetime) -> int:
    """How many were news. All statements are for all of them."""
    confirm_seen(states, began)
    with transaction.atomic():
        news = _news(states, began)
        if not news:
            return 0
        _explain(news, began)
        note_changes(
            [ShownChanges(each.campaign, _renamed(each) | each.changes, each.explained) for each in news], began
        )
        regrouped = [each.campaign.pk for each in news if _is_otherwise_grouped(each)]
        _save(news, began)
        if regrouped:
            apply_rules(regrouped)
        _note_findings(news, began)
        SyncState.bump()
        ledger.append_many([*_entries(news)])
    for each in news:
        if each.on_hold:
            watch.pause_on_hold(each.on_hold)
        elif each.broken:
            watch.pause_again(each.broken)
    return len(news)


def _news(states: Sequence[CampaignState], began: datetime) -> list[_News]:
    """In the order of their locks."""
    shown = {state.campaign_id: state for state in states}
    # No lock of their keys: rows that refer to a campaign check that at commit, when they hold the ledger's head.
    known = Campaign.objects.select_for_update(no_key=True).filter(pk__in=list(shown), read_at__lt=began)
    differing = [each for each in known.order_by("pk") if differs(each, shown[each.pk])]
    news = [_News(each, shown[each.pk], _changes(each, shown[each.pk])) for each in differing]
    _note_hours([each for each in news if "status" in each.changes], began)
    return news


def _note_hours(changed: Sequence[_News], began: datetime) -> None:
    """Where CXone only stops campaigns, their schedules start and stop them twice a day: nobody need see to it. But
    to one that somebody paused here, and that runs again. The guard sees to its own."""
    if not changed or cxone_can().holds_pauses:
        return
    last_read = SyncState.current().last_good_at
    causes = {key for each in changed if (key := each.campaign.explained_by_id)}
    pauses = Operation.objects.filter(pk__in=causes, kind=OperationKind.PAUSE).exclude(origin=Origin.GUARD)
    broken = set(pauses.values_list("pk", flat=True))
    for each in changed:
        since = max(each.campaign.read_at, last_read or each.campaign.read_at)
        fits = _fits_hours(each, since - AROUND_AN_EDGE, began + AROUND_AN_EDGE)
        each.fits_hours = fits and each.campaign.explained_by_id not in broken


def _fits_hours(news: _News, since: datetime, until: datetime) -> bool:
    """Whether it was started and its window has opened, or it was stopped and that has closed."""
    schedule = news.campaign.schedule
    was_open, is_open = opening(schedule, since).known_open, opening(schedule, until).known_open
    return (was_open, is_open, plain(news.state.status)) in {(False, True, ACTIVE), (True, False, PAUSED)}


def differs(campaign: Campaign, state: CampaignState) -> bool:
    """Whether CXone shows it otherwise than it was last read."""
    if state.tags is not None and campaign.tags != state.tags:
        return True
    if _is_rescheduled(campaign, state):
        return True
    return (campaign.name, campaign.status) != (state.name, state.status)


def _is_rescheduled(campaign: Campaign, state: CampaignState) -> bool:
    return state.schedule is not None and campaign.schedule != state.schedule


def _changes(campaign: Campaign, state: CampaignState) -> Changes:
    """What changed in meaning, and so is worth a record: another spelling isn't."""
    changes: Changes = {}
    if plain(campaign.status) != plain(state.status):
        changes["status"] = (campaign.status, state.status)
    if _is_rescheduled(campaign, state) and not same(campaign.schedule, state.schedule):
        changes["schedule"] = (campaign.schedule, state.schedule)
    return changes


def _renamed(news: _News) -> Changes:
    """Worth a line in the campaign's history."""
    before, after = news.campaign.name, news.state.name
    return {"name": (before, after)} if before != after else {}


def _is_otherwise_grouped(news: _News) -> bool:
    """Whether something changed that assignment rules go by."""
    campaign, state = news.campaign, news.state
    tags = campaign.tags if state.tags is None else state.tags
    zone = campaign.timezone if state.schedule is None else zone_name_of(state.schedule)
    now = (state.name, zone, tags)
    return (campaign.name, campaign.timezone, campaign.tags) != now


def _explain(news: Sequence[_News], began: datetime) -> None:
    """Find the operations of ours that changed them, and the pauses that no longer hold."""
    for name, kinds in CHANGING.items():
        changed = {each.campaign.pk: each for each in news if name in each.changes}
        last = watch.last_sent(changed, kinds) if changed else {}
        fitting = [last[key] for key, each in changed.items() if key in last and _fits(last[key], each.state, began)]
        worked = sent.that_may_have_worked(fitting)
        for operation in fitting:
            if operation.pk in worked:
                changed[operation.campaign_id].explained[name] = operation
        if name == "status":
            _find_broken(changed, last, began)
    _forget_first_sights(news)


def _forget_first_sights(news: Sequence[_News]) -> None:
    """The first schedule that is read of a campaign is no change: nobody saw another before it."""
    if cxone_can().lists_schedules:
        return
    for each in news:
        if not each.campaign.schedule and "schedule" not in each.explained:
            each.changes.pop("schedule", None)


def _find_broken(changed: Mapping[str, _News], last: Mapping[str, Operation], began: datetime) -> None:
    for key, each in changed.items():
        if "status" not in each.explained:
            each.broken = watch.broken_pause(each.campaign, each.state.status, began, last.get(key))
            if watch.is_back_on_hold(each.campaign, each.state.status):
                each.on_hold = each.campaign.hold_id


def _fits(newest: Operation, state: CampaignState, began: datetime) -> bool:
    """Whether it explains what `state` shows, if any of it may have worked."""
    if newest.state not in EXPLAINING:
        return False
    if newest.ended_at and newest.ended_at < began - LATE:
        return False
    # CXone may have it already, for a time that was still to come at that read.
    return not is_ahead(newest, began) and _is_its_work(newest, state)


def _is_its_work(operation: Operation, state: CampaignState) -> bool:
    if operation.kind == OperationKind.SCHEDULE:
        # Exactly what was sent: with more changed than that, somebody else has been at it, too.
        return state.schedule is not None and same(operation.applied, state.schedule)
    return is_as_asked(operation, state)


def _save(news: Sequence[_News], began: datetime) -> None:
    campaigns = [each.campaign for each in news]
    before = _values(campaigns)
    for each in news:
        _set_values(each, began)
    after = _values(campaigns)
    changed = [name for name in COLUMNS if before[name] != after[name]]
    update_each(Campaign.objects.all(), campaigns, changed, are_locked=True, read_at=began)


def _values(campaigns: Sequence[Campaign]) -> dict[str, list[Any]]:
    return {name: [getattr(campaign, name) for campaign in campaigns] for name in COLUMNS}


def _set_values(news: _News, began: datetime) -> None:
    campaign, state = news.campaign, news.state
    if "status" in news.changes:
        explanation = news.explained.get("status")
        campaign.status_since = began
        campaign.control = Control.PERSON if explanation else Control.OUTSIDE
        campaign.controller = explanation.by if explanation else ""
        campaign.explained_by = explanation
        campaign.came_back_at = began if news.broken else None
    campaign.name, campaign.status = state.name, state.status
    campaign.state_digest = state.digest_beside(campaign.state_digest)
    changes_at = campaign.window_changes_at
    is_window_known = not _is_rescheduled(campaign, state) and changes_at is not None and began < changes_at
    if state.schedule is not None:
        campaign.schedule = state.schedule
        campaign.timezone = zone_name_of(state.schedule)
    if state.tags is not None:
        campaign.tags = state.tags
    if not is_window_known:
        set_window(campaign, began)
    campaign.read_at = began


def _note_findings(news: Sequence[_News], began: datetime) -> None:
    back = [each.campaign.pk for each in news if each.broken]
    others = [each.campaign.pk for each in news if "status" in each.changes and not each.broken]
    note_status(back, came_back=True)
    note_status(others)
    note_late_effects([*_late(news)])
    outside = {each.campaign.pk: _to_see_to(each) for each in news}
    note_outside_changes({key: changes for key, changes in outside.items() if changes}, began)


def _to_see_to(news: _News) -> Changes:
    """What was changed in CXone. That a campaign came back, or dials on hold, is one thing to see to, and the graver
    one; what its hours account for is none."""
    outside = news.outside
    if news.broken or news.on_hold or news.fits_hours:
        outside.pop("status", None)
    return outside


def _late(news: Iterable[_News]) -> Iterable[Operation]:
    """Operations that worked after they had ended unconfirmed."""
    for each in news:
        yield from (operation for operation in each.explained.values() if operation.state == State.UNCONFIRMED)


def _entries(news: Iterable[_News]) -> Iterable[ledger.Entry]:
    for each in news:
        for operation in _late([each]):
            yield entry_of(RecordKind.CAMPAIGN_CHANGED_LATE, operation)
        if each.outside:
            yield _outside_entry(each.campaign, each.outside)
        if each.broken:
            yield entry_of(RecordKind.CAMPAIGN_CAME_BACK, each.broken)


def _outside_entry(campaign: Campaign, outside: Changes) -> ledger.Entry:
    return ledger.Entry(
        kind=RecordKind.CAMPAIGN_CHANGED_OUTSIDE,
        by="",
        facts={"campaign_id": campaign.pk, "campaign_name": campaign.name},
        details={
            "before": {name: before for name, (before, _) in outside.items()},
            "after": {name: after for name, (_, after) in outside.items()},
        },
    )
