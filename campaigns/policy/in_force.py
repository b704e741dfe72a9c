"""What applies to a campaign: the limits, calling hours and holidays that its schedule is checked against."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from campaigns.dialect import cxone_can
from campaigns.holidays.lookups import upcoming
from campaigns.models import CallingHoursRule, Campaign, Policy
from campaigns.queueing.rows import database_now
from campaigns.schedule import (
    DAYS,
    Constraints,
    HolidayOn,
    HoursRule,
    ScheduleFinding,
    Severity,
    check,
    find_zone,
    zone_of,
)

# The checks report no holiday further ahead.
AHEAD_DAYS = 60


def constraints_for(campaign: Campaign, now: datetime, schedule: object = None) -> Constraints:
    """The constraints of `campaign` at `now` (aware). Five queries at most.

    `schedule`: the one to check, in whose time zone holidays are, by default the campaign's.
    """
    rule, can = rule_for(campaign, now), cxone_can()
    return Constraints(
        # A licence tier counts windows where a day may have several of them.
        max_windows=Policy.current().max_windows if can.several_windows else len(DAYS),
        hours=(rule,) if rule else (),
        holidays=_holidays(campaign, now, zone_of(schedule)),
        current=campaign.schedule or None,
        status=campaign.status,
        several_windows=can.several_windows,
        chooses_zone=can.chooses_zone,
        pause_conditions=can.pause_conditions,
    )


def rule_for(campaign: Campaign, now: datetime) -> HoursRule | None:
    """The calling-hours rule in force for `campaign` on its day at `now`. One query."""
    rule = _rule_in_force(campaign, now.astimezone(find_zone(campaign.timezone) or UTC).date())
    return rule_value(rule) if rule else None


def limit_for(campaign: Campaign, policy: Policy | None = None) -> int:
    """How many calls may be in progress when `campaign` is paused: its own limit or the policy's.

    `policy`: the policy, if the caller has read it already.
    """
    if campaign.max_active_calls is not None:
        return campaign.max_active_calls
    return (policy or Policy.current()).max_active_calls


def read_findings(campaign: Campaign, schedule: object, base: object) -> tuple[ScheduleFinding, ...]:
    """The findings of `schedule` now, as a change of `base`. Six queries at most."""
    now = database_now()
    return check(schedule, constraints_for(campaign, now, schedule), now, base)


def stopping(findings: Iterable[ScheduleFinding], acknowledged: bool) -> tuple[ScheduleFinding, ...]:
    """The findings that prevent sending: errors, and warnings that aren't acknowledged."""
    passing = {Severity.HINT, Severity.WARNING} if acknowledged else {Severity.HINT}
    return tuple(finding for finding in findings if finding.severity not in passing)


def _rule_in_force(campaign: Campaign, today: date) -> CallingHoursRule | None:
    """The campaign's own rule if it is valid on that day, otherwise the default rule."""
    rules = CallingHoursRule.objects.filter(Q(pk=campaign.calling_hours_id) | Q(is_default=True))
    return rule_among(rules, campaign, today)


def rule_among(rules: Iterable[CallingHoursRule], campaign: Campaign, today: date) -> CallingHoursRule | None:
    """Of `rules`, which may be all there are, the one in force for `campaign` on that day in its zone."""
    applying = [rule for rule in rules if _applies(rule, campaign) and _is_valid(rule, today)]
    return min(applying, key=lambda rule: rule.pk != campaign.calling_hours_id, default=None)


def _applies(rule: CallingHoursRule, campaign: Campaign) -> bool:
    return rule.is_default or rule.pk == campaign.calling_hours_id


def _is_valid(rule: CallingHoursRule, today: date) -> bool:
    begun = rule.valid_from is None or rule.valid_from <= today
    return begun and (rule.valid_to is None or today <= rule.valid_to)


def rule_value(rule: CallingHoursRule) -> HoursRule:
    return HoursRule(rule.name, frozenset(rule.days), _minutes(rule.earliest), _minutes(rule.latest), rule.source)


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _holidays(campaign: Campaign, now: datetime, zone: ZoneInfo | None) -> tuple[HolidayOn, ...]:
    """The campaign's holidays in the days that the checks look at."""
    # In every time zone, since the schedule to check may have another one than the campaign: from today's date at
    # UTC-12 on, and three days more.
    first = (now.astimezone(UTC) - timedelta(hours=12)).date()
    return upcoming(campaign, first, AHEAD_DAYS + 3, zone)
