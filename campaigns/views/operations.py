"""The list of operations, the page of one, and its cancelling."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from campaigns import actions
from campaigns.access import CANCEL, SEE_OPERATIONS, get_operation_for, require
from campaigns.forms import OperationFilter
from campaigns.queries import operations
from campaigns.views.replies import SeeOther, unchanged


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_OPERATIONS)
    form = OperationFilter(request.GET)
    form.is_valid()
    page = operations.read_page(**form.cleaned_data, before=request.GET.get("before", ""))
    filtered = any(form.cleaned_data.values())
    return render(request, "operations/list.html", {"form": form, "page": page, "filtered": filtered})


@require_safe
def show_operation(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    operation = get_operation_for(request.user, operation_id)
    return render(request, "operations/operation.html", {"full": operations.read_full(operation)})


@require_safe
def show_live(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """The part of the page that refreshes itself until the operation, and the drain after it, has ended."""
    full = operations.read_full(get_operation_for(request.user, operation_id))
    if request.GET.get("v") == full.version:
        return unchanged()
    return render(request, "operations/_live.html", {"full": full})


@require_POST
def cancel(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    operation = get_operation_for(request.user, operation_id, CANCEL)
    try:
        actions.cancel(operation=operation, by=request.user.get_username())
    except actions.TooLate as refusal:
        messages.warning(request, refusal.sentence)
    return SeeOther(reverse("campaigns:operation", args=[operation_id]))
