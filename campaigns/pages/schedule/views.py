"""The form that changes when a campaign may dial, its check as the person types, and the way out of a conflict."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.errors import FindingsRefusal, OperationRefusal
from campaigns.models import Campaign, Operation
from campaigns.operations import requests
from campaigns.operations.descriptions import join_words
from campaigns.pages.access import EDIT_SCHEDULE, SEE_AUDIT, get_campaign_for, get_operation_for
from campaigns.pages.campaigns import detail as campaigns
from campaigns.pages.live import HtmxRequest
from campaigns.pages.operations import queries as operation_queries
from campaigns.pages.operations.conflict import Conflict, choices_in
from campaigns.pages.responses import SeeOther
from campaigns.pages.schedule import queries
from campaigns.pages.schedule.form import Draft, ScheduleForm, draft_from
from campaigns.schedule import same


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def edit(request: HttpRequest, campaign_id: str) -> HttpResponse:
    campaign = get_campaign_for(request.user, campaign_id, EDIT_SCHEDULE)
    if request.method != "POST":
        return _show(request, ScheduleForm(None, campaign, _draft(request, campaign)))
    form = ScheduleForm(request.POST, campaign)
    if "do" in request.POST:
        form.edit(request.POST["do"])
        return _show(request, form)
    return _save(request, form) if form.is_valid() else _show(request, form, status=422)


@require_POST
@never_cache
def check(request: HtmxRequest, campaign_id: str) -> HttpResponse:
    """What is found in the form as it stands, and its week: the parts of the page that follow what is typed."""
    campaign = get_campaign_for(request.user, campaign_id, EDIT_SCHEDULE)
    if not request.htmx:
        return SeeOther(reverse("campaigns:schedule", args=[campaign_id]))
    form = ScheduleForm(request.POST, campaign)
    context = {"form": form, "checked": queries.read_checked(form), "impact": campaigns.impact_on(campaign)}
    return render(request, "schedule/_check_result.html", context | {"oob": True})


def _draft(request: HttpRequest, campaign: Campaign) -> Draft | None:
    """What an operation had asked for, where the address names one of this campaign's."""
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


@require_POST
@never_cache
def resolve(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """Ask again for what two people changed at once, each part as it was chosen."""
    operation = get_operation_for(request.user, operation_id, EDIT_SCHEDULE)
    if operation.conflict is None:
        raise Http404("This operation has no conflict to settle. Look at it again to see where it stands.")
    conflict = Conflict(operation, choices_in(request.POST), _key_in(request.POST))
    if request.POST.get("do") == "edit":
        return SeeOther(_form_address(conflict))
    if conflict.missing:
        return _show_conflict(request, conflict, f"Choose theirs or ours for {join_words(conflict.missing)}.")
    if same(conflict.resolved, conflict.theirs):
        messages.info(request, "CXone has what you chose already, so nothing was sent.")
        return SeeOther(reverse("campaigns:detail", args=[operation.campaign_id]))
    return _ask_again(request, conflict)


def _ask_again(request: HttpRequest, conflict: Conflict) -> HttpResponse:
    operation = conflict.operation
    findings = queries.read_findings(operation.campaign, conflict.resolved, conflict.theirs)
    known = queries.warned_of(finding.as_json() for finding in findings)
    try:
        asked = requests.request_schedule_change(
            campaign=operation.campaign,
            by=request.user.get_username(),
            base=conflict.theirs,
            schedule=conflict.resolved,
            acknowledged=known != "" and request.POST.get("acknowledged") == known,
            note=operation.note,
            key=str(conflict.key),
        )
    except FindingsRefusal as refusal:
        return _show_conflict(request, replace(conflict, found=refusal.findings), refusal.sentence)
    except OperationRefusal as refusal:
        return _show_conflict(request, conflict, refusal.sentence, 409)
    return SeeOther(reverse("campaigns:operation", args=[asked.pk]))


def _show_conflict(request: HttpRequest, conflict: Conflict, problem: str, status: int = 422) -> HttpResponse:
    full = operation_queries.read_full(conflict.operation, with_records=request.user.has_perm(SEE_AUDIT))
    full = replace(full, conflict=replace(conflict, problem=problem))
    return render(request, "operations/operation.html", {"full": full, "freshness": full.freshness}, status=status)


def _key_in(data: QueryDict) -> UUID:
    try:
        return UUID(data.get("key", ""))
    except ValueError:
        return uuid4()


def _form_address(conflict: Conflict) -> str:
    """The form that goes on from here, the choices made so far included."""
    chosen = {f"choice-{part}": side for part, side in conflict.choices.items()}
    query = urlencode({"from": str(conflict.operation.pk)} | chosen)
    return f"{reverse('campaigns:schedule', args=[conflict.operation.campaign_id])}?{query}"
