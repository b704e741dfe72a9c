"""The list of operations, the page of one, and its cancelling."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.errors import TooLate
from campaigns.models import Bulk, Operation
from campaigns.operations import requests
from campaigns.pages.access import CANCEL, SEE_AUDIT, SEE_OPERATIONS, get_operation_for, require
from campaigns.pages.actions import rights_of
from campaigns.pages.freshness import read_freshness
from campaigns.pages.live import HtmxRequest, aged_fragment
from campaigns.pages.operations import queries
from campaigns.pages.operations.due import DuePage, read_due_page
from campaigns.pages.operations.forms import OperationFilter
from campaigns.pages.operations.queries import OperationPage
from campaigns.pages.responses import SeeOther


@require_safe
@never_cache
def show_list(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_OPERATIONS)
    return render(request, "operations/list.html", _list_context(request))


@require_safe
@never_cache
def show_rows(request: HtmxRequest) -> HttpResponse:
    require(request.user, SEE_OPERATIONS)
    context = _list_context(request)
    if not request.htmx:
        return redirect(f"{reverse('campaigns:operations')}?{context['query']}")
    return aged_fragment(
        request, f"operations/{context['rows']}", context["version"], context["freshness"], lambda: context
    )


def _list_context(request: HttpRequest) -> dict[str, Any]:
    form, fresh, address = OperationFilter(request.GET), read_freshness(), request.GET.copy()
    form.is_valid()
    is_due = bool(form.cleaned_data.pop("when", ""))
    page: OperationPage | DuePage
    if is_due:
        page = read_due_page(rights_of(request.user), **form.cleaned_data, after=request.GET.get("after", ""))
    else:
        page = queries.read_operations(**form.cleaned_data, before=request.GET.get("before", ""))
    address.pop("seen", None)
    return {
        "form": form,
        "page": page,
        "is_due": is_due,
        "rows": "_live_due.html" if is_due else "_live_list.html",
        "bulk": _narrowing_bulk(form),
        "filtered": any(form.cleaned_data.values()),
        "query": address.urlencode(),
        "freshness": fresh,
        "version": page.version(fresh),
    }


def _narrowing_bulk(form: OperationFilter) -> Bulk | None:
    """The bulk whose operations the list is narrowed to."""
    bulk_id = form.cleaned_data.get("bulk")
    if bulk_id is None:
        return None
    return Bulk.objects.defer("campaign_ids").filter(pk=bulk_id).first()


@require_safe
@never_cache
def show_operation(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    operation = get_operation_for(request.user, operation_id)
    detail = _read_detail(request, operation)
    return render(request, "operations/operation.html", {"detail": detail, "freshness": detail.freshness})


@require_safe
@never_cache
def show_live(request: HtmxRequest, operation_id: UUID) -> HttpResponse:
    """The part of the page that refreshes itself until the operation, and the drain after it, has ended."""
    operation = get_operation_for(request.user, operation_id)
    if not request.htmx:
        return redirect("campaigns:operation", operation_id)
    detail = _read_detail(request, operation)
    return aged_fragment(
        request, "operations/_live_operation.html", detail.version, detail.freshness, lambda: {"detail": detail}
    )


def _read_detail(request: HttpRequest, operation: Operation) -> queries.OperationDetail:
    may_see_records = request.user.has_perm(SEE_AUDIT)
    return queries.read_operation_detail(operation, rights_of(request.user), with_records=may_see_records)


@require_POST
def cancel(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    operation = get_operation_for(request.user, operation_id, CANCEL)
    try:
        requests.cancel_operation(operation=operation, by=request.user.get_username())
    except TooLate as refusal:
        messages.warning(request, refusal.sentence)
    return SeeOther(reverse("campaigns:operation", args=[operation_id]))
