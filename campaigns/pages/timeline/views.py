"""The timeline as a page, and as a CSV file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit import csv_safe
from campaigns.pages.access import SEE_CAMPAIGNS, require
from campaigns.pages.freshness import read_freshness
from campaigns.pages.timeline import queries
from campaigns.pages.timeline.tables import lane_csv, lane_rows
from campaigns.schedule.clock_face import for_the_record


@require_safe
@never_cache
def show_timeline(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_CAMPAIGNS)
    fresh = read_freshness()
    timeline = queries.read_timeline(request.user, request.GET, fresh)
    tables = [(row.campaign, lane_rows(row)) for row in timeline.rows]
    return render(
        request,
        "timeline/timeline.html",
        {"timeline": timeline, "tables": tables, "freshness": fresh, "zone": timeline.span.zone},
    )


@require_safe
@never_cache
def download_csv(request: HttpRequest) -> HttpResponse:
    """The campaigns of the page that the address names."""
    require(request.user, SEE_CAMPAIGNS)
    with for_the_record():
        timeline = queries.read_timeline(request.user, request.GET, read_freshness())
        body = csv_safe.BOM + csv_safe.render_csv(lane_csv(timeline.rows))
    name = f"timeline-{timeline.axis.since.astimezone(timeline.span.zone):%Y-%m-%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type="text/csv; charset=utf-8", headers=headers)
