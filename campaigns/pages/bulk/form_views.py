"""The forms that pause and resume many campaigns."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from campaigns.errors import OperationRefusal
from campaigns.models import OperationKind
from campaigns.pages.access import PAUSE, RESUME, get_bulk_for, require
from campaigns.pages.bulk.forms import BulkForm, FormChanges
from campaigns.pages.bulk.plans import BulkPlan, plan_of_bulk, plan_of_list
from campaigns.pages.bulk.prospect import read_prospect
from campaigns.pages.live import HtmxRequest, aged_fragment
from campaigns.pages.responses import SeeOther, allow_get_or_post


@allow_get_or_post
@never_cache
def pause_many(request: HtmxRequest) -> HttpResponse:
    require(request.user, PAUSE)
    return _fill_in(request, plan_of_list(request, OperationKind.PAUSE))


@allow_get_or_post
@never_cache
def resume_many(request: HtmxRequest) -> HttpResponse:
    require(request.user, RESUME)
    return _fill_in(request, plan_of_list(request, OperationKind.RESUME))


@allow_get_or_post
@never_cache
def resume_exactly(request: HtmxRequest, bulk_id: UUID) -> HttpResponse:
    """What a bulk paused and nobody has touched since."""
    return _fill_in(request, plan_of_bulk(request, get_bulk_for(request.user, bulk_id, RESUME)))


def _fill_in(request: HtmxRequest, plan: BulkPlan) -> HttpResponse:
    page = request.POST.get("page") or request.GET.get("page", "")
    prospect = read_prospect(plan.kind, plan.campaigns, plan.freshness, page=page, left_out=plan.left_out)
    if request.htmx:
        context = {"plan": plan, "prospect": prospect}
        return aged_fragment(request, "bulk/_live_prospect.html", prospect.version, plan.freshness, lambda: context)
    if request.method != "POST":
        return _show_form(request, plan, BulkForm(None, prospect))
    if "page" in request.POST:
        # Another page of the campaigns: nothing is asked for, and what was typed stays.
        return _show_form(request, plan, BulkForm(None, prospect, initial=request.POST.dict()))
    return _send(request, plan, BulkForm(request.POST, prospect))


def _send(request: HttpRequest, plan: BulkPlan, form: BulkForm) -> HttpResponse:
    """Carry out what the form asks for, or show it again with everything that was typed and what is in the way."""
    is_valid = form.is_valid()
    if sent := form.find_sent():
        if not form.is_same_as(sent):
            messages.warning(request, "This form was sent before, with another reason or note. That bulk stands.")
        return SeeOther(reverse("campaigns:bulk", args=[sent.pk]))
    if plan.is_too_many:
        return _show_form(request, plan, form, status=422)
    changes = form.tell_changes()
    if changes:
        return _show_form(request, plan, form, status=409, changes=changes)
    if not is_valid or not form.prospect.number:
        return _show_form(request, plan, form, status=422)
    try:
        asked = {"by": request.user.get_username(), **form.asked}
        bulk = plan.ask(campaign_ids=form.prospect.campaign_ids, **asked)
    except OperationRefusal as refusal:
        return _show_form(request, plan, form, status=409, refusal=refusal)
    return SeeOther(reverse("campaigns:bulk", args=[bulk.pk]))


def _show_form(
    request: HttpRequest,
    plan: BulkPlan,
    form: BulkForm,
    *,
    status: int = 200,
    changes: FormChanges | None = None,
    refusal: OperationRefusal | None = None,
) -> HttpResponse:
    context = {"form": form, "plan": plan, "prospect": form.prospect, "freshness": plan.freshness}
    is_unusable = plan.is_too_many or not form.prospect.number
    context |= {"changes": changes, "refusal": refusal, "unusable": is_unusable}
    context["title"] = plan.title if is_unusable else form.prospect.title
    return render(request, "bulk/new.html", context, status=status)
