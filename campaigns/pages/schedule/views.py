"""The page that changes a campaign's schedule, and the check while somebody types."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from campaigns.errors import FindingsRefusal, OperationRefusal
from campaigns.models import Campaign, Operation
from campaigns.operations import requests
from campaigns.operations.hours_back import hours_before, request_hours_back
from campaigns.pages.access import EDIT_SCHEDULE, get_campaign_for, get_operation_for
from campaigns.pages.campaigns import detail as campaigns
from campaigns.pages.live import HtmxRequest
from campaigns.pages.operations.conflict import choices_in
from campaigns.pages.responses import SeeOther, allow_get_or_post
from campaigns.pages.schedule import queries
from campaigns.pages.schedule.form import Draft, ScheduleForm, draft_from, draft_undoing


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
    context = {
        "form": form,
        "checked": queries.read_checked(form),
        "impact": campaigns.impact_on(campaign),
        "oob": True,
    }
    return render(request, "schedule/_check_result.html", context)


@require_POST
@never_cache
def put_hours_back(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """Undo a schedule change. Old hours that have findings now are shown in the form instead."""
    change = get_operation_for(request.user, operation_id, EDIT_SCHEDULE)
    if hours_before(change) is None:
        raise Http404("This operation changed no hours that could be put back. Look at it again to see how it ended.")
    try:
        operation = request_hours_back(change=change, by=request.user.get_username())
    except FindingsRefusal:
        messages.warning(request, "Nothing was sent yet. Look at what the old hours would mean now, then save them.")
        return SeeOther(f"{reverse('campaigns:schedule', args=[change.campaign_id])}?undo={change.pk}")
    except OperationRefusal as refusal:
        messages.warning(request, refusal.sentence)
        return SeeOther(reverse("campaigns:operation", args=[change.pk]))
    return SeeOther(reverse("campaigns:operation", args=[operation.pk]))


def _draft(request: HttpRequest, campaign: Campaign) -> Draft | None:
    """The draft of the operation in the address, if it is one of this campaign: to go on from, or to undo."""
    for name, draft_of in (
        ("from", lambda change: draft_from(change, choices_in(request.GET))),
        ("undo", draft_undoing),
    ):
        # ValueError: UUID raises it for a malformed id, the drafts for an operation that has none.
        try:
            return draft_of(
                Operation.objects.select_related("campaign").get(pk=UUID(request.GET.get(name, "")), campaign=campaign)
            )
        except (ValueError, Operation.DoesNotExist):
            continue
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
        "copied_from": form.copied_from,
    }
    return render(request, "schedule/schedule.html", context | said, status=status)
