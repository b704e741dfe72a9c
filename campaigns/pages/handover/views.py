"""Writing a handover from the floor as it is now, reading it, acknowledging it, and those of the past."""

from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.errors import Refusal
from campaigns.handover import changes
from campaigns.handover.snapshot import take_snapshot
from campaigns.models import Handover
from campaigns.pages.access import SEE_HANDOVERS, WRITE_HANDOVERS, require
from campaigns.pages.handover.forms import HandoverForm
from campaigns.pages.handover.queries import as_text, show, with_times
from campaigns.pages.responses import SeeOther, allow_get_or_post
from campaigns.queueing.rows import database_now

PAGE = 50
FEW = 5


@require_safe
@never_cache
def show_handovers(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_HANDOVERS)
    page = Paginator(Handover.objects.defer("snapshot"), PAGE).get_page(request.GET.get("page"))
    return render(request, "handover/list.html", {"page": page})


@allow_get_or_post
@never_cache
def hand_over(request: HttpRequest) -> HttpResponse:
    """The floor as it is now, which is what a handover would keep."""
    require(request.user, WRITE_HANDOVERS)
    form = HandoverForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        written = changes.write_handover(
            note=form.cleaned_data["note"], key=form.cleaned_data["key"], by=request.user.get_username()
        )
        messages.success(request, "Handed over. The next shift finds it here and acknowledges it.")
        return SeeOther(reverse("campaigns:handover", args=[written.pk]))
    context = {
        "form": form,
        "content": with_times(take_snapshot(database_now())),
        "waiting": Handover.objects.defer("snapshot").filter(acknowledged_at=None)[:FEW],
    }
    return render(request, "handover/write.html", context, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def show_handover(request: HttpRequest, handover_id: int) -> HttpResponse:
    require(request.user, SEE_HANDOVERS)
    shown = show(get_object_or_404(Handover, pk=handover_id))
    handover = shown.handover
    text = as_text(shown, timezone.localtime(handover.written_at))
    subject = f"Handover by {handover.written_by}"
    context = {
        "shown": shown,
        "content": shown.content,
        "mail": f"mailto:?subject={quote(subject)}&body={quote(text)}",
        "may_acknowledge": shown.is_waiting
        and request.user.has_perm(WRITE_HANDOVERS)
        and handover.written_by != request.user.get_username(),
    }
    return render(request, "handover/handover.html", context)


@require_POST
def acknowledge(request: HttpRequest, handover_id: int) -> HttpResponse:
    require(request.user, WRITE_HANDOVERS)
    handover = get_object_or_404(Handover, pk=handover_id)
    try:
        changes.acknowledge_handover(handover, by=request.user.get_username())
    except Refusal as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, f"You have taken the shift over from {handover.written_by}.")
    return SeeOther(reverse("campaigns:handover", args=[handover_id]))
