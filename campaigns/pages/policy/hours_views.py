"""Calling-hours rules: added, edited, made the default, given to campaigns."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.errors import FormOutdated, Refusal
from campaigns.models import CallingHoursRule
from campaigns.pages.access import MANAGE_POLICY, get_rule_for, require
from campaigns.pages.campaigns.picker import Search, chosen, zones
from campaigns.pages.policy import queries
from campaigns.pages.policy.forms import PolicyForm, RuleForm
from campaigns.pages.policy.views import GET_OR_POST, HOME, save
from campaigns.pages.responses import SeeOther
from campaigns.policy import changes


@require_http_methods(GET_OR_POST)
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_POLICY)
    form = RuleForm(request.POST if request.method == "POST" else None)
    return save(request, form, changes.add_rule, "policy/hours.html", {}, to=reverse(HOME))


@require_http_methods(GET_OR_POST)
@never_cache
def edit(request: HttpRequest, rule_id: int) -> HttpResponse:
    rule = get_rule_for(request.user, rule_id)
    form = RuleForm(request.POST if request.method == "POST" else None, rule)
    context = {"rule": rule, "campaigns": rule.campaigns.count(), "without": queries.without_rule()}

    def change(**asked: Any) -> bool:
        return changes.edit_rule(rule=rule, **asked)

    return save(request, form, change, "policy/hours.html", context, to=reverse(HOME))


@require_POST
def make_default(request: HttpRequest, rule_id: int) -> HttpResponse:
    rule = get_rule_for(request.user, rule_id)
    form = PolicyForm(request.POST, rule)
    if not form.is_valid():
        return _refuse(request, rule, str(form.errors["seen"][0]))
    try:
        changes.make_default(rule=rule, seen=form.cleaned_data["seen"], by=request.user.get_username())
    except FormOutdated as changed:
        return _refuse(request, rule, f"{changed.sentence} Look at it as it is now.")
    except Refusal as refused:
        return _refuse(request, rule, refused.sentence)
    messages.success(request, f"{rule} is the default rule now.")
    return SeeOther(reverse(HOME))


@require_POST
def delete(request: HttpRequest, rule_id: int) -> HttpResponse:
    rule = get_rule_for(request.user, rule_id)
    try:
        changes.delete_rule(rule=rule, by=request.user.get_username())
    except Refusal as refused:
        return _refuse(request, rule, refused.sentence)
    messages.success(request, f"The calling-hours rule {rule} was deleted.")
    return SeeOther(reverse(HOME))


def _refuse(request: HttpRequest, rule: CallingHoursRule, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return SeeOther(reverse("campaigns:hours", args=[rule.pk]))


@require_http_methods(GET_OR_POST)
@never_cache
def choose_campaigns(request: HttpRequest, rule_id: int) -> HttpResponse:
    """A page of those that match; only what the person changed on it is changed, or all that match at once."""
    rule = get_rule_for(request.user, rule_id)
    search = Search.read(request.GET)
    if request.method == "POST":
        _assign(request, rule, search)
        return SeeOther(request.get_full_path())
    page = queries.page_of_campaigns(rule, search, request.GET.get("page", ""))
    context = {"rule": rule, "search": search, "page": page, "zones": zones()}
    return render(request, "policy/hours_campaigns.html", context)


def _assign(request: HttpRequest, rule: CallingHoursRule, search: Search) -> None:
    try:
        found = chosen(request.POST, queries.find_campaigns(rule, search))
        given, taken = changes.assign_rule(rule=rule, by=request.user.get_username(), **found)
    except Refusal as refused:
        messages.error(request, refused.sentence)
        return
    counts = ((given, "given to"), (taken, "taken back from"))
    said = [f"{did} {number:,} campaign{'' if number == 1 else 's'}" for number, did in counts if number]
    told = f"{rule} was {' and '.join(said)}." if said else "Nothing was changed: it was so already."
    messages.success(request, told)
