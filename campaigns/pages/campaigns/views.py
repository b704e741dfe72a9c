"""One campaign's page, and the forms that pause and resume it."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.errors import OperationRefusal
from campaigns.holidays.lookups import zone_of_campaign
from campaigns.models import Campaign, Operation
from campaigns.operations import requests
from campaigns.pages.access import PAUSE, RESUME, get_campaign_for
from campaigns.pages.campaigns import detail as queries
from campaigns.pages.campaigns.state import start_before
from campaigns.pages.due_fields import read_typed
from campaigns.pages.live import HtmxRequest, aged_fragment
from campaigns.pages.operations.forms import PauseForm, ResumeForm
from campaigns.pages.responses import SeeOther, allow_get_or_post, is_from_panel
from campaigns.queueing.rows import database_now


@require_safe
@never_cache
def show_campaign(request: HttpRequest, campaign_id: str) -> HttpResponse:
    campaign = get_campaign_for(request.user, campaign_id)
    detail = _read_detail(request, campaign)
    return render(request, "campaigns/campaign.html", {"detail": detail, "freshness": detail.freshness})


@require_safe
@never_cache
def show_live(request: HtmxRequest, campaign_id: str) -> HttpResponse:
    """The page below its head."""
    campaign = get_campaign_for(request.user, campaign_id)
    if not request.htmx:
        return redirect("campaigns:detail", campaign_id)
    detail = _read_detail(request, campaign)
    return aged_fragment(
        request, "campaigns/_live_campaign.html", detail.version, detail.freshness, lambda: {"detail": detail}
    )


def _read_detail(request: HttpRequest, campaign: Campaign) -> queries.CampaignDetail:
    return queries.read_campaign_detail(campaign, request.user)


@allow_get_or_post
@never_cache
def pause(request: HtmxRequest, campaign_id: str) -> HttpResponse:
    campaign = get_campaign_for(request.user, campaign_id, PAUSE)
    form = PauseForm(request.POST if request.method == "POST" else None, campaign, **_beginning(request))
    return _ask(request, form, requests.request_pause, "pause")


@allow_get_or_post
@never_cache
def resume(request: HtmxRequest, campaign_id: str) -> HttpResponse:
    campaign = get_campaign_for(request.user, campaign_id, RESUME)
    form = ResumeForm(request.POST if request.method == "POST" else None, campaign, **_beginning(request))
    return _ask(request, form, requests.request_resume, "resume")


@require_safe
@never_cache
def show_campaign_panel(request: HtmxRequest, campaign_id: str) -> HttpResponse:
    """Beside the list: all of it, or for a page that has it, what changed in its upper part."""
    campaign = get_campaign_for(request.user, campaign_id)
    if not request.htmx:
        return redirect("campaigns:detail", campaign_id)
    if "seen" not in request.GET:
        return render(request, "campaigns/_panel.html", _panel_of(request, campaign))
    detail = _read_detail(request, campaign)
    return aged_fragment(
        request,
        "campaigns/_live_panel.html",
        detail.version,
        detail.freshness,
        lambda: {"detail": detail, "action": _panel_action(detail)},
    )


def _panel_action(detail: queries.CampaignDetail) -> str:
    """What the panel's form does: pause, resume, or nothing ("")."""
    return next((action.key for action in detail.actions if action.key in {"pause", "resume"}), "")


def _panel_of(request: HtmxRequest, campaign: Campaign, form: ResumeForm | None = None) -> dict[str, Any]:
    """`form`: one that was sent, and refused."""
    detail = _read_detail(request, campaign)
    action = _panel_action(detail)
    if form is not None:
        action = "pause" if isinstance(form, PauseForm) else "resume"
    elif action:
        form = (PauseForm if action == "pause" else ResumeForm)(None, campaign)
    return {"detail": detail, "action": action, "form": form, "impact": form and queries.impact_on(campaign)}


def _beginning(request: HttpRequest) -> dict[str, Any]:
    """What a link to the form has chosen already."""
    return {"begins_later": request.GET.get("when") == "at", "begins_with": request.GET.get("reason", "")}


@require_safe
@never_cache
def show_due_time(request: HtmxRequest, campaign_id: str) -> HttpResponse:
    """What a time means that is being typed, beside its fields."""
    campaign = get_campaign_for(request.user, campaign_id)
    if not request.htmx:
        return redirect("campaigns:detail", campaign_id)
    name = "until" if request.GET.get("name") == "until" else "at"
    reading = read_typed(name, request.GET, zone_of_campaign(campaign) or ZoneInfo("UTC"))
    context: dict[str, Any] = {"typed": {"name": name, "reading": reading}}
    # Not of a hold: that says nothing of how long the campaign stays paused.
    if request.GET.get("ends") == "pause" and reading.due:
        context |= {"ends_sooner": start_before(campaign, reading.due.at, database_now())}
    return render(request, "campaigns/_due_time_reading.html", context)


def _ask(request: HtmxRequest, form: ResumeForm, verb: Callable[..., Operation], template: str) -> HttpResponse:
    """Carry out what the form asks for, or show it again with everything that was typed and what is in the way."""
    if request.htmx and not form.is_bound:
        return _show_impact(request, form, template)
    refusal, status, changed = None, 200, ""
    if form.is_bound:
        status = 409 if form.is_valid() else 422
        changed = form.tell_change()
    if form.is_valid() and not changed:
        try:
            operation = verb(campaign=form.campaign, by=request.user.get_username(), **form.asked)
        except OperationRefusal as caught:
            refusal = caught
        else:
            if is_from_panel(request):
                form.campaign.refresh_from_db()
                return render(request, "campaigns/_panel.html", _panel_of(request, form.campaign))
            return SeeOther(reverse("campaigns:operation", args=[operation.pk]))
    refused = {"changed": changed, "refusal": refusal, "refused": refusal is not None}
    if is_from_panel(request):
        context = _panel_of(request, form.campaign, form) | refused
        return render(request, "campaigns/_panel.html", context, status=status)
    impact = queries.impact_on(form.campaign)
    context = {"form": form, "impact": impact, "freshness": impact.freshness, **refused}
    return render(request, f"campaigns/{template}.html", context, status=status)


def _show_impact(request: HtmxRequest, form: ResumeForm, template: str) -> HttpResponse:
    """What the change would do now, beside a form that somebody is filling in."""
    impact = queries.impact_on(form.campaign)
    context = {"form": form, "impact": impact, "refused": "refused" in request.GET}
    return aged_fragment(
        request, f"campaigns/_live_{template}_impact.html", impact.version, impact.freshness, lambda: context
    )
