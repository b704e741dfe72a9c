"""The facts of a range of time for some campaigns. The number of queries doesn't depend on how many they are."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Min, Q
from django.db.models.functions import Coalesce

from campaigns.history.entries import Place
from campaigns.history.words import of_change, of_operation
from campaigns.holidays.lookups import agendas_of, calendars_of, zone_of_campaign
from campaigns.models import (
    CalendarAssignment,
    CallingHoursRule,
    CallsMinute,
    Campaign,
    CampaignChange,
    Hold,
    Operation,
    ReasonCode,
    Seen,
)
from campaigns.observation.calls import calls_between
from campaigns.observation.gaps import gaps_between
from campaigns.operations.timed import not_earlier
from campaigns.policy.in_force import rule_value
from campaigns.schedule import HolidayOn, HoursRule
from campaigns.states import State
from campaigns.timeline.lanes import CampaignFacts, Change, HoldSpan, LaneMark

# One slow read, and a minute between samples: what was counted last before the range still holds when it begins.
LEAD = timedelta(minutes=5)


def read_facts(
    campaigns: Sequence[Campaign], since: datetime, until: datetime, now: datetime, *, as_known: bool = False
) -> dict[str, CampaignFacts]:
    """By campaign id."""
    changes = _changes_since(campaigns, since)
    samples = calls_between(campaigns, since - LEAD, min(until, now))
    gaps = gaps_between(since - LEAD, until, now)
    marks = _marks(campaigns, changes, since, until, as_known=as_known)
    holidays, rules = _Holidays(campaigns, since, until), list(CallingHoursRule.objects.all())
    holds = _holds_of(campaigns, since, until)
    known_since = CallsMinute.objects.aggregate(first=Min("minute"))["first"]
    found = {}
    for campaign in campaigns:
        own, zone = changes.get(campaign.pk, []), zone_of_campaign(campaign)
        found[campaign.pk] = CampaignFacts(
            status=None if campaign.gone_at else campaign.status,
            schedule=campaign.schedule,
            zone=zone,
            statuses=[made for change in own if (made := _status(change))],
            schedules=[made for change in own if (made := _schedule(change))],
            samples=samples[campaign.pk],
            gaps=gaps,
            rule=_rule_of(campaign, rules, since, zone),
            holidays=list(holidays.of(campaign, zone)),
            marks=marks.get(campaign.pk, []),
            holds=holds.get(campaign.pk, []),
            known_since=known_since,
        )
    return found


def _changes_since(campaigns: Collection[Campaign], since: datetime) -> dict[str, list[CampaignChange]]:
    """All until now: what the first of them was before is how the range began."""
    rows = CampaignChange.objects.filter(campaign__in=campaigns, seen_at__gte=since).exclude(what=Seen.NAME)
    found: dict[str, list[CampaignChange]] = {}
    for change in rows.select_related("operation").order_by("seen_at", "id"):
        found.setdefault(change.campaign_id, []).append(change)
    return found


def _status(change: CampaignChange) -> Change | None:
    if change.what == Seen.STATUS:
        return _as_change(change, change.before, change.after)
    if change.what == Seen.APPEARED:
        return _as_change(change, None, (change.after or {}).get("status"))
    if change.what == Seen.GONE:
        # Of what it was before, an earlier change or the read before tells.
        return _as_change(change, (change.before or {}).get("status", ""), None)
    return None


def _schedule(change: CampaignChange) -> Change | None:
    if change.what != Seen.SCHEDULE:
        return None
    return _as_change(change, change.before, change.after)


def _as_change(change: CampaignChange, before: Any, after: Any) -> Change:  # noqa: ANN401
    """One by an operation happened when that took effect. Of others we only know between which reads."""
    happened = change.happened_after if change.operation_id and change.happened_after else change.seen_at
    return Change(change.seen_at, happened, before, after)


def _marks(
    campaigns: Collection[Campaign],
    changes: dict[str, list[CampaignChange]],
    since: datetime,
    until: datetime,
    *,
    as_known: bool,
) -> dict[str, list[LaneMark]]:
    known = {campaign.pk: campaign for campaign in campaigns}
    labels = dict(ReasonCode.objects.values_list("code", "label"))
    found: dict[str, list[LaneMark]] = {campaign_id: [] for campaign_id in known}
    for operation in _operations(campaigns, since, until):
        operation.campaign = known[operation.campaign_id]
        at = _moment_of(operation, as_known=as_known)
        entry = of_operation(operation, Place(at, 0, operation.pk), labels)
        why = f": {entry.why}" if entry.why else ""
        words = f"{entry.what} by {entry.by}{why}"
        found[operation.campaign_id].append(LaneMark(at, words, entry.tone, entry.shape, operation.pk))
    for campaign_id, own in changes.items():
        for change in own:
            is_first_read = change.what == Seen.APPEARED and change.happened_after is None
            if change.operation_id is None and change.seen_at < until and not is_first_read:
                entry = of_change(change, Place(change.seen_at, 1, change.pk))
                found[campaign_id].append(LaneMark(change.seen_at, entry.what, entry.tone, entry.shape))
    return {campaign_id: sorted(marks, key=lambda mark: mark.at) for campaign_id, marks in found.items()}


def _holds_of(campaigns: Collection[Campaign], since: datetime, until: datetime) -> dict[str, list[HoldSpan]]:
    rows = Hold.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since), campaign__in=campaigns, placed_at__lt=until)
    found: dict[str, list[HoldSpan]] = {}
    for hold in rows.order_by("placed_at", "pk"):
        span = HoldSpan(hold.placed_at, hold.ended_at, f"on hold by {hold.placed_by}: {hold.reason}")
        found.setdefault(hold.campaign_id, []).append(span)
    return found


def _operations(campaigns: Collection[Campaign], since: datetime, until: datetime) -> Iterator[Operation]:
    """Those that began, were accepted or ended within the range, and those held for a time within it."""
    rows = Operation.objects.filter(campaign__in=campaigns).annotate(
        last=Coalesce("ended_at", "not_before", "requested_at")
    )
    rows = rows.filter(last__gte=since, requested_at__lt=until).filter(
        Q(last__lt=until) | Q(accepted_at__lt=until, accepted_at__gte=since)
    )
    yield from rows.select_related("superseded_by", "bulk").defer("bulk__campaign_ids").order_by(F("last"))


def _moment_of(operation: Operation, *, as_known: bool) -> datetime:
    """When it took effect, or when that was known; of one that didn't, when it ended."""
    if operation.state == State.SCHEDULED and operation.not_before:
        return operation.not_before
    if operation.state == State.CONFIRMED and operation.accepted_at and not as_known:
        return not_earlier(operation, operation.accepted_at)
    return operation.ended_at or operation.requested_at


def _rule_of(
    campaign: Campaign, rules: Sequence[CallingHoursRule], since: datetime, zone: ZoneInfo | None
) -> HoursRule | None:
    """The campaign's own rule if it is valid on the range's first day, otherwise the default one."""
    day = since.astimezone(zone or ZoneInfo("UTC")).date()
    valid = [
        rule
        for rule in rules
        if (rule.valid_from is None or rule.valid_from <= day) and (rule.valid_to is None or rule.valid_to >= day)
    ]
    own = next((rule for rule in valid if rule.pk == campaign.calling_hours_id), None)
    rule = own or next((rule for rule in valid if rule.is_default), None)
    return rule_value(rule) if rule else None


class _Holidays:
    """What calendars restrict, as they are today, for as long as each campaign had them."""

    def __init__(self, campaigns: Collection[Campaign], since: datetime, until: datetime) -> None:
        self._since, self._until = since, until
        calendars, self._keys = calendars_of(campaigns)
        self._agendas = agendas_of(calendars)
        lasting = CalendarAssignment.objects.filter(campaign__in=campaigns, until=None, since__isnull=False)
        rows = lasting.values_list("campaign_id", "calendar_number", "since")
        self._begun = {(campaign_id, number): begun for campaign_id, number, begun in rows}

    def of(self, campaign: Campaign, zone: ZoneInfo | None) -> Iterator[HolidayOn]:
        here = zone or ZoneInfo("UTC")
        first, last = (at.astimezone(here).date() for at in (self._since, self._until))
        for number in sorted(self._keys.get(campaign.pk, ())):
            begun = self._begun.get((campaign.pk, number))
            begins = max(first, begun.astimezone(here).date()) if begun else first
            yield from self._agendas[number].between(begins, last, zone)
