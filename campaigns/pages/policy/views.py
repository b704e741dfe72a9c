"""Policy: its groups of settings, limits, reasons, and a campaign's own policy."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.errors import FormOutdated, Refusal
from campaigns.models import Policy
from campaigns.pages.access import MANAGE_POLICY, get_campaign_for, get_reason_for, require
from campaigns.pages.deliveries.queries import read_standings
from campaigns.pages.policy import queries
from campaigns.pages.policy.forms import CampaignPolicyForm, PolicyForm, ReasonForm, ThresholdsForm
from campaigns.pages.responses import SeeOther, allow_get_or_post
from campaigns.policy import changes
from campaigns.queueing.day_count import requests_today

HOME = "campaigns:policy"
REASONS = "campaigns:reasons"


@require_safe
@never_cache
def show_limits(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_POLICY)
    return render(request, "policy/policy.html", {"shown": queries.read_limits()})


@require_safe
@never_cache
def show_reasons(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_POLICY)
    reasons = queries.read_reasons()
    offered = [reason for reason in reasons if not reason.retired]
    context = {"reasons": reasons, "last": offered[-1] if offered else None}
    return render(request, "policy/reasons.html", context)


@require_safe
@never_cache
def show_integrations(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_POLICY)
    context = {"standings": read_standings(), "is_simulated": settings.CXONE_SIMULATED, "today": requests_today()}
    return render(request, "policy/integrations.html", context)


@require_POST
def shift_reason(request: HttpRequest, code: str) -> HttpResponse:
    reason = get_reason_for(request.user, code)
    changes.move_reason(reason=reason, up=request.POST.get("to") == "up", by=request.user.get_username())
    return SeeOther(reverse(REASONS))


@allow_get_or_post
@never_cache
def edit_thresholds(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_POLICY)
    form = ThresholdsForm(request.POST if request.method == "POST" else None, Policy.current())
    return save_form(request, form, changes.change_thresholds, "policy/thresholds.html", {}, to=reverse(HOME))


@allow_get_or_post
@never_cache
def new_reason(request: HttpRequest) -> HttpResponse:
    require(request.user, MANAGE_POLICY)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    return save_form(request, form, changes.add_reason, "policy/reason.html", {}, to=reverse(REASONS))


@allow_get_or_post
@never_cache
def edit_reason(request: HttpRequest, code: str) -> HttpResponse:
    reason = get_reason_for(request.user, code)
    form = ReasonForm(request.POST if request.method == "POST" else None, reason)
    context = {"reason": reason, "is_used": changes.is_used(reason)}

    def edit(**asked: Any) -> bool:
        return changes.change_reason(reason=reason, **asked)

    return save_form(request, form, edit, "policy/reason.html", context, to=reverse(REASONS))


@require_POST
def remove_reason(request: HttpRequest, code: str) -> HttpResponse:
    reason = get_reason_for(request.user, code)
    try:
        changes.delete_reason(reason=reason, by=request.user.get_username())
    except Refusal as refused:
        messages.error(request, refused.sentence)
        return SeeOther(reverse("campaigns:reason", args=[code]))
    messages.success(request, f"The reason “{reason.label}” was deleted.")
    return SeeOther(reverse(REASONS))


@allow_get_or_post
@never_cache
def edit_campaign(request: HttpRequest, campaign_id: str) -> HttpResponse:
    campaign = get_campaign_for(request.user, campaign_id, MANAGE_POLICY)
    form = CampaignPolicyForm(request.POST if request.method == "POST" else None, campaign)
    default = next((rule for rule in form.rules if rule.is_default), None)
    context = {"campaign": campaign, "policy": Policy.current(), "default": default}

    def edit(**asked: Any) -> bool:
        return changes.change_campaign(campaign=campaign, **asked)

    to = reverse("campaigns:detail", args=[campaign_id])
    return save_form(request, form, edit, "policy/campaign.html", context, to=to)


def save_form(
    request: HttpRequest,
    form: PolicyForm,
    verb: Callable[..., bool | object],
    template: str,
    context: dict[str, Any],
    *,
    to: str,
) -> HttpResponse:
    """Call `verb` with the form's values and redirect to `to`, or show the form again with the errors."""
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            saved = verb(by=request.user.get_username(), **form.asked)
        except FormOutdated as changed:
            form, status = form.on(changed.now), 409
        except Refusal as refused:
            form.add_error(refused.field or None, refused.sentence)
            status = 409
        else:
            messages.success(request, "Saved." if saved else "Nothing was changed: it was like that already.")
            return SeeOther(to)
    return render(request, template, {"form": form, **context}, status=status)
