"""The list of records, and a page for each record."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit import grouping, queries, reason_labels, sentences, stored_rows
from audit.chain import LARGEST, format_time
from audit.folding import UNREADABLE
from audit.integrity.record_check import check_record
from audit.models import Record
from audit.pages.access import may_see
from audit.pages.details import details_in_words
from audit.pages.diff import compare_details
from audit.pages.drawn import draw_field, draw_listed_row
from audit.pages.filters import FilterForm
from audit.pages.record_fields import facts, main_facts
from audit.pages.rows import AuditRow, row_of_record, rows_of_groups

log = logging.getLogger(__name__)
# Campaigns suggested while a name is typed.
SUGGESTED = 20
# Of the filter, all but the range of time.
DRAWN_FIELDS = ("campaign", "by", "action", "outcome", "q", "kind", "operation")


class RowPage(NamedTuple):
    """A page of rows, as `queries.RecordPage`."""

    rows: list[AuditRow]
    older: int | None
    newer: int | None
    complete: bool


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
        return render(request, "audit/list.html", _list_context(request, form, place))


def _list_context(request: HttpRequest, form: FilterForm, place: dict[str, int]) -> dict[str, Any]:
    panel = _read_panel(form.cleaned_data.get("record")) if form.is_valid() else None
    page = _read_page(form, place)
    links_campaign = request.user.has_perm("campaigns.view_campaign")
    return {
        "form": form,
        "fields": {name: draw_field(form[name]) for name in DRAWN_FIELDS},
        "query": form.without_record(),
        "narrowings": form.narrowings(),
        "placed": bool(place),
        "page": page,
        "rows": [draw_listed_row(row, links_campaign=links_campaign) for row in _mark(page, panel)] if page else [],
        "people": queries.people(),
        "campaigns": queries.campaigns(),
        "panel": panel,
        "panel_markup": render_to_string("audit/_panel.html", {**panel, "form": form}, request) if panel else "",
    }


def _mark(page: RowPage, panel: Mapping[str, Any] | None) -> list[AuditRow]:
    """The rows, of which one may be open in the panel."""
    chosen = panel["record"].number if panel else None
    return [replace(row, is_chosen=True) if row.number == chosen else row for row in page.rows]


def _read_panel(number: int | None) -> dict[str, Any] | None:
    """What the panel beside the list shows; None if there is no such record, or it can't be read."""
    if number is None:
        return None
    try:
        with stored_rows.reading():
            record = _find(number)
            return _reading_context(record) if record else None
    except UNREADABLE:
        log.exception("Record %d of the audit can’t be read.", number)
        return None


def _read_page(form: FilterForm, place: dict[str, int]) -> RowPage | None:
    """The page of rows; None if one of its records can't be read."""
    labels = reason_labels.read_labels()
    try:
        with stored_rows.reading():
            if form.data.get("view"):
                page = queries.read_record_page(form.records(), **place)
                return RowPage(
                    [row_of_record(record, labels) for record in page.records], page.older, page.newer, page.complete
                )
            found = grouping.read_group_page(form.records(), **place)
            return RowPage(rows_of_groups(found.groups, labels), found.older, found.newer, found.complete)
    except UNREADABLE:
        log.exception("A page of the audit’s list can’t be read.")
        return None


@require_safe
@never_cache
@may_see
def show_record(request: HttpRequest, number: int) -> HttpResponse:
    try:
        with stored_rows.reading():
            return render(request, "audit/record.html", _record_context(number))
    except UNREADABLE:
        log.exception("Record %d of the audit, or one beside it, can’t be read.", number)
        return render(request, "audit/unreadable.html", {"number": number})


@require_safe
@never_cache
@may_see
def show_panel(request: HttpRequest, number: int) -> HttpResponse:
    """The record beside the list, as a part of a page."""
    panel = _read_panel(number)
    if panel is None:
        raise _missing()
    return render(request, "audit/_panel.html", panel)


@require_safe
@never_cache
@may_see
def suggest_campaigns(request: HttpRequest) -> HttpResponse:
    """Options for the field of the campaign, whose names contain what was typed."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:300]
    found = queries.find_campaigns(text)[:SUGGESTED] if text else []
    options = format_html_join(
        "", '<option value="{}"></option>', ((name,) for name in {each.name: 0 for each in found})
    )
    return HttpResponse(options)


def _find(number: int) -> Record | None:
    # The address may contain any number of digits; SQLite's driver raises OverflowError beyond 64 bits.
    return Record.objects.filter(number=number).first() if number <= LARGEST else None


def _record_context(number: int) -> dict[str, Any]:
    record = _find(number)
    if record is None:
        raise _missing()
    return _reading_context(record) | {
        "facts": facts(record),
        "place": check_record(record),
        "body": stored_rows.stored_bytes(record.body).decode(errors="replace"),
    }


def _reading_context(record: Record) -> dict[str, Any]:
    """What the page and the panel show."""
    labels = reason_labels.read_labels()
    compared, rest = compare_details(record.details)
    told, technical = details_in_words(rest)
    return {
        "record": record,
        "row": row_of_record(record, labels),
        "parts": sentences.sentence_parts(record, labels),
        "exact": format_time(record.timestamp),
        "main_facts": main_facts(record, labels),
        "comparisons": compared,
        "told": told,
        "technical": technical,
        "related": _related(record, labels),
    }


def _related(record: Record, labels: Mapping[str, str]) -> list[AuditRow]:
    if record.operation is None:
        return []
    return [row_of_record(other, labels) for other in queries.records_of_operation(record.operation)]


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
