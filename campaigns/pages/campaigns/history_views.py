"""/campaigns/<id>/history/: all that happened to a campaign, narrowed by kind and time."""

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.history import HistoryKind, history_of
from campaigns.pages.access import get_campaign_for
from campaigns.pages.freshness import read_freshness
from campaigns.pages.ranges import LABELS, ChosenRange, read_range

RANGES = ("", "today", "yesterday", "week", "month", "custom")
PAGE = 50


@require_safe
@never_cache
def show_history(request: HttpRequest, campaign_id: str) -> HttpResponse:
    campaign, fresh = get_campaign_for(request.user, campaign_id), read_freshness()
    zone = ZoneInfo(timezone.get_current_timezone_name())
    span = read_range(request.GET.dict(), keys=RANGES, zone=zone, now=fresh.now)
    kind = _kind_in(request.GET.get("kind", ""))
    page = history_of(
        campaign,
        limit=PAGE,
        before=request.GET.get("before", ""),
        kinds=[kind] if kind else (),
        since=span.since,
        until=span.until,
    )
    context = {
        "campaign": campaign,
        "freshness": fresh,
        "history": page,
        "kinds": [(each.value, each.label, each == kind) for each in HistoryKind],
        "span": span,
        "ranges": [(key, LABELS[key], key == span.key) for key in RANGES],
        "problems": dict(span.problems),
        "narrowed": bool(kind or span.key),
        "is_first": not request.GET.get("before"),
        "query": _query(kind, span),
    }
    return render(request, "campaigns/history.html", context)


def _kind_in(text: str) -> HistoryKind | None:
    return HistoryKind(text) if text in set(HistoryKind) else None


def _query(kind: HistoryKind | None, span: ChosenRange) -> str:
    """The filter without the page."""
    said = {"kind": kind or "", "range": span.key, "from": span.typed[0], "to": span.typed[1]}
    return urlencode({name: value for name, value in said.items() if value})
