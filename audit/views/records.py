"""The records: a list and a page for each."""

import json
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit import queries
from audit.forms import FilterForm
from audit.models import Record

SEE = permission_required("audit.view_record", raise_exception=True)


@require_safe
@never_cache
@SEE
def show_list(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    place = {name: number for name in ("before", "after") if (number := _number(request, name)) is not None}
    if not form.is_tidy:
        query = "&".join(filter(None, (form.query_string(), urlencode(place))))
        return redirect(f"{request.path}?{query}" if query else request.path)
    with timezone.override(form.time_zone):
        return render(request, "audit/list.html", _list_context(form, place))


def _list_context(form: FilterForm, place: dict[str, int]) -> dict[str, Any]:
    return {
        "form": form,
        "query": form.query_string(),
        "narrowings": form.narrowings(),
        "placed": bool(place),
        "page": queries.read_page(form.records(), **place),
        "people": queries.people(),
        "campaigns": queries.campaigns(),
    }


@require_safe
@SEE
def show_record(request: HttpRequest, number: int) -> HttpResponse:
    record = get_object_or_404(Record.objects.defer("body"), number=number)
    fields = record.shown()
    details = json.dumps(fields.pop("details"), indent=2, sort_keys=True, ensure_ascii=False)
    return render(request, "audit/record.html", {"record": record, "fields": fields, "details": details})


def _number(request: HttpRequest, name: str) -> int | None:
    """None for what isn't a number: the page then begins at the newest."""
    try:
        return int(request.GET.get(name, ""))
    except ValueError:
        return None
