"""The charts page and its figures as CSV."""

from itertools import chain

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit import csv_safe, queries
from audit.pages.access import may_see
from audit.pages.charts import tables as chart_tables
from audit.pages.charts.form import ChartForm
from audit.pages.charts.page import ChartPage
from audit.statistics.histogram import ERROR

# Bars that colour alone doesn't distinguish have stripes: their distance and width, in px.
STRIPES = {
    "unconfirmed": (4, 2),
    "conflict": (8, 5),
    "rejected": (4, 2),
    "cancelled": (8, 5),
    "superseded": (4, 2),
    "left": (4, 2),
    "part-2": (4, 2),
    "part-4": (8, 5),
    "part-rest": (6, 1),
}


@require_safe
@never_cache
@may_see
def show_charts(request: HttpRequest) -> HttpResponse:
    form = ChartForm(request.GET)
    if not form.is_tidy:
        return redirect(f"{request.path}{form.address()}")
    now = form.now.astimezone(form.zone_info)
    context = {
        "form": form,
        "shown": ChartPage(form, form.chosen, now) if form.is_valid() and form.chosen else None,
        "other_axis": form.address(axis="" if form.data.get("axis") else "whole"),
        "other_tables": form.address(tables="" if form.data.get("tables") else "open"),
        "campaign_options": format_html_join(
            "", '<option value="{}"></option>', ((name or id_,) for id_, name in queries.campaigns())
        ),
        "stripes": STRIPES,
        "error": f"{ERROR * 100:g}\N{NO-BREAK SPACE}%",
    }
    return render(request, "audit/charts/charts.html", context)


@require_safe
@never_cache
@may_see
def send_figures(request: HttpRequest) -> HttpResponse:
    """The figures that the page shows for the same address, as CSV; 422 and the errors for an invalid one."""
    form = ChartForm(request.GET)
    if not form.is_valid() or form.chosen is None:
        faults = map(str, chain.from_iterable(form.errors.values()))
        return HttpResponse("\n".join(faults), content_type="text/plain; charset=utf-8", status=422)
    shown = ChartPage(form, form.chosen, form.now.astimezone(form.zone_info))
    rows = chart_tables.csv_rows(
        shown.trend,
        shown.rows,
        shown.total,
        further=shown.compliance.measures,
        grain=shown.chosen.grain,
        campaign=shown.campaign,
        action=shown.action,
    )
    name = f"figures-{shown.trend.periods[0].start:%Y-%m-%d}-by-{shown.chosen.grain}.csv"
    return HttpResponse(
        csv_safe.BOM + csv_safe.render_csv(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
