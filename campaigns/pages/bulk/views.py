"""The list of bulks, the page of one, and what can be done to it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.errors import OperationRefusal
from campaigns.models import Bulk, OperationKind
from campaigns.operations.bulk import requests
from campaigns.pages.access import CANCEL, PAUSE, RESUME, SEE_OPERATIONS, get_bulk_for, require
from campaigns.pages.actions import rights_of
from campaigns.pages.bulk.results import BulkDetail, key_of_retry, read_bulk_detail, read_bulks
from campaigns.pages.bulk.words import tell_bulk
from campaigns.pages.freshness import read_freshness
from campaigns.pages.live import HtmxRequest, aged_fragment
from campaigns.pages.responses import SeeOther


@require_safe
@never_cache
def show_list(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_OPERATIONS)
    return render(request, "bulk/list.html", _list_context(request))


@require_safe
@never_cache
def show_rows(request: HtmxRequest) -> HttpResponse:
    require(request.user, SEE_OPERATIONS)
    if not request.htmx:
        return redirect("campaigns:bulks")
    context = _list_context(request)
    return aged_fragment(request, "bulk/_live_list.html", context["version"], context["freshness"], lambda: context)


def _list_context(request: HttpRequest) -> dict[str, Any]:
    fresh = read_freshness()
    bulks = read_bulks(request.GET.get("page", ""))
    return {"bulks": bulks, "freshness": fresh, "version": bulks.version(fresh)}


@require_safe
@never_cache
def show_bulk(request: HttpRequest, bulk_id: UUID) -> HttpResponse:
    detail = _read_detail(request, bulk_id)
    return render(request, "bulk/bulk.html", _detail_context(detail))


@require_safe
@never_cache
def show_live(request: HtmxRequest, bulk_id: UUID) -> HttpResponse:
    """The page below its head, until all of it has ended."""
    detail = _read_detail(request, bulk_id)
    if not request.htmx:
        return redirect("campaigns:bulk", bulk_id)
    return aged_fragment(
        request, "bulk/_live_bulk.html", detail.version, detail.freshness, lambda: _detail_context(detail)
    )


def _read_detail(request: HttpRequest, bulk_id: UUID) -> BulkDetail:
    bulk = get_bulk_for(request.user, bulk_id)
    state, page = request.GET.get("state", ""), request.GET.get("page", "")
    return read_bulk_detail(bulk, rights_of(request.user), read_freshness(), state=state, page=page)


def _detail_context(detail: BulkDetail) -> dict[str, Any]:
    return {"detail": detail, "freshness": detail.freshness, "story": tell_bulk(detail.bulk, detail.progress)}


@require_POST
def cancel_bulk(request: HttpRequest, bulk_id: UUID) -> HttpResponse:
    bulk = get_bulk_for(request.user, bulk_id, CANCEL)
    try:
        requests.cancel_rest(bulk=bulk, by=request.user.get_username())
    except OperationRefusal as refusal:
        messages.warning(request, refusal.sentence)
    return SeeOther(reverse("campaigns:bulk", args=[bulk_id]))


@require_POST
def retry_bulk(request: HttpRequest, bulk_id: UUID) -> HttpResponse:
    """Ask again for what failed. Two people who click, or one who clicks twice, have asked for one bulk."""
    bulk = get_bulk_for(request.user, bulk_id)
    require(request.user, PAUSE if bulk.kind == OperationKind.PAUSE else RESUME)
    key = key_of_retry(bulk)
    again = Bulk.objects.filter(idempotency_key=key).first()
    try:
        again = again or requests.retry_failed(bulk=bulk, by=request.user.get_username(), key=key)
    except OperationRefusal as refusal:
        messages.warning(request, refusal.sentence)
        again = bulk
    return SeeOther(reverse("campaigns:bulk", args=[again.pk]))
