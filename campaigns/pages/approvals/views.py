"""What waits for a second person: the list, the page of one, which a notice links to, and the two decisions.

No address changes anything unless a person presses a button on the page.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.errors import OperationRefusal
from campaigns.models import Approval, Policy
from campaigns.operations import approvals, four_eyes
from campaigns.pages.access import APPROVE, SEE_OPERATIONS, require
from campaigns.pages.approvals.forms import RefusalForm
from campaigns.pages.approvals.queries import find_approval, read_approval, read_approvals
from campaigns.pages.freshness import read_freshness
from campaigns.pages.live import HtmxRequest, aged_fragment
from campaigns.pages.responses import SeeOther, allow_get_or_post


@require_safe
@never_cache
def show_approvals(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_OPERATIONS)
    return render(request, "approvals/list.html", _list_context(request))


@require_safe
@never_cache
def show_waiting(request: HtmxRequest) -> HttpResponse:
    """The list below its head."""
    require(request.user, SEE_OPERATIONS)
    if not request.htmx:
        return redirect("campaigns:approvals")
    context = _list_context(request)
    return aged_fragment(
        request, "approvals/_live_list.html", context["version"], context["freshness"], lambda: context
    )


def _list_context(request: HttpRequest) -> dict[str, Any]:
    fresh = read_freshness()
    page = read_approvals(request.user, fresh.now)
    return {
        "page": page,
        "freshness": fresh,
        "version": page.version(fresh),
        "is_on": four_eyes.is_on(Policy.current()),
        "may_decide": request.user.has_perm(APPROVE),
    }


@require_safe
@never_cache
def show_approval(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    approval = _get(request, approval_id, SEE_OPERATIONS)
    fresh = read_freshness()
    view = read_approval(approval, request.user, fresh.now)
    return render(request, "approvals/approval.html", {"view": view, "freshness": fresh})


@require_POST
def give_approval(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    """Exactly what the form showed, whose hash it carries."""
    approval = _get(request, approval_id, APPROVE)
    try:
        approvals.approve(approval=approval, by=request.user.get_username(), seen=request.POST.get("digest", ""))
    except OperationRefusal as refusal:
        messages.warning(request, refusal.sentence)
        return SeeOther(reverse("campaigns:approval", args=[approval_id]))
    messages.success(request, "Approved. It is carried out from here on like any other.")
    return SeeOther(_address_of(approval))


@allow_get_or_post
@never_cache
def refuse_request(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    approval = _get(request, approval_id, APPROVE)
    form = RefusalForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        view = read_approval(approval, request.user, read_freshness().now)
        return render(
            request, "approvals/refuse.html", {"form": form, "view": view}, status=422 if form.is_bound else 200
        )
    try:
        approvals.refuse(approval=approval, by=request.user.get_username(), reason=form.cleaned_data["reason"])
    except OperationRefusal as refusal:
        messages.warning(request, refusal.sentence)
        return SeeOther(reverse("campaigns:approval", args=[approval_id]))
    messages.success(request, "Refused. Nothing was sent, and your reason is on record.")
    return SeeOther(reverse("campaigns:approvals"))


def _get(request: HttpRequest, approval_id: UUID, right: str) -> Approval:
    """The right comes first: who lacks it doesn't learn what there is."""
    require(request.user, right)
    approval = find_approval(approval_id)
    if approval is None:
        raise Http404("There is no request for approval with this number. Look at what waits.")
    return approval


def _address_of(approval: Approval) -> str:
    if approval.bulk_id:
        return reverse("campaigns:bulk", args=[approval.bulk_id])
    return reverse("campaigns:operation", args=[approval.operation_id])
