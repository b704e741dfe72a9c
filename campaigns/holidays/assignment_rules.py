"""Rules by which campaigns get a holiday calendar by themselves, also those that CXone adds later."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet

from campaigns.audited_changes import deleted_meanwhile, unless_taken
from campaigns.errors import Refusal
from campaigns.holidays.calendars import change_campaigns, lock_calendar
from campaigns.models import AssignmentRule, Calendar, CalendarAssignment, Campaign, has_tag
from campaigns.queueing.rows import database_now
from campaigns.schedule import names_of

# Who assigns, where a rule does and not a person.
BY_RULE = "Assignment rule"


def matching_rule(rule: AssignmentRule) -> QuerySet[Campaign]:
    """The campaigns in CXone for which all that the rule gives holds."""
    found = Campaign.objects.filter(gone_at=None)
    if rule.name_part:
        found = found.filter(name__icontains=rule.name_part)
    if rule.zone:
        found = found.filter(timezone__in=names_of(rule.zone))
    if rule.tag:
        name, _, text = rule.tag.partition(":")
        found = found.filter(has_tag(name, [text]))
    return found


def make_assignment_rule(*, calendar: Calendar, name_part: str, zone: str, tag: str, by: str) -> int:
    """Make a rule and assign the calendar to all that match now; how many campaigns get it by that.

    Refusal: the calendar has that rule already, or somebody deleted the calendar.
    """
    rule = AssignmentRule(calendar=calendar, name_part=name_part, zone=zone, tag=tag, made_by=by)
    same = AssignmentRule.objects.filter(calendar=calendar, name_part=name_part, zone=zone, tag=tag)
    with unless_taken(same, Refusal("This calendar has that rule already. Nothing was changed.")):
        rule.calendar = lock_calendar(calendar)
        rule.made_at = database_now()
        rule.save(force_insert=True)
        added = _lacking(rule)
        change_campaigns(rule.calendar, added, by=by, did="made a rule for the campaigns of", rule=str(rule))
    return len(added)


def delete_assignment_rule(*, rule: AssignmentRule, by: str) -> None:
    """Its campaigns keep the calendar. Refusal: somebody else deleted the rule, or its calendar."""
    with unless_taken(AssignmentRule.objects.none(), deleted_meanwhile("The rule")):
        locked = lock_calendar(rule.calendar)
        if not AssignmentRule.objects.filter(pk=rule.pk).delete()[0]:
            raise deleted_meanwhile("The rule")
        change_campaigns(locked, (), by=by, did="deleted a rule for the campaigns of", rule=str(rule))


def apply_rules(campaigns: Collection[str]) -> None:
    """Assign calendars to those of these campaigns, by id, that have come to match a rule.

    Belongs in the transaction in which they appear or change.
    """
    # All calendars, before the rules are read: a rule that is being made doesn't see these campaigns yet, and would
    # miss them unless one waits for the other. In one order, so that no two wait for each other.
    locked = {each.pk: each for each in Calendar.objects.select_for_update().order_by("pk")}
    if not locked:
        return
    for rule in AssignmentRule.objects.filter(calendar__in=list(locked)).order_by("calendar", "pk"):
        added = _lacking(rule, campaigns)
        if added:
            calendar = locked[rule.calendar_id]
            change_campaigns(calendar, added, by=BY_RULE, did="assigned campaigns to", rule=str(rule))


def _lacking(rule: AssignmentRule, among: Collection[str] | None = None) -> list[str]:
    """The campaigns that the rule gives its calendar: not those that were taken out since it was made."""
    has_it = Calendar.campaigns.through.objects.filter(calendar=rule.calendar_id, campaign=OuterRef("pk"))
    taken_out = CalendarAssignment.objects.filter(
        campaign=OuterRef("pk"), calendar_number=rule.calendar_id, until__gte=rule.made_at
    )
    found = matching_rule(rule).exclude(Exists(has_it)).exclude(Exists(taken_out))
    if among is not None:
        found = found.filter(pk__in=list(among))
    return sorted(found.order_by().values_list("pk", flat=True))
