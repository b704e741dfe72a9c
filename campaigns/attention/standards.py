"""What campaigns are judged by: the policy, the calling-hours law, the restricted days. A fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.holidays.agenda import ZONES_APART, Agenda
from campaigns.holidays.lookups import agendas_of
from campaigns.models import Calendar, CallingHoursRule, Campaign, Policy
from campaigns.policy.in_force import limit_for, rule_among
from campaigns.schedule import DAYS, HolidayOn

_DAY = timedelta(days=1)
# A rule that includes any day includes it once a week.
_WEEK = 7
# No time of day is 24:00: a rule that ends at 23:59 ends with its day.
_LAST_MINUTE = time(23, 59)


@dataclass(frozen=True, slots=True)
class Standards:
    """`at`: the moment to which what is known of the campaigns belongs: the begin of the last good read of CXone.

    `restricted`: by campaign id, the agendas of its calendars that restrict a day around then.
    """

    at: datetime
    policy: Policy
    rules: tuple[CallingHoursRule, ...]
    restricted: Mapping[str, tuple[Agenda, ...]] = field(default_factory=dict)

    def limit_of(self, campaign: Campaign) -> int:
        return limit_for(campaign, self.policy)

    def forbidding_rule(self, campaign: Campaign, zone: ZoneInfo, at: datetime) -> CallingHoursRule | None:
        """The calling-hours rule in force that allows no calls at that moment."""
        local = at.astimezone(zone)
        rule = rule_among(self.rules, campaign, local.date())
        if rule is None or _allows(rule, local):
            return None
        return rule

    def holiday(self, campaign: Campaign, zone: ZoneInfo | None, at: datetime) -> HolidayOn | None:
        """The holiday that restricts `campaign` at that moment."""
        for agenda in self.restricted.get(campaign.pk, ()):
            if found := _in_effect(agenda, zone, at):
                return found
        return None


def read_standards(at: datetime) -> Standards:
    """The standards at that moment. Three queries; one more around a restricted day, or if a calendar has changed."""
    return Standards(at, Policy.current(), tuple(CallingHoursRule.objects.all()), _read_restricted(at))


def ended_at(rule: CallingHoursRule, zone: ZoneInfo, at: datetime) -> datetime | None:
    """When the hours of `rule` ended for the last time before `at`. None: it allows no day."""
    local = at.astimezone(zone)
    for back in range(_WEEK + 1):
        day = local.date() - back * _DAY
        end = _end_on(rule, day, zone)
        if DAYS[day.weekday()] in rule.days and end <= at:
            return end
    return None


def _allows(rule: CallingHoursRule, local: datetime) -> bool:
    if DAYS[local.weekday()] not in rule.days or local.time() < rule.earliest:
        return False
    return rule.latest >= _LAST_MINUTE or local.time() < rule.latest


def _end_on(rule: CallingHoursRule, day: date, zone: ZoneInfo) -> datetime:
    if rule.latest >= _LAST_MINUTE:
        return datetime.combine(day + _DAY, time(), zone).astimezone(UTC)
    return datetime.combine(day, rule.latest, zone).astimezone(UTC)


def _in_effect(agenda: Agenda, zone: ZoneInfo | None, at: datetime) -> HolidayOn | None:
    own = zone or agenda.zone
    if own is None:
        # Nobody knows when its days begin for a campaign without a time zone.
        return None
    local, following = at.astimezone(own), agenda.next(zone, at)
    if following is None or following.date != local.date():
        return None
    minute = local.hour * 60 + local.minute
    return following if following.closed is None or following.closed[0] <= minute else None


def _read_restricted(at: datetime) -> dict[str, tuple[Agenda, ...]]:
    near = _near(agendas_of(Calendar.objects.order_by("pk")), at)
    if not near:
        return {}
    links = Calendar.campaigns.through.objects.filter(calendar__in=list(near), campaign__gone_at=None)
    found: dict[str, tuple[Agenda, ...]] = {}
    for campaign_id, number in links.order_by("calendar_id").values_list("campaign_id", "calendar_id"):
        found[campaign_id] = (*found.get(campaign_id, ()), near[number])
    return found


def _near(agendas: Mapping[int, Agenda], at: datetime) -> dict[int, Agenda]:
    """Those that restrict a day around then, in whatever zone."""
    today = at.astimezone(UTC).date()
    first, last = today - ZONES_APART, today + ZONES_APART
    return {number: agenda for number, agenda in agendas.items() if any(agenda.between(first, last))}
