"""The records: a list and a page for each."""

import json

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from audit import queries
from audit.models import Record


@require_safe
@permission_required("audit.view_record", raise_exception=True)
def show_list(request: HttpRequest) -> HttpResponse:
    page = queries.read_page(queries.select(), before=_number(request, "before"), after=_number(request, "after"))
    return render(request, "audit/list.html", {"page": page})


@require_safe
@permission_required("audit.view_record", raise_exception=True)
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
