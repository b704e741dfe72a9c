"""The list of operations, the page of one, and its cancelling."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.operations import requests
from campaigns.pages import freshness
from campaigns.pages.access import CANCEL, SEE_AUDIT, SEE_OPERATIONS, get_operation_for, require
from campaigns.pages.operations import queries
from campaigns.pages.operations.forms import OperationFilter
from campaigns.pages.responses import SeeOther, aged


@require_safe
@never_cache
def show_list(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_OPERATIONS)
    return render(request, "operations/list.html", _list_context(request))


@require_safe
@never_cache
def show_rows(request: HttpRequest) -> HttpResponse:
    """The rows alone; nothing at all if the page has them as they are."""
    require(request.user, SEE_OPERATIONS)
    context = _list_context(request)
    if not getattr(request, "htmx", False):
        return redirect(f"{reverse('campaigns:operations')}?{context['query']}")
    if request.GET.get("seen") == context["version"]:
        return aged(HttpResponse(status=204), context["freshness"])
    return aged(render(request, "operations/_live_list.html", context | {"oob": True}), context["freshness"])


def _list_context(request: HttpRequest) -> dict[str, Any]:
    form, fresh, address = OperationFilter(request.GET), freshness.read(), request.GET.copy()
    form.is_valid()
    page = queries.read_page(**form.cleaned_data, before=request.GET.get("before", ""))
    address.pop("seen", None)
    return {
        "form": form,
        "page": page,
        "filtered": any(form.cleaned_data.values()),
        "query": address.urlencode(),
        "freshness": fresh,
        "version": page.version(fresh),
    }


@require_safe
@never_cache
def show_operation(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    operation = get_operation_for(request.user, operation_id)
    full = queries.read_full(operation, with_records=request.user.has_perm(SEE_AUDIT))
    return render(request, "operations/operation.html", {"full": full, "freshness": full.freshness})


@require_safe
@never_cache
def show_live(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """The part of the page that refreshes itself until the operation, and the drain after it, has ended."""
    operation = get_operation_for(request.user, operation_id)
    if not getattr(request, "htmx", False):
        return redirect("campaigns:operation", operation_id)
    full = queries.read_full(operation, with_records=request.user.has_perm(SEE_AUDIT))
    if request.GET.get("seen") == full.version:
        return aged(HttpResponse(status=204), full.freshness)
    context = {"full": full, "freshness": full.freshness, "oob": True}
    return aged(render(request, "operations/_live_operation.html", context), full.freshness)


@require_POST
def cancel(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    operation = get_operation_for(request.user, operation_id, CANCEL)
    try:
        requests.cancel(operation=operation, by=request.user.get_username())
    except requests.TooLate as refusal:
        messages.warning(request, refusal.sentence)
    return SeeOther(reverse("campaigns:operation", args=[operation_id]))
