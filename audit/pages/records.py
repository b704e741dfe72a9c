"""The list of records, and a page for each record."""

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit import queries, stored_rows
from audit.chain import LARGEST, format_time
from audit.folding import UNREADABLE
from audit.integrity.record_check import check_record
from audit.json_in_words import tree
from audit.models import Record
from audit.pages.access import may_see
from audit.pages.diff import compare_details
from audit.pages.filters import FilterForm
from audit.pages.record_fields import facts

log = logging.getLogger(__name__)


@require_safe
@never_cache
@may_see
def list_records(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    numbers = {name: _number(request, name) for name in ("before", "after")}
    place = {name: number for name, number in numbers.items() if number is not None}
    # A bookmarked or shared address should have no blank fields, and mean the same to readers in other zones.
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
        "page": _read_page(form, place),
        "people": queries.people(),
        "campaigns": queries.campaigns(),
    }


def _read_page(form: FilterForm, place: dict[str, int]) -> queries.RecordPage | None:
    """The page of records; None if one of them can't be read."""
    try:
        with stored_rows.reading():
            return queries.read_record_page(form.records(), **place)
    except UNREADABLE:
        log.exception("A page of the audit's list can't be read.")
        return None


@require_safe
@never_cache
@may_see
def show_record(request: HttpRequest, number: int) -> HttpResponse:
    try:
        with stored_rows.reading():
            return render(request, "audit/record.html", _record_context(number))
    except UNREADABLE:
        log.exception("Record %d of the audit, or one beside it, can't be read.", number)
        return render(request, "audit/unreadable.html", {"number": number})


def _record_context(number: int) -> dict[str, Any]:
    # The address may contain any number of digits; SQLite's driver raises OverflowError beyond 64 bits.
    record = Record.objects.filter(number=number).first() if number <= LARGEST else None
    if record is None:
        raise _missing()
    compared, rest = compare_details(record.details)
    return {
        "record": record,
        "exact": format_time(record.timestamp),
        "facts": facts(record),
        "comparisons": compared,
        "rest": [tree(name, value) for name, value in rest.items()],
        "place": check_record(record),
        "body": stored_rows.stored_bytes(record.body).decode(errors="replace"),
        "related": queries.records_of_operation(record.operation) if record.operation else [],
    }


@require_safe
@may_see
def send_body(request: HttpRequest, number: int) -> HttpResponse:
    """Exactly the stored bytes, so that anybody can hash them."""
    bodies = Record.objects.filter(number=min(number, LARGEST)).values_list("body", flat=True)
    body = bodies.first()
    if body is None:
        raise _missing()
    answer = HttpResponse(stored_rows.stored_bytes(body), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="record-{number}.json"'
    return answer


def _missing() -> Http404:
    return Http404(f"There is no audit record of that number: they go from 1 to {queries.read_head()[1]}.")


def _number(request: HttpRequest, name: str) -> int | None:
    """The number in the address; None for anything else, which shows the newest records."""
    try:
        return int(request.GET.get(name, ""))
    except ValueError:
        return None
