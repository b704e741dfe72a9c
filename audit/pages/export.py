"""The export page: what an export would contain, and the file itself."""

import logging
import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from audit import cell_limit, exports, queries, stored_rows
from audit.folding import UNREADABLE
from audit.integrity import signing
from audit.kinds import RecordKind
from audit.models import Record
from audit.pages.access import may_export
from audit.pages.evidence_form import RangeForm
from audit.pages.filters import FilterForm
from audit.pages.rows import AuditRow, row_of_record
from audit.search.selection import RecordSelection

log = logging.getLogger(__name__)

CONTENT_TYPES = {
    exports.Format.JSONL: "application/x-ndjson",
    exports.Format.CSV: "text/csv; charset=utf-8",
    exports.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

# The most matching records that the page counts with a filter, so that it stays fast; beyond it shows "more than".
COUNTED = 10_000
# Exports that are listed.
LATEST = 5
# Conditions of an address that the page has no fields for.
CARRIED = ("kind", "operation", "show")


@require_http_methods(["GET", "HEAD", "POST"])
@may_export
@cache_control(private=True, no_store=True)
def show_export(request: HttpRequest) -> HttpResponseBase:
    """The page; the file on POST, since an export is recorded."""
    form = FilterForm(request.GET)
    if request.method == "POST" and form.is_valid() and request.POST.get("format") in set(exports.Format):
        return _download(request, form)
    return export_page(request, form, RangeForm())


def export_page(request: HttpRequest, form: FilterForm, evidence: RangeForm) -> HttpResponse:
    """The page with all kinds of files. `evidence`: what was typed for an evidence file, and is wrong."""
    records = form.records()
    newest, oldest = _ends(records)
    count = _count(form)
    since, until = form.times if form.is_valid() else (None, None)
    typed = evidence.data if evidence.is_bound else {}
    context = {
        "evidence": evidence,
        # An aware time, which needs no zone to be read again.
        "evidence_since": typed.get("since", since.isoformat() if since else ""),
        "evidence_until": typed.get("until", until.isoformat() if until else ""),
        "fingerprint": signing.own_fingerprint(),
        "last": queries.read_head()[1],
        "people": queries.people(),
        "carried": [(name, form.data[name]) for name in CARRIED if form.data.get(name)],
        "exports": _latest(),
        "number": _number_in_words(count, COUNTED if form.said() else None),
        "form": form,
        "query": form.query_string(),
        "narrowings": form.narrowings(),
        "count": count,
        "counted": COUNTED if form.said() else None,
        "newest": newest,
        "oldest": oldest,
        "most_rows": cell_limit.MOST_ROWS - 1,
        "refused": request.method == "POST" and not evidence.is_bound,
    }
    with timezone.override(form.time_zone):
        return render(request, "audit/export.html", context, status=422 if request.method == "POST" else 200)


def _latest() -> list[AuditRow]:
    """The newest exports, to see who took what, and when; [] if one can't be read."""
    labels: dict[str, str] = {}
    try:
        with stored_rows.reading():
            page = queries.read_record_page(queries.select(kind=RecordKind.EXPORT_MADE))
            return [row_of_record(record, labels) for record in page.records[:LATEST]]
    except UNREADABLE:
        log.exception("The latest exports can’t be read.")
        return []


def _number_in_words(count: int, counted: int | None) -> str:
    if counted and count > counted:
        return f"more than {counted:,} records"
    return f"{count:,} record{'' if count == 1 else 's'}"


def _ends(selection: RecordSelection) -> tuple[Record | None, Record | None]:
    """The newest and the oldest record; both None if there are none, or if one can't be read."""
    try:
        with stored_rows.reading():
            newest = queries.read_record_page(selection).records
            oldest = queries.read_record_page(selection, after=0).records
    except UNREADABLE:
        log.exception("The records that an export begins and ends with can’t be read.")
        return None, None
    if newest and oldest:
        return (newest[0], oldest[-1])
    return (None, None)


def _count(form: FilterForm) -> int:
    """How many records match. With a filter, counting stops beyond `COUNTED`."""
    head, highest = queries.read_head()
    # Without a filter, the head's number is the count: numbers have no gaps.
    if form.is_valid() and not form.said():
        return head.number if head else highest
    count = 0
    for chunk in queries.chunks(form.records(), upto=highest):
        count += chunk.count()
        if count > COUNTED:
            break
    return count


def _download(request: HttpRequest, form: FilterForm) -> StreamingHttpResponse:
    format_ = exports.Format(request.POST["format"])
    export = exports.export(form.records(), format_, by=request.user.get_username(), filters=form.said())
    # The response is the file itself, so the next page shows the message.
    if export.trouble:
        messages.warning(request, f"The export was made, but without a signed checkpoint. {export.trouble}")
    name = _file_name(form.said(), export.records, format_)
    return StreamingHttpResponse(
        export.blocks,
        content_type=CONTENT_TYPES[format_],
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )


def _file_name(filters: dict[str, str], records: int, format_: exports.Format) -> str:
    """A name with the day, the main parts of the filter, and the number of records in a complete file."""
    narrowed_to = [filters[name] for name in ("campaign", "kind", "by") if name in filters]
    # Each part is cut, since ids and names can be long, and file systems allow 255 bytes in a name.
    noun = "record" if records == 1 else "records"
    words = ["audit", f"{timezone.now():%Y-%m-%d}", *narrowed_to, str(records), noun]
    return re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(word[:40] for word in words)) + f".{format_}"
