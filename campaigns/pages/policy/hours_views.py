"""Calling-hours rules: adding, changing and deleting them, choosing the default, and assigning them to campaigns."""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.errors import FormOutdated, Refusal
from campaigns.models import CallingHoursRule, Campaign
from campaigns.pages.access import MANAGE_POLICY, get_rule_for, require
from campaigns.pages.campaigns.picker import Search, pick_campaigns
from campaigns.pages.policy import queries
from campaigns.pages.policy.forms import PolicyForm, RuleForm
from campaigns.pages.policy.views import save_form
from campaigns.pages.responses import SeeOther, allow_get_or_post
from campaigns.policy import changes
from campaigns.policy.presets import PRESETS, find_preset

RULES = "campaigns:rules"


@require_safe
@never_cache
def show_hours_rules(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_POLICY)
    context = {
        "rules": queries.read_rules(),
        "without": queries.without_rule(),
    }
    return render(request, "policy/hours_list.html", context)


@require_safe
@never_cache
def show_presets(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_POLICY)
    return render(request, "policy/presets.html", {"presets": PRESETS})


@allow_get_or_post
@never_cache
def new_rule(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_POLICY)
    form = RuleForm(request.POST if request.method == "POST" else None)
    preset = find_preset(request.GET.get("preset", ""))
    if preset:
        form.begin_with(preset)
    return save_form(request, form, changes.add_rule, "policy/hours.html", {"preset": preset}, to=reverse(RULES))


@allow_get_or_post
@never_cache
def edit_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    rule = get_rule_for(request.user, rule_id)
    form = RuleForm(request.POST if request.method == "POST" else None, rule)
    context = {"rule": rule, "campaigns": rule.campaigns.count(), "without": queries.without_rule()}

    def change(**asked: Any) -> bool:
        return changes.change_rule(rule=rule, **asked)

    return save_form(request, form, change, "policy/hours.html", context, to=reverse(RULES))


@require_POST
def set_default_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    rule = get_rule_for(request.user, rule_id)
    form = PolicyForm(request.POST, rule)
    if not form.is_valid():
        return _refuse(request, rule, str(form.errors["seen"][0]))
    try:
        changes.make_default_rule(rule=rule, seen=form.cleaned_data["seen"], by=request.user.get_username())
    except FormOutdated as changed:
        return _refuse(request, rule, f"{changed.sentence} Look at it as it is now.")
    except Refusal as refused:
        return _refuse(request, rule, refused.sentence)
    messages.success(request, f"{rule} is the default rule now.")
    return SeeOther(reverse(RULES))


@require_POST
def remove_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    rule = get_rule_for(request.user, rule_id)
    try:
        changes.delete_rule(rule=rule, by=request.user.get_username())
    except Refusal as refused:
        return _refuse(request, rule, refused.sentence)
    messages.success(request, f"The calling-hours rule {rule} was deleted.")
    return SeeOther(reverse(RULES))


def _refuse(request: HttpRequest, rule: CallingHoursRule, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return SeeOther(reverse("campaigns:hours", args=[rule.pk]))


@allow_get_or_post
@never_cache
def choose_rule_campaigns(request: HttpRequest, rule_id: int) -> HttpResponse:
    rule = get_rule_for(request.user, rule_id)

    def find(search: Search) -> QuerySet[Campaign]:
        return queries.campaigns_for_rule(rule, search)

    def assign(asked: Mapping[str, Collection[str]]) -> str:
        given, taken = changes.assign_rule(rule=rule, by=request.user.get_username(), **asked)
        return _describe_assigned(rule, given, taken)

    try:
        return pick_campaigns(request, find, assign, "policy/hours_campaigns.html", {"rule": rule})
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return SeeOther(request.get_full_path())


def _describe_assigned(rule: CallingHoursRule, given: int, taken: int) -> str:
    counts = ((given, "assigned to"), (taken, "removed from"))
    changed = [f"{did} {number:,} campaign{'' if number == 1 else 's'}" for number, did in counts if number]
    if not changed:
        return "Nothing was changed: it was like that already."
    return f"{rule} was {' and '.join(changed)}."
