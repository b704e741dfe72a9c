"""The page for evidence files: choose a range, download the file."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from audit import queries
from audit.evidence import ranges, writing
from audit.integrity import signing
from audit.pages.access import may_export
from audit.pages.evidence_form import RangeForm


@require_http_methods(["GET", "HEAD", "POST"])
@may_export
@cache_control(private=True, no_store=True)
def show_evidence(request: HttpRequest) -> HttpResponseBase:
    """The page; the file on POST, since creating one is recorded."""
    if request.method != "POST":
        return _page(request, RangeForm())
    form = RangeForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        evidence = writing.make_file(ranges.choose_range(**form.chosen()), by=request.user.get_username())
    except ranges.CantMake as reason:
        form.add_error(None, str(reason))
        return _page(request, form)
    return _download(request, evidence)


def _page(request: HttpRequest, form: RangeForm) -> HttpResponse:
    context = {"evidence": form, "last": queries.read_head()[1], "fingerprint": signing.own_fingerprint()}
    return render(request, "audit/evidence/evidence.html", context, status=422 if form.is_bound else 200)


def _download(request: HttpRequest, evidence: writing.Evidence) -> StreamingHttpResponse:
    manifest = evidence.manifest
    # The response is the file itself, so the next page shows the messages.
    if evidence.trouble:
        messages.warning(request, f"The evidence file was made, but without a new checkpoint. {evidence.trouble}")
    if broken := manifest.first_break:
        messages.error(
            request, f"The audit is broken, and the evidence file says so: at record {broken.number}, {broken.fault}."
        )
    name = f"evidence-{manifest.first}-{manifest.last}.zip"
    return StreamingHttpResponse(
        evidence.blocks,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(evidence.size),
            "X-Content-Type-Options": "nosniff",
        },
    )
