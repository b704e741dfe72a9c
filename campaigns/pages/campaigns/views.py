"""One campaign's page, and the forms that pause and resume it."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.errors import OperationRefusal
from campaigns.holidays.lookups import zone_of_campaign
from campaigns.models import Campaign, Operation
from campaigns.operations import requests
from campaigns.operations.returns import dismiss_return
from campaigns.pages.access import PAUSE, RESUME, SEE_AUDIT, get_campaign_for
from campaigns.pages.actions import rights_of
from campaigns.pages.campaigns import detail as queries
from campaigns.pages.due_fields import read_typed
from campaigns.pages.live import HtmxRequest, aged_fragment
from campaigns.pages.operations.forms import PauseForm, ResumeForm
from campaigns.pages.responses import SeeOther, allow_get_or_post


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
    may_see_records = request.user.has_perm(SEE_AUDIT)
    return queries.read_campaign_detail(campaign, rights_of(request.user), with_records=may_see_records)


@allow_get_or_post
@never_cache
def pause(request: HtmxRequest, campaign_id: str) -> HttpResponse:
    campaign = get_campaign_for(request.user, campaign_id, PAUSE)
    form = PauseForm(request.POST if request.method == "POST" else None, campaign, begins_later=_is_later(request))
    return _ask(request, form, requests.request_pause, "pause")


@allow_get_or_post
@never_cache
def resume(request: HtmxRequest, campaign_id: str) -> HttpResponse:
    campaign = get_campaign_for(request.user, campaign_id, RESUME)
    form = ResumeForm(request.POST if request.method == "POST" else None, campaign, begins_later=_is_later(request))
    return _ask(request, form, requests.request_resume, "resume")


def _is_later(request: HttpRequest) -> bool:
    return request.GET.get("when") == "at"


@require_POST
def let_dial(request: HttpRequest, campaign_id: str) -> HttpResponse:
    """Somebody has seen that the campaign came back by itself, and decided that it may go on."""
    campaign = get_campaign_for(request.user, campaign_id, PAUSE)
    if dismiss_return(campaign=campaign, by=request.user.get_username()):
        messages.success(request, f"{campaign} may go on dialing. Your decision is on record.")
    else:
        messages.warning(request, f"{campaign} is no longer among those that came back by themselves.")
    return SeeOther(reverse("campaigns:detail", args=[campaign_id]))


@require_safe
@never_cache
def show_due_time(request: HtmxRequest, campaign_id: str) -> HttpResponse:
    """What a time means that is being typed, beside its fields."""
    campaign = get_campaign_for(request.user, campaign_id)
    if not request.htmx:
        return redirect("campaigns:detail", campaign_id)
    name = "until" if request.GET.get("name") == "until" else "at"
    typed = {"name": name, "reading": read_typed(name, request.GET, zone_of_campaign(campaign) or ZoneInfo("UTC"))}
    return render(request, "campaigns/_due_time_reading.html", {"typed": typed})


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
            return SeeOther(reverse("campaigns:operation", args=[operation.pk]))
    impact = queries.impact_on(form.campaign)
    context = {"form": form, "impact": impact, "freshness": impact.freshness, "changed": changed}
    context |= {"refusal": refusal, "refused": refusal is not None}
    return render(request, f"campaigns/{template}.html", context, status=status)


def _show_impact(request: HtmxRequest, form: ResumeForm, template: str) -> HttpResponse:
    """What the change would do now, beside a form that somebody is filling in."""
    impact = queries.impact_on(form.campaign)
    context = {"form": form, "impact": impact, "refused": "refused" in request.GET}
    return aged_fragment(
        request, f"campaigns/_live_{template}_impact.html", impact.version, impact.freshness, lambda: context
    )
