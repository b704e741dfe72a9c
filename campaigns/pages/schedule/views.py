"""The page that changes a campaign's schedule, and the check while somebody types."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from campaigns.errors import FindingsRefusal, OperationRefusal
from campaigns.models import Campaign, Operation
from campaigns.operations import requests
from campaigns.pages.access import EDIT_SCHEDULE, get_campaign_for
from campaigns.pages.campaigns import detail as campaigns
from campaigns.pages.live import HtmxRequest
from campaigns.pages.operations.conflict import choices_in
from campaigns.pages.responses import SeeOther, allow_get_or_post
from campaigns.pages.schedule import queries
from campaigns.pages.schedule.form import Draft, ScheduleForm, draft_from


@allow_get_or_post
@never_cache
def edit_schedule(request: HttpRequest, campaign_id: str) -> HttpResponse:
    campaign = get_campaign_for(request.user, campaign_id, EDIT_SCHEDULE)
    if request.method != "POST":
        return _show(request, ScheduleForm(None, campaign, _draft(request, campaign)))
    form = ScheduleForm(request.POST, campaign)
    if "do" in request.POST:
        form.edit(request.POST["do"])
        return _show(request, form)
    if form.is_valid():
        return _save(request, form)
    return _show(request, form, status=422)


@require_POST
@never_cache
def check_form(request: HtmxRequest, campaign_id: str) -> HttpResponse:
    """The parts of the page that follow what is typed: the findings, and the week."""
    campaign = get_campaign_for(request.user, campaign_id, EDIT_SCHEDULE)
    if not request.htmx:
        return SeeOther(reverse("campaigns:schedule", args=[campaign_id]))
    form = ScheduleForm(request.POST, campaign)
    context = {"form": form, "checked": queries.read_checked(form), "impact": campaigns.impact_on(campaign)}
    return render(request, "schedule/_check_result.html", context | {"oob": True})


def _draft(request: HttpRequest, campaign: Campaign) -> Draft | None:
    """The draft of the operation in the address, if it is one of this campaign."""
    # ValueError: UUID raises it for a malformed id, draft_from for an operation that isn't a schedule change.
    try:
        operation = Operation.objects.get(pk=UUID(request.GET.get("from", "")), campaign=campaign)
        return draft_from(operation, choices_in(request.GET))
    except (ValueError, Operation.DoesNotExist):
        return None


def _save(request: HttpRequest, form: ScheduleForm) -> HttpResponse:
    checked = queries.read_checked(form)
    if not checked.changed:
        return _show(request, form, status=422, unchanged=True)
    try:
        operation = requests.request_schedule_change(
            campaign=form.campaign,
            by=request.user.get_username(),
            base=form.base_seen,
            schedule=form.schedule,
            etag=form.cleaned_data["etag"],
            acknowledged=checked.acknowledged,
            note=form.cleaned_data["note"],
            key=str(form.cleaned_data["key"]),
        )
    except FindingsRefusal as refusal:
        return _show(request, form, status=422, refusal=refusal)
    except OperationRefusal as refusal:
        return _show(request, form, status=409, refusal=refusal)
    return SeeOther(reverse("campaigns:operation", args=[operation.pk]))


def _show(request: HttpRequest, form: ScheduleForm, *, status: int = 200, **said: Any) -> HttpResponse:
    refusal = said.get("refusal")
    impact = campaigns.impact_on(form.campaign)
    context = {
        "form": form,
        "checked": queries.read_checked(form, getattr(refusal, "findings", None)),
        "impact": impact,
        "freshness": impact.freshness,
        "zones": queries.zone_choices(),
        "days": queries.DAY_CHOICES,
        "refused": refusal is not None,
    }
    return render(request, "schedule/schedule.html", context | said, status=status)
