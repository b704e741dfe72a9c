"""What needs attention: the open findings, as a page that refreshes itself, and what people decide about each."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.attention import deciding
from campaigns.attention.findings import view_of
from campaigns.models import Finding, FindingCode
from campaigns.pages.access import PAUSE, SEE_CAMPAIGNS, get_finding_for, require
from campaigns.pages.attention.forms import DismissalForm
from campaigns.pages.attention.queries import AttentionFilter, attention_version, read_attention
from campaigns.pages.attention.steps import rights_for_steps
from campaigns.pages.freshness import Freshness, read_freshness
from campaigns.pages.live import HtmxRequest, aged_fragment
from campaigns.pages.responses import after_change, allow_get_or_post


@require_safe
@never_cache
def show_attention(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_CAMPAIGNS)
    return render(request, "attention/attention.html", _context(request, read_freshness()))


@require_safe
@never_cache
def show_findings(request: HtmxRequest) -> HttpResponse:
    """The page below its head."""
    require(request.user, SEE_CAMPAIGNS)
    if not request.htmx:
        return redirect(f"{reverse('campaigns:attention')}?{AttentionFilter.read(request.GET).query}")
    fresh = read_freshness()
    version = attention_version(AttentionFilter.read(request.GET), *_reader(request), fresh)
    return aged_fragment(request, "attention/_live_findings.html", version, fresh, lambda: _context(request, fresh))


@require_POST
def take_finding(request: HttpRequest, finding_id: int) -> HttpResponse:
    finding = get_finding_for(request.user, finding_id, PAUSE)
    said = ""
    if not deciding.take_on(finding, by=request.user.get_username()):
        said = "Nothing was changed: this has ended, or you are on it already."
    return after_change(request, _address_before(request, finding), said, messages.WARNING)


@allow_get_or_post
@never_cache
def dismiss_finding(request: HttpRequest, finding_id: int) -> HttpResponse:
    """By a form within the page; alone, it is a page of its own, with what was wrong with the note."""
    finding = get_finding_for(request.user, finding_id, PAUSE)
    form = DismissalForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {
            "form": form,
            "view": view_of(finding),
            "listed": _listed(request).query,
            "campaign_page": _campaign_page(request, finding),
            "back": _address_before(request, finding),
        }
        return render(request, "attention/dismiss.html", context, status=422 if form.is_bound else 200)
    level, said = messages.SUCCESS, f"{_done(finding)} Your decision and your note are on record."
    if not deciding.dismiss(finding, by=request.user.get_username(), note=form.cleaned_data["note"]):
        level, said = messages.WARNING, "Nothing was changed: this has ended meanwhile."
    return after_change(request, _address_before(request, finding), said, level)


def _done(finding: Finding) -> str:
    about = str(finding.campaign or finding.calendar)
    if finding.code == FindingCode.CAME_BACK:
        return f"{about} may go on dialing."
    return f"Dismissed: {view_of(finding).label}, {about}."


def _listed(request: HttpRequest) -> AttentionFilter:
    """What the page that bore the button was narrowed to."""
    return AttentionFilter.read(QueryDict(request.POST.get("listed", "")))


def _campaign_page(request: HttpRequest, finding: Finding) -> str:
    """The id of the campaign whose page had the button; "" if it was the list of findings."""
    said = request.POST.get("campaign") or request.GET.get("campaign", "")
    return said if said == finding.campaign_id else ""


def _address_before(request: HttpRequest, finding: Finding) -> str:
    """The page that had the button."""
    if campaign := _campaign_page(request, finding):
        return reverse("campaigns:detail", args=[campaign])
    query = _listed(request).query
    return reverse("campaigns:attention") + (f"?{query}" if query else "")


def _reader(request: HttpRequest) -> tuple[tuple[str, ...], str]:
    return rights_for_steps(request.user), request.user.get_username()


def _context(request: HttpRequest, fresh: Freshness) -> dict[str, Any]:
    chosen = AttentionFilter.read(request.GET)
    rights, by = _reader(request)
    return {
        "chosen": chosen,
        "freshness": fresh,
        "page": read_attention(chosen, rights, by, fresh.now),
        "version": attention_version(chosen, rights, by, fresh),
        "may_decide": PAUSE in rights,
    }
