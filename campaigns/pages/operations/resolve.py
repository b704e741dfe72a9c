"""The way out of a conflict: a schedule change asked for again, each part as it was chosen."""

from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from campaigns.errors import FindingsRefusal, OperationRefusal
from campaigns.operations import requests
from campaigns.operations.phrases import join_words
from campaigns.pages.access import EDIT_SCHEDULE, SEE_AUDIT, get_operation_for
from campaigns.pages.actions import rights_of
from campaigns.pages.operations import queries
from campaigns.pages.operations.conflict import ScheduleConflict, choices_in
from campaigns.pages.responses import SeeOther
from campaigns.policy.in_force import read_findings
from campaigns.schedule import digest_of_warnings, same


@require_POST
@never_cache
def resolve_conflict(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """Ask again for what two people changed at once, each part as it was chosen."""
    operation = get_operation_for(request.user, operation_id, EDIT_SCHEDULE)
    if operation.conflict is None:
        raise Http404("This operation has no conflict to settle. Look at it again to see where it stands.")
    conflict = ScheduleConflict(operation, choices_in(request.POST), _key_in(request.POST))
    if request.POST.get("do") == "edit":
        return SeeOther(_form_address(conflict))
    if conflict.missing:
        return _show_conflict(
            request, conflict, f"Choose what CXone has now or yours for {join_words(conflict.missing)}."
        )
    if same(conflict.resolved, conflict.theirs):
        messages.info(request, "CXone has what you chose already, so nothing was sent.")
        return SeeOther(reverse("campaigns:detail", args=[operation.campaign_id]))
    return _ask_again(request, conflict)


def _ask_again(request: HttpRequest, conflict: ScheduleConflict) -> HttpResponse:
    operation = conflict.operation
    findings = read_findings(operation.campaign, conflict.resolved, conflict.theirs)
    known = digest_of_warnings(finding.as_json() for finding in findings)
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


def _show_conflict(request: HttpRequest, conflict: ScheduleConflict, problem: str, status: int = 422) -> HttpResponse:
    may_see_records = request.user.has_perm(SEE_AUDIT)
    detail = queries.read_operation_detail(conflict.operation, rights_of(request.user), with_records=may_see_records)
    others = detail.conflict.others if detail.conflict else ()
    detail = replace(detail, conflict=replace(conflict, problem=problem, others=others))
    return render(
        request, "operations/operation.html", {"detail": detail, "freshness": detail.freshness}, status=status
    )


def _key_in(data: QueryDict) -> UUID:
    try:
        return UUID(data.get("key", ""))
    except ValueError:
        return uuid4()


def _form_address(conflict: ScheduleConflict) -> str:
    """The form that goes on from here, the choices made so far included."""
    chosen = {f"choice-{part}": side for part, side in conflict.choices.items()}
    query = urlencode({"from": str(conflict.operation.pk)} | chosen)
    return f"{reverse('campaigns:schedule', args=[conflict.operation.campaign_id])}?{query}"
