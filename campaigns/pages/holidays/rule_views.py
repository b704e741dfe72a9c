"""The rules by which campaigns get a calendar by themselves: listed, made after a look at what matches, deleted."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from campaigns.errors import Refusal
from campaigns.holidays.assignment_rules import delete_assignment_rule, make_assignment_rule, matching_rule
from campaigns.models import AssignmentRule, Calendar
from campaigns.pages.access import get_calendar_for
from campaigns.pages.campaigns.picker import zones
from campaigns.pages.fields import NameField
from campaigns.pages.holidays.forms import carry_out
from campaigns.pages.responses import SeeOther, allow_get_or_post
from campaigns.schedule import zone_key
from campaigns.selection import is_tag, known_tags

# Of the campaigns that a new rule matches, this many are shown by name.
SAMPLES = 10


class AssignmentRuleForm(forms.Form):
    name_part = NameField(
        max_length=100,
        required=False,
        label="Name contains",
        error_messages={"max_length": "The text has %(show_value)d characters; %(limit_value)d fit. Shorten it."},
    )
    zone = forms.CharField(max_length=64, required=False, label="Time zone")
    tag = forms.CharField(max_length=200, required=False, label="Tag")

    def clean_zone(self) -> str:
        return zone_key(self.cleaned_data["zone"])

    def clean_tag(self) -> str:
        tag: str = self.cleaned_data["tag"]
        if tag and not is_tag(tag):
            raise forms.ValidationError("Choose a tag from the list.")
        return tag

    def clean(self) -> dict[str, str]:
        values = self.cleaned_data
        if not self.errors and not any(values.values()):
            raise forms.ValidationError("Fill in at least one condition: part of a name, a time zone or a tag.")
        return values


@allow_get_or_post
@never_cache
def show_rules(request: HttpRequest, calendar_id: int) -> HttpResponse:
    calendar = get_calendar_for(request.user, calendar_id)
    form = AssignmentRuleForm(_given(request))
    if request.method == "POST" and form.is_valid():
        by = request.user.get_username()
        added = carry_out(form, make_assignment_rule, calendar=calendar, by=by, **form.cleaned_data)
        if added is not None:
            plural = "" if added == 1 else "s"
            messages.success(request, f"The rule was saved. {calendar} was assigned to {added:,} campaign{plural}.")
            return _to_rules(calendar)
    context = {
        "calendar": calendar,
        "form": form,
        "rules": calendar.rules.all(),
        "zones": zones(),
        "tags": known_tags(),
    }
    if form.is_bound and form.is_valid():
        context |= _prospect(calendar, form)
    return render(request, "holidays/rules.html", context, status=422 if form.errors else 200)


@require_POST
def remove_assignment_rule(request: HttpRequest, calendar_id: int, rule_id: int) -> HttpResponse:
    calendar = get_calendar_for(request.user, calendar_id)
    rule = calendar.rules.filter(pk=rule_id).first()
    if rule is None:
        messages.error(request, "Somebody has deleted that rule already.")
        return _to_rules(calendar)
    try:
        delete_assignment_rule(rule=rule, by=request.user.get_username())
    except Refusal as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, "The rule was deleted. The campaigns that it assigned keep the calendar.")
    return _to_rules(calendar)


def _given(request: HttpRequest) -> QueryDict | None:
    if request.method == "POST":
        return request.POST
    return request.GET if set(AssignmentRuleForm.base_fields) & set(request.GET) else None


def _prospect(calendar: Calendar, form: AssignmentRuleForm) -> dict[str, object]:
    """What a rule with these conditions would do now."""
    rule = AssignmentRule(calendar=calendar, **form.cleaned_data)
    found = matching_rule(rule)
    matching, having = found.count(), found.filter(calendars=calendar).count()
    samples = list(found.order_by("name", "pk")[:SAMPLES])
    return {
        "rule": rule,
        "matching": matching,
        "having": having,
        "lacking": matching - having,
        "samples": samples,
        "more": matching - len(samples),
    }


def _to_rules(calendar: Calendar) -> HttpResponse:
    return SeeOther(reverse("campaigns:calendar_rules", args=[calendar.pk]))
