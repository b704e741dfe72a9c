"""The list of operations, the page of one, and its cancelling."""

from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.errors import OperationRefusal, TooLate
from campaigns.models import Bulk, Operation, OperationKind
from campaigns.operations import requests, undo
from campaigns.pages.access import CANCEL, SEE_AUDIT, SEE_OPERATIONS, get_operation_for, require
from campaigns.pages.actions import PUT_HOURS_BACK, UNDO_OPERATION, rights_of
from campaigns.pages.freshness import read_freshness
from campaigns.pages.live import HtmxRequest, aged_fragment
from campaigns.pages.operations import queries
from campaigns.pages.operations.due import DuePage, read_due_page
from campaigns.pages.operations.forms import RANGES, OperationFilter
from campaigns.pages.operations.queries import OperationPage
from campaigns.pages.operations.wanted import WantedOperations
from campaigns.pages.ranges import read_range
from campaigns.pages.responses import SeeOther, after_change
from campaigns.pages.tray import note_seen


class ChosenFilter(NamedTuple):
    """`without`: the address's parameters less this one."""

    label: str
    value: str
    without: str


@require_safe
@never_cache
def show_list(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_OPERATIONS)
    context = _list_context(request)
    if context["form"].cleaned_data.get("mine"):
        # Whoever looks at their own operations has seen how they ended, also without the tray.
        note_seen(request.user)
    return render(request, "operations/list.html", context)


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
    is_due, wanted = form.cleaned_data.get("when") == "due", _wanted(request, form)
    page: OperationPage | DuePage
    if is_due:
        page = read_due_page(rights_of(request.user), wanted, after=request.GET.get("after", ""))
    else:
        span = read_range(request.GET, keys=RANGES, zone=_zone_of_reader(), now=fresh.now)
        page = queries.read_operations(
            wanted, span=span, open_only=bool(form.cleaned_data.get("open")), before=request.GET.get("before", "")
        )
    address.pop("seen", None)
    return {
        "form": form,
        "page": page,
        "is_due": is_due,
        "rows": "_live_due.html" if is_due else "_live_list.html",
        "bulk": _narrowing_bulk(form),
        "filtered": any(value for name, value in form.cleaned_data.items() if name != "when"),
        "narrowings": _narrowings(request, form),
        "query": address.urlencode(),
        "freshness": fresh,
        "version": page.version(fresh),
    }


def _wanted(request: HttpRequest, form: OperationFilter) -> WantedOperations:
    wanted = {name: form.cleaned_data.get(name) or "" for name in ("state", "kind", "by", "campaign")}
    if form.cleaned_data.get("mine"):
        wanted["by"] = request.user.get_username()
    return WantedOperations(**wanted, bulk=form.cleaned_data.get("bulk"))


def _zone_of_reader() -> ZoneInfo:
    return ZoneInfo(timezone.get_current_timezone_name())


def _narrowings(request: HttpRequest, form: OperationFilter) -> list[ChosenFilter]:
    """What the list is narrowed to, each with the address without it."""
    found = []
    for bound in form.visible_fields():
        value = form.cleaned_data.get(bound.name)
        if not value:
            continue
        without = request.GET.copy()
        for name in (bound.name, "before", "after", "seen"):
            without.pop(name, None)
        choices = dict(getattr(bound.field, "choices", ()))
        words = "" if value is True else str(choices.get(value, value))
        found.append(ChosenFilter(str(bound.label), words, without.urlencode()))
    return found


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
def undo_operation(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """Ask for the opposite of what was confirmed a moment ago, and show that."""
    operation = get_operation_for(request.user, operation_id)
    require(request.user, UNDO_OPERATION.get(OperationKind(operation.kind), PUT_HOURS_BACK).right)
    try:
        operation = undo.request_undo(operation=operation, by=request.user.get_username())
    except OperationRefusal as refusal:
        messages.warning(request, refusal.sentence)
    return SeeOther(reverse("campaigns:operation", args=[operation.pk]))


@require_POST
def cancel(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    operation, said = get_operation_for(request.user, operation_id, CANCEL), ""
    try:
        requests.cancel_operation(operation=operation, by=request.user.get_username())
    except TooLate as refusal:
        said = refusal.sentence
    return after_change(request, reverse("campaigns:operation", args=[operation_id]), said, messages.WARNING)
